//! What agents do with a person besides talking: the books are asked for an outside number's lead, the
//! dialer for the rest.

use super::by_hand::DialFault;
use super::handle::Handle;
use crate::clock;
use crate::dialer::{AgentEvent, Destination, Input, Notice};
use crate::domain::{AgentId, CampaignId, PhoneNumber};
use crate::store::Choice;

/// Whom an agent turns to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whom {
    /// A colleague.
    Agent(AgentId),
    /// Who has been ready longest of those who take this campaign's people.
    Campaign(CampaignId),
    /// An outside number, over this campaign's trunks.
    Outside(CampaignId, PhoneNumber),
}

impl Handle {
    /// Hands the agent's person on.
    ///
    /// # Errors
    /// [`DialFault`], with the person still with the agent.
    pub async fn agent_transfer(&self, agent: AgentId, whom: Whom) -> Result<(), DialFault> {
        let to = self.destination(whom).await?;
        self.agent_hand(agent, AgentEvent::Transfer { to }).await
    }

    /// Keeps the agent's person apart and asks somebody else.
    ///
    /// # Errors
    /// [`DialFault`], with the person still with the agent.
    pub async fn agent_consult(&self, agent: AgentId, whom: Whom) -> Result<(), DialFault> {
        let with = self.destination(whom).await?;
        self.agent_hand(agent, AgentEvent::Consult { with }).await
    }

    /// Tells the dialer what the agent does. It says no by a notice, which has left when the fact is absorbed.
    ///
    /// # Errors
    /// [`DialFault::Refused`], with nothing changed.
    pub async fn agent_hand(&self, agent: AgentId, event: AgentEvent) -> Result<(), DialFault> {
        let mut notices = self.notices();
        self.input_absorbed(Input::Agent(agent, event)).await;
        while let Ok(notice) = notices.try_recv() {
            match &*notice {
                Notice::DialRefused { agent: refused, rule, sentence, .. } if *refused == agent => {
                    let (rule, sentence) = (rule.clone(), sentence.clone());
                    return Err(DialFault::Refused { rule, sentence });
                }
                Notice::HandingRefused { agent: refused, sentence } if *refused == agent => {
                    let (rule, sentence) = ("agent.hand".to_owned(), sentence.clone());
                    return Err(DialFault::Refused { rule, sentence });
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn destination(&self, whom: Whom) -> Result<Destination, DialFault> {
        Ok(match whom {
            Whom::Agent(agent) => Destination::Agent(agent),
            Whom::Campaign(campaign) => Destination::Campaign(campaign),
            Whom::Outside(campaign, number) => {
                let choice = Choice::Outside(campaign, number);
                let chosen = self.store.choose(choice, clock::now()).await?;
                let chosen = chosen.ok_or(DialFault::Unknown)?;
                let (lead, was_closed) = (Box::new(chosen.lead), chosen.was_closed);
                Destination::Number { lead, was_closed }
            }
        })
    }
}
