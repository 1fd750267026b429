//! When something runs out, soonest first. Indexed, never found by a scan.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Reason;
use crate::domain::{AgentId, CallId, CampaignId};

/// Whose deadline it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Key {
    Agent(AgentId),
    Call(CallId),
    Campaign(CampaignId),
}

/// Every deadline of every call, agent and campaign.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    by_time: BTreeSet<(Timestamp, Reason, Key)>,
}

impl Deadlines {
    /// Puts `new` in the place of `old`.
    pub(super) fn replace(
        &mut self,
        key: Key,
        old: Option<(Timestamp, Reason)>,
        new: Option<(Timestamp, Reason)>,
    ) {
        if old == new {
            return;
        }
        if let Some((at, reason)) = old {
            self.by_time.remove(&(at, reason, key));
        }
        if let Some((at, reason)) = new {
            self.by_time.insert((at, reason, key));
        }
    }

    /// The soonest.
    pub(super) fn next(&self) -> Option<(Timestamp, Reason)> {
        self.by_time.first().map(|(at, reason, _)| (*at, *reason))
    }

    /// Takes out the soonest, when it has come.
    pub(super) fn pop(&mut self, now: Timestamp) -> Option<(Reason, Key)> {
        let (at, reason, key) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.by_time.pop_first();
        Some((reason, key))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_time.len()
    }
}
