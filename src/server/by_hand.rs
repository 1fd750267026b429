//! Calls that agents choose: the books are asked for the lead, the dialer for the call.

use super::handle::Handle;
use crate::clock;
use crate::dialer::AgentEvent;
use crate::domain::AgentId;
use crate::store::{Choice, StoreError};

/// Why an agent's call was not made.
#[derive(Debug, thiserror::Error)]
pub enum DialFault {
    /// The gate or the dialer says no.
    #[error("{sentence} ({rule})")]
    Refused {
        /// The rule.
        rule: String,
        /// One sentence for people.
        sentence: String,
    },
    /// The books.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such lead in the books.
    #[error("there is no lead of that number")]
    Unknown,
}

impl Handle {
    /// Calls the lead or the number that an agent has chosen, for that agent.
    ///
    /// # Errors
    /// [`DialFault`], with no call made.
    pub async fn agent_dial(&self, agent: AgentId, choice: Choice) -> Result<(), DialFault> {
        let chosen = self.store.choose(choice, clock::now()).await?.ok_or(DialFault::Unknown)?;
        let (lead, was_closed) = (Box::new(chosen.lead), chosen.was_closed);
        self.agent_hand(agent, AgentEvent::DialLead { lead, was_closed }).await
    }

    /// Calls the lead that was offered to an agent.
    ///
    /// # Errors
    /// [`DialFault::Refused`], when it may not be called any more.
    pub async fn agent_dial_offered(&self, agent: AgentId) -> Result<(), DialFault> {
        self.agent_hand(agent, AgentEvent::DialOffered).await
    }
}
