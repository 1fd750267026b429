//! The agents: they log in, take calls, wrap up, pause, and go home.

use jiff::{SignedDuration, Timestamp};

use super::world::{Happening, World};
use crate::dialer::{AgentEvent, Input};
use crate::domain::{AgentId, AgentState, CallId, PauseReason, later};

/// From the login to ready.
const SETTLE_TIME: SignedDuration = SignedDuration::from_secs(1);

/// How long a phone that failed is looked at.
const REPAIR_TIME: SignedDuration = SignedDuration::from_secs(10);

/// What an agent will do, if it still makes sense.
#[derive(Clone, Debug)]
pub(super) enum DeskAct {
    Dispose(CallId),
    LogIn,
    LogOut,
    Pause,
    Ready,
}

impl World {
    /// Everybody comes and goes, evenly over the stagger.
    pub(super) fn plan_shift(&mut self) {
        let (begins_at, shift) = (self.scenario.begins_at, self.scenario.shift);
        let agents = self.scenario.agents;
        for place in 0..agents {
            let agent = AgentId(i64::from(place) + 1);
            let apart = self.scenario.desks.stagger * place as i32 / agents.max(1) as i32;
            let goes_at = later(later(begins_at, shift), apart);
            self.plan_desk(agent, later(begins_at, apart), DeskAct::LogIn);
            self.plan_desk(agent, goes_at, DeskAct::LogOut);
        }
    }

    /// An agent is told of their new state.
    pub(super) fn desk_hears(&mut self, agent: AgentId, state: &AgentState, now: Timestamp) {
        let desks = self.scenario.desks;
        match state {
            AgentState::Paused { reason } => {
                let rest = match reason.0.as_str() {
                    "bridge_failed" => REPAIR_TIME,
                    "logged_in" => SETTLE_TIME,
                    _ => self.chance.time(desks.pause_time),
                };
                self.plan_desk(agent, later(now, rest), DeskAct::Ready);
            }
            AgentState::WrapUp { call } => {
                let at = later(now, self.chance.time(desks.wrap_up));
                if self.chance.happens(desks.pause) {
                    self.plan_desk(agent, at, DeskAct::Pause);
                }
                self.plan_desk(agent, at, DeskAct::Dispose(*call));
            }
            AgentState::LoggedOut
            | AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::Talking { .. } => {}
        }
    }

    /// What the dialer hears of it, when it happens.
    pub(super) fn desk_acts(&mut self, agent: AgentId, act: DeskAct) -> Option<Input> {
        let told = match act {
            DeskAct::Dispose(call) => self.disposition(call),
            DeskAct::LogIn => {
                if !self.present.insert(agent) {
                    return None;
                }
                let campaigns = vec![self.scenario.campaign.id];
                AgentEvent::LogIn { name: format!("Agent {agent}"), campaigns }
            }
            DeskAct::LogOut => {
                self.present.remove(&agent);
                AgentEvent::LogOut
            }
            DeskAct::Pause => AgentEvent::Pause(PauseReason("break".to_owned())),
            DeskAct::Ready => AgentEvent::Ready,
        };
        Some(Input::Agent(agent, told))
    }

    /// The phone is dead; its agent comes back.
    pub(super) fn vanish(&mut self, agent: AgentId) -> Input {
        self.present.remove(&agent);
        let back_at = later(self.now, REPAIR_TIME);
        if back_at < later(self.scenario.begins_at, self.scenario.shift) {
            self.plan_desk(agent, back_at, DeskAct::LogIn);
        }
        Input::Agent(agent, AgentEvent::LegLost)
    }

    fn disposition(&mut self, call: CallId) -> AgentEvent {
        let codes = &self.scenario.campaign.dispositions;
        // Most often the first.
        let place = if self.chance.happens(0.7) { 0 } else { self.chance.one_of(codes.len()) };
        let disposition = codes.get(place).map(|rule| rule.code.clone());
        match disposition {
            Some(disposition) => {
                AgentEvent::Disposition { call, disposition, note: None, callback_at: None }
            }
            None => AgentEvent::Ready,
        }
    }

    fn plan_desk(&mut self, agent: AgentId, at: Timestamp, act: DeskAct) {
        self.timeline.plan(at, Happening::Desk(agent, act));
    }
}
