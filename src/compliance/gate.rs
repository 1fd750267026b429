//! The gate: may this number be called now? Do-not-call only, until the rulebooks are read.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::permit::{Permit, Refusal};
use crate::domain::{Campaign, Lead, PhoneNumber};

/// How long a permit is good for.
const PERMIT: SignedDuration = SignedDuration::from_secs(5);

/// Asks every rule; keeps the do-not-call list.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    do_not_call: BTreeSet<PhoneNumber>,
}

impl Gate {
    /// From now on this number is refused.
    pub fn do_not_call_add(&mut self, number: PhoneNumber) {
        self.do_not_call.insert(number);
    }

    /// The number is no longer refused for having been on the list.
    pub fn do_not_call_remove(&mut self, number: PhoneNumber) {
        self.do_not_call.remove(&number);
    }

    /// May the lead's number be called now, for this campaign?
    ///
    /// # Errors
    /// [`Refusal`], an answer and not a fault.
    pub fn check(
        &self,
        lead: &Lead,
        campaign: &Campaign,
        now: Timestamp,
    ) -> Result<Permit, Refusal> {
        let refuse = |rule: &str, sentence: &str| Refusal {
            rule: rule.to_owned(),
            sentence: sentence.to_owned(),
            ask_again_at: None,
        };
        if self.do_not_call.contains(&lead.number) {
            return Err(refuse("dnc.internal", "the number is on the do-not-call list"));
        }
        let Some(caller_id) = campaign.caller_ids.first() else {
            return Err(refuse("caller_id.missing", "the campaign has no number to show"));
        };
        let expires_at = now.checked_add(PERMIT).unwrap_or(now);
        Ok(Permit::new(lead.id, campaign.id, lead.number, *caller_id, expires_at))
    }
}
