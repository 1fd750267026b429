//! What agents and managers are told.

use jiff::Timestamp;

use super::caller_ids::RestReason;
use super::{CampaignPhase, DetectorView, Party};
use crate::domain::{
    AgentId, AgentState, CallId, CampaignId, Lead, LeadId, PhoneNumber, VerdictKind,
};

/// What agents and managers are told.
#[derive(Clone, Debug)]
pub enum Notice {
    /// An agent's state has changed.
    Agent {
        /// Who.
        agent: AgentId,
        /// Into what.
        state: AgentState,
    },
    /// An alarm: a number that campaigns show is not shown for a while.
    CallerIdRests {
        /// Which.
        number: PhoneNumber,
        /// Why.
        reason: RestReason,
        /// Until when.
        until: Timestamp,
    },
    /// Who is with the agent and the person, besides.
    Company {
        /// The agent whose call it is.
        agent: AgentId,
        /// The person's call.
        call: CallId,
        /// Who; `None` when they are alone.
        party: Option<Party>,
        /// The person hears them.
        is_together: bool,
    },
    /// The call that the agent has, or was about to have, is no person's.
    Detected {
        /// Whose.
        agent: AgentId,
        /// The call.
        call: CallId,
        /// What it is.
        kind: VerdictKind,
        /// Whether it was taken from the agent.
        taken_back: bool,
    },
    /// An alarm: agents contradict the detector significantly more than they used to.
    DetectorDrifts {
        /// In which campaign.
        campaign: CampaignId,
        /// How much.
        view: DetectorView,
    },
    /// The agent's call may not be made.
    DialRefused {
        /// Who wanted to.
        agent: AgentId,
        /// Whom.
        lead: LeadId,
        /// The rule that refuses.
        rule: String,
        /// One sentence for people.
        sentence: String,
    },
    /// What the agent wanted to do with the person cannot be done.
    HandingRefused {
        /// Who wanted to.
        agent: AgentId,
        /// One sentence for people.
        sentence: String,
    },
    /// This lead is offered: dial or skip.
    Preview {
        /// To whom.
        agent: AgentId,
        /// The person.
        lead: Box<Lead>,
        /// Until when; `None` for as long as the agent likes.
        until: Option<Timestamp>,
    },
    /// The screen pop: this person is theirs.
    ScreenPop {
        /// Whose screen.
        agent: AgentId,
        /// The call.
        call: CallId,
        /// The person.
        lead: Box<Lead>,
    },
    /// A campaign has changed its phase or the reason why it does not dial.
    Campaign {
        /// Which.
        campaign: CampaignId,
        /// Into what.
        phase: CampaignPhase,
    },
}
