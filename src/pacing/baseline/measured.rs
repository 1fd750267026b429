//! What the baselines measure: the answer rate, and the talks and wrap-ups that ended last.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::domain::{AgentId, Outcome};
use crate::pacing::{Activity, Observation, Stage};

/// Calls that the answer rate remembers.
const CALLS: f64 = 500.0;

/// What is believed before the first call: so many people of so many calls.
const BELIEVED: (f64, f64) = (2.0, 10.0);

/// Talks and wrap-ups that are remembered.
const CYCLES: usize = 100;

/// A talk and the wrap-up after it, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cycle {
    pub talk_s: f64,
    pub wrap_up_s: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Agent {
    activity: Activity,
    since: Timestamp,
    talk_s: f64,
}

/// What has been measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    agents: BTreeMap<AgentId, Agent>,
    people: f64,
    calls: f64,
    cycles: VecDeque<Cycle>,
}

impl Measured {
    pub fn hear(&mut self, observation: Observation, now: Timestamp) {
        match observation {
            Observation::Agent { agent, activity, .. } => self.agent(agent, activity, now),
            Observation::Call { stage: Stage::Waiting, .. } => self.call(1.0),
            Observation::Call { stage: Stage::Over(outcome), .. } => match outcome {
                Outcome::Abandoned
                | Outcome::Cancelled
                | Outcome::HungUp
                | Outcome::Messaged
                | Outcome::Talked => {}
                Outcome::AnsweringMachine
                | Outcome::Busy
                | Outcome::Declined
                | Outcome::Failed
                | Outcome::Fax
                | Outcome::Interrupted
                | Outcome::InvalidNumber
                | Outcome::NoAnswer
                | Outcome::Silence => self.call(0.0),
            },
            Observation::Call {
                stage: Stage::Connected | Stage::Ringing | Stage::Screening,
                ..
            }
            | Observation::Judged { .. } => {}
        }
    }

    /// The share of calls that a person answers.
    pub fn answer_rate(&self) -> f64 {
        (self.people + BELIEVED.0) / (self.calls + BELIEVED.1)
    }

    /// The cycles that ended last.
    pub fn cycles(&self) -> &VecDeque<Cycle> {
        &self.cycles
    }

    /// Who talks or wraps up, and for how many seconds until now.
    pub fn busy(&self, now: Timestamp) -> impl Iterator<Item = (Activity, f64)> {
        self.agents.values().filter_map(move |agent| {
            let busy = matches!(agent.activity, Activity::Talking | Activity::WrapUp);
            busy.then(|| (agent.activity, now.duration_since(agent.since).as_secs_f64()))
        })
    }

    /// Everybody who is logged in.
    pub fn logged_in(&self) -> u32 {
        self.agents.len() as u32
    }

    fn call(&mut self, person: f64) {
        let kept = 1.0 - 1.0 / CALLS;
        self.people = self.people * kept + person;
        self.calls = self.calls * kept + 1.0;
    }

    fn agent(&mut self, id: AgentId, activity: Activity, now: Timestamp) {
        let before = match activity {
            Activity::Away => self.agents.remove(&id),
            _ => self.agents.get(&id).copied(),
        };
        if activity == Activity::Away || before.is_some_and(|agent| agent.activity == activity) {
            return;
        }
        let mut talk_s = 0.0;
        if let Some(Agent { activity: was, since, talk_s: talked_s }) = before {
            let lasted_s = now.duration_since(since).as_secs_f64();
            match was {
                Activity::Talking => talk_s = lasted_s,
                Activity::WrapUp => {
                    self.remember(Cycle { talk_s: talked_s, wrap_up_s: lasted_s });
                }
                Activity::Away | Activity::Paused | Activity::Ready => {}
            }
        }
        self.agents.insert(id, Agent { activity, since: now, talk_s });
    }

    fn remember(&mut self, cycle: Cycle) {
        if self.cycles.len() == CYCLES {
            self.cycles.pop_front();
        }
        self.cycles.push_back(cycle);
    }
}
