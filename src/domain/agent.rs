//! What an agent is doing.

use serde::{Deserialize, Serialize};

use super::{CallId, LeadId};

/// The state of an agent. `Reserved` is a person being handed over: the bridge is ordered and not
/// yet confirmed; or a call of the agent's own that rings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AgentState {
    /// Not here: no leg, no calls.
    LoggedOut,
    /// Here and not taking calls, with the reason.
    Paused {
        /// Why.
        reason: PauseReason,
    },
    /// Looking at a lead, to dial or to skip it.
    Previewing {
        /// The lead.
        lead: LeadId,
    },
    /// Waiting for a call.
    Ready,
    /// A call is being bridged to this agent.
    Reserved {
        /// The call on its way.
        call: CallId,
    },
    /// Talking with a person.
    Talking {
        /// The call.
        call: CallId,
    },
    /// After the call, until the disposition or the time-out.
    WrapUp {
        /// The call that has ended.
        call: CallId,
    },
}

/// Why an agent is paused: a short text of the agent's or the floor's choice (`lunch`, `training`),
/// at most 64 characters.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct PauseReason(pub String);
