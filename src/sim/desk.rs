//! The agents: they log in, take calls, wrap up, pause, have lunch, and go home.

use jiff::{SignedDuration, Timestamp};

use super::chance::part;
use super::desks::Desks;
use super::measure::{Doing, place};
use super::world::{Happening, World};
use super::{Roster, Spread};
use crate::dialer::{AgentEvent, Input};
use crate::domain::{AgentId, AgentState, CallId, PauseReason, later};

/// How long a phone that failed is looked at.
const REPAIR_TIME: SignedDuration = SignedDuration::from_secs(10);

/// How long an agent looks at a lead before dialing it.
const LOOK_TIME: Spread = Spread::of(8.0, 4.0);

/// One agent's traits and plans.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk {
    talk_factor: f64,
    wrap_up_factor: f64,
    /// Pauses so far: only the end of the last one matters.
    pauses: u32,
    leaves_for: Option<Leave>,
}

/// Why an agent takes no call after this one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Leave {
    Home,
    Lunch,
    Rest(SignedDuration),
}

/// What an agent will do, if it still makes sense.
#[derive(Clone, Debug)]
pub(super) enum DeskAct {
    /// Has looked at the lead that is offered.
    DialOffered,
    Dispose(CallId),
    LogIn,
    LogOut,
    Lunch,
    Pause,
    /// The end of the pause of this number.
    Ready(u32),
    /// A pause of a given day.
    Rest(SignedDuration),
}

impl World {
    /// Who works here: everybody's lasting traits.
    pub(super) fn plan_desks(&mut self) {
        let Desks { talk_differs, wrap_up_differs, .. } = self.scenario.desks;
        let plans = &mut self.plans;
        let desk = |_| Desk {
            talk_factor: plans.trait_of(talk_differs),
            wrap_up_factor: plans.trait_of(wrap_up_differs),
            pauses: 0,
            leaves_for: None,
        };
        self.desks = (0..self.scenario.agents).map(desk).collect();
    }

    /// Everybody comes in the first part of the day and goes in the last.
    pub(super) fn plan_shift(&mut self, day: u32, begins_at: Timestamp) {
        if let Some(roster) = self.scenario.roster(day).cloned() {
            return self.plan_roster(&roster, begins_at);
        }
        let Desks { lunch, stagger, .. } = self.scenario.desks;
        let ends_at = later(begins_at, self.scenario.shift);
        for place in 0..self.desks.len() {
            self.desks[place].leaves_for = None;
            let agent = AgentId(place as i64 + 1);
            let comes_at = later(begins_at, self.plans.part_of(stagger));
            let goes_at = later(ends_at, -self.plans.part_of(stagger));
            self.plan_desk(agent, comes_at, DeskAct::LogIn);
            self.plan_desk(agent, goes_at, DeskAct::LogOut);
            if let Some(lunch) = lunch {
                let (from, to) = (lunch.from.min(lunch.to), lunch.to);
                let share = from + (to - from) * self.plans.share();
                let after = part(self.scenario.shift, share);
                self.plan_desk(agent, later(begins_at, after), DeskAct::Lunch);
            }
        }
    }

    /// Everybody comes, rests and goes as on a day that is given.
    fn plan_roster(&mut self, roster: &Roster, begins_at: Timestamp) {
        for (place, presence) in roster.0.iter().enumerate() {
            let Some(desk) = self.desks.get_mut(place) else { return };
            desk.leaves_for = None;
            (desk.talk_factor, desk.wrap_up_factor) = (presence.talk, presence.wrap_up);
            let agent = AgentId(place as i64 + 1);
            self.plan_desk(agent, later(begins_at, presence.from), DeskAct::LogIn);
            for rest in &presence.rests {
                self.plan_desk(agent, later(begins_at, rest.at), DeskAct::Rest(rest.length));
            }
            self.plan_desk(agent, later(begins_at, presence.until), DeskAct::LogOut);
        }
    }

