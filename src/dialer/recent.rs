//! The calls that ended last: a late word of the agent finds its call here, and a lead that was
//! handed out before its number was called is found out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    AgentId, CallId, CampaignId, Lead, LeadId, Outcome, PastAttempt, PhoneNumber, later,
};

/// At most this many calls are remembered: minutes of a large floor, far longer than any answer of
/// the store is late.
const CALLS_MAX: usize = 20_000;

/// After this long the store is believed whatever it says of a lead.
const DOUBT: SignedDuration = SignedDuration::from_mins(10);

/// A call that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Past {
    pub(super) lead: LeadId,
    pub(super) campaign: CampaignId,
    pub(super) number: PhoneNumber,
    pub(super) agent: Option<AgentId>,
    pub(super) began_at: Timestamp,
    pub(super) ended_at: Timestamp,
    pub(super) outcome: Outcome,
    /// No further attempt is allowed.
    pub(super) was_last: bool,
    /// When the lead is due again, as last said; `None` when it is closed.
    pub(super) due_at: Option<Timestamp>,
}

/// What to do with a lead that the store has handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Handed {
    /// Handed out before its last call ended; the store has closed it since.
    Closed,
    /// In order.
    Good,
    /// Handed out before its last call ended; it is due again later.
    NotBefore(Timestamp),
}

/// The calls that ended last.
#[derive(Debug, Default)]
pub(super) struct Recent {
    calls: BTreeMap<CallId, Past>,
    by_lead: BTreeMap<LeadId, CallId>,
    by_number: BTreeSet<(PhoneNumber, CallId)>,
    order: VecDeque<CallId>,
}

impl Recent {
    pub(super) fn get(&self, call: CallId) -> Option<&Past> {
        self.calls.get(&call)
    }

    /// Remembers a call, and forgets the oldest when there are too many.
    pub(super) fn remember(&mut self, call: CallId, past: Past) {
        self.by_lead.insert(past.lead, call);
        self.by_number.insert((past.number, call));
        self.calls.insert(call, past);
        self.order.push_back(call);
        if self.order.len() > CALLS_MAX {
            self.forget_oldest();
        }
    }

    /// The agent's word has changed when the lead is due.
    pub(super) fn set_due(&mut self, call: CallId, due_at: Option<Timestamp>) {
        if let Some(past) = self.calls.get_mut(&call) {
            past.due_at = due_at;
        }
    }

    /// Whether a lead was handed out in the knowledge of its last call.
    pub(super) fn judge(&self, lead: &Lead, now: Timestamp) -> Handed {
        let Some(call) = self.by_lead.get(&lead.id) else { return Handed::Good };
        let Some(past) = self.calls.get(call) else { return Handed::Good };
        let known = lead.history.iter().any(|attempt| attempt.call == *call);
        if known || now >= later(past.ended_at, DOUBT) {
            return Handed::Good;
        }
        match past.due_at {
            None => Handed::Closed,
            Some(due_at) if due_at > now => Handed::NotBefore(due_at),
            Some(_) => Handed::Good,
        }
    }

    /// Adds the calls to the lead's number that it does not know of.
    pub(super) fn complete(&self, lead: &mut Lead) {
        let from = (lead.number, CallId(i64::MIN));
        let to = (lead.number, CallId(i64::MAX));
        for (_, call) in self.by_number.range(from..=to) {
            let Some(past) = self.calls.get(call) else { continue };
            if lead.history.iter().all(|attempt| attempt.call != *call) {
                let (at, outcome) = (past.began_at, Some(past.outcome));
                lead.history.push(PastAttempt { call: *call, at, outcome });
            }
        }
        lead.history.sort_by_key(|attempt| attempt.at);
    }

    fn forget_oldest(&mut self) {
        let Some(call) = self.order.pop_front() else { return };
        let Some(past) = self.calls.remove(&call) else { return };
        self.by_number.remove(&(past.number, call));
        if self.by_lead.get(&past.lead) == Some(&call) {
            self.by_lead.remove(&past.lead);
        }
    }
}
