//! The INVITE client transaction (RFC 3261 §17.1.1, figure 5, with RFC 6026 §8.4).

use jiff::{SignedDuration, Timestamp};

use super::{PATIENCE, T1, after};
use crate::sip::reason::Reason;

/// A timer is this late: the process stood still. Nobody knows whether the call is still wanted, so that its
/// INVITE is not sent again; and an answer may lie in the socket, so that it is not given up at once.
const STOOD_STILL: SignedDuration = SignedDuration::from_secs(2);

/// Where it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// A 2xx came; more of them, of this fork or others, go to the owner (RFC 6026 §7.2).
    Accepted {
        /// Timer M.
        until: Timestamp,
    },
    /// The INVITE is out, nothing came.
    Calling {
        /// Timer A.
        resend_at: Timestamp,
        /// What A was set to.
        interval: SignedDuration,
        /// Timer B.
        give_up_at: Timestamp,
    },
    /// A final response other than 2xx came and was acknowledged.
    Completed {
        /// Timer D.
        until: Timestamp,
    },
    /// A 1xx came. Nothing is sent again and B is off.
    Proceeding,
    /// Over.
    Terminated,
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fact {
    /// A 3xx, 4xx, 5xx or 6xx.
    Failure,
    /// A 1xx.
    Provisional,
    /// A 2xx.
    Success,
    /// The deadline has come.
    Timeout,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    /// Send the ACK again.
    Acknowledge,
    /// Send the ACK and tell the owner.
    AcknowledgeAndTell,
    /// Nothing.
    Nothing,
    /// Send the INVITE again.
    Resend,
    /// Tell the owner.
    Tell,
    /// Tell the owner that nobody answered.
    TimedOut,
}

impl State {
    /// The INVITE has just been sent.
    pub fn start(now: Timestamp) -> Self {
        Self::Calling { resend_at: after(now, T1), interval: T1, give_up_at: after(now, PATIENCE) }
    }

    /// The owner waits no longer (§9.1: 64*T1 after its CANCEL). A 2xx that still comes is taken,
    /// so that it can be acknowledged and ended.
    pub fn abandon(now: Timestamp) -> Self {
        Self::Accepted { until: after(now, PATIENCE) }
    }

    /// As [`State::start`]; over a reliable transport it is not sent again (§17.1.1.2, §17.1.2.2).
    pub fn start_over(reliable: bool, now: Timestamp) -> Self {
        match Self::start(now) {
            Self::Calling { interval, give_up_at, .. } if reliable => {
                Self::Calling { resend_at: Timestamp::MAX, interval, give_up_at }
            }
            start => start,
        }
    }

    /// The step.
    pub fn step(self, fact: Fact, now: Timestamp) -> (Self, Act) {
        match (self, fact) {
            (Self::Calling { .. } | Self::Proceeding, Fact::Provisional) => {
                (Self::Proceeding, Act::Tell)
            }
            (Self::Calling { .. } | Self::Proceeding | Self::Accepted { .. }, Fact::Success) => {
                let until = match self {
                    Self::Accepted { until } => until,
                    _ => after(now, PATIENCE),
                };
                (Self::Accepted { until }, Act::Tell)
            }
            (Self::Calling { .. } | Self::Proceeding, Fact::Failure) => {
                (Self::Completed { until: after(now, PATIENCE) }, Act::AcknowledgeAndTell)
            }
            (Self::Completed { .. }, Fact::Failure) => (self, Act::Acknowledge),
            (Self::Calling { resend_at, interval, give_up_at }, Fact::Timeout) => {
                if after(give_up_at, STOOD_STILL) <= now {
                    let give_up_at = after(now, T1);
                    (
                        Self::Calling { resend_at: Timestamp::MAX, interval, give_up_at },
                        Act::Nothing,
                    )
                } else if give_up_at <= now {
                    (Self::Terminated, Act::TimedOut)
                } else if after(resend_at, STOOD_STILL) <= now {
                    (
                        Self::Calling { resend_at: Timestamp::MAX, interval, give_up_at },
                        Act::Nothing,
                    )
                } else if resend_at <= now {
                    let interval = interval * 2;
                    let resend_at = after(now, interval);
                    (Self::Calling { resend_at, interval, give_up_at }, Act::Resend)
                } else {
                    (self, Act::Nothing)
                }
            }
            (Self::Accepted { until } | Self::Completed { until }, Fact::Timeout) => {
                (if until <= now { Self::Terminated } else { self }, Act::Nothing)
            }
            // A response that is late or out of order changes nothing.
            (Self::Accepted { .. } | Self::Completed { .. }, Fact::Provisional)
            | (Self::Accepted { .. }, Fact::Failure)
            | (Self::Completed { .. }, Fact::Success)
            | (Self::Proceeding, Fact::Timeout)
            | (Self::Terminated, _) => (self, Act::Nothing),
        }
    }

