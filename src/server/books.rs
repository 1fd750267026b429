//! The books, behind the line: records in their order, and the leads that the hopper asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::handle::Fact;
use crate::clock;
use crate::dialer::{Input, Record};
use crate::domain::{Campaign, CampaignId};
use crate::store::Store;

/// One entry of the books' outbox.
#[derive(Debug)]
pub enum Entry {
    /// The hopper asks for leads.
    Fetch {
        /// Whose.
        campaign: CampaignId,
        /// At most this many.
        count: u32,
    },
    /// To be written down.
    Record(Record),
}

/// Writes records in their order and answers fetches. Many records are on their way at once, so
/// that the store groups them; their order is that of the store's queue. Ends, with all written,
/// when the outbox is closed.
pub async fn run(
    mut entries: mpsc::UnboundedReceiver<Entry>,
    store: Store,
    campaigns: BTreeMap<CampaignId, Arc<Campaign>>,
    facts: mpsc::Sender<Fact>,
) {
    while let Some(entry) = entries.recv().await {
        match entry {
            Entry::Fetch { campaign, count } => {
                let Some(campaign) = campaigns.get(&campaign) else { continue };
                fetch(&store, campaign, count, &facts).await;
            }
            Entry::Record(record) => {
                if let Err(error) = store.record(record, clock::now()).await {
                    tracing::error!(%error, "a record could not be written");
                }
            }
        }
    }
}

async fn fetch(store: &Store, campaign: &Campaign, count: u32, facts: &mpsc::Sender<Fact>) {
    match store.due_leads(campaign.id, campaign.order, count, clock::now()).await {
        Ok((leads, next_due)) => {
            let leads = Input::Leads { campaign: campaign.id, leads, next_due };
            let _ = facts.send(Fact::now(leads)).await;
        }
        // The dialer asks again by its own retry timer.
        Err(error) => tracing::error!(campaign = campaign.name, %error, "no leads from the store"),
    }
}
