//! The leads that are next, of one campaign: fetched ahead in batches, bounded, and given back when
//! the campaign stops.

use std::collections::{BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Lead, LeadId, later};

/// An answer of the store is waited for this long, then it is asked again.
pub(super) const FETCH_RETRY: SignedDuration = SignedDuration::from_secs(5);

/// After a short answer the store is not asked again before this, whatever it says.
const FETCH_PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// The fewest and the most leads that are fetched ahead.
const CAPACITY: std::ops::RangeInclusive<u32> = 20..=4_000;

/// Leads fetched ahead for each agent.
const LEADS_PER_AGENT: u32 = 4;

/// When the store has something for us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Supply {
    At(Timestamp),
    /// Not before it says so.
    Exhausted,
    Now,
}

/// The leads that are next.
#[derive(Debug)]
pub(super) struct Hopper {
    leads: VecDeque<Lead>,
    ids: BTreeSet<LeadId>,
    asked: Option<Asked>,
    supply: Supply,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    count: u32,
    /// Something changed after the question; its answer may be out of date.
    again: bool,
}

impl Default for Hopper {
    fn default() -> Self {
        Self { leads: VecDeque::new(), ids: BTreeSet::new(), asked: None, supply: Supply::Now }
    }
}

impl Hopper {
    pub(super) fn len(&self) -> usize {
        self.leads.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.leads.is_empty()
    }

    pub(super) fn holds(&self, lead: LeadId) -> bool {
        self.ids.contains(&lead)
    }

    /// The leads, next first.
    pub(super) fn leads(&self) -> impl Iterator<Item = &Lead> {
        self.leads.iter()
    }

    /// True while the store owes an answer.
    pub(super) fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// When the store will have the next lead, when it named a time.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        match self.supply {
            Supply::At(at) => Some(at),
            Supply::Exhausted | Supply::Now => None,
        }
    }

    /// True when the store has said that no lead is left, and none is here.
    pub(super) fn is_exhausted(&self) -> bool {
        self.is_empty() && self.asked.is_none() && self.supply == Supply::Exhausted
    }

    /// True when nothing is here and the store has said that nothing is due.
    pub(super) fn is_dry(&self) -> bool {
        self.is_empty() && self.supply != Supply::Now
    }

    /// The next lead.
    pub(super) fn pop(&mut self) -> Option<Lead> {
        let lead = self.leads.pop_front()?;
        self.ids.remove(&lead.id);
        Some(lead)
    }

    /// A lead of the agent's choice leaves its place.
    pub(super) fn take(&mut self, id: LeadId) {
        if self.ids.remove(&id) {
            self.leads.retain(|lead| lead.id != id);
        }
    }

    /// Everything, to be given back.
    pub(super) fn empty(&mut self) -> Vec<Lead> {
        self.ids.clear();
        self.supply = Supply::Now;
        std::mem::take(&mut self.leads).into()
    }

    /// How many to ask for: nothing while an answer is owed or more than half is there, so that
    /// questions come in batches.
    pub(super) fn wants(&self, agents: u32, now: Timestamp) -> Option<u32> {
        let due = match self.supply {
            Supply::At(at) => at <= now,
            Supply::Exhausted => false,
            Supply::Now => true,
        };
        let capacity = capacity(agents);
        let here = u32::try_from(self.leads.len()).unwrap_or(u32::MAX);
        (due && self.asked.is_none() && here <= capacity / 2).then(|| capacity - here)
    }

    /// The store has been asked.
    pub(super) fn ask(&mut self, count: u32) {
        self.asked = Some(Asked { count, again: false });
    }

    /// The store has not answered: it may be asked again.
    pub(super) fn give_up(&mut self) {
        self.asked = None;
    }

    /// The store's answer. What was not asked for comes back, to be given back.
    pub(super) fn fill(
        &mut self,
        leads: Vec<Lead>,
        next_due: Option<Timestamp>,
        now: Timestamp,
    ) -> Vec<Lead> {
        let Some(Asked { count, again }) = self.asked.take() else { return leads };
        let mut leads = leads;
        let surplus = leads.split_off(leads.len().min(count as usize));
        let short = (leads.len() as u64) < u64::from(count);
        self.supply = match next_due {
            _ if again || !short => Supply::Now,
            Some(at) => Supply::At(at.max(later(now, FETCH_PAUSE))),
            None => Supply::Exhausted,
        };
        for lead in leads {
            if self.ids.insert(lead.id) {
                self.leads.push_back(lead);
            }
        }
        surplus
    }

    /// The store will have a lead by then, as we know from a call that has ended.
    pub(super) fn expect(&mut self, at: Timestamp) {
        self.supply = match self.supply {
            Supply::At(known) => Supply::At(known.min(at)),
            Supply::Exhausted => Supply::At(at),
            Supply::Now => Supply::Now,
        };
    }

    /// The store has changed: ask, whatever it said before.
    pub(super) fn refresh(&mut self) {
        self.supply = Supply::Now;
        if let Some(asked) = &mut self.asked {
            asked.again = true;
        }
    }
}

fn capacity(agents: u32) -> u32 {
    agents.saturating_mul(LEADS_PER_AGENT).clamp(*CAPACITY.start(), *CAPACITY.end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialer::testing::{at, lead};

    fn leads(ids: std::ops::RangeInclusive<i64>) -> Vec<Lead> {
        ids.map(|id| lead(id, 1)).collect()
    }

    #[test]
    fn leads_are_asked_for_in_batches() {
        let mut hopper = Hopper::default();
        assert_eq!(hopper.wants(10, at(0)), Some(40));
        hopper.ask(40);
        assert_eq!(hopper.wants(10, at(0)), None, "an answer is owed");
        hopper.fill(leads(1..=40), None, at(0));
        (0..19).for_each(|_| drop(hopper.pop()));
        assert_eq!(hopper.wants(10, at(0)), None, "more than half is there");
        hopper.pop();
        assert_eq!(hopper.wants(10, at(0)), Some(20));
    }

    #[test]
    fn the_hopper_has_a_bottom_and_a_top() {
        assert_eq!(capacity(0), 20);
        assert_eq!(capacity(u32::MAX), 4_000);
        let mut hopper = Hopper::default();
        hopper.ask(3);
        let back = hopper.fill(leads(1..=5), None, at(0));
        assert_eq!((hopper.len(), back.len()), (3, 2));
    }

    #[test]
    fn a_short_answer_is_believed_until_what_it_named() {
        let mut hopper = Hopper::default();
        hopper.ask(20);
        hopper.fill(leads(1..=1), Some(at(60)), at(0));
        assert_eq!(hopper.wants(1, at(59)), None);
        assert!(hopper.wants(1, at(60)).is_some());
        hopper.expect(at(30));
        assert!(hopper.wants(1, at(30)).is_some(), "a call ended, its lead is due before");
    }

    #[test]
    fn a_store_that_says_now_and_gives_nothing_is_not_asked_at_once() {
        let mut hopper = Hopper::default();
        hopper.ask(20);
        hopper.fill(Vec::new(), Some(at(0)), at(10));
        assert_eq!(hopper.wants(1, at(10)), None);
        assert!(hopper.wants(1, at(11)).is_some());
    }

    #[test]
    fn an_answer_from_before_a_change_is_not_the_last_word() {
        let mut hopper = Hopper::default();
        hopper.ask(20);
        hopper.refresh();
        hopper.fill(Vec::new(), None, at(0));
        assert!(!hopper.is_exhausted());
        assert!(hopper.wants(1, at(0)).is_some());
    }
}
