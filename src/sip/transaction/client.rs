//! The client transaction of every other request (RFC 3261 §17.1.2, figure 6).

use jiff::{SignedDuration, Timestamp};

use super::{PATIENCE, T1, T2, T4, after, doubled};
use crate::sip::reason::Reason;

/// Where it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// A final response came.
    Completed {
        /// Timer K.
        until: Timestamp,
    },
    /// A 1xx came; the request is sent again at T2 alone.
    Proceeding {
        /// Timer E.
        resend_at: Timestamp,
        /// Timer F.
        give_up_at: Timestamp,
    },
    /// Over.
    Terminated,
    /// The request is out, nothing came.
    Trying {
        /// Timer E.
        resend_at: Timestamp,
        /// What E was set to.
        interval: SignedDuration,
        /// Timer F.
        give_up_at: Timestamp,
    },
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fact {
    /// A final response.
    Final,
    /// A 1xx.
    Provisional,
    /// The deadline has come.
    Timeout,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Send the request again.
    Resend,
    /// Tell the owner of the final response.
    Tell,
    /// Tell the owner that nobody answered.
    TimedOut,
}

impl State {
    /// The request has just been sent.
    pub fn start(now: Timestamp) -> Self {
        Self::Trying { resend_at: after(now, T1), interval: T1, give_up_at: after(now, PATIENCE) }
    }

    /// As [`State::start`]; over a reliable transport it is not sent again (§17.1.1.2, §17.1.2.2).
    pub fn start_over(reliable: bool, now: Timestamp) -> Self {
        match Self::start(now) {
            Self::Trying { interval, give_up_at, .. } if reliable => {
                Self::Trying { resend_at: Timestamp::MAX, interval, give_up_at }
            }
            start => start,
        }
    }

    /// The step.
    pub fn step(self, fact: Fact, now: Timestamp) -> (Self, Act) {
        match (self, fact) {
            (Self::Trying { .. } | Self::Proceeding { .. }, Fact::Final) => {
                (Self::Completed { until: after(now, T4) }, Act::Tell)
            }
            (Self::Trying { resend_at, give_up_at, .. }, Fact::Provisional) => {
                (Self::Proceeding { resend_at, give_up_at }, Act::Nothing)
            }
            (
                Self::Trying { give_up_at, .. } | Self::Proceeding { give_up_at, .. },
                Fact::Timeout,
            ) if give_up_at <= now => (Self::Terminated, Act::TimedOut),
            (Self::Trying { resend_at, interval, give_up_at }, Fact::Timeout)
                if resend_at <= now =>
            {
                let interval = doubled(interval);
                let resend_at = after(now, interval);
                (Self::Trying { resend_at, interval, give_up_at }, Act::Resend)
            }
            (Self::Proceeding { resend_at, give_up_at }, Fact::Timeout) if resend_at <= now => {
                (Self::Proceeding { resend_at: after(now, T2), give_up_at }, Act::Resend)
            }
            (Self::Completed { until }, Fact::Timeout) if until <= now => {
                (Self::Terminated, Act::Nothing)
            }
            (
                Self::Completed { .. }
                | Self::Proceeding { .. }
                | Self::Terminated
                | Self::Trying { .. },
                Fact::Final | Fact::Provisional | Fact::Timeout,
            ) => (self, Act::Nothing),
        }
    }

    /// When it wants [`Fact::Timeout`], and why.
    pub fn deadline(self) -> Option<(Timestamp, Reason)> {
        match self {
            Self::Completed { until } => Some((until, Reason::K)),
            Self::Proceeding { resend_at, give_up_at }
            | Self::Trying { resend_at, give_up_at, .. } => Some(if resend_at < give_up_at {
                (resend_at, Reason::E)
            } else {
                (give_up_at, Reason::F)
            }),
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
        let proceeding = State::Proceeding { resend_at: until, give_up_at: until };
        let states =
            [State::Completed { until }, proceeding, State::Terminated, State::start(START)];
        let facts = [Fact::Final, Fact::Provisional, Fact::Timeout];
        let table: Vec<_> = states
            .iter()
            .map(|state| {
                facts.map(|fact| {
                    let (next, act) = state.step(fact, until);
                    println!("{state:?} x {fact:?} = {next:?}, {act:?}");
                    act
                })
            })
            .collect();
        use Act::*;
        assert_eq!(
            table,
            [
                [Nothing, Nothing, Nothing],
                [Tell, Nothing, TimedOut],
                [Nothing, Nothing, Nothing],
                [Tell, Nothing, TimedOut],
            ]
        );
    }

    fn sent_at_ms(mut state: State) -> Vec<i64> {
        let mut sent = vec![0];
        while let Some((now, _)) = state.deadline() {
            let (next, act) = state.step(Fact::Timeout, now);
            state = next;
            if act == Act::Resend {
                sent.push(now.as_millisecond());
            }
        }
        sent
    }

    #[test]
    fn a_request_that_nobody_answers_goes_out_eleven_times() {
        // §17.1.2.2: E doubles to T2, F ends it at 32 s.
        let expected = [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500];
        assert_eq!(sent_at_ms(State::start(START)), expected);
    }

    #[test]
    fn after_a_provisional_response_it_goes_out_each_t2() {
        let (state, _) = State::start(START).step(Fact::Provisional, START);
        assert_eq!(sent_at_ms(state)[..4], [0, 500, 4500, 8500]);
    }
}
