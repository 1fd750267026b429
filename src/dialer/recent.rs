//! The calls that ended last: a late word of the agent finds its call here, and a lead that was
//! handed out before its number was called is found out.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::words::Heard;
use crate::domain::{
    AgentId, CallId, CampaignId, Facts, Lead, LeadId, Outcome, PastAttempt, PhoneNumber, Slots,
    later,
};

/// At most this many calls are remembered: minutes of a large floor, far longer than any answer of
/// the store is late.
const CALLS_MAX: usize = 20_000;

/// After this long the store is believed whatever it says of a lead.
const DOUBT: SignedDuration = SignedDuration::from_mins(10);

/// A call that has ended.
#[derive(Clone, Debug)]
pub(super) struct Past {
    pub(super) lead: LeadId,
    pub(super) campaign: CampaignId,
    pub(super) number: PhoneNumber,
    pub(super) agent: Option<AgentId>,
    pub(super) began_at: Timestamp,
    pub(super) ended_at: Timestamp,
    pub(super) outcome: Outcome,
    pub(super) is_inbound: bool,
    /// What its lead says for the law's sake.
    pub(super) facts: Arc<Facts>,
    /// The agent has said that the number is not the person's.
    pub(super) wrong_person: bool,
    /// What the detector said.
    pub(super) heard: Option<Heard>,
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

/// The calls that ended last, each with a place: they are counted in the order of their ends.
#[derive(Debug, Default)]
pub(super) struct Recent {
    ended: VecDeque<Ended>,
    /// The place of the first of them: so many are forgotten.
    forgotten: u64,
    by_call: Slots<CallId, u64>,
    /// The last call to each number. Asked for one number at a time, never gone through.
    by_number: HashMap<PhoneNumber, u64>,
}

#[derive(Debug)]
struct Ended {
    call: CallId,
    past: Past,
    /// The place of the call to the same number that ended before.
    before: Option<u64>,
}

impl Recent {
    pub(super) fn get(&self, call: CallId) -> Option<&Past> {
        let place = *self.by_call.get(&call)?;
        self.at(place).map(|ended| &ended.past)
    }

    /// Remembers a call, and forgets the oldest when there are too many.
    pub(super) fn remember(&mut self, call: CallId, past: Past) {
        let place = self.forgotten + self.ended.len() as u64;
        let before = self.by_number.insert(past.number, place);
        self.by_call.insert(call, place);
        self.ended.push_back(Ended { call, past, before });
        if self.ended.len() > CALLS_MAX {
            self.forget_oldest();
        }
    }

    /// The agent's word has changed when the lead is due, and perhaps whose the number is.
    pub(super) fn set_word(&mut self, call: CallId, due_at: Option<Timestamp>, wrong_person: bool) {
        let place = self.by_call.get(&call).and_then(|place| self.index(*place));
        if let Some(ended) = place.and_then(|place| self.ended.get_mut(place)) {
            (ended.past.due_at, ended.past.wrong_person) = (due_at, wrong_person);
        }
    }

    /// Whether a lead was handed out in the knowledge of its last call.
    pub(super) fn judge(&self, lead: &Lead, now: Timestamp) -> Handed {
        let last = self.calls_to(lead.number).find(|ended| ended.past.lead == lead.id);
        let Some(Ended { call, past, .. }) = last else { return Handed::Good };
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
        for Ended { call, past, .. } in self.calls_to(lead.number) {
            if lead.history.iter().all(|attempt| attempt.call != *call) {
                lead.history.push(PastAttempt {
                    inbound: past.is_inbound,
                    other_debt: past.facts.is_of_another_debt(&lead.facts),
                    wrong_person: past.wrong_person,
                    ..PastAttempt::new(*call, past.began_at, Some(past.outcome))
                });
            }
        }
        lead.history.sort_by_key(|attempt| attempt.at);
    }

    /// The calls to a number, the one that ended last first.
    fn calls_to(&self, number: PhoneNumber) -> impl Iterator<Item = &Ended> {
        let last = self.by_number.get(&number).and_then(|place| self.at(*place));
        std::iter::successors(last, |ended| self.at(ended.before?))
    }

