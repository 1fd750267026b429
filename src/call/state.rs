//! Where a call is, and what moves it. Pure: the dialer keeps the books around it.

use jiff::{SignedDuration, Timestamp};

use super::screening::person;
use super::{CallEvent, Terms, Wait};
use crate::domain::{AgentId, CallId, Outcome, later};

/// A bridge that is not confirmed within this has failed. Joining two legs is local work of
/// milliseconds; this only keeps a person from waiting on a lost word.
const JOIN_MAX: SignedDuration = SignedDuration::from_secs(2);

/// A hang-up that is not confirmed within this is over without a word: twice the 64·T1 after which
/// SIP gives a transaction up (RFC 3261 §17.1.1.2).
const LEAVE_MAX: SignedDuration = SignedDuration::from_secs(64);

/// The longest message to a person who has been abandoned.
const MESSAGE_MAX: SignedDuration = SignedDuration::from_secs(60);

/// The longest message of a broadcast: five minutes, and a little for its way to the line.
const BROADCAST_MAX: SignedDuration = SignedDuration::from_secs(305);

/// A person who is parked comes back to an agent after this: music is no answer for ever.
const PARK_MAX: SignedDuration = SignedDuration::from_secs(180);

/// How long a person who was parked waits for an agent then. The law's time was kept when the person first
/// met one; this is the house's.
const RETURN_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What the detector may take beyond its limit before it is no longer waited for.
const SCREENING_GRACE: SignedDuration = SignedDuration::from_millis(250);

/// Where a call is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// A person and an agent talk.
    Bridged {
        /// Who talks.
        agent: AgentId,
        /// Since when.
        since: Timestamp,
        /// How the person waited for it.
        wait: Wait,
    },
    /// Over.
    Ended {
        /// How.
        outcome: Outcome,
    },
    /// A machine speaks; its greeting is waited out.
    Greeting {
        /// Since when.
        since: Timestamp,
    },
    /// A phone that answers for its owner is told who calls; the owner is waited for.
    Identifying {
        /// The agent who is kept for the owner.
        agent: Option<AgentId>,
        /// Since when.
        since: Timestamp,
    },
    /// The bridge is ordered and not confirmed.
    Joining {
        /// With whom.
        agent: AgentId,
        /// Since when.
        since: Timestamp,
        /// How the person waits.
        wait: Wait,
    },
    /// The hang-up is ordered and not confirmed.
    Leaving {
        /// What the call will have been.
        outcome: Outcome,
        /// Since when.
        since: Timestamp,
    },
    /// Talks with the other side of another call: an outside number that an agent has brought to a person,
    /// and the person whom the agent has left with it.
    Linked {
        /// The other call.
        with: CallId,
        /// Since when.
        since: Timestamp,
    },
    /// A message is heard: the safe-harbour message, or the one of a broadcast.
    Messaging {
        /// What the call is by now: abandoned, or messaged.
        outcome: Outcome,
        /// Since when.
        since: Timestamp,
    },
    /// A person who has met an agent hears music until one takes the call up again.
    Parked {
        /// Who has parked the call.
        by: AgentId,
        /// Since when.
        since: Timestamp,
    },
    /// Not answered yet.
    Ringing {
        /// The agent whose call it is, when one has chosen to make it.
        agent: Option<AgentId>,
        /// True once the far end has said that it rings.
        alerting: bool,
        /// Since it said so; before that, since the call was ordered.
        since: Timestamp,
    },
    /// Answered; the detector listens.
    Screening {
        /// Since the answer.
        since: Timestamp,
        /// True while it is likely enough a person's to be connected to an idle agent.
        likely: bool,
    },
    /// A person waits for an agent.
    Waiting(Wait),
}

impl State {
    /// A call that has just been ordered.
    pub fn ordered(at: Timestamp) -> Self {
        State::Ringing { agent: None, alerting: false, since: at }
    }

    /// A call that an agent has just ordered: it is theirs.
    pub fn ordered_by(agent: AgentId, at: Timestamp) -> Self {
        State::Ringing { agent: Some(agent), alerting: false, since: at }
    }

