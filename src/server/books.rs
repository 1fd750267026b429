//! The books, behind the line: records in their order, and the leads that the hopper asks for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::handle::Fact;
use crate::clock;
use crate::dialer::{Input, Record};
use crate::domain::{Campaign, CampaignId};
use crate::store::{Store, StoreError};

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

/// Entries that are taken at once: consecutive records among them are one commit.
const BATCH_MAX: usize = 256;

/// How long the books are left alone after they could not be written.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Writes records in their order and answers fetches. What waits is written together. While the
/// books cannot be written the records wait here, and nothing of them is lost. Ends, with all
/// written, when the outbox is closed.
pub async fn run(
    mut entries: mpsc::UnboundedReceiver<Entry>,
    store: Store,
    campaigns: BTreeMap<CampaignId, Arc<Campaign>>,
    facts: mpsc::Sender<Fact>,
) {
    let (mut batch, mut records) = (Vec::new(), Vec::new());
    while entries.recv_many(&mut batch, BATCH_MAX).await > 0 {
        for entry in batch.drain(..) {
            match entry {
                Entry::Record(record) => records.push(record),
                Entry::Fetch { campaign, count } => {
                    write(&store, std::mem::take(&mut records)).await;
                    let Some(campaign) = campaigns.get(&campaign) else { continue };
                    fetch(&store, campaign, count, &facts).await;
                }
            }
        }
        write(&store, std::mem::take(&mut records)).await;
    }
}

async fn write(store: &Store, records: Vec<Record>) {
    if records.is_empty() {
        return;
    }
    loop {
        match store.record_all(records.clone(), clock::now()).await {
            Ok(()) => return,
            Err(StoreError::Closed) => {
                tracing::error!(records = records.len(), "the books closed before these records");
                return;
            }
            Err(error) => {
                tracing::error!(%error, records = records.len(), "records wait for the books");
                tokio::time::sleep(RETRY_AFTER).await;
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
