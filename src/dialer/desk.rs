//! What the dialer does with agents: every change of state is told, and keeps the wrap-up's
//! deadline.

use jiff::Timestamp;

use super::deadlines::Key;
use super::step::look_at;
use super::{Dialer, Notice, Reason, Record};
use crate::domain::{AgentId, AgentState, CallId, later};
use crate::pacing::{Activity, Observation};

/// A wrap-up that goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrapUp {
    pub(super) until: Timestamp,
}

impl Dialer {
    /// Changes what an agent is doing; nothing when nobody of that id is logged in.
    pub(super) fn set_agent(&mut self, id: AgentId, state: AgentState, now: Timestamp) {
        if self.agents.state(id) == AgentState::LoggedOut {
            return;
        }
        self.end_wrap_up(id);
        self.withdraw(id, now);
        self.count_agents(id, now);
        self.count_share(id, &state, now);
        self.agents.set(id, state.clone(), now);
        self.observe_agent(id, now);
        self.touch_agent(id);
        self.tell_agent(id, state, now);
    }

    /// The desk hears of the agent's state, and the books keep it.
    pub(super) fn tell_agent(&mut self, id: AgentId, state: AgentState, now: Timestamp) {
        self.record(Record::Agent { agent: id, state: state.clone(), at: now });
        self.notify(Notice::Agent { agent: id, state });
    }

    /// After a call, or instead of one: ready, or paused when a pause was asked for.
    pub(super) fn free_agent(&mut self, id: AgentId, now: Timestamp) {
        let Some(agent) = self.agents.get(id) else { return };
        let state = match agent.pause_asked.clone() {
            Some(reason) => AgentState::Paused { reason },
            None => AgentState::Ready,
        };
        self.set_agent(id, state, now);
    }

    /// After a talk: wrap-up, unless the agent has said already what became of the call.
    pub(super) fn wrap_up(&mut self, id: AgentId, call: CallId, now: Timestamp) {
        let Some(talk) = self.calls.get(&call) else { return };
        if talk.said.as_ref().is_some_and(|said| said.by == id) {
            return self.free_agent(id, now);
        }
        let Some(run) = self.campaigns.get(&talk.campaign) else { return };
        let until = later(now, run.campaign.wrap_up_max);
        self.set_agent(id, AgentState::WrapUp { call }, now);
        if self.agents.get(id).is_some() {
            self.wrap_ups.insert(id, WrapUp { until });
            let deadline = Some((until, Reason::WrapUp));
            self.deadlines.replace(Key::Agent(id), None, deadline);
        }
    }

    /// Somebody leaves. The call, if there is one, is the caller's to care for.
    pub(super) fn remove_agent(&mut self, id: AgentId, now: Timestamp) {
        self.end_wrap_up(id);
        self.withdraw(id, now);
        self.count_agents(id, now);
        self.shares.rest(id, now);
        self.touch_agent(id);
        if let Some(agent) = self.agents.remove(id) {
            for campaign in agent.campaigns {
                self.observe(campaign, left(id), now);
            }
            self.tell_agent(id, AgentState::LoggedOut, now);
        }
    }

    /// Counts the time of an agent's campaigns up to now, before who is logged in changes.
    pub(super) fn count_agents(&mut self, id: AgentId, now: Timestamp) {
        let Some(agent) = self.agents.get(id) else { return };
        for campaign in &agent.campaigns {
            if let Some(run) = self.campaigns.get_mut(campaign) {
                run.count_agents(self.agents.counts(*campaign).logged_in(), now);
            }
        }
    }

    /// The campaigns of an agent want another look.
    pub(super) fn touch_agent(&mut self, id: AgentId) {
        let Some(agent) = self.agents.get(id) else { return };
        for campaign in &agent.campaigns {
            look_at(&mut self.touched, *campaign);
        }
    }

    /// Whose people a shared agent is with, for the campaigns' shares of the agents' time.
    fn count_share(&mut self, id: AgentId, state: &AgentState, now: Timestamp) {
        match state {
            AgentState::Reserved { call } | AgentState::Talking { call } => {
                let campaign = self.calls.get(call).map(|call| call.campaign);
                let is_shared = self.agents.get(id).is_some_and(|agent| agent.campaigns.len() > 1);
                if let Some(campaign) = campaign.filter(|_| is_shared) {
                    self.shares.serve(id, campaign, now);
                }
            }
            AgentState::WrapUp { .. } => {}
            AgentState::LoggedOut
            | AgentState::Paused { .. }
            | AgentState::Previewing { .. }
            | AgentState::Ready => self.shares.rest(id, now),
        }
    }

    fn end_wrap_up(&mut self, id: AgentId) {
        let Some(WrapUp { until }) = self.wrap_ups.remove(&id) else { return };
        self.deadlines.replace(Key::Agent(id), Some((until, Reason::WrapUp)), None);
    }

    /// Tells the pacers of an agent's campaigns what the agent does now.
    pub(super) fn observe_agent(&mut self, agent: AgentId, now: Timestamp) {
        let Some(present) = self.agents.get(agent) else { return };
        let (activity, leaving) = (activity(&present.state), present.pause_asked.is_some());
        for campaign in &present.campaigns {
            if let Some(run) = self.campaigns.get_mut(campaign) {
                run.pacer.observe(Observation::Agent { agent, activity, leaving }, now);
            }
        }
    }
}

/// An agent is no longer there, for the pacer.
pub(super) fn left(agent: AgentId) -> Observation {
    Observation::Agent { agent, activity: Activity::Away, leaving: false }
}

fn activity(state: &AgentState) -> Activity {
    match state {
        AgentState::LoggedOut => Activity::Away,
        AgentState::Paused { .. } => Activity::Paused,
        AgentState::Ready => Activity::Ready,
        AgentState::Previewing { .. }
        | AgentState::Reserved { .. }
        | AgentState::Talking { .. } => Activity::Talking,
        AgentState::WrapUp { .. } => Activity::WrapUp,
    }
}
