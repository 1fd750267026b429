//! Crash points: the steps of a call's way at which a build for trials ends itself as `kill -9`
//! would, so that a test from outside can stand at each of them.
//!
//! `DIALER_CRASH_AT=attempt-committed` aborts the process when it first reaches that step,
//! `attempt-committed@7` when it reaches it for the seventh time. Only a build with debug
//! assertions, or with the feature `crash-points`, looks; in any other one [`reached`] is nothing.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The variable that names the step.
pub const VARIABLE: &str = "DIALER_CRASH_AT";

/// Whether this build can be told to crash.
pub const ARMED: bool = cfg!(any(debug_assertions, feature = "crash-points"));

/// A step, in the order in which a call meets them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Point {
    /// The 200 has come and nobody has been told.
    AnswerHeard,
    /// The books have the answer: the call counts as abandoned.
    AnswerRecorded,
    /// The attempt's commit has returned; its INVITE has not left.
    AttemptCommitted,
    /// The attempt is in a transaction that has not been committed.
    AttemptWritten,
    /// The legs are joined and nobody has been told.
    Bridged,
    /// The books have the bridge: the call counts as live.
    BridgeRecorded,
    /// The call is over on the line and nobody has been told.
    CallEnded,
    /// The INVITE has left.
    InviteSent,
    /// Leads are claimed for the hopper.
    LeadsClaimed,
    /// The call's record is in the books.
    RecordCommitted,
    /// The call's record waits for the books.
    RecordWaiting,
    /// What the last run left open is made good.
    RecoveryCommitted,
    /// What the last run left open is about to be made good, in one transaction.
    RecoveryWritten,
    /// A dialog that the last run left up has been ended, and the books do not know.
    StrayEnded,
}

impl Point {
    /// All of them, in a call's order; the last three are of a start after a crash.
    pub const ALL: [Self; 14] = [
        Self::LeadsClaimed,
        Self::AttemptWritten,
        Self::AttemptCommitted,
        Self::InviteSent,
        Self::AnswerHeard,
        Self::AnswerRecorded,
        Self::Bridged,
        Self::BridgeRecorded,
        Self::CallEnded,
        Self::RecordWaiting,
        Self::RecordCommitted,
        Self::RecoveryWritten,
        Self::RecoveryCommitted,
        Self::StrayEnded,
    ];

    /// The name in [`VARIABLE`].
    pub fn name(self) -> &'static str {
        match self {
            Self::AnswerHeard => "answer-heard",
            Self::AnswerRecorded => "answer-recorded",
            Self::AttemptCommitted => "attempt-committed",
            Self::AttemptWritten => "attempt-written",
            Self::Bridged => "bridged",
            Self::BridgeRecorded => "bridge-recorded",
            Self::CallEnded => "call-ended",
            Self::InviteSent => "invite-sent",
            Self::LeadsClaimed => "leads-claimed",
            Self::RecordCommitted => "record-committed",
            Self::RecordWaiting => "record-waiting",
            Self::RecoveryCommitted => "recovery-committed",
            Self::RecoveryWritten => "recovery-written",
            Self::StrayEnded => "stray-ended",
        }
    }
}

/// Where to crash.
struct Order {
    point: Point,
    /// How often it is still to be reached.
    left: AtomicU32,
}

/// What [`VARIABLE`] says: `Ok(None)` when it is not set.
///
/// # Errors
/// What it says when that names no step.
pub fn asked(value: Option<&str>) -> Result<Option<(Point, u32)>, String> {
    let Some(value) = value else { return Ok(None) };
    let (name, times) = value.split_once('@').unwrap_or((value, "1"));
    let point = Point::ALL.into_iter().find(|point| point.name() == name);
    match (point, times.parse::<u32>()) {
        (Some(point), Ok(times @ 1..)) => Ok(Some((point, times))),
        _ => {
            let known: Vec<&str> = Point::ALL.iter().map(|point| point.name()).collect();
            Err(format!("{VARIABLE}={value} names no crash point; there are {}", known.join(", ")))
        }
    }
}

/// The step is reached: the end of the process, when it was asked for.
pub fn reached(point: Point) {
    static ORDER: OnceLock<Option<Order>> = OnceLock::new();
    if !ARMED {
        return;
    }
    let order = ORDER.get_or_init(|| {
        let value = std::env::var(VARIABLE).ok();
        let (point, times) = asked(value.as_deref()).ok().flatten()?;
        Some(Order { point, left: AtomicU32::new(times) })
    });
    if let Some(order) = order
        && order.point == point
        && order.left.fetch_sub(1, Ordering::Relaxed) == 1
    {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_named_with_the_time_at_which_it_is_meant() {
        assert_eq!(asked(None), Ok(None));
        for point in Point::ALL {
            assert_eq!(asked(Some(point.name())), Ok(Some((point, 1))));
        }
        assert_eq!(asked(Some("invite-sent@7")), Ok(Some((Point::InviteSent, 7))));
        for wrong in ["", "invite", "invite-sent@0", "invite-sent@x", "invite-sent@-1"] {
            assert!(asked(Some(wrong)).is_err_and(|said| said.contains("invite-sent")), "{wrong}");
        }
    }
}
