//! Calls for no agent: a steady rate, within so many lines.

use jiff::{SignedDuration, Timestamp};

use super::{Decision, Explanation, Floor};
use crate::domain::later;

/// When the next call of a broadcast is due.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Broadcast {
    /// The time that the last call was due at.
    last: Option<Timestamp>,
    /// The time that the call was due at which is wanted now.
    due: Option<Timestamp>,
}

impl Broadcast {
    /// A call has been placed.
    pub fn placed(&mut self, now: Timestamp) {
        self.last = Some(self.due.take().unwrap_or(now));
    }

    /// One call when one is due and a line is free. Whatever was missed is not made up for, so that
    /// lines which come free at once are not a burst.
    pub fn decide(
        &mut self,
        floor: &Floor,
        calls_per_minute: f64,
        lines_max: u32,
        now: Timestamp,
    ) -> Decision {
        let lines = floor.in_progress() + floor.messaging;
        if lines >= lines_max {
            return Decision::dial(0, Explanation::LinesFull { lines_max, in_progress: lines });
        }
        let explanation = Explanation::Broadcast { calls_per_minute, lines, lines_max };
        let spacing = SignedDuration::from_micros((60e6 / calls_per_minute).round() as i64);
        let next_at = self.last.map_or(now, |last| later(last, spacing));
        if next_at > now {
            return Decision { again_at: Some(next_at), ..Decision::dial(0, explanation) };
        }
        // A little late is a wake-up's delay: the rate holds over many calls.
        let due = if now < later(next_at, spacing) { next_at } else { now };
        self.due = Some(due);
        let again_at = Some(later(due, spacing));
        Decision { again_at, ..Decision::dial(1, explanation) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    /// Ten minutes, asked whenever it asks to be, and every 70 ms besides.
    #[test]
    fn the_rate_is_steady_and_holds() {
        let (mut broadcast, floor) = (Broadcast::default(), Floor::default());
        let mut times = Vec::new();
        for ms in (0..600_000).step_by(70) {
            let decision = broadcast.decide(&floor, 90.0, 10, at(ms));
            if decision.calls == 1 {
                broadcast.placed(at(ms));
                times.push(ms);
            }
            assert!(decision.again_at.is_some_and(|again| again > at(ms)));
        }
        assert!((899..=901).contains(&times.len()), "{}", times.len());
        assert!(times.windows(2).all(|pair| (595..740).contains(&(pair[1] - pair[0]))));
    }

    #[test]
    fn lines_are_never_more_than_allowed_and_no_burst_follows() {
        let mut broadcast = Broadcast::default();
        let full = Floor { ringing: 2, screening: 1, messaging: 2, ..Floor::default() };
        let decision = broadcast.decide(&full, 60.0, 5, at(0));
        assert_eq!((decision.calls, decision.again_at), (0, None));
        let mut calls = |floor: &Floor, ms| {
            let decision = broadcast.decide(floor, 60.0, 5, at(ms));
            (0..decision.calls).for_each(|_| broadcast.placed(at(ms)));
            decision.calls
        };
        assert_eq!(calls(&Floor::default(), 10), 1);
        assert_eq!(calls(&full, 9_000), 0);
        assert_eq!(calls(&Floor::default(), 20_000), 1);
        assert_eq!(calls(&Floor::default(), 20_001), 0, "nineteen seconds are not made up for");
    }

    #[test]
    fn a_call_that_found_no_lead_stays_due() {
        let mut broadcast = Broadcast::default();
        assert_eq!(broadcast.decide(&Floor::default(), 60.0, 5, at(0)).calls, 1);
        assert_eq!(broadcast.decide(&Floor::default(), 60.0, 5, at(15)).calls, 1);
    }
}
