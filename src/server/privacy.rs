//! Erasing who a number was, on a running server.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;

use super::Handle;
use crate::clock;
use crate::compliance::Retention;
use crate::domain::{CampaignId, PhoneNumber};
use crate::store::{Erased, StoreError};

impl Handle {
    /// Puts the number on the do-not-call list, so that no call with it begins any more, and then
    /// erases who it was, by the word of `by`; `None` when a call with it is still up.
    ///
    /// # Errors
    /// The store's.
    pub async fn erase(&self, number: PhoneNumber, by: &str) -> Result<Option<Erased>, StoreError> {
        self.do_not_call_add(number, String::new(), by).await?;
        let keep = self.recordings_kept(clock::now());
        let erased = self.store.erase(number, &keep, clock::now()).await?;
        let Some(erased) = erased else { return Ok(None) };
        // Which number it was is not in it.
        let body = json!({ "leads": erased.leads, "calls": erased.calls });
        if let Err(error) = self.evidence.changed("erased", by, body, clock::now()).await {
            tracing::error!(%error, "an erasure is not in the evidence");
        }
        Ok(Some(erased))
    }

    /// What the campaigns' rulebooks ask to be kept, in words.
    pub fn retained(&self) -> Vec<String> {
        let campaigns = self.campaigns();
        let ids: BTreeSet<&String> =
            campaigns.iter().flat_map(|campaign| &campaign.rulebooks).collect();
        let kept = self.rulebooks.retention(ids);
        let words = kept.map(|(book, Retention { what, months, citation, .. })| {
            format!("{} for {months} months: {citation} (rulebook {book})", what.word())
        });
        words.collect()
    }

    /// The campaigns whose recordings a law asks to be kept, each with the oldest call of which.
    fn recordings_kept(&self, now: Timestamp) -> Vec<(CampaignId, Timestamp)> {
        let campaigns = self.campaigns();
        let kept = campaigns.iter().filter_map(|campaign| {
            Some((campaign.id, self.rulebooks.recordings_since(&campaign.rulebooks, now)?))
        });
        kept.collect()
    }
}
