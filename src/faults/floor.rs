//! The agents: they log in, talk, say what became of it, and vanish; and the detector, which is right.

use jiff::SignedDuration;

use super::plan::second;
use super::process::Item;
use super::witness::Callee;
use super::world::{Happening, World};
use crate::call::CallEvent;
use crate::dialer::{AgentEvent, Input, Notice};
use crate::domain::{
    AgentId, AgentState, CallId, CampaignId, Disposition, Listening, Verdict, VerdictKind,
};

/// Agents of the floor.
pub(super) const AGENTS: i64 = 5;

/// What an agent does, if it still makes sense.
#[derive(Clone, Copy, Debug)]
pub(super) enum DeskAct {
    Dispose(CallId),
    HangUp(CallId),
    LogIn,
    Vanish,
}

impl World {
    /// Everybody logs in again: their phones have lost the last process.
    pub(super) fn agents_come(&mut self, process: u32) {
        for agent in 1..=AGENTS {
            let at = second(self.now, 0.3 + 1.5 * self.chance.share());
            self.plan_desk(process, agent, at, DeskAct::LogIn);
        }
    }

    fn plan_desk(&mut self, process: u32, agent: i64, at: jiff::Timestamp, act: DeskAct) {
        self.timeline.plan(at, Happening::Op(process, Item::Desk(AgentId(agent), act)));
    }

    pub(super) fn desk_acts(&mut self, process: u32, agent: AgentId, act: DeskAct) {
        let Some(there) = self.processes.get_mut(&process) else { return };
        let talks = there.talks.get(&agent).copied();
        let seats = &mut there.seats;
        let here = seats.contains(&agent);
        let event = match act {
            DeskAct::LogIn if !here => {
                seats.insert(agent);
                let campaigns = vec![CampaignId(1)];
                let log_in = AgentEvent::LogIn { name: format!("agent {agent}"), campaigns };
                self.fact(process, Input::Agent(agent, log_in));
                AgentEvent::Ready
            }
            DeskAct::Dispose(call) => {
                let code = ["sale", "callback", "do_not_call"][self.chance.one_of(3)];
                let disposition = Disposition(code.to_owned());
                AgentEvent::Disposition { call, disposition, note: None, callback_at: None }
            }
            DeskAct::HangUp(call) if talks == Some(call) => AgentEvent::HangUp,
            DeskAct::Vanish if here => {
                seats.remove(&agent);
                let back_at = second(self.now, 1.0 + 5.0 * self.chance.share());
                self.plan_desk(process, agent.0, back_at, DeskAct::LogIn);
                AgentEvent::LegLost
            }
            DeskAct::HangUp(_) | DeskAct::LogIn | DeskAct::Vanish => return,
        };
        self.fact(process, Input::Agent(agent, event));
    }

    /// What an agent is told, and does then.
    pub(super) fn desk_hears(&mut self, process: u32, notice: &Notice) {
        let Notice::Agent { agent, state } = notice else { return };
        match state {
            AgentState::Talking { call } => {
                if let Some(there) = self.processes.get_mut(&process) {
                    there.talks.insert(*agent, *call);
                }
                let at = second(self.now, 3.0 + 20.0 * self.chance.share());
                self.plan_desk(process, agent.0, at, DeskAct::HangUp(*call));
                if self.plan.faults && self.chance.happens(0.05) {
                    let at = second(self.now, 4.0 * self.chance.share());
                    self.plan_desk(process, agent.0, at, DeskAct::Vanish);
                }
            }
            AgentState::WrapUp { call } => {
                let at = second(self.now, 0.5 + 3.0 * self.chance.share());
                self.plan_desk(process, agent.0, at, DeskAct::Dispose(*call));
            }
            AgentState::LoggedOut
            | AgentState::Paused { .. }
            | AgentState::Previewing { .. }
            | AgentState::Ready
            | AgentState::Reserved { .. } => {}
        }
    }

    /// The detector hears who is there, and says so after a while.
    pub(super) fn screen(&mut self, process: u32, call: CallId, listening: Listening) {
        let Some(call_id) = self.processes.get(&process).and_then(|p| p.call_ids.get(&call)) else {
            return;
        };
        let callee = self.witness.calls.get(call_id).and_then(|seen| seen.answer);
        let Some((callee, _)) = callee else { return };
        let kind = match callee {
            Callee::Machine => VerdictKind::Machine,
            Callee::Person => VerdictKind::Human,
        };
        let limit = listening.limit.as_secs_f64();
        let after = (0.3 + 0.9 * self.chance.share()).min(limit);
        let at_ms = (after * 1e3) as u32;
        let verdict = Verdict { kind, probability: 0.9, at_ms, greeting_end_ms: Some(at_ms) };
        let fact = Input::Call(call, CallEvent::Screened(verdict));
        self.timeline.plan(second(self.now, after), Happening::Op(process, Item::Fact(fact)));
    }

    /// A message is over some time later.
    pub(super) fn play(&mut self, process: u32, call: CallId) {
        let at = self.now + SignedDuration::from_secs(3);
        let fact = Input::Call(call, CallEvent::Played);
        self.timeline.plan(at, Happening::Op(process, Item::Fact(fact)));
    }
}
