//! One trunk as the task sees it: channels, call rate, rest.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jiff::{SignedDuration, Timestamp};
use rand::Rng;

use super::config::TrunkConfig;
use super::fact::{TrunkHealth, TrunkStatus};
use super::places::Places;
use super::registration::Registration;
use crate::domain::Fault;
use crate::sip::{Failure, FailureKind, Network};

/// A trunk that asks for more rest than this (Retry-After) is asked again all the same.
const REST_MAX: SignedDuration = SignedDuration::from_hours(1);

/// So many calls in a row that failed by its fault, and it is left alone for a while.
const FAILED_IN_A_ROW_MAX: u32 = 3;

/// The longest rest without being asked for one: the configured one, doubled so often.
const DOUBLINGS_MAX: u32 = 4;

/// A trunk's own books.
pub(super) struct Line {
    pub(super) config: TrunkConfig,
    /// Where it is.
    pub(super) places: Places,
    pub(super) health: TrunkHealth,
    /// Where we stand with its registrar, when it has one.
    pub(super) registration: Option<Registration>,
    /// When it is asked next whether it lives.
    pub(super) probe_at: Option<Timestamp>,
    channels: u32,
    invites: u64,
    came_in: u64,
    failures: u64,
    /// Calls in a row that failed by its fault.
    failed_in_a_row: u32,
    /// Rests since it last did its work.
    rests: u32,
    /// A call is on its way that tries it after a rest.
    on_trial: bool,
    rate: RateLimiter<NotKeyed, InMemoryState, Axis, NoOpMiddleware<Duration>>,
    axis: Axis,
}

/// Whether a trunk takes a call now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Room {
    /// Every channel is taken.
    Full,
    /// Not before this.
    Later(Timestamp),
    /// Yes; the call rate has counted it.
    Now,
    /// It takes no calls, and nobody knows until when.
    Out,
}

impl Line {
    pub(super) fn new(config: TrunkConfig, now: Timestamp) -> Self {
        let axis = Axis::default();
        let interval = Duration::from_secs(1) / config.calls_per_second.get();
        let quota = Quota::with_period(interval.max(Duration::from_nanos(1)))
            .unwrap_or(Quota::per_second(config.calls_per_second));
        let rate = RateLimiter::direct_with_clock(quota, axis.clone());
        Self {
            registration: config.register.map(|_| Registration::new(now)),
            probe_at: config.probe_every.map(|_| now),
            places: match config.host {
                Some(_) => Places::default(),
                None => Places::at(config.address),
            },
            config,
            health: TrunkHealth::Up,
            channels: 0,
            invites: 0,
            came_in: 0,
            failures: 0,
            failed_in_a_row: 0,
            rests: 0,
            on_trial: false,
            rate,
            axis,
        }
    }

