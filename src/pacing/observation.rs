//! What the pacer is told: each agent's and each call's steps, and what the ledger counts.

use crate::domain::{AgentId, CallId, Outcome};

/// A step of a call or of an agent, when it happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// An agent of the campaign does something else, or has asked to leave after the present call.
    Agent {
        /// Who.
        agent: AgentId,
        /// What they do now.
        activity: Activity,
        /// A pause is asked for: no call after this one.
        leaving: bool,
    },
    /// A call of the campaign is somewhere else.
    Call {
        /// Which.
        call: CallId,
        /// Where it is now.
        stage: Stage,
    },
    /// The ledger has counted a person who answered.
    Judged {
        /// No agent came in time.
        abandoned: bool,
    },
}

/// What an agent does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Activity {
    /// Not logged in, or no longer in this campaign.
    Away,
    /// Here and not taking calls.
    Paused,
    /// Waiting for a call.
    Ready,
    /// With a person, or about to be.
    Talking,
    /// After a call.
    WrapUp,
}

/// Where a call is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// An agent has it, or is about to.
    Connected,
    /// It asks for no agent any more, with what became of it. Said once, at the decision to end it
    /// or when the line has ended it.
    Over(Outcome),
    /// Ordered, and not answered yet.
    Ringing,
    /// Answered; the detector listens.
    Screening,
    /// A person's; it asks for an agent.
    Waiting,
}
