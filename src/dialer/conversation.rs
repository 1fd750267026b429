//! Who talks with whom around one person's call: what the line is told when they are more than an agent
//! and a person, or others.

use serde::{Deserialize, Serialize};

use crate::domain::{AgentId, CallId, CampaignId, Lead};

/// Whoever is brought to a call besides its person and its agent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A colleague.
    Agent(AgentId),
    /// An outside number, by its call.
    Call(CallId),
}

/// Everybody around one person's call. Those who talk hear each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Conversation {
    /// The person's call.
    pub call: CallId,
    /// The agent whose call it is.
    pub agent: Option<AgentId>,
    /// Whoever is there besides.
    pub party: Option<Party>,
    /// The person is kept apart and hears music, so that a line that waits is not taken for dead.
    pub is_held: bool,
}

impl Conversation {
    /// A person and an agent.
    pub fn of_two(call: CallId, agent: AgentId) -> Self {
        Self { call, agent: Some(agent), party: None, is_held: false }
    }

    /// The agents who take part.
    pub fn agents(&self) -> Vec<AgentId> {
        let colleague = match self.party {
            Some(Party::Agent(colleague)) => Some(colleague),
            Some(Party::Call(_)) | None => None,
        };
        self.agent.into_iter().chain(colleague).collect()
    }
}

/// Whom an agent asks, or hands a person on to.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A colleague, who is ready.
    Agent(AgentId),
    /// Who has been idle longest of those who take this campaign's people.
    Campaign(CampaignId),
    /// An outside number, over the trunks of the lead's campaign.
    Number {
        /// The number as a lead, claimed by this run.
        lead: Box<Lead>,
        /// It was closed before: it is again after the call.
        was_closed: bool,
    },
}
