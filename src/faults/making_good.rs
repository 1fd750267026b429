//! What the start after a crash does to the books, as `store/recovery` does it.

use jiff::{SignedDuration, Timestamp};

use super::Bug;
use super::books::Books;
use crate::dialer::LedgerEntry;
use crate::domain::{CallId, Outcome, later};
use crate::store::StrayLeg;

/// An agent who was bridged so shortly before the last sign of life may never have been heard.
const HEARD_FROM: SignedDuration = SignedDuration::from_secs(1);

/// What a process starts with.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) run: i64,
    pub(super) first_call: CallId,
    pub(super) strays: Vec<(StrayLeg, String)>,
    /// When a process was last alive, by its clock.
    pub(super) last_alive_at: Timestamp,
}

impl Books {
    /// Another process takes the books: it makes good what the last one left open, and from here on
    /// no write of that one counts.
    pub(super) fn open_anew(&mut self, interrupted: SignedDuration, now: Timestamp) -> Opened {
        let bug = self.bug;
        let alive_at = self.alive_at;
        // By a clock that is behind, leads would be due too soon.
        let began_at = now;
        let now = now.max(alive_at);
        let mut back = Vec::new();
        for row in self.attempts.values_mut().filter(|row| row.ended_at.is_none()) {
            if bug == Some(Bug::AttemptLeftOpen) {
                continue;
            }
            row.ended_at = Some(row.began_at.max(now));
            row.outcome = Some(Outcome::Interrupted);
            let unheard =
                row.bridged_at.is_none_or(|bridged_at| later(bridged_at, HEARD_FROM) > alive_at);
            let forgets = bug == Some(Bug::LedgerForgets) && row.answered_at.is_none();
            row.ledger = match unheard {
                true if forgets => LedgerEntry::NotCounted,
                true if bug == Some(Bug::LedgerClearedAtAnswer) => row.ledger,
                true => LedgerEntry::Abandoned,
                false => LedgerEntry::Live,
            };
            if bug == Some(Bug::InventedAnswer) {
                row.answered_at.get_or_insert(now);
            }
            if !row.disposed {
                let after = match bug {
                    Some(Bug::RedialOnRecovery) => SignedDuration::ZERO,
                    _ => interrupted,
                };
                row.lead_due_at = Some(later(now, after));
            }
            back.push((row.lead, row.lead_due_at));
        }
        back.into_iter().for_each(|(lead, due_at)| self.give_back(lead, due_at));
        if bug != Some(Bug::ClaimsKept) {
            self.leads.values_mut().for_each(|lead| lead.claimed_by = None);
        }
        let used = self.attempts.keys().next_back().map_or(0, |call| call.0);
        self.first_call = CallId(1 + used.max(self.first_call.0));
        self.run += 1;
        self.alive_at = began_at;
        let strays = match bug {
            Some(Bug::StraysForgotten) => Vec::new(),
            _ => self.strays(),
        };
        Opened { run: self.run, first_call: self.first_call, strays, last_alive_at: alive_at }
    }
}
