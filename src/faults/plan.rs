//! What is to go wrong in a run, all of it from the seed.

use jiff::{SignedDuration, Timestamp};

use super::Bug;
use crate::domain::AgentId;
use crate::sim::Chance;

/// The shift begins so long before nine in the evening in New York, when calls are to end.
pub(super) const BEFORE_NINE: SignedDuration = SignedDuration::from_secs(130);
/// The shift ends so long after that.
pub(super) const AFTER_NINE: SignedDuration = SignedDuration::from_secs(15);
/// At the latest everything is over so long after the shift.
pub(super) const HANGOVER: SignedDuration = SignedDuration::from_secs(150);

/// What is to happen in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where all chance comes from.
    pub seed: u64,
    /// The process is killed before this operation of the run, from 1.
    pub kill_at: Option<u64>,
    /// Whether the seed's faults happen; else only the kill does.
    pub faults: bool,
    /// A mistake that is made on purpose.
    pub bug: Option<Bug>,
    /// Every line is kept.
    pub keep_lines: bool,
}

impl Plan {
    /// The reference shift: nothing goes wrong but what the kill does.
    pub fn reference(kill_at: Option<u64>) -> Self {
        Self { seed: 0, kill_at, faults: false, bug: None, keep_lines: false }
    }

    /// A shift in which things go wrong by the seed.
    pub fn of_seed(seed: u64) -> Self {
        Self { seed, kill_at: None, faults: true, bug: None, keep_lines: false }
    }

    /// With a mistake.
    pub fn with(self, bug: Option<Bug>) -> Self {
        Self { bug, ..self }
    }
}

/// How the books fail for a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outage {
    /// Every request is refused at once.
    Down,
    /// No request is answered before it is over.
    Locked,
    /// Every request takes up to two seconds.
    Slow,
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Disturbance {
    /// The wall clock is moved, in seconds, and put right some time later.
    ClockMoves(i64),
    ClockIsRight,
    /// A number is put on the do-not-call list by somebody who waits for the word that it is.
    DoNotCall(i64),
    /// The process stands still.
    Freeze {
        length: SignedDuration,
        /// Another process takes over when the lease has run out.
        standby: bool,
    },
    /// The process is killed.
    Kill,
    Outage(Outage, SignedDuration),
    /// The network loses, doubles and delays more than before.
    Storm(bool),
    /// An agent's phone is gone.
    Vanish(AgentId),
}

/// How often what happens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    /// Packets lost, doubled, much delayed, said again much later: shares of all.
    pub(super) lost: f64,
    pub(super) doubled: f64,
    pub(super) late: f64,
    pub(super) again: f64,
    /// Responses that contradict what was said.
    pub(super) lies: f64,
    /// Requests that fail: before they are applied, after.
    pub(super) fails_before: f64,
    pub(super) fails_after: f64,
    /// Requests that reach the books although their process is gone.
    pub(super) outlives: f64,
}

impl Rates {
    pub(super) const NONE: Self = Self {
        lost: 0.0,
        doubled: 0.0,
        late: 0.0,
        again: 0.0,
        lies: 0.0,
        fails_before: 0.0,
        fails_after: 0.0,
        outlives: 0.0,
    };

    pub(super) fn of(chance: &mut Chance) -> Self {
        // Some seeds have one trouble, some have all.
        let mut some = |most: f64| if chance.happens(0.5) { most * chance.share() } else { 0.0 };
        Self {
            lost: some(0.15),
            doubled: some(0.15),
            late: some(0.15),
            again: some(0.03),
            lies: some(0.10),
            fails_before: some(0.06),
            fails_after: some(0.06),
            outlives: some(1.0),
        }
    }
}

/// The disturbances of a seed, in no order.
pub(super) fn disturbances(
    chance: &mut Chance,
    begins_at: Timestamp,
) -> Vec<(Timestamp, Disturbance)> {
    let mut planned = Vec::new();
    let whole = (BEFORE_NINE + AFTER_NINE).as_secs_f64();
    for _ in 0..2 + chance.one_of(6) {
        let at = second(begins_at, 3.0 + (whole - 3.0) * chance.share());
        match chance.one_of(9) {
            0 | 1 => planned.push((at, Disturbance::Kill)),
            2 => {
                let length = SignedDuration::from_millis(200 + chance.one_of(25_000) as i64);
                planned.push((at, Disturbance::Freeze { length, standby: chance.happens(0.6) }));
            }
            3 | 4 => {
                let kind = [Outage::Down, Outage::Locked, Outage::Slow][chance.one_of(3)];
                let length = SignedDuration::from_millis(300 + chance.one_of(15_000) as i64);
                planned.push((at, Disturbance::Outage(kind, length)));
            }
            5 => {
                let by =
                    (1 + chance.one_of(10_000) as i64) * if chance.happens(0.5) { 1 } else { -1 };
                planned.push((at, Disturbance::ClockMoves(by)));
                let right_at = second(at, 2.0 + 40.0 * chance.share());
                planned.push((right_at, Disturbance::ClockIsRight));
            }
            6 => planned.push((at, Disturbance::Vanish(AgentId(1 + chance.one_of(5) as i64)))),
            7 => {
                planned.push((at, Disturbance::Storm(true)));
                planned.push((second(at, 12.0 * chance.share()), Disturbance::Storm(false)));
            }
            _ => {}
        }
    }
    planned
}

/// People who ask not to be called, at any time: also in the reference shift.
pub(super) fn requests(
    chance: &mut Chance,
    begins_at: Timestamp,
    leads: i64,
) -> Vec<(Timestamp, Disturbance)> {
    let request = |_| {
        let at = second(begins_at, 2.0 + BEFORE_NINE.as_secs_f64() * chance.share());
        (at, Disturbance::DoNotCall(1 + chance.one_of(leads as usize) as i64))
    };
    (0..12).map(request).collect()
}

/// So many seconds later.
pub(super) fn second(at: Timestamp, seconds: f64) -> Timestamp {
    crate::domain::later(at, SignedDuration::from_micros((seconds * 1e6) as i64))
}
