//! The calls and agents of a campaign as the pacer knows them, from what it is told.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::observation::{Activity, Observation, Stage};
use super::predictive::Fact;
use crate::domain::{AgentId, CallId};

/// Calls that ask for an agent, and agents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    calls: BTreeMap<CallId, Seen>,
    agents: BTreeMap<AgentId, Activity>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    began_at: Timestamp,
    answered: bool,
}

impl Watch {
    /// Takes what it is told, and says what there is to learn from it.
    pub fn see(&mut self, observation: Observation, now: Timestamp) -> Option<Fact> {
        match observation {
            Observation::Agent { agent, activity, .. } => {
                let before = match activity {
                    Activity::Away => self.agents.remove(&agent),
                    _ => self.agents.insert(agent, activity),
                };
                match before? {
                    Activity::Talking if activity != Activity::Talking => Some(Fact::TalkEnded),
                    Activity::WrapUp if activity != Activity::WrapUp => Some(Fact::WrapUpEnded),
                    _ => None,
                }
            }
            Observation::Call { call, stage } => self.call(call, stage, now),
            Observation::Judged { .. } => None,
        }
    }

    fn call(&mut self, call: CallId, stage: Stage, now: Timestamp) -> Option<Fact> {
        match stage {
            Stage::Ringing => {
                self.calls.insert(call, Seen { began_at: now, answered: false });
                None
            }
            Stage::Screening => {
                self.calls.get_mut(&call)?.answered = true;
                None
            }
            Stage::Waiting | Stage::Connected => {
                let seen = self.calls.remove(&call)?;
                let after_s = now.duration_since(seen.began_at).as_secs_f64();
                Some(Fact::Person { after_s })
            }
            Stage::Over(_) => {
                let seen = self.calls.remove(&call)?;
                Some(Fact::NotAPerson { answered: seen.answered })
            }
        }
    }
}