    fn at(&self, place: u64) -> Option<&Ended> {
        self.ended.get(self.index(place)?)
    }

    fn index(&self, place: u64) -> Option<usize> {
        usize::try_from(place.checked_sub(self.forgotten)?).ok()
    }

    fn forget_oldest(&mut self) {
        let Some(Ended { call, past, .. }) = self.ended.pop_front() else { return };
        let place = self.forgotten;
        self.forgotten += 1;
        self.by_call.remove(&call);
        if self.by_number.get(&past.number) == Some(&place) {
            self.by_number.remove(&past.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialer::testing::{at, lead};

    fn past(lead: &Lead, began_s: i64) -> Past {
        Past {
            lead: lead.id,
            campaign: lead.campaign,
            number: lead.number,
            agent: None,
            began_at: at(began_s),
            ended_at: at(began_s + 5),
            outcome: Outcome::Busy,
            is_inbound: false,
            facts: lead.facts.clone(),
            wrong_person: false,
            heard: None,
            was_last: false,
            due_at: Some(at(began_s + 60)),
        }
    }

    #[test]
    fn every_call_to_a_number_is_known_to_each_of_its_leads_in_order() {
        let mut recent = Recent::default();
        let ours = lead(1, 1);
        let other = Lead { number: ours.number, ..lead(2, 2) };
        recent.remember(CallId(7), past(&ours, 10));
        recent.remember(CallId(8), past(&lead(3, 1), 20));
        recent.remember(CallId(9), past(&other, 30));
        let mut asked = ours.clone();
        recent.complete(&mut asked);
        let calls: Vec<CallId> = asked.history.iter().map(|attempt| attempt.call).collect();
        assert_eq!(calls, [CallId(7), CallId(9)]);
        assert_eq!(recent.judge(&ours, at(40)), Handed::NotBefore(at(70)));
        assert_eq!(recent.judge(&asked, at(40)), Handed::Good, "it knows of its last call");
        recent.set_word(CallId(7), None, false);
        assert_eq!(recent.judge(&ours, at(40)), Handed::Closed);
    }

    #[test]
    fn what_the_books_do_not_say_yet_comes_with_its_debt_and_its_direction() {
        let debt = |account| Arc::new(Facts::read([("debt", account)]));
        let ours = Lead { facts: debt("17"), ..lead(1, 1) };
        let mut recent = Recent::default();
        recent.remember(CallId(7), past(&ours, 10));
        let other = Lead { facts: debt("18"), ..ours.clone() };
        recent.remember(CallId(8), Past { is_inbound: true, ..past(&other, 20) });
        recent.remember(CallId(9), past(&Lead { facts: Arc::default(), ..ours.clone() }, 30));
        recent.set_word(CallId(9), None, true);
        let mut asked = ours.clone();
        recent.complete(&mut asked);
        let said = |past: &PastAttempt| (past.inbound, past.other_debt, past.wrong_person);
        let history: Vec<_> = asked.history.iter().map(said).collect();
        assert_eq!(history, [(false, false, false), (true, true, false), (false, false, true)]);
        assert_eq!(asked.attempts().count(), 2);
    }

    #[test]
    fn the_oldest_are_forgotten_and_leave_nothing() {
        let mut recent = Recent::default();
        let mut again = lead(1, 1);
        for call in 0..CALLS_MAX as i64 + 2 {
            // The first lead is called in the beginning and at the end.
            let lead =
                if call == 1 || call > CALLS_MAX as i64 { lead(1, 1) } else { lead(call + 9, 1) };
            recent.remember(CallId(call), past(&lead, call));
        }
        assert_eq!(recent.ended.len(), CALLS_MAX);
        assert!(recent.get(CallId(1)).is_none() && recent.get(CallId(2)).is_some());
        assert_eq!((recent.by_call.len(), recent.by_number.len()), (CALLS_MAX, CALLS_MAX));
        recent.complete(&mut again);
        assert_eq!(again.history.len(), 1, "the call before is forgotten");
    }
}
