//! The books, behind the line: records in their order, and the leads that the hopper asks for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::evidence::Evidence;
use super::handle::Fact;
use super::promises::{Waiting, Work};
use super::traces::Traces;
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

/// Entries that are taken from the outbox at once.
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
    traces: Option<Traces>,
    campaigns: BTreeMap<CampaignId, Arc<Campaign>>,
    facts: mpsc::Sender<Fact>,
) {
    let (mut batch, mut waiting) = (Vec::new(), Waiting::default());
    while entries.recv_many(&mut batch, BATCH_MAX).await > 0 {
        batch.drain(..).for_each(|entry| waiting.add(entry));
        while let Some(work) = waiting.work() {
            match work {
                Work::Fetch { campaign, count } => {
                    let Some(campaign) = campaigns.get(&campaign) else { continue };
                    fetch(&store, campaign, count, &mut waiting, &facts).await;
                }
                Work::LetGo { campaign, held } => match store.let_go(campaign, held).await {
                    Ok(()) | Err(StoreError::Closed | StoreError::Fenced) => waiting.let_go(),
                    Err(error) => {
                        tracing::error!(%error, "leads wait for the books");
                        tokio::time::sleep(RETRY_AFTER).await;
                    }
                },
                Work::Write(said) => {
                    if write(&store, &evidence, traces.as_ref(), said).await {
                        waiting.written();
                    }
                }
            }
        }
    }
}

/// Whether it is done with: on the disk, or never to be.
async fn write(
    store: &Store,
    evidence: &Evidence,
    traces: Option<&Traces>,
    said: Vec<Said>,
) -> bool {
    if said.iter().any(|said| matches!(said, Said::Record(Record::Ended(_)))) {
        crash::reached(Point::RecordWaiting);
    }
    match store.write_all(said.clone(), clock::now()).await {
        Ok(()) => {
            evidence.said(store, &said, clock::now()).await;
            if let Some(traces) = traces {
                traces.said(&said);
            }
        }
        // What happened after another has taken over, that one reckons as a crash.
        Err(error @ (StoreError::Closed | StoreError::Fenced)) => {
            tracing::error!(%error, records = said.len(), "these records are lost");
        }
        Err(error) => {
            tracing::error!(%error, records = said.len(), "records wait for the books");
            tokio::time::sleep(RETRY_AFTER).await;
            return false;
        }
    }
    true
}

async fn fetch(
    store: &Store,
    campaign: &Campaign,
    count: u32,
    waiting: &mut Waiting,
    facts: &mpsc::Sender<Fact>,
) {
    match store.due_leads(campaign.id, campaign.order, count, clock::now()).await {
        Ok((leads, next_due)) => {
            waiting.fetched(leads.iter().map(|lead| lead.id));
            let leads = Input::Leads { campaign: campaign.id, leads, next_due };
            let _ = facts.send(Fact::now(leads)).await;
        }
        // The dialer asks again by its own retry timer.
        Err(error) => {
            tracing::error!(campaign = campaign.name, %error, "no leads from the store");
            waiting.fetch_failed(campaign.id);
        }
    }
}
