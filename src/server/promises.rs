//! What must come before what, without task, clock or store: the discipline of the outboxes, by
//! itself, so that the simulator can hold it to account as the server keeps it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::books::Entry;
use crate::dialer::{Command, Record};
use crate::domain::{CallId, CampaignId, LeadId};
use crate::store::Said;

/// No INVITE leaves when the last commit is older.
pub const COMMIT_AGE_MAX: SignedDuration = SignedDuration::from_secs(1);
/// The wall clock may be so far from the clock of the start: past it nobody knows the hour.
const MOVED_MAX: SignedDuration = SignedDuration::from_secs(10);
/// Entries that are written at once.
const BATCH_MAX: usize = 256;

/// Whether a call may leave that was decided at `decided_at` and whose attempt is on the disk at
/// `now`. Later nobody knows whether it is still wanted.
pub fn in_time(decided_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(decided_at) <= COMMIT_AGE_MAX
}

/// The calls whose attempts are being written.
#[derive(Debug, Default)]
pub struct Expected(BTreeMap<CallId, Wish>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wish {
    GivenUp,
    Wanted,
}

impl Expected {
    /// Its attempt is being written; [`take`](Self::take) follows.
    pub fn add(&mut self, call: CallId) {
        self.0.insert(call, Wish::Wanted);
    }

    /// It is to be ended before it was dialed. Nothing for a call that is not expected.
    pub fn give_up(&mut self, call: CallId) {
        if let Some(wish) = self.0.get_mut(&call) {
            *wish = Wish::GivenUp;
        }
    }

    /// Its attempt is written, or will not be: whether it is still wanted.
    pub fn take(&mut self, call: CallId) -> bool {
        self.0.remove(&call) == Some(Wish::Wanted)
    }
}

/// What the books are to do next.
#[derive(Debug)]
pub enum Work {
    /// Ask for leads.
    Fetch {
        /// Whose.
        campaign: CampaignId,
        /// At most this many.
        count: u32,
    },
    /// Let go of every lead of this campaign that this run holds and that is neither here nor in a
    /// call: nobody knows what became of a fetch.
    LetGo {
        /// Whose.
        campaign: CampaignId,
        /// What the dialer has.
        held: Vec<LeadId>,
    },
    /// Write this, in one transaction.
    Write(Vec<Said>),
}

/// What waits for the books, in order. What could not be written is the next to be written, and a
/// fetch comes after all that was said before it.
#[derive(Debug, Default)]
pub struct Waiting {
    entries: VecDeque<Entry>,
    in_hand: Vec<Said>,
    /// Leads that were handed out and have not come back.
    held: BTreeSet<LeadId>,
    /// A fetch of this campaign has failed, and may have claimed.
    doubted: Option<CampaignId>,
}

impl Waiting {
    /// One more.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push_back(entry);
    }

    /// What to do now: the same writing again until it is [`written`](Self::written).
    pub fn work(&mut self) -> Option<Work> {
        if self.in_hand.is_empty() {
            self.take_in_hand();
        }
        if !self.in_hand.is_empty() {
            return Some(Work::Write(self.in_hand.clone()));
        }
        if let Some(campaign) = self.doubted {
            let held = self.held.iter().copied().collect();
            return Some(Work::LetGo { campaign, held });
        }
        match self.entries.pop_front()? {
            Entry::Fetch { campaign, count } => Some(Work::Fetch { campaign, count }),
            // Taken in hand above.
            Entry::Dialog { .. } | Entry::Record(_) => None,
        }
    }

    /// The last writing is on the disk.
    pub fn written(&mut self) {
        self.in_hand.clear();
    }

    /// These leads are handed to the dialer.
    pub fn fetched(&mut self, leads: impl IntoIterator<Item = LeadId>) {
        self.held.extend(leads);
    }

    /// A fetch has failed: it may have claimed leads of which nobody heard.
    pub fn fetch_failed(&mut self, campaign: CampaignId) {
        self.doubted = Some(campaign);
    }

    /// What nobody holds is let go of.
    pub fn let_go(&mut self) {
        self.doubted = None;
    }

    fn take_in_hand(&mut self) {
        while self.in_hand.len() < BATCH_MAX {
            let said = match self.entries.pop_front() {
                None => return,
                Some(Entry::Dialog { leg, dialog }) => Said::Dialog(leg, dialog),
                Some(Entry::Record(record)) => {
                    if let Some(lead) = comes_back(&record) {
                        self.held.remove(&lead);
                    }
                    Said::Record(record)
                }
                Some(fetch @ Entry::Fetch { .. }) => return self.entries.push_front(fetch),
            };
            self.in_hand.push(said);
        }
    }
}

