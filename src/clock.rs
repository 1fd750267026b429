//! The only reader of the clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// The time now. Wall time at the first call, and monotonic from there on: a clock that is set
/// back does not move the timers of live calls.
pub fn now() -> Timestamp {
    let (wall, monotonic) = start();
    let since = SignedDuration::try_from(monotonic.elapsed()).unwrap_or(SignedDuration::ZERO);
    wall.checked_add(since).unwrap_or(wall)
}

#[allow(clippy::disallowed_methods)]
fn start() -> (Timestamp, Instant) {
    static START: OnceLock<(Timestamp, Instant)> = OnceLock::new();
    *START.get_or_init(|| (Timestamp::now(), Instant::now()))
}

/// The same time as [`now`]'s, for a library that counts in instants.
pub fn instant(at: Timestamp) -> Instant {
    let (wall, monotonic) = start();
    let since = at.duration_since(wall);
    match (Duration::try_from(since), Duration::try_from(-since)) {
        (Ok(since), _) => monotonic.checked_add(since).unwrap_or(monotonic),
        (Err(_), Ok(before)) => monotonic.checked_sub(before).unwrap_or(monotonic),
        (Err(_), Err(_)) => monotonic,
    }
}

/// An instant on the axis of [`now`].
pub fn of_instant(at: Instant) -> Timestamp {
    let (wall, monotonic) = start();
    let since = SignedDuration::try_from(at.saturating_duration_since(monotonic));
    since.ok().and_then(|since| wall.checked_add(since).ok()).unwrap_or(Timestamp::MAX)
}

/// How far the wall clock is from [`now`]: what somebody, or a time server, has moved it since the
/// start, and how long the machine slept.
#[allow(clippy::disallowed_methods)]
pub fn moved() -> SignedDuration {
    Timestamp::now().duration_since(now()).abs()
}

/// When something last showed life. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<AtomicI64>);

impl Pulse {
    /// Alive at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_microsecond())))
    }

    /// Alive at `now`.
    pub fn beat(&self, now: Timestamp) {
        self.0.fetch_max(now.as_microsecond(), Ordering::Relaxed);
    }

    /// How long ago that was.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        SignedDuration::from_micros(now.as_microsecond() - self.0.load(Ordering::Relaxed))
    }
}

/// Sleeps until `deadline` on the axis of [`now`]; for ever when there is none.
pub async fn sleep_until(deadline: Option<Timestamp>) {
    match deadline {
        None => std::future::pending().await,
        Some(deadline) => {
            let left = deadline.duration_since(now());
            if let Ok(left) = Duration::try_from(left) {
                tokio::time::sleep(left).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_times_are_one_axis() {
        let at = now();
        for later_ms in [0, 20, 86_400_000] {
            let later = at + SignedDuration::from_millis(later_ms);
            assert_eq!(of_instant(instant(later)), later);
        }
        assert_eq!(
            instant(at + SignedDuration::from_secs(1)) - instant(at),
            Duration::from_secs(1)
        );
    }
}
