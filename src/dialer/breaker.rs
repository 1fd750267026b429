//! Lines that fail, call after call: fewer and fewer are tried until one rings, so that a carrier
//! that is down does not use up a list.

use jiff::{SignedDuration, Timestamp};

use crate::domain::later;

/// Faults in a row that are bad luck.
const FAULTS_MAX: u32 = 5;

/// The longest rest between two tries: 2^6 s.
const DOUBLINGS_MAX: u32 = 6;

/// How the last calls of a campaign fared.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Breaker {
    faults: u32,
    rests_until: Option<Timestamp>,
}

impl Breaker {
    /// A call has failed before it reached anybody, or one has rung.
    pub(super) fn hear(&mut self, failed: bool, now: Timestamp) {
        if !failed {
            *self = Self::default();
            return;
        }
        self.faults = self.faults.saturating_add(1);
        if let Some(beyond) = self.faults.checked_sub(FAULTS_MAX) {
            let rest = SignedDuration::from_secs(1 << beyond.min(DOUBLINGS_MAX));
            self.rests_until = Some(later(now, rest));
        }
    }

    /// When the next call may be tried, while none may.
    pub(super) fn open_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.rests_until.filter(|at| *at > now)
    }

    /// True while calls are tried one at a time.
    pub(super) fn is_trying(&self) -> bool {
        self.faults >= FAULTS_MAX
    }

    /// Faults in a row.
    pub(super) fn faults(&self) -> u32 {
        self.faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialer::testing::at;

    #[test]
    fn a_carrier_that_is_down_is_tried_less_and_less_until_a_call_rings() {
        let mut breaker = Breaker::default();
        (0..4).for_each(|_| breaker.hear(true, at(0)));
        assert!(!breaker.is_trying());
        breaker.hear(true, at(0));
        assert_eq!(breaker.open_at(at(0)), Some(at(1)));
        breaker.hear(true, at(1));
        assert_eq!(breaker.open_at(at(1)), Some(at(3)));
        (0..50).for_each(|_| breaker.hear(true, at(3)));
        assert_eq!(breaker.open_at(at(3)), Some(at(67)));
        breaker.hear(false, at(4));
        assert_eq!(breaker.open_at(at(4)), None);
        assert!(!breaker.is_trying());
    }
}