    /// What a fact of the line, the media or the detector makes of it. A fact that has no place in
    /// this state (twice, too late, or a lie) changes nothing.
    pub fn on(self, event: &CallEvent, at: Timestamp, terms: &Terms) -> Self {
        match event {
            CallEvent::Answered => self.answered(at, terms),
            CallEvent::BridgeFailed { agent } => match self {
                State::Ringing { .. } => self,
                _ => self.agent_lost(*agent, at, terms),
            },
            CallEvent::Bridged { agent } => self.bridged(*agent, at),
            CallEvent::EarlyMedia | CallEvent::Ringing => self.alerted(at),
            CallEvent::Ended(cause) => State::Ended { outcome: self.outcome(cause, at) },
            CallEvent::MediaTimeout => self.silent(at),
            CallEvent::GreetingOver(_) => self.greeting_over(at),
            CallEvent::Likely(verdict) => self.likely(verdict, terms),
            CallEvent::Played => self.played(at),
            CallEvent::Screened(verdict) => self.screened(verdict, at, terms),
            CallEvent::ToneMeans(outcome) => self.tone_means(*outcome),
            CallEvent::Digit(_)
            | CallEvent::Features(_)
            | CallEvent::Recorded { .. }
            | CallEvent::ScreeningKept(_) => self,
        }
    }

    /// The agent is gone: the person is back in the queue, in the old place. Nobody else wants a
    /// call that an agent has made and that still rings.
    pub fn agent_lost(self, lost: AgentId, at: Timestamp, terms: &Terms) -> Self {
        match self {
            State::Joining { agent, wait, .. } if agent == lost => State::Waiting(wait),
            State::Bridged { agent, wait, .. } if agent == lost => {
                State::Waiting(Wait { since: wait.since, ..terms.wait(at, at) })
            }
            State::Identifying { agent: Some(agent), since } if agent == lost => {
                State::Identifying { agent: None, since }
            }
            State::Ringing { agent: Some(agent), .. } if agent == lost => self.hang_up(at),
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Screening { .. }
            | State::Waiting(_) => self,
        }
    }

    /// An agent is found for a person who waits, or for who is likely to be one.
    pub fn join(self, agent: AgentId, at: Timestamp, terms: &Terms) -> Self {
        match self {
            State::Waiting(wait) => State::Joining { agent, since: at, wait },
            State::Parked { .. } => State::Joining { agent, since: at, wait: returned(at) },
            State::Screening { since, likely: true } => {
                State::Joining { agent, since: at, wait: terms.screened(at, since, at) }
            }
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Ringing { .. }
            | State::Screening { .. } => self,
        }
    }

    /// An agent gives the person to another one.
    pub fn pass(self, agent: AgentId, at: Timestamp) -> Self {
        let State::Bridged { .. } = self else { return self };
        State::Joining { agent, since: at, wait: returned(at) }
    }

    /// No agent is found in time for a person who waits: they hear the message.
    pub fn message(self, at: Timestamp) -> Self {
        match self {
            State::Waiting(_) => State::Messaging { outcome: Outcome::Abandoned, since: at },
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Screening { .. } => self,
        }
    }

    /// We end it, wherever it is. Whoever answered and had no agent counts as abandoned, screened
    /// or not.
    pub fn hang_up(self, at: Timestamp) -> Self {
        match self {
            State::Bridged { .. } => State::Leaving { outcome: Outcome::Talked, since: at },
            // What has not been heard to its end is not left.
            State::Greeting { .. } | State::Messaging { outcome: Outcome::MessageLeft, .. } => {
                State::Leaving { outcome: Outcome::AnsweringMachine, since: at }
            }
            State::Identifying { .. } => State::Leaving { outcome: Outcome::Screener, since: at },
            State::Linked { .. } | State::Parked { .. } => {
                State::Leaving { outcome: Outcome::Talked, since: at }
            }
            State::Messaging { outcome, .. } => State::Leaving { outcome, since: at },
            State::Joining { .. } | State::Screening { .. } | State::Waiting(_) => {
                State::Leaving { outcome: Outcome::Abandoned, since: at }
            }
            State::Ringing { .. } => State::Leaving { outcome: Outcome::Cancelled, since: at },
            State::Ended { .. } | State::Leaving { .. } => self,
        }
    }

