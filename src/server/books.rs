//! The books, behind the line: records in their order, and the leads that the hopper asks for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::evidence::Evidence;
use super::handle::Fact;
use crate::clock;
use crate::crash::{self, Point};
use crate::dialer::{Input, Record};
use crate::domain::{Campaign, CampaignId};
use crate::store::{Said, Store, StoreError, StrayLeg};

/// One entry of the books' outbox.
#[derive(Debug)]
pub enum Entry {
    /// How a leg could be ended after a crash; `None`: it is down.
    Dialog {
        /// Whose.
        leg: StrayLeg,
        /// The words of the signalling.
        dialog: Option<String>,
    },
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
    evidence: Evidence,
    campaigns: BTreeMap<CampaignId, Arc<Campaign>>,
    facts: mpsc::Sender<Fact>,
) {
    let (mut batch, mut said) = (Vec::new(), Vec::new());
    while entries.recv_many(&mut batch, BATCH_MAX).await > 0 {
        for entry in batch.drain(..) {
            match entry {
                Entry::Dialog { leg, dialog } => said.push(Said::Dialog(leg, dialog)),
                Entry::Record(record) => said.push(Said::Record(record)),
                Entry::Fetch { campaign, count } => {
                    write(&store, &evidence, std::mem::take(&mut said)).await;
                    let Some(campaign) = campaigns.get(&campaign) else { continue };
                    fetch(&store, campaign, count, &facts).await;
                }
            }
        }
        write(&store, &evidence, std::mem::take(&mut said)).await;
    }
}

async fn write(store: &Store, evidence: &Evidence, said: Vec<Said>) {
    if said.is_empty() {
        return;
    }
    if said.iter().any(|said| matches!(said, Said::Record(Record::Ended(_)))) {
        crash::reached(Point::RecordWaiting);
    }
    loop {
        match store.write_all(said.clone(), clock::now()).await {
            Ok(()) => return evidence.said(store, &said, clock::now()).await,
            Err(StoreError::Closed) => {
                tracing::error!(records = said.len(), "the books closed before these records");
                return;
            }
            Err(error) => {
                tracing::error!(%error, records = said.len(), "records wait for the books");
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
