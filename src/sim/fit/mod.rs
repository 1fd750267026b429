//! A world like the one in the books: its ring, talk and wrap-up times, the course of its answer
//! rate, its agents and their hours, from what really happened.
//!
//! What is fitted is what a dialer cannot change: who answers, how long people talk, when agents
//! are there. What came of the dialing (who waited, who was abandoned) is measured beside it, so
//! that a simulation with the same settings can be held against it.

mod course;
mod ends;
mod past;
mod presence;
mod quiet;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

use super::{Callees, Course, Day, Desks, Roster, Scenario};
use crate::dialer::{CallRecord, LedgerEntry};
use crate::domain::{Campaign, Outcome, Share};
pub use past::{Activity, Past, PastBuilder, Stretch};

use ends::{End, Ends};
use presence::{Pace, Shift};

/// Fewer people who answered say too little of when they do.
const PEOPLE_LEAST: usize = 30;

/// A world like the one in the books, and what really came of each of its days.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The world: as many days as the books have, each with its own agents and answer rate.
    pub scenario: Scenario,
    /// What really happened, day by day.
    pub actual: Vec<Day>,
    /// The first moment of the first day.
    pub begins_at: Timestamp,
    /// The last of the last.
    pub ends_at: Timestamp,
    /// How agents differ in their talks: standard deviation of a factor around 1.
    pub talk_differs: f64,
    /// The share of calls that a person answers, mean of all.
    pub people: Share,
    /// Seconds of agents who were ready while nobody was dialed: no lead was due, or the campaign
    /// did not run. They count as pauses.
    pub quiet_s: f64,
    /// Calls whose end nobody knows, since they were given up.
    pub given_up: u64,
}

/// The books say too little for a world to be made of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TooFew {
    /// Nobody was logged in, or the books do not say when.
    #[error("the books do not say what agents did in this time")]
    NoAgents,
    /// Too few people answered.
    #[error(
        "{calls} calls, {people} of them answered by a person: {PEOPLE_LEAST} people at least are \
         needed"
    )]
    People {
        /// Calls in the books.
        calls: usize,
        /// Of them, those that a person answered.
        people: usize,
    },
}

impl Past {
    /// The world of these books, with the settings of `campaign`.
    ///
    /// # Errors
    /// [`TooFew`] where the books say too little.
    pub fn fit(mut self, campaign: Campaign) -> Result<Fitted, TooFew> {
        let people = self.calls.iter().filter(|call| End::of(call) == End::Person).count();
        if people < PEOPLE_LEAST {
            return Err(TooFew::People { calls: self.calls.len(), people });
        }
        let (stretches, quiet_s) = quiet::without_quiet(&self.calls, self.stretches);
        self.stretches = stretches;
        let shifts = presence::shifts(&self.stretches);
        let (Some(first), Some(last)) = (shifts.first(), shifts.last()) else {
            return Err(TooFew::NoAgents);
        };
        let ends = Ends::of(&self.calls);
        let (talks, wrap_ups) = presence::times(&self.stretches);
        let usual = Callees::default();
        let talk = Pace::of(&talks, usual.talk);
        let wrap_up = Pace::of(&wrap_ups, Desks::default().wrap_up);
        let mut scenario = self.scenario(&shifts, &ends, campaign);
        scenario.callees.talk = talk.all;
        scenario.desks.wrap_up = wrap_up.all;
        scenario.rosters =
            shifts.iter().map(|shift| Roster(presence::roster(shift, &talk, &wrap_up))).collect();
        scenario.agents = scenario.rosters.iter().map(Roster::agents).max().unwrap_or(0);
        Ok(Fitted {
            scenario,
            actual: shifts.iter().map(|shift| self.measure(shift)).collect(),
            begins_at: first.begins_at,
            ends_at: last.ends_at,
            talk_differs: talk.differs,
            people: Share::new(ends.people().min(1.0)).unwrap_or(Share::ZERO),
            quiet_s,
            given_up: self.count(|call| End::of(call) == End::GivenUp),
        })
    }

    fn scenario(&self, shifts: &[Shift], ends: &Ends, campaign: Campaign) -> Scenario {
        let base = Scenario::s0(1);
        let longest = shifts.iter().map(|shift| shift.ends_at.duration_since(shift.begins_at));
        let shift = longest.max().unwrap_or(SignedDuration::ZERO);
        let courses = shifts.iter().map(|day| {
            let calls = self.calls_of(day);
            let length = day.ends_at.duration_since(day.begins_at);
            Course {
                every: course::EVERY,
                factors: course::course(&calls, ends, day.begins_at, length),
            }
        });
        Scenario {
            days: u32::try_from(shifts.len()).unwrap_or(u32::MAX),
            quiet: SignedDuration::ZERO,
            callees: self.callees(ends, base.callees.clone()),
            courses: courses.collect(),
            desks: Desks { pause: 0.0, lunch: None, ..base.desks },
            ..base
        }
        .with_campaign(campaign)
        .lasting(shift)
    }

    fn callees(&self, ends: &Ends, usual: Callees) -> Callees {
        let heard = |ms: fn(&crate::domain::Verdict) -> Option<u32>| {
            let people = self.calls.iter().filter(|call| ends::is_person(call));
            people
                .filter_map(move |call| ms(call.verdict.as_ref()?))
                .map(|ms| f64::from(ms) / 1_000.0)
        };
        Callees {
            person: ends.people(),
            drift: super::Drift { wave: 0.0, wander: 0.0, steps: Vec::new(), ..usual.drift },
            machine: ends.share(End::Machine),
            busy: ends.share(End::Busy),
            vacant: ends.share(End::Vacant),
            failed: ends.share(End::Failed),
            silent: ends.share(End::Silent),
            person_rings: ends.spread(End::Person, usual.person_rings),
            machine_rings: ends.spread(End::Machine, usual.machine_rings),
            busy_after: ends.spread(End::Busy, usual.busy_after),
            vacant_after: ends.spread(End::Vacant, usual.vacant_after),
            screening: ends::spread(heard(|verdict| Some(verdict.at_ms)), usual.screening),
            greeting: ends::spread(heard(|verdict| verdict.greeting_end_ms), usual.greeting),
            ..usual
        }
    }

    /// What really came of a day.
    fn measure(&self, shift: &Shift) -> Day {
        let mut day = Day::default();
        for stretch in &shift.stretches {
            let lasts_s = stretch.lasts_s();
            match stretch.activity {
                Activity::Paused => day.paused_s += lasts_s,
                Activity::Ready => {
                    day.idle_s += lasts_s;
                    day.agent_waits.count(lasts_s);
                }
                Activity::Talking => day.talk_s += lasts_s,
                Activity::WrapUp => day.wrap_up_s += lasts_s,
            }
        }
        for call in self.calls_of(shift) {
            day.dialed += 1;
            day.cancelled += u64::from(call.outcome == Outcome::Cancelled);
            day.machines += u64::from(End::of(&call) == End::Machine);
            if call.ledger != LedgerEntry::NotCounted {
                day.people.count(call.ledger == LedgerEntry::Abandoned);
            }
        }
        day
    }

    fn calls_of(&self, shift: &Shift) -> Vec<CallRecord> {
        let within = shift.begins_at..shift.ends_at;
        self.calls.iter().filter(|call| within.contains(&call.began_at)).cloned().collect()
    }

    fn count(&self, what: impl Fn(&CallRecord) -> bool) -> u64 {
        self.calls.iter().filter(|call| what(call)).count() as u64
    }
}

impl Roster {
    /// How many agents.
    fn agents(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }
}
