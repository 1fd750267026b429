//! The server transaction of every other request (RFC 3261 §17.2.2, figure 8).
//!
//! Its Proceeding state is left out: nothing here answers such a request with a 1xx (RFC 4320).

use jiff::Timestamp;

use super::{PATIENCE, after};
use crate::sip::reason::Reason;

/// Where it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// A final response went out.
    Completed {
        /// Timer J.
        until: Timestamp,
    },
    /// Over.
    Terminated,
    /// The owner has not answered. After 64*T1 the other side has given up (its timer F).
    Trying {
        /// When that is.
        until: Timestamp,
    },
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fact {
    /// The owner's final response has been sent.
    Final,
    /// The request again.
    Request,
    /// The deadline has come.
    Timeout,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Send the response again.
    Resend,
}

impl State {
    /// The request has just come.
    pub fn start(now: Timestamp) -> Self {
        Self::Trying { until: after(now, PATIENCE) }
    }

    /// The step.
    pub fn step(self, fact: Fact, now: Timestamp) -> (Self, Act) {
        match (self, fact) {
            (Self::Trying { .. }, Fact::Final) => {
                (Self::Completed { until: after(now, PATIENCE) }, Act::Nothing)
            }
            (Self::Completed { .. }, Fact::Request) => (self, Act::Resend),
            (Self::Completed { until } | Self::Trying { until }, Fact::Timeout) => {
                (if until <= now { Self::Terminated } else { self }, Act::Nothing)
            }
            (Self::Completed { .. }, Fact::Final)
            | (Self::Trying { .. }, Fact::Request)
            | (Self::Terminated, _) => (self, Act::Nothing),
        }
    }

    /// Whether a final response may still be given.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Trying { .. })
    }

    /// When it wants [`Fact::Timeout`], and why.
    pub fn deadline(self) -> Option<(Timestamp, Reason)> {
        match self {
            Self::Completed { until } | Self::Trying { until } => Some((until, Reason::J)),
            Self::Terminated => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        let start = Timestamp::UNIX_EPOCH;
        let until = after(start, PATIENCE);
        let states = [State::Completed { until }, State::Terminated, State::start(start)];
        let table: Vec<_> = states
            .iter()
            .map(|state| {
                [Fact::Final, Fact::Request, Fact::Timeout].map(|fact| {
                    let (next, act) = state.step(fact, until);
                    println!("{state:?} x {fact:?} = {next:?}, {act:?}");
                    (std::mem::discriminant(&next) != std::mem::discriminant(state), act)
                })
            })
            .collect();
        let (stays, goes) = ((false, Act::Nothing), (true, Act::Nothing));
        assert_eq!(
            table,
            [[stays, (false, Act::Resend), goes], [stays, stays, stays], [goes, stays, goes]]
        );
    }
}
