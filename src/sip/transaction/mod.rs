//! The four transaction machines of RFC 3261 §17, one file each, with RFC 6026's Accepted states.
//!
//! Each is a `State` with its deadlines inside, a pure step from a fact to the next state and one
//! `Act`, and nothing else: no bytes, no sockets. They are those of an unreliable transport; over
//! a reliable one nothing is sent again (A, E and G never fire) and D, I, J and K are zero.

pub mod client;
pub mod invite_client;
pub mod invite_server;
pub mod server;

use jiff::{SignedDuration, Timestamp};

/// The round-trip estimate (§17.1.1.1).
pub const T1: SignedDuration = SignedDuration::from_millis(500);
/// The longest interval between two sendings of the same message (§17.1.2.2).
pub const T2: SignedDuration = SignedDuration::from_secs(4);
/// How long a message stays in the network (§17.1.2.2).
pub const T4: SignedDuration = SignedDuration::from_secs(5);
/// 64*T1: how long a peer is given (timers B, F, H, J, L, M).
pub const PATIENCE: SignedDuration = SignedDuration::from_secs(32);

/// `duration` from `now`.
pub fn after(now: Timestamp, duration: SignedDuration) -> Timestamp {
    now.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// The next interval of timers E and G: twice as long, at most T2.
pub fn doubled(interval: SignedDuration) -> SignedDuration {
    (interval * 2).min(T2)
}
