//! Everything counted anew and compared with what is kept: for tests, which call it after each
//! fact. It scans; the step never does.

use std::collections::BTreeMap;

use super::{CallCounts, Dialer};
use crate::acd::Queue;
use crate::call::State;
use crate::domain::{AgentState, CallId, CampaignId};

impl Dialer {
    /// Counts everything anew.
    ///
    /// # Errors
    /// The first thing that is kept otherwise than it is: always a mistake in the dialer.
    pub fn audit(&self) -> Result<(), String> {
        self.audit_calls()?;
        self.audit_agents()?;
        self.audit_deadlines()
    }

    fn audit_calls(&self) -> Result<(), String> {
        let mut counts: BTreeMap<CampaignId, CallCounts> = BTreeMap::new();
        let (mut queue, mut likely) = (Queue::default(), Queue::default());
        for (id, call) in self.calls.iter() {
            counts.entry(call.campaign).or_default().add(&call.state);
            match call.state {
                State::Waiting(wait) => queue.join(call.campaign, wait.since, id),
                State::Screening { since, likely: true } => likely.join(call.campaign, since, id),
                _ => {}
            }
            // One that has come in may share both with another.
            let indexed = call.is_inbound
                || self.numbers.get(&call.lead.number) == Some(&id)
                    && self.leads.get(&call.lead.id) == Some(&id);
            same(&format!("call {id} by number and lead"), &indexed, &true)?;
        }
        same("queue", &self.queue, &queue)?;
        same("likely people", &self.likely, &likely)?;
        let lead_of = |id| self.calls.get(id).map(|call| &call.lead);
        for (number, id) in &self.numbers {
            same("a number's call", &lead_of(id).map(|lead| lead.number), &Some(*number))?;
        }
        for (lead, id) in &self.leads {
            same("a lead's call", &lead_of(id).map(|lead| lead.id), &Some(*lead))?;
        }
        for (id, run) in &self.campaigns {
            let counted = counts.remove(id).unwrap_or_default();
            same(&format!("census of campaign {id}"), &run.census, &counted)?;
            let ringing = run.ringing.len() as u32;
            same(&format!("ringing calls of campaign {id}"), &ringing, &counted.ringing)?;
        }
        same("calls without campaign", &counts.len(), &0)
    }

    fn audit_agents(&self) -> Result<(), String> {
        same("agents", &self.agents, &self.agents.recount())?;
        for (id, call) in self.calls.iter() {
            let Some(agent) = call.state.agent() else { continue };
            let expected = match call.state {
                State::Bridged { .. } => AgentState::Talking { call: id },
                _ => AgentState::Reserved { call: id },
            };
            same(&format!("agent {agent} of call {id}"), &self.agents.state(agent), &expected)?;
        }
        for (id, agent) in self.agents.iter() {
            match agent.state {
                AgentState::Reserved { call } | AgentState::Talking { call } => {
                    let holder = self.calls.get(&call).and_then(|call| call.state.agent());
                    let is_company = self.company.get(&call).is_some_and(|it| it.is(id));
                    let holder = if is_company { Some(id) } else { holder };
                    same(&format!("call {call} of agent {id}"), &holder, &Some(id))?;
                }
                AgentState::WrapUp { .. } => {
                    let has_end = self.wrap_ups.contains_key(&id);
                    same(&format!("wrap-up of agent {id}"), &has_end, &true)?;
                }
                AgentState::Previewing { lead } => {
                    let offered = self.offers.get(&id).map(|offer| offer.lead.id);
                    same(&format!("lead offered to agent {id}"), &offered, &Some(lead))?;
                }
                AgentState::LoggedOut | AgentState::Paused { .. } | AgentState::Ready => {}
            }
        }
        for (call, company) in &self.company {
            let holder = self.calls.get(call).and_then(|call| call.state.agent());
            same(&format!("company of call {call}"), &holder, &Some(company.agent))?;
        }
        let parked = |call: &&CallId| {
            matches!(self.calls.get(call).map(|call| call.state), Some(State::Parked { .. }))
        };
        let count = self.parked.iter().filter(parked).count();
        same("parked calls", &self.parked.len(), &count)?;
        let wrapping = |state: &AgentState| matches!(state, AgentState::WrapUp { .. });
        let count = self.agents.iter().filter(|(_, agent)| wrapping(&agent.state)).count();
        same("wrap-ups", &self.wrap_ups.len(), &count)?;
        let looking = |state: &AgentState| matches!(state, AgentState::Previewing { .. });
        let count = self.agents.iter().filter(|(_, agent)| looking(&agent.state)).count();
        same("offers", &self.offers.len(), &count)
    }

    fn audit_deadlines(&self) -> Result<(), String> {
        let of_calls = self.calls.values().filter(|call| call.deadline.is_some()).count();
        let of_campaigns: usize = self.campaigns.values().map(|run| run.wakes()).sum();
        let of_offers = self.offers.values().filter(|offer| offer.until.is_some()).count();
        let of_agents = self.wrap_ups.len() + of_offers;
        same("deadlines", &self.deadlines.len(), &(of_calls + of_campaigns + of_agents))?;
        for (id, call) in self.calls.iter() {
            same(&format!("a deadline of call {id}"), &call.deadline.is_some(), &true)?;
        }
        same("people overdue", &self.overdue.len(), &0)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, kept: &T, counted: &T) -> Result<(), String> {
    if kept == counted {
        return Ok(());
    }
    Err(format!("{what}: kept {kept:?}, counted {counted:?}"))
}
