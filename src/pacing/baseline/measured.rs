//! What the baselines measure: the answer rate, and the talks and wrap-ups that ended last.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::domain::{AgentId, Outcome};
use crate::pacing::{Activity, Observation, Stage};

/// Calls that the answer rate remembers.
const CALLS: f64 = 500.0;

/// What is believed before the first call: so many people of so many calls.
const BELIEVED: (f64, f64) = (2.0, 10.0);

/// How long the slow answer rate remembers: after so many seconds a call has lost two thirds of
/// its weight.
const SLOWLY_S: f64 = 1_200.0;

/// Talks and wrap-ups that are remembered.
const CYCLES: usize = 100;

/// What is believed before the first of them: so many cycles of so many seconds.
const CYCLES_BELIEVED: (f64, f64) = (10.0, 200.0);

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
    lately: Rate,
    slowly: Rate,
    slowly_until: Option<Timestamp>,
    cycles: VecDeque<Cycle>,
    /// Cycles ever, and their seconds.
    cycles_ever: (f64, f64),
}

/// People of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rate {
    people: f64,
    calls: f64,
}

impl Rate {
    /// One call more; of those before so much is kept.
    fn count(&mut self, person: f64, kept: f64) {
        self.people = self.people * kept + person;
        self.calls = self.calls * kept + 1.0;
    }

    fn share(&self) -> f64 {
        (self.people + BELIEVED.0) / (self.calls + BELIEVED.1)
    }
}

impl Measured {
    pub fn hear(&mut self, observation: Observation, now: Timestamp) {
        match observation {
            Observation::Agent { agent, activity, .. } => self.agent(agent, activity, now),
            Observation::Call { stage: Stage::Waiting, .. } => self.call(1.0, now),
            Observation::Call { stage: Stage::Over(outcome), .. } => match outcome {
                Outcome::Abandoned
                | Outcome::Cancelled
                | Outcome::HungUp
                | Outcome::Messaged
                | Outcome::Talked => {}
                Outcome::Announcement
                | Outcome::AnsweringMachine
                | Outcome::Blocked
                | Outcome::Busy
                | Outcome::Declined
                | Outcome::Failed
                | Outcome::FalseAnswer
                | Outcome::Fax
                | Outcome::Interrupted
                | Outcome::InvalidNumber
                | Outcome::MessageLeft
                | Outcome::NoAnswer
                | Outcome::Screener
                | Outcome::Silence => self.call(0.0, now),
            },
            Observation::Call {
                stage: Stage::Connected | Stage::Ringing | Stage::Screening,
                ..
            }
            | Observation::Judged { .. } => {}
        }
    }

    /// The share of the last calls that a person answered.
    pub fn answer_rate(&self) -> f64 {
        self.lately.share()
    }

    /// The same over the last twenty minutes.
    pub fn slow_answer_rate(&self) -> f64 {
        self.slowly.share()
    }

    /// A talk and the wrap-up after it, on average. Seconds.
    pub fn cycle_s(&self) -> f64 {
        let (believed, believed_s) = CYCLES_BELIEVED;
        let (cycles, seconds) = self.cycles_ever;
        (seconds + believed * believed_s) / (cycles + believed)
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

    fn call(&mut self, person: f64, now: Timestamp) {
        self.lately.count(person, 1.0 - 1.0 / CALLS);
        let since = self.slowly_until.replace(now).unwrap_or(now);
        let passed_s = now.duration_since(since).as_secs_f64();
        self.slowly.count(person, (-passed_s / SLOWLY_S).exp());
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
        self.cycles_ever.0 += 1.0;
        self.cycles_ever.1 += cycle.talk_s + cycle.wrap_up_s;
        self.cycles.push_back(cycle);
    }
}
