//! The INVITE server transaction (RFC 3261 §17.2.1, figure 7, with RFC 6026 §8.7).

use jiff::{SignedDuration, Timestamp};

use super::{PATIENCE, T1, T4, after, doubled};
use crate::sip::reason::Reason;

/// How long the owner may be silent before a 100 goes out (§17.2.1).
const SILENCE: SignedDuration = SignedDuration::from_millis(200);

/// Where it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// A 2xx went out; the dialog sends it again until its ACK comes (§13.3.1.4).
    Accepted {
        /// Timer L.
        until: Timestamp,
    },
    /// A final response other than 2xx went out, its ACK has not come.
    Completed {
        /// Timer G.
        resend_at: Timestamp,
        /// What G was set to.
        interval: SignedDuration,
        /// Timer H.
        give_up_at: Timestamp,
    },
    /// The ACK came.
    Confirmed {
        /// Timer I.
        until: Timestamp,
    },
    /// No final response went out yet.
    Proceeding {
        /// When a 100 is due; `None` once a response has gone out.
        trying_at: Option<Timestamp>,
    },
    /// Over.
    Terminated,
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fact {
    /// The ACK to a final response other than 2xx.
    Acknowledged,
    /// The owner's 3xx, 4xx, 5xx or 6xx has been sent.
    Failure,
    /// The INVITE again.
    Invite,
    /// The owner's 1xx has been sent.
    Provisional,
    /// The owner's 2xx has been sent.
    Success,
    /// The deadline has come.
    Timeout,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Send the last response again, if there is one.
    Resend,
    /// Send a 100.
    Trying,
}

impl State {
    /// The INVITE has just come.
    pub fn start(now: Timestamp) -> Self {
        Self::Proceeding { trying_at: Some(after(now, SILENCE)) }
    }

    /// The step.
    pub fn step(self, fact: Fact, now: Timestamp) -> (Self, Act) {
        match (self, fact) {
            (Self::Proceeding { .. }, Fact::Provisional) => {
                (Self::Proceeding { trying_at: None }, Act::Nothing)
            }
            (Self::Proceeding { .. }, Fact::Success) => {
                (Self::Accepted { until: after(now, PATIENCE) }, Act::Nothing)
            }
            (Self::Proceeding { .. }, Fact::Failure) => {
                let (resend_at, give_up_at) = (after(now, T1), after(now, PATIENCE));
                (Self::Completed { resend_at, interval: T1, give_up_at }, Act::Nothing)
            }
            (Self::Proceeding { trying_at: Some(_) }, Fact::Timeout) => {
                (Self::Proceeding { trying_at: None }, Act::Trying)
            }
            (Self::Proceeding { .. } | Self::Completed { .. }, Fact::Invite) => (self, Act::Resend),
            (Self::Completed { .. }, Fact::Acknowledged) => {
                (Self::Confirmed { until: after(now, T4) }, Act::Nothing)
            }
            (Self::Completed { resend_at, interval, give_up_at }, Fact::Timeout) => {
                if give_up_at <= now {
                    // The caller is gone; §17.2.1 tells the owner, who has nothing left to do.
                    (Self::Terminated, Act::Nothing)
                } else if resend_at <= now {
                    let interval = doubled(interval);
                    let resend_at = after(now, interval);
                    (Self::Completed { resend_at, interval, give_up_at }, Act::Resend)
                } else {
                    (self, Act::Nothing)
                }
            }
            (Self::Accepted { until } | Self::Confirmed { until }, Fact::Timeout) => {
                (if until <= now { Self::Terminated } else { self }, Act::Nothing)
            }
            (Self::Accepted { .. } | Self::Confirmed { .. }, Fact::Acknowledged | Fact::Invite)
            | (
                Self::Accepted { .. } | Self::Completed { .. } | Self::Confirmed { .. },
                Fact::Failure | Fact::Provisional | Fact::Success,
            )
            | (Self::Proceeding { .. }, Fact::Acknowledged)
            | (Self::Proceeding { trying_at: None }, Fact::Timeout)
            | (Self::Terminated, _) => (self, Act::Nothing),
        }
    }

    /// Whether a final response may still be given.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Proceeding { .. })
    }

    /// When it wants [`Fact::Timeout`], and why.
    pub fn deadline(self) -> Option<(Timestamp, Reason)> {
        match self {
            Self::Accepted { until } => Some((until, Reason::L)),
            Self::Completed { resend_at, give_up_at, .. } if resend_at < give_up_at => {
                Some((resend_at, Reason::G))
            }
            Self::Completed { give_up_at, .. } => Some((give_up_at, Reason::H)),
            Self::Confirmed { until } => Some((until, Reason::I)),
            Self::Proceeding { trying_at } => trying_at.map(|at| (at, Reason::Trying)),
            Self::Terminated => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn the_table() {
        let until = after(START, PATIENCE);
        let states = [
            State::Accepted { until },
            State::Completed { resend_at: until, interval: T1, give_up_at: until },
            State::Confirmed { until },
            State::start(START),
            State::Terminated,
        ];
        let facts = [
            Fact::Acknowledged,
            Fact::Failure,
            Fact::Invite,
            Fact::Provisional,
            Fact::Success,
            Fact::Timeout,
        ];
        let table: Vec<_> = states
            .iter()
            .map(|state| {
                facts.map(|fact| {
                    let (next, act) = state.step(fact, until);
                    println!("{state:?} x {fact:?} = {next:?}, {act:?}");
                    (std::mem::discriminant(&next) != std::mem::discriminant(state), act)
                })
            })
            .collect();
        use Act::*;
        let (stays, goes) = ((false, Nothing), (true, Nothing));
        assert_eq!(
            table,
            [
                [stays, stays, stays, stays, stays, goes],
                [goes, stays, (false, Resend), stays, stays, goes],
                [stays, stays, stays, stays, stays, goes],
                [stays, goes, (false, Resend), stays, goes, (false, Trying)],
                [stays, stays, stays, stays, stays, stays],
            ]
        );
    }

    #[test]
    fn a_refusal_goes_out_again_until_its_ack() {
        let (mut state, _) = State::start(START).step(Fact::Failure, START);
        let mut resent = 0;
        for _ in 0..3 {
            let (now, _) = state.deadline().unwrap();
            let (next, act) = state.step(Fact::Timeout, now);
            state = next;
            resent += usize::from(act == Act::Resend);
        }
        assert_eq!(resent, 3);
        let (state, _) = state.step(Fact::Acknowledged, START);
        assert_eq!(state, State::Confirmed { until: after(START, T4) });
    }
}