    /// What its time-out makes of it. A person whose wait is over stays in the queue: whether an
    /// agent or the message comes now is decided where people are routed.
    pub fn run_out(self, at: Timestamp, terms: &Terms) -> Self {
        match self {
            State::Bridged { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Linked { .. }
            | State::Messaging { .. } => self.hang_up(at),
            State::Joining { wait, .. } => State::Waiting(wait),
            State::Parked { .. } => State::Waiting(returned(at)),
            State::Leaving { outcome, .. } => State::Ended { outcome },
            State::Ringing { .. } => State::Leaving { outcome: Outcome::NoAnswer, since: at },
            State::Screening { since, .. } => person(terms.screened(at, since, at), at, terms),
            State::Ended { .. } | State::Waiting(_) => self,
        }
    }

    /// When its time is over.
    pub fn until(&self, terms: &Terms) -> Option<Timestamp> {
        match *self {
            State::Bridged { since, .. } => Some(later(since, terms.talk_max)),
            State::Ended { .. } => None,
            State::Greeting { since } => Some(later(since, terms.greeting_max)),
            State::Identifying { since, .. } => Some(later(since, terms.screener_max)),
            State::Joining { since, .. } => Some(later(since, JOIN_MAX)),
            State::Leaving { since, .. } => Some(later(since, LEAVE_MAX)),
            State::Linked { since, .. } => Some(later(since, terms.talk_max)),
            State::Parked { since, .. } => Some(later(since, PARK_MAX)),
            State::Messaging { outcome: Outcome::MessageLeft | Outcome::Messaged, since } => {
                Some(later(since, BROADCAST_MAX))
            }
            State::Messaging { since, .. } => Some(later(since, MESSAGE_MAX)),
            State::Ringing { since, .. } => Some(later(since, terms.ring_max)),
            State::Screening { since, .. } => Some(match terms.amd.limit() {
                Some(limit) => later(later(since, limit), SCREENING_GRACE),
                None => since,
            }),
            State::Waiting(wait) => Some(wait.due_by),
        }
    }

    /// The agent who has the call or is about to.
    pub fn agent(&self) -> Option<AgentId> {
        match *self {
            State::Bridged { agent, .. } | State::Joining { agent, .. } => Some(agent),
            State::Identifying { agent, .. } | State::Ringing { agent, .. } => agent,
            State::Ended { .. }
            | State::Greeting { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Screening { .. }
            | State::Waiting(_) => None,
        }
    }

    fn answered(self, at: Timestamp, terms: &Terms) -> Self {
        match self {
            // Who has made the call hears who answers.
            State::Ringing { agent: Some(agent), .. } => {
                State::Joining { agent, since: at, wait: terms.wait(at, at) }
            }
            State::Ringing { agent: None, .. } if terms.amd.is_first() => {
                State::Screening { since: at, likely: false }
            }
            State::Ringing { agent: None, .. } => person(terms.wait(at, at), at, terms),
            // The 200 crossed our CANCEL (RFC 3261 §9.1): somebody said hello to nobody.
            State::Leaving { outcome: Outcome::Cancelled | Outcome::NoAnswer, since } => {
                State::Leaving { outcome: Outcome::Abandoned, since }
            }
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Screening { .. }
            | State::Waiting(_) => self,
        }
    }

    fn bridged(self, with: AgentId, at: Timestamp) -> Self {
        match self {
            State::Joining { agent, wait, .. } if agent == with => {
                State::Bridged { agent, since: at, wait }
            }
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Screening { .. }
            | State::Waiting(_) => self,
        }
    }

    fn alerted(self, at: Timestamp) -> Self {
        match self {
            State::Ringing { agent, alerting: false, .. } => {
                State::Ringing { agent, alerting: true, since: at }
            }
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Ringing { alerting: true, .. }
            | State::Screening { .. }
            | State::Waiting(_) => self,
        }
    }

    fn silent(self, at: Timestamp) -> Self {
        match self {
            State::Screening { .. } => State::Leaving { outcome: Outcome::Silence, since: at },
            State::Bridged { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Linked { .. }
            | State::Messaging { .. }
            | State::Parked { .. }
            | State::Waiting(_) => self.hang_up(at),
            State::Ended { .. } | State::Leaving { .. } | State::Ringing { .. } => self,
        }
    }

    fn played(self, at: Timestamp) -> Self {
        match self {
            State::Messaging { outcome, .. } => State::Leaving { outcome, since: at },
            State::Bridged { .. }
            | State::Ended { .. }
            | State::Greeting { .. }
            | State::Identifying { .. }
            | State::Joining { .. }
            | State::Leaving { .. }
            | State::Linked { .. }
            | State::Parked { .. }
            | State::Ringing { .. }
            | State::Screening { .. }
            | State::Waiting(_) => self,
        }
    }
}

/// How a person waits who has met an agent already.
fn returned(at: Timestamp) -> Wait {
    Wait { since: at, due_by: later(at, RETURN_MAX) }
}

#[cfg(test)]
mod tests;
