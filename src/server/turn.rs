//! Whose turn it is: on a database a dialer waits while another one that is alive dials its campaigns, and
//! takes over when that one is gone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::clock;
use crate::dialer::CampaignPhase;
use crate::domain::{Campaign, CampaignId, Outcome};
use crate::store::{InterruptedAfter, Recovery, Store, StoreError};

/// How often it is looked whether the other is still alive.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Opens the books when it is our turn.
pub(super) async fn open(
    data: &Path,
    campaigns: &[Campaign],
) -> Result<(Store, Recovery), StoreError> {
    let after = interrupted_after(campaigns);
    let mut has_waited = false;
    loop {
        match Store::open_with(data, &after, clock::now()).await {
            Err(StoreError::Held { campaign }) => {
                if !has_waited {
                    tracing::warn!(campaign, "another dialer dials it; standing by");
                }
                has_waited = true;
                tokio::time::sleep(LOOK_EVERY).await;
            }
            opened => {
                if has_waited && opened.is_ok() {
                    tracing::warn!("the other dialer is gone; taking over");
                }
                return opened;
            }
        }
    }
}

/// A lead whose call a crash has interrupted is due by its campaign's own rule, where it has one.
fn interrupted_after(campaigns: &[Campaign]) -> InterruptedAfter {
    let default = InterruptedAfter::default();
    let rule = |campaign: &Campaign| {
        let rule = campaign.recycling.get(&Outcome::Interrupted);
        (campaign.name.clone(), rule.map_or(default.otherwise, |rule| rule.after))
    };
    InterruptedAfter { by_campaign: campaigns.iter().map(rule).collect(), ..default }
}

/// Gives each campaign its number in the books.
pub(super) async fn number(
    store: &Store,
    campaigns: Vec<Campaign>,
) -> Result<(Vec<Arc<Campaign>>, BTreeMap<CampaignId, CampaignPhase>), StoreError> {
    let mut numbered = Vec::new();
    for campaign in campaigns {
        let id = store.campaign_id(&campaign.name).await?;
        numbered.push(Arc::new(Campaign { id, ..campaign }));
    }
    let rows = store.books().campaigns().await?;
    Ok((numbered, rows.into_iter().map(|row| (row.id, row.phase)).collect()))
}
