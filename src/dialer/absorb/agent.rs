//! What agents do.

use jiff::Timestamp;

use crate::call::State;
use crate::dialer::calls::Said;
use crate::dialer::desk::left;
use crate::dialer::{AgentEvent, Dialer};
use crate::domain::{AgentId, AgentState, CallId, CampaignId, PauseReason};

/// The campaigns of one agent.
const CAMPAIGNS_MAX: usize = 64;

/// A note is cut after this many characters.
const NOTE_MAX: usize = 2_000;

impl Dialer {
    pub(super) fn absorb_agent(&mut self, id: AgentId, event: AgentEvent, now: Timestamp) {
        match event {
            AgentEvent::Conference => self.bring_together(id),
            AgentEvent::Consult { with } => self.consult(id, with, now),
            AgentEvent::DialLead { lead, was_closed } => {
                self.dial_chosen(id, lead, was_closed, now);
            }
            AgentEvent::DialOffered => self.dial_offered(id, now),
            AgentEvent::Disposition { call, disposition, note, callback_at } => {
                let note = note.map(|note| note.chars().take(NOTE_MAX).collect());
                self.say(id, call, Said { by: id, disposition, note, callback_at }, now);
            }
            AgentEvent::Dismiss => self.dismiss(id, now),
            AgentEvent::HandOver => self.complete(id, now),
            AgentEvent::HangUp => self.agent_hangs_up(id, now),
            AgentEvent::LeaveMessage => self.leave_message(id, now),
            AgentEvent::LegLost => self.agent_vanishes(id, now),
            AgentEvent::LogIn { name, campaigns } => self.log_in(id, name, campaigns, now),
            AgentEvent::LogOut => self.log_out(id, now),
            AgentEvent::Park => self.park(id, now),
            AgentEvent::Pause(reason) => self.pause(id, reason, now),
            AgentEvent::Ready => self.make_ready(id, now),
            AgentEvent::Retrieve { call } => self.retrieve(id, call, now),
            AgentEvent::SkipOffered { reason } => self.skip_offered(id, &reason, now),
            AgentEvent::Transfer { to } => self.transfer(id, to, now),
        }
    }

    fn log_in(
        &mut self,
        id: AgentId,
        name: String,
        mut campaigns: Vec<CampaignId>,
        now: Timestamp,
    ) {
        campaigns.truncate(CAMPAIGNS_MAX);
        let is_new = self.agents.get(id).is_none();
        for campaign in &campaigns {
            if let Some(run) = self.campaigns.get_mut(campaign) {
                run.count_agents(self.agents.counts(*campaign).logged_in(), now);
            }
        }
        self.count_agents(id, now);
        self.touch_agent(id);
        let before = self.agents.get(id).map(|agent| agent.campaigns.clone()).unwrap_or_default();
        let reason = PauseReason("logged_in".to_owned());
        self.agents.log_in(id, name, campaigns, reason, now);
        for campaign in before {
            self.observe(campaign, left(id), now);
        }
        self.observe_agent(id, now);
        self.touch_agent(id);
        if is_new {
            let state = self.agents.state(id);
            self.tell_agent(id, state, now);
        }
    }

    fn make_ready(&mut self, id: AgentId, now: Timestamp) {
        self.agents.ask_pause(id, None);
        self.observe_agent(id, now);
        match self.agents.state(id) {
            AgentState::Paused { .. } | AgentState::WrapUp { .. } => {
                self.set_agent(id, AgentState::Ready, now);
            }
            AgentState::LoggedOut
            | AgentState::Previewing { .. }
            | AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::Talking { .. } => {}
        }
    }

    fn pause(&mut self, id: AgentId, reason: PauseReason, now: Timestamp) {
        match self.agents.state(id) {
            AgentState::Paused { .. } | AgentState::Previewing { .. } | AgentState::Ready => {
                self.set_agent(id, AgentState::Paused { reason }, now);
            }
            AgentState::Reserved { .. }
            | AgentState::Talking { .. }
            | AgentState::WrapUp { .. } => {
                self.agents.ask_pause(id, Some(reason));
                self.observe_agent(id, now);
            }
            AgentState::LoggedOut => {}
        }
    }

    fn agent_hangs_up(&mut self, id: AgentId, now: Timestamp) {
        let (AgentState::Reserved { call } | AgentState::Talking { call }) = self.agents.state(id)
        else {
            return;
        };
        let Some(state) = self.calls.get(&call).map(|call| call.state) else { return };
        if state.agent() != Some(id) {
            // A colleague leaves; the call is not theirs to end.
            self.company_lost(call, id, now);
            return;
        }
        if let State::Bridged { .. } | State::Identifying { .. } | State::Ringing { .. } = state {
            self.move_call(call, state.hang_up(now), now);
        }
    }

    fn log_out(&mut self, id: AgentId, now: Timestamp) {
        let state = self.agents.state(id);
        self.remove_agent(id, now);
        match state {
            AgentState::Reserved { call } => self.lose_agent(call, id, now),
            AgentState::Talking { call } => {
                let state = self.calls.get(&call).map(|call| call.state);
                if let Some(state) = state.filter(|state| state.agent() == Some(id)) {
                    self.move_call(call, state.hang_up(now), now);
                } else {
                    self.company_lost(call, id, now);
                }
            }
            AgentState::LoggedOut
            | AgentState::Paused { .. }
            | AgentState::Previewing { .. }
            | AgentState::Ready
            | AgentState::WrapUp { .. } => {}
        }
    }

    fn agent_vanishes(&mut self, id: AgentId, now: Timestamp) {
        let state = self.agents.state(id);
        self.remove_agent(id, now);
        match state {
            AgentState::Reserved { call } | AgentState::Talking { call } => {
                self.lose_agent(call, id, now);
            }
            AgentState::LoggedOut
            | AgentState::Paused { .. }
            | AgentState::Previewing { .. }
            | AgentState::Ready
            | AgentState::WrapUp { .. } => {}
        }
    }

    /// The person goes back to the queue, in the old place, or stays with a colleague who is there.
    fn lose_agent(&mut self, call: CallId, agent: AgentId, now: Timestamp) {
        if self.company_lost(call, agent, now) {
            return;
        }
        let Some(present) = self.calls.get(&call) else { return };
        let Some(run) = self.campaigns.get(&present.campaign) else { return };
        let state = present.state.agent_lost(agent, now, &run.terms);
        self.move_call(call, state, now);
    }

    /// The agent's word: kept while the call is up, written down at once when it is over.
    fn say(&mut self, id: AgentId, call: CallId, said: Said, now: Timestamp) {
        let wraps_up = self.agents.state(id) == (AgentState::WrapUp { call });
        if let Some(present) = self.calls.get_mut(&call) {
            let is_theirs = present.agent == Some(id);
            if !(is_theirs || wraps_up) {
                return;
            }
            // Who has handed the person on has a word as long as nobody has who came after.
            if is_theirs || present.said.is_none() {
                present.said = Some(said);
            }
        } else if self.recent.get(call).is_some_and(|past| past.agent == Some(id)) {
            self.dispose(call, said, now);
        } else if !wraps_up {
            return;
        }
        if wraps_up {
            self.free_agent(id, now);
        }
    }
}
