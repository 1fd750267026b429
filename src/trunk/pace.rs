//! The limits of all trunks together: calls at once, and INVITEs a second.

use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};

use super::line::after;

/// What all trunks together may do. Unlike a trunk's own call rate it can be asked without being
/// used up: a call that finds no trunk with room has not been placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    channels_max: Option<u32>,
    interval: SignedDuration,
    next_at: Timestamp,
}

/// Whether one more call may go out now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Leave {
    /// Every channel is taken.
    Full,
    /// Not before this.
    Later(Timestamp),
    /// Yes.
    Now,
}

impl Whole {
    pub(super) fn new(channels_max: Option<u32>, calls_per_second: Option<NonZeroU32>) -> Self {
        let rate = calls_per_second.map_or(0, NonZeroU32::get);
        let nanos = 1_000_000_000_i64.checked_div(rate.into()).unwrap_or(0);
        let interval = SignedDuration::from_nanos(nanos);
        Self { channels_max, interval, next_at: Timestamp::MIN }
    }

    /// Asks; `channels` are taken now.
    pub(super) fn leave(&self, channels: u32, now: Timestamp) -> Leave {
        if self.is_full(channels) {
            Leave::Full
        } else if self.next_at > now {
            Leave::Later(self.next_at)
        } else {
            Leave::Now
        }
    }

    /// Whether every channel is taken.
    pub(super) fn is_full(&self, channels: u32) -> bool {
        self.channels_max.is_some_and(|max| channels >= max)
    }

    /// An INVITE leaves.
    pub(super) fn take(&mut self, now: Timestamp) {
        self.next_at = after(self.next_at.max(now), self.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_trunks_together_keep_to_one_limit() {
        let mut whole = Whole::new(Some(2), NonZeroU32::new(4));
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(whole.leave(2, now), Leave::Full);
        assert_eq!(whole.leave(1, now), Leave::Now);
        assert_eq!(whole.leave(1, now), Leave::Now, "asking uses nothing up");
        whole.take(now);
        let next = now + SignedDuration::from_millis(250);
        assert_eq!(whole.leave(1, now), Leave::Later(next));
        assert_eq!(whole.leave(1, next), Leave::Now);
    }

    #[test]
    fn without_a_limit_there_is_none() {
        let mut whole = Whole::new(None, None);
        whole.take(Timestamp::UNIX_EPOCH);
        assert_eq!(whole.leave(1_000_000, Timestamp::UNIX_EPOCH), Leave::Now);
    }
}