/// The lead that comes back by this record.
fn comes_back(record: &Record) -> Option<LeadId> {
    match record {
        Record::Ended(record) => Some(record.lead),
        Record::Released { lead, .. } => Some(*lead),
        Record::Agent { .. }
        | Record::Answered { .. }
        | Record::Bridged { .. }
        | Record::CallerIdRests { .. }
        | Record::Disposition { .. }
        | Record::DoNotCall { .. }
        | Record::Learned { .. } => None,
    }
}

/// The watch over books and clock: what the dialer is told of them, once each time that it changes.
#[derive(Debug, Default)]
pub struct Watch {
    behind: bool,
    moved: bool,
    /// The clock of the start was behind what the books knew.
    was_behind: bool,
}

impl Watch {
    /// Of a process that starts at `now` and whose books were last written at `last_alive_at`. A clock
    /// that is behind them is wrong for good: the hours and intervals of this run cannot be known.
    pub fn started(last_alive_at: Option<Timestamp>, now: Timestamp) -> Self {
        let was_behind = last_alive_at.is_some_and(|at| at.duration_since(now) > MOVED_MAX);
        Self { was_behind, ..Self::default() }
    }

    /// Whether the clock of the start was behind the books.
    pub fn was_behind(&self) -> bool {
        self.was_behind
    }

    /// The last commit is so old, and the wall clock is so far from the clock of the start.
    pub fn look(&mut self, age: SignedDuration, moved: SignedDuration) -> Option<Command> {
        if (age > COMMIT_AGE_MAX) != self.behind {
            self.behind = !self.behind;
            Some(Command::BooksBehind(self.behind))
        } else if (self.was_behind || moved > MOVED_MAX) != self.moved {
            self.moved = !self.moved;
            Some(Command::ClockMoved(self.moved))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released(lead: i64) -> Entry {
        Entry::Record(Record::Released { lead: LeadId(lead), due_at: None, rule: None })
    }

    fn fetch() -> Entry {
        Entry::Fetch { campaign: CampaignId(1), count: 9 }
    }

    fn written(work: Option<Work>) -> usize {
        match work {
            Some(Work::Write(said)) => said.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_not_written_is_written_first_and_a_fetch_waits_for_it() {
        let mut waiting = Waiting::default();
        [released(1), released(2), fetch(), released(3)].into_iter().for_each(|e| waiting.add(e));
        assert_eq!(written(waiting.work()), 2);
        waiting.add(released(4));
        assert_eq!(written(waiting.work()), 2, "again, and nothing more than before");
        waiting.written();
        assert!(matches!(waiting.work(), Some(Work::Fetch { count: 9, .. })));
        assert_eq!(written(waiting.work()), 2);
        waiting.written();
        assert!(waiting.work().is_none());
    }

    #[test]
    fn a_fetch_of_which_nobody_heard_is_made_good_before_the_next() {
        let mut waiting = Waiting::default();
        waiting.fetched([LeadId(7), LeadId(8)]);
        waiting.fetch_failed(CampaignId(1));
        waiting.add(released(8));
        assert_eq!(written(waiting.work()), 1);
        waiting.written();
        waiting.add(fetch());
        let Some(Work::LetGo { held, .. }) = waiting.work() else { panic!("let go first") };
        assert_eq!(held, [LeadId(7)]);
        waiting.let_go();
        assert!(matches!(waiting.work(), Some(Work::Fetch { .. })));
    }

    #[test]
    fn a_call_that_was_given_up_while_its_attempt_was_written_is_not_dialed() {
        let mut expected = Expected::default();
        [1, 2].into_iter().for_each(|call| expected.add(CallId(call)));
        expected.give_up(CallId(1));
        expected.give_up(CallId(3));
        assert_eq!(
            [1, 2, 2, 3].map(|call| expected.take(CallId(call))),
            [false, true, false, false]
        );
    }
}
