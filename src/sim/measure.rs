//! The world's measure of its days: agents' seconds, calls and people as they truly were.

use jiff::{SignedDuration, Timestamp};

use super::day::Day;
use crate::domain::{AgentId, AgentState, later};

const FIRST_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What an agent's seconds count as.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Doing {
    #[default]
    Away,
    Idle,
    Paused,
    Talking,
    WrapUp,
}

impl Doing {
    fn of(state: &AgentState) -> Self {
        match state {
            AgentState::LoggedOut => Doing::Away,
            AgentState::Paused { .. } => Doing::Paused,
            AgentState::Previewing { .. } | AgentState::Ready => Doing::Idle,
            AgentState::Reserved { .. } | AgentState::Talking { .. } => Doing::Talking,
            AgentState::WrapUp { .. } => Doing::WrapUp,
        }
    }
}

/// The days so far.
#[derive(Debug)]
pub(super) struct Measure {
    days: Vec<Day>,
    first_hour_until: Timestamp,
    agents: Vec<(Doing, Timestamp)>,
}

impl Measure {
    pub(super) fn new(agents: u32, now: Timestamp) -> Self {
        Self {
            days: Vec::new(),
            first_hour_until: now,
            agents: vec![(Doing::Away, now); agents as usize],
        }
    }

    pub(super) fn days(&self) -> &[Day] {
        &self.days
    }

    /// A day begins; what still goes on of the last one counts for the new one from here on.
    pub(super) fn begin_day(&mut self, now: Timestamp) {
        for place in 0..self.agents.len() {
            self.count_agent(place, now);
        }
        self.first_hour_until = later(now, FIRST_HOUR);
        let day = Day { first_hour_ahead: i64::MIN, ..Day::default() };
        self.days.push(day);
    }

    pub(super) fn agent(&mut self, agent: AgentId, state: &AgentState, now: Timestamp) {
        let Some(place) = place(agent).filter(|place| *place < self.agents.len()) else { return };
        let doing = Doing::of(state);
        let (before, since) = self.agents[place];
        self.count_agent(place, now);
        self.agents[place] = (doing, now);
        if (before, doing) == (Doing::Idle, Doing::Talking) {
            let wait_s = now.duration_since(since).as_secs_f64();
            self.today(|day| day.agent_waits.count(wait_s));
        }
    }

    /// What the agent does, as last told.
    pub(super) fn doing(&self, agent: AgentId) -> Doing {
        place(agent).and_then(|place| self.agents.get(place)).map_or(Doing::Away, |(now, _)| *now)
    }

    pub(super) fn person(&mut self, abandoned: bool, now: Timestamp) {
        let in_first_hour = now <= self.first_hour_until;
        self.today(|day| {
            day.people.count(abandoned);
            if in_first_hour {
                day.first_hour.count(abandoned);
                day.first_hour_ahead = day.first_hour_ahead.max(day.first_hour.ahead());
            }
        });
    }

    /// Changes the present day.
    pub(super) fn today(&mut self, change: impl FnOnce(&mut Day)) {
        if let Some(day) = self.days.last_mut() {
            change(day);
        }
    }

    fn count_agent(&mut self, place: usize, now: Timestamp) {
        let (doing, since) = self.agents[place];
        self.agents[place].1 = now;
        let seconds = now.duration_since(since).as_secs_f64();
        self.today(|day| match doing {
            Doing::Away => {}
            Doing::Idle => day.idle_s += seconds,
            Doing::Paused => day.paused_s += seconds,
            Doing::Talking => day.talk_s += seconds,
            Doing::WrapUp => day.wrap_up_s += seconds,
        });
    }
}

/// An agent's place in a list of all: the first has the number 1.
pub(super) fn place(agent: AgentId) -> Option<usize> {
    usize::try_from(agent.0 - 1).ok()
}
