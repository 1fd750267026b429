//! The only reader of the clock.

use std::sync::OnceLock;

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