    /// Asks for a place for one call, and takes it when the answer is [`Room::Now`].
    pub(super) fn take(&mut self, now: Timestamp) -> Room {
        match self.health {
            TrunkHealth::CredentialsRefused { until } | TrunkHealth::Resting { until } => {
                return Room::Later(until);
            }
            TrunkHealth::Trying if self.on_trial => return Room::Out,
            TrunkHealth::Unreachable => return Room::Out,
            TrunkHealth::Trying | TrunkHealth::Up => {}
        }
        if self.places.is_empty() {
            return Room::Out;
        }
        if self.config.register.is_some()
            && !self.registration.is_some_and(|registration| registration.holds(now))
        {
            return Room::Out;
        }
        if self.channels >= self.config.channels_max {
            return Room::Full;
        }
        self.axis.set(now);
        match self.rate.check() {
            Ok(()) => {
                self.channels += 1;
                self.invites += 1;
                self.on_trial = self.health == TrunkHealth::Trying;
                Room::Now
            }
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.axis.now());
                let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
                Room::Later(now.saturating_add(wait).unwrap_or(Timestamp::MAX))
            }
        }
    }

    /// Whether it is at that address and port.
    pub(super) fn is_at(&self, address: SocketAddr) -> bool {
        self.places.all().any(|known| known == address)
    }

    /// Where its calls come in from.
    pub(super) fn networks(&self) -> impl Iterator<Item = Network> + '_ {
        let known = self.places.all().map(|address| Network::from(address.ip()));
        known.chain(self.config.networks())
    }

    /// Chooses where the next request goes. Where every address has failed the trunk has rested since:
    /// all may be tried again.
    pub(super) fn aim(&mut self, now: Timestamp, chance: &mut impl Rng) {
        let next = self.places.next(now, chance);
        let next = next.or_else(|| {
            self.places.forgive();
            self.places.next(now, chance)
        });
        if let Some(address) = next {
            self.config.address = address;
        }
    }

    /// An address of it has failed a call in a way that asks for the next one (RFC 3263 §4.3); says
    /// whether there is one.
    pub(super) fn moves_on(
        &mut self,
        from: SocketAddr,
        asked: Option<SignedDuration>,
        now: Timestamp,
    ) -> bool {
        let rest = asked.unwrap_or(self.config.rest).min(REST_MAX);
        let is_one_left = self.places.fail(from, rest, now);
        if is_one_left {
            self.failures += 1;
            tracing::warn!(trunk = %self.config.name, %from, "an address fails; on to the next");
        }
        is_one_left
    }

    /// Takes a place for a call that comes in; false when every channel is taken. Its rest is no
    /// matter: it calls us.
    pub(super) fn take_inbound(&mut self) -> bool {
        let has_room = self.channels < self.config.channels_max;
        self.channels += u32::from(has_room);
        self.came_in += u64::from(has_room);
        has_room
    }

    /// Gives a place back, and learns nothing from it.
    pub(super) fn free(&mut self) {
        self.channels = self.channels.saturating_sub(1);
    }

    /// Gives the place back after a call that ended by this fault.
    pub(super) fn release(&mut self, fault: Fault, now: Timestamp) {
        self.free();
        if fault != Fault::Carrier {
            self.failed_in_a_row = 0;
            self.on_trial = false;
            return;
        }
        self.failures += 1;
        self.failed_in_a_row += 1;
        if self.health == TrunkHealth::Trying {
            self.rest(None, now);
        }
    }

    /// It has done its work: a phone rings, a callee has been asked.
    pub(super) fn vouch(&mut self) {
        (self.failed_in_a_row, self.rests, self.on_trial) = (0, 0, false);
        if self.health == TrunkHealth::Trying {
            tracing::info!(trunk = %self.config.name, "trunk is back");
            self.health = TrunkHealth::Up;
        }
    }

    /// It has said nothing for too long to a call that another one takes; the place stays taken
    /// until the INVITE is over.
    pub(super) fn is_silent(&mut self, now: Timestamp) {
        self.failures += 1;
        self.failed_in_a_row += 1;
        self.rest(None, now);
    }

    /// Gives the place back after a call that was never answered, and learns from its end.
    pub(super) fn learn(&mut self, failure: &Failure, fault: Fault, now: Timestamp) {
        self.release(fault, now);
        if fault == Fault::Callee {
            self.vouch();
        }
        match failure.kind {
            FailureKind::AuthenticationRefused => self.refuse(now),
            // A 503 with Retry-After asks for rest; without, it is no more than a 500 of one call
            // (RFC 3261 §21.5.4).
            FailureKind::Response
                if failure.status == Some(503) && failure.retry_after.is_some() =>
            {
                self.rest(failure.retry_after, now);
            }
            FailureKind::Timeout | FailureKind::Transport if fault == Fault::Carrier => {
                self.rest(None, now);
            }
            FailureKind::Response if self.failed_in_a_row >= FAILED_IN_A_ROW_MAX => {
                self.rest(None, now);
            }
            FailureKind::Cancelled
            | FailureKind::Overloaded
            | FailureKind::Response
            | FailureKind::Timeout
            | FailureKind::Transport => {}
        }
    }

    /// It failed a call: it rests for as long as it asked (RFC 3261 §21.5.4), or as configured.
    fn rest(&mut self, asked: Option<SignedDuration>, now: Timestamp) {
        let own = self.config.rest.saturating_mul(1 << self.rests.min(DOUBLINGS_MAX));
        let length = asked.unwrap_or(own).min(REST_MAX);
        let until = after(now, length);
        let known = self.resting_until().is_none_or(|known| known < until);
        if known && !matches!(self.health, TrunkHealth::Unreachable) {
            tracing::warn!(trunk = %self.config.name, seconds = length.as_secs(), "trunk rests");
            self.health = TrunkHealth::Resting { until };
            self.rests += 1;
            self.on_trial = false;
        }
    }

    /// It refused our credentials twice (RFC 3261 §22.2: not asked with the same ones again).
    fn refuse(&mut self, now: Timestamp) {
        tracing::error!(
            trunk = %self.config.name,
            "the trunk refuses its user name or password; no calls on it for a while"
        );
        self.health =
            TrunkHealth::CredentialsRefused { until: after(now, self.config.rest_refused) };
    }

    /// Until when it rests, when it does.
    pub(super) fn resting_until(&self) -> Option<Timestamp> {
        match self.health {
            TrunkHealth::CredentialsRefused { until } | TrunkHealth::Resting { until } => {
                Some(until)
            }
            TrunkHealth::Trying | TrunkHealth::Unreachable | TrunkHealth::Up => None,
        }
    }

    /// Ends a rest that is over: one call tries whether it works again.
    pub(super) fn wake(&mut self, now: Timestamp) {
        if self.resting_until().is_some_and(|until| until <= now) {
            self.health = TrunkHealth::Trying;
            self.on_trial = false;
        }
    }

    /// Calls on it now.
    pub(super) fn channels(&self) -> u32 {
        self.channels
    }

    pub(super) fn status(&self) -> TrunkStatus {
        TrunkStatus {
            trunk: self.config.id,
            name: self.config.name.clone(),
            address: (!self.places.is_empty()).then_some(self.config.address),
            health: if self.places.is_empty() { TrunkHealth::Unreachable } else { self.health },
            channels: self.channels,
            invites: self.invites,
            came_in: self.came_in,
            failures: self.failures,
        }
    }
}

