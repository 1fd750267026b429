//! Dialing ahead, plainly: as many calls as keep the people expected on the line, with some
//! deviations of room, under the agents expected free when a call placed now is answered.
//!
//! Talks, wrap-ups and rings are taken to be memoryless. A pacer that knows their ages does better;
//! this one is safe, cheap (constant time a decision) and says what it did.

use super::estimate::{EndRate, Mean, both_over_within, over_within};
use super::explanation::Explanation;
use super::pacer::{Decision, Floor};

/// What must have been measured of each before it is believed.
const LEAST: f64 = 10.0;

/// What there is to learn from. Seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// A call was answered by something else than a person, or by nobody.
    NotAPerson {
        /// Whether it was answered.
        answered: bool,
    },
    /// A call is a person's.
    Person {
        /// From the dialing to the person on the line, screening too.
        after_s: f64,
    },
    /// A talk is over.
    TalkEnded,
    /// A wrap-up is over.
    WrapUpEnded,
}

/// What has been measured of a campaign's calls and agents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predictive {
    person_of_dialed: Mean,
    person_of_answered: Mean,
    person_after_s: Mean,
    talk: EndRate,
    wrap_up: EndRate,
}

/// A number of people or agents, with its variance.
#[derive(Clone, Copy, Debug)]
struct Expected {
    mean: f64,
    variance: f64,
}

impl Expected {
    /// Of `count`, each with probability `p`.
    fn of(count: u32, p: f64) -> Self {
        let count = f64::from(count);
        Self { mean: count * p, variance: count * p * (1.0 - p) }
    }

    fn and(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, variance: self.variance + other.variance }
    }
}

impl Predictive {
    /// Learns.
    pub fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::NotAPerson { answered } => {
                self.person_of_dialed.add(0.0);
                if answered {
                    self.person_of_answered.add(0.0);
                }
            }
            Fact::Person { after_s } => {
                self.person_of_dialed.add(1.0);
                self.person_of_answered.add(1.0);
                self.person_after_s.add(after_s);
            }
            Fact::TalkEnded => self.talk.end(),
            Fact::WrapUpEnded => self.wrap_up.end(),
        }
    }

    /// The floor has been like this for `seconds`.
    pub fn spend(&mut self, floor: &Floor, seconds: f64) {
        self.talk.spend(seconds * f64::from(floor.talking));
        self.wrap_up.spend(seconds * f64::from(floor.wrap_up));
    }

    /// How many calls, when enough is measured; never fewer than one for each ready agent.
    pub fn decide(&self, floor: &Floor, caution: f64) -> Option<Decision> {
        let answer_rate = self.person_of_dialed.after(LEAST)?;
        let horizon_s = self.person_after_s.after(LEAST)?;
        let freed = self.freed(floor, horizon_s)?;
        let people = Expected::of(floor.ringing, answer_rate)
            .and(Expected::of(floor.screening, self.person_of_answered.after(LEAST)?))
            .and(Expected::of(floor.waiting, 1.0));
        let fits = |calls: u32| {
            let all = people.and(Expected::of(calls, answer_rate));
            let room = caution * (all.variance + freed.variance).sqrt();
            all.mean + room <= f64::from(floor.free()) + freed.mean
        };
        let one_to_one = floor.free().saturating_sub(floor.in_progress());
        let explanation = Explanation::Predictive {
            ready: floor.ready,
            freed: freed.mean,
            horizon_s,
            in_progress: floor.in_progress(),
            people: people.mean,
            caution,
        };
        Some(Decision::dial(one_to_one.max(most(fits, floor.staffed())), explanation))
    }

    /// The agents who will have become free by then.
    fn freed(&self, floor: &Floor, horizon_s: f64) -> Option<Expected> {
        let talk = self.talk.after(LEAST)?;
        let wrap_up = self.wrap_up.after(LEAST)?;
        let from_talk = Expected::of(floor.talking, both_over_within(talk, wrap_up, horizon_s));
        let from_wrap_up = Expected::of(floor.wrap_up, over_within(wrap_up, horizon_s));
        Some(from_talk.and(from_wrap_up))
    }
}

/// The greatest number of calls that fits, by halving; no more than ten for each agent at once.
fn most(fits: impl Fn(u32) -> bool, staffed: u32) -> u32 {
    let (mut low, mut high) = (0, staffed.saturating_mul(10));
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}
