//! What a call has been when the line says that it is over.

use jiff::Timestamp;

use super::{EndCause, State};
use crate::domain::Outcome;

impl State {
    pub(super) fn outcome(self, cause: &EndCause, at: Timestamp) -> Outcome {
        // The trunk says so of a call whose far end asked for T.38: no person was there.
        if cause.outcome == Outcome::Fax && self.was_answered() {
            return Outcome::Fax;
        }
        match self {
            State::Bridged { .. } | State::Linked { .. } | State::Parked { .. } => Outcome::Talked,
            State::Ended { outcome } => outcome,
            State::Greeting { .. } | State::Messaging { outcome: Outcome::MessageLeft, .. } => {
                Outcome::AnsweringMachine
            }
            State::Identifying { .. } => Outcome::Screener,
            State::Joining { wait, .. } | State::Waiting(wait) => {
                left(cause.by_callee && at < wait.due_by)
            }
            State::Leaving { outcome: ours @ (Outcome::Cancelled | Outcome::NoAnswer), .. } => {
                match unanswered(cause.outcome) {
                    Outcome::Cancelled => ours,
                    theirs => theirs,
                }
            }
            State::Leaving { outcome, .. } => outcome,
            State::Messaging { outcome, .. } => outcome,
            State::Ringing { .. } => unanswered(cause.outcome),
            State::Screening { .. } => left(cause.by_callee),
        }
    }

    fn was_answered(self) -> bool {
        match self {
            State::Bridged { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Screening { .. }
            | State::Waiting(_) => true,
            State::Leaving { outcome, .. } => {
                !matches!(outcome, Outcome::Cancelled | Outcome::NoAnswer)
            }
            State::Ended { .. } | State::Ringing { .. } => false,
        }
    }
}

/// What the end of a call to somebody who answered and had no agent is: theirs to leave, or ours.
fn left(in_time: bool) -> Outcome {
    if in_time { Outcome::HungUp } else { Outcome::Abandoned }
}

/// The line's word for a call that was never answered; a word that only an answer can have earned
/// is not believed.
fn unanswered(said: Outcome) -> Outcome {
    match said {
        Outcome::Blocked
        | Outcome::Busy
        | Outcome::Cancelled
        | Outcome::Declined
        | Outcome::Failed
        | Outcome::Interrupted
        | Outcome::InvalidNumber
        | Outcome::NoAnswer => said,
        Outcome::Abandoned
        | Outcome::Announcement
        | Outcome::AnsweringMachine
        | Outcome::FalseAnswer
        | Outcome::Fax
        | Outcome::HungUp
        | Outcome::MessageLeft
        | Outcome::Messaged
        | Outcome::Screener
        | Outcome::Silence
        | Outcome::Talked => Outcome::Failed,
    }
}
