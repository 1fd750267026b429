//! The only reader of the clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};

/// The time now. Wall time at the first call, and monotonic from there on: a clock that is set
/// back does not move the timers of live calls.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    static START: OnceLock<(Timestamp, std::time::Instant)> = OnceLock::new();
    let (wall, monotonic) = *START.get_or_init(|| (Timestamp::now(), std::time::Instant::now()));
    let since = SignedDuration::try_from(monotonic.elapsed()).unwrap_or(SignedDuration::ZERO);
    wall.checked_add(since).unwrap_or(wall)
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
            if let Ok(left) = std::time::Duration::try_from(left) {
                tokio::time::sleep(left).await;
            }
        }
    }
}