    /// An agent is told of their new state.
    pub(super) fn desk_hears(&mut self, agent: AgentId, state: &AgentState, now: Timestamp) {
        self.measure.agent(agent, state, now);
        match state {
            AgentState::Paused { reason } => self.rests(agent, reason, now),
            AgentState::WrapUp { call } => {
                let factor = self.desk(agent).map_or(1.0, |desk| desk.wrap_up_factor);
                let wrap_up = self.chance.time_by(factor, self.scenario.desks.wrap_up);
                let at = later(now, wrap_up);
                if self.chance.happens(self.scenario.desks.pause) {
                    self.plan_desk(agent, at, DeskAct::Pause);
                }
                self.plan_desk(agent, at, DeskAct::Dispose(*call));
            }
            AgentState::Previewing { .. } => {
                let looks = self.chance.time(LOOK_TIME);
                self.plan_desk(agent, later(now, looks), DeskAct::DialOffered);
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
            DeskAct::DialOffered => AgentEvent::DialOffered,
            DeskAct::Dispose(call) => self.disposition(call),
            DeskAct::LogIn => {
                if self.leaves_for(agent) == Some(Leave::Home) || !self.present.insert(agent) {
                    return None;
                }
                let campaigns = self.campaigns_of(place(agent).unwrap_or(usize::MAX));
                AgentEvent::LogIn { name: format!("Agent {agent}"), campaigns }
            }
            DeskAct::LogOut => self.goes_home(agent)?,
            DeskAct::Lunch => {
                self.leave_for(agent, Leave::Lunch);
                pause("lunch")
            }
            DeskAct::Pause => {
                if self.leaves_for(agent).is_some() {
                    return None;
                }
                pause("break")
            }
            DeskAct::Ready(pause) => {
                if self.desk(agent)?.pauses != pause {
                    return None;
                }
                AgentEvent::Ready
            }
            DeskAct::Rest(length) => {
                if self.leaves_for(agent).is_some() {
                    return None;
                }
                self.leave_for(agent, Leave::Rest(length));
                pause("rest")
            }
        };
        Some(Input::Agent(agent, told))
    }

    /// How long this agent talks.
    pub(super) fn talk_time(&mut self, agent: AgentId) -> SignedDuration {
        let callees = &self.scenario.callees;
        let talk = match callees.short_talks {
            Some(short) if self.chance.happens(short.share) => short.talk,
            _ => callees.talk,
        };
        let factor = self.desk(agent).map_or(1.0, |desk| desk.talk_factor);
        self.chance.time_by(factor, talk)
    }

    /// The phone is dead; its agent comes back.
    pub(super) fn vanish(&mut self, agent: AgentId) -> Input {
        self.present.remove(&agent);
        self.plan_desk(agent, later(self.now, REPAIR_TIME), DeskAct::LogIn);
        Input::Agent(agent, AgentEvent::LegLost)
    }

    /// A pause begins: its end is planned.
    fn rests(&mut self, agent: AgentId, reason: &PauseReason, now: Timestamp) {
        let desks = self.scenario.desks;
        let Some(desk) = self.desk_mut(agent) else { return };
        desk.pauses += 1;
        let pause = desk.pauses;
        if desk.leaves_for == Some(Leave::Home) {
            return self.plan_desk(agent, now, DeskAct::LogOut);
        }
        let rest = match reason.0.as_str() {
            "bridge_failed" => REPAIR_TIME,
            "logged_in" => desks.settle,
            "lunch" => {
                desk.leaves_for = None;
                desks.lunch.map_or(SignedDuration::ZERO, |lunch| lunch.length)
            }
            "rest" => match desk.leaves_for.take() {
                Some(Leave::Rest(length)) => length,
                Some(Leave::Home | Leave::Lunch) | None => SignedDuration::ZERO,
            },
            _ => self.chance.time(desks.pause_time),
        };
        self.plan_desk(agent, later(now, rest), DeskAct::Ready(pause));
    }

    /// At the end of the day: at once, or after the present call.
    fn goes_home(&mut self, agent: AgentId) -> Option<AgentEvent> {
        self.leave_for(agent, Leave::Home);
        let is_busy = matches!(self.measure.doing(agent), Doing::Talking | Doing::WrapUp);
        if is_busy && !self.chance.happens(self.scenario.desks.walks_out) {
            return Some(pause("end of shift"));
        }
        self.present.remove(&agent).then_some(AgentEvent::LogOut)
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

    fn leaves_for(&self, agent: AgentId) -> Option<Leave> {
        self.desk(agent)?.leaves_for
    }

    fn leave_for(&mut self, agent: AgentId, leave: Leave) {
        if let Some(desk) = self.desk_mut(agent) {
            desk.leaves_for = Some(leave);
        }
    }

    fn desk(&self, agent: AgentId) -> Option<&Desk> {
        self.desks.get(place(agent)?)
    }

    fn desk_mut(&mut self, agent: AgentId) -> Option<&mut Desk> {
        self.desks.get_mut(place(agent)?)
    }
}

fn pause(reason: &str) -> AgentEvent {
    AgentEvent::Pause(PauseReason(reason.to_owned()))
}