pub(super) fn after(now: Timestamp, length: SignedDuration) -> Timestamp {
    now.saturating_add(length).unwrap_or(Timestamp::MAX)
}

/// The rate limiter's clock: the time that it was told last, since it must not read one itself.
#[derive(Clone, Default)]
struct Axis(Arc<AtomicU64>);

impl Axis {
    fn set(&self, now: Timestamp) {
        let nanos = u64::try_from(now.as_nanosecond()).unwrap_or(0);
        self.0.store(nanos, Ordering::Relaxed);
    }
}

impl Clock for Axis {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::domain::TrunkId;

    fn line(channels_max: u32, calls_per_second: u32) -> Line {
        let mut config = TrunkConfig::new(TrunkId(0), "east", ([127, 0, 0, 1], 5060).into());
        config.channels_max = channels_max;
        config.calls_per_second = NonZeroU32::new(calls_per_second).unwrap();
        Line::new(config, second(0))
    }

    fn second(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn calls_are_spaced_evenly_at_the_trunks_rate() {
        let mut line = line(100, 4);
        let mut now = second(0);
        let mut placed = Vec::new();
        while placed.len() < 5 {
            match line.take(now) {
                Room::Now => placed.push(now.duration_since(second(0)).as_millis()),
                Room::Later(at) => now = at,
                room => panic!("{room:?}"),
            }
        }
        assert_eq!(placed, [0, 250, 500, 750, 1000]);
    }

    #[test]
    fn a_full_trunk_takes_a_call_when_one_has_ended() {
        let mut line = line(1, 1000);
        assert_eq!(line.take(second(0)), Room::Now);
        assert_eq!(line.take(second(1)), Room::Full);
        line.release(Fault::Callee, second(1));
        assert_eq!(line.take(second(2)), Room::Now);
    }

    #[test]
    fn a_trunk_rests_as_long_as_it_asked_and_no_longer() {
        let mut line = line(10, 1000);
        line.rest(Some(SignedDuration::from_secs(30)), second(0));
        assert_eq!(line.take(second(29)), Room::Later(second(30)));
        line.wake(second(29));
        assert_eq!(line.take(second(29)), Room::Later(second(30)));
        line.wake(second(30));
        assert_eq!(line.take(second(30)), Room::Now);
    }

    #[test]
    fn after_a_rest_one_call_tries_the_trunk_and_the_others_wait_for_it() {
        let mut line = line(10, 1000);
        line.rest(None, second(0));
        line.wake(second(5));
        assert_eq!(line.take(second(5)), Room::Now);
        assert_eq!(line.take(second(6)), Room::Out, "one is enough to know");
        line.release(Fault::Carrier, second(7));
        assert_eq!(line.resting_until(), Some(second(17)), "twice as long as the first time");
        line.wake(second(17));
        assert_eq!(line.take(second(17)), Room::Now);
        line.vouch();
        assert_eq!(line.take(second(18)), Room::Now);
        assert_eq!(line.health, TrunkHealth::Up);
    }

    #[test]
    fn a_shorter_rest_does_not_end_a_longer_one() {
        let mut line = line(10, 1000);
        line.rest(Some(SignedDuration::from_secs(30)), second(0));
        line.rest(None, second(1));
        assert_eq!(line.resting_until(), Some(second(30)));
        line.rest(Some(SignedDuration::from_hours(500)), second(2));
        assert_eq!(line.resting_until(), Some(after(second(2), REST_MAX)));
    }
}