    /// When it wants [`Fact::Timeout`], and why.
    pub fn deadline(self) -> Option<(Timestamp, Reason)> {
        match self {
            Self::Accepted { until } => Some((until, Reason::M)),
            Self::Calling { resend_at, give_up_at, .. } if resend_at < give_up_at => {
                Some((resend_at, Reason::A))
            }
            Self::Calling { give_up_at, .. } => Some((give_up_at, Reason::B)),
            Self::Completed { until } => Some((until, Reason::D)),
            Self::Proceeding | Self::Terminated => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_process_that_stood_still_does_not_call_on_and_hears_what_has_come() {
        let resent = State::start(START).step(Fact::Timeout, after(START, T1 * 2));
        assert_eq!(resent.1, Act::Resend);
        let (late, act) = State::start(START).step(Fact::Timeout, after(START, T1 + STOOD_STILL));
        assert_eq!(act, Act::Nothing);
        assert_eq!(late.deadline(), Some((after(START, PATIENCE), Reason::B)));
        assert_eq!(late.step(Fact::Success, after(START, PATIENCE)).1, Act::Tell);
        let woken_at = after(START, PATIENCE + STOOD_STILL);
        let (later, act) = late.step(Fact::Timeout, woken_at);
        assert_eq!(act, Act::Nothing);
        let (_, act) = later.step(Fact::Timeout, after(woken_at, T1));
        assert_eq!(act, Act::TimedOut);
    }

    #[test]
    fn the_table() {
        let until = after(START, PATIENCE);
        let states = [
            State::Accepted { until },
            State::start(START),
            State::Completed { until },
            State::Proceeding,
            State::Terminated,
        ];
        let facts = [Fact::Failure, Fact::Provisional, Fact::Success, Fact::Timeout];
        let table: Vec<_> = states
            .iter()
            .map(|state| {
                facts.map(|fact| {
                    let (next, act) = state.step(fact, until);
                    let name = format!("{next:?}");
                    println!("{state:?} x {fact:?} = {next:?}, {act:?}");
                    (name.split(' ').next().unwrap_or_default().to_owned(), act)
                })
            })
            .collect();
        let row = |cells: [(&str, Act); 4]| cells.map(|(name, act)| (name.to_owned(), act));
        use Act::*;
        assert_eq!(
            table,
            [
                row([
                    ("Accepted", Nothing),
                    ("Accepted", Nothing),
                    ("Accepted", Tell),
                    ("Terminated", Nothing)
                ]),
                row([
                    ("Completed", AcknowledgeAndTell),
                    ("Proceeding", Tell),
                    ("Accepted", Tell),
                    ("Terminated", TimedOut)
                ]),
                row([
                    ("Completed", Acknowledge),
                    ("Completed", Nothing),
                    ("Completed", Nothing),
                    ("Terminated", Nothing)
                ]),
                row([
                    ("Completed", AcknowledgeAndTell),
                    ("Proceeding", Tell),
                    ("Accepted", Tell),
                    ("Proceeding", Nothing)
                ]),
                row([
                    ("Terminated", Nothing),
                    ("Terminated", Nothing),
                    ("Terminated", Nothing),
                    ("Terminated", Nothing)
                ]),
            ]
        );
    }

    #[test]
    fn an_invite_that_nobody_answers_goes_out_seven_times_in_32_seconds() {
        // §17.1.1.2: at 0, 500 ms, then doubled: 1.5, 3.5, 7.5, 15.5 and 31.5 s.
        let mut state = State::start(START);
        let mut sent_at_ms = vec![0];
        loop {
            let (now, _) = state.deadline().unwrap();
            let (next, act) = state.step(Fact::Timeout, now);
            state = next;
            if act == Act::TimedOut {
                assert_eq!(now, after(START, PATIENCE));
                break;
            }
            sent_at_ms.push(now.as_millisecond());
        }
        assert_eq!(sent_at_ms, [0, 500, 1500, 3500, 7500, 15500, 31500]);
    }
}
