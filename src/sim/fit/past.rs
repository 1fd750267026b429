//! What the books hold of a campaign: its calls, and what its agents did.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::dialer::{CallRecord, Output, Record};
use crate::domain::{AgentId, AgentState, CallId};
use crate::sim::{Scenario, World};

/// What the books hold of a campaign over some time.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Its calls that are over.
    pub calls: Vec<CallRecord>,
    /// What its agents did.
    pub stretches: Vec<Stretch>,
}

impl Past {
    /// What would be in the books of a made-up world from this seed.
    pub fn lived(scenario: &Scenario, seed: u64) -> Self {
        let mut world = World::new(Scenario { seed, ..scenario.clone() });
        let mut past = PastBuilder::default();
        while let Some(outputs) = world.step() {
            past.outputs(outputs);
        }
        past.build(world.now())
    }
}

/// An agent did the same for so long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stretch {
    /// Who.
    pub agent: AgentId,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// What.
    pub activity: Activity,
}

/// What an agent who is logged in does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Activity {
    /// Takes no calls of this campaign: a pause, or another campaign's call.
    Paused,
    /// Waits for a call.
    Ready,
    /// With a person.
    Talking,
    /// After a call.
    WrapUp,
}

impl Stretch {
    pub(super) fn lasts_s(&self) -> f64 {
        self.until.duration_since(self.from).as_secs_f64()
    }
}

/// Puts calls and changes of agents' states together, in the order of their time.
#[derive(Clone, Debug, Default)]
pub struct PastBuilder {
    calls: Vec<CallRecord>,
    now: BTreeMap<AgentId, (AgentState, Timestamp)>,
    stretches: Vec<(Stretch, Option<CallId>)>,
}

impl PastBuilder {
    /// A call is over.
    pub fn call(&mut self, record: CallRecord) {
        self.calls.push(record);
    }

    /// An agent does something else.
    pub fn agent(&mut self, agent: AgentId, state: AgentState, at: Timestamp) {
        if let Some((before, since)) = self.now.remove(&agent) {
            self.close(agent, &before, since, at);
        }
        if state != AgentState::LoggedOut {
            self.now.insert(agent, (state, at));
        }
    }

    /// The dialer has stopped: what agents did is not known to have gone on.
    pub fn stopped(&mut self) {
        self.now.clear();
    }

    /// Takes of a dialer's outputs what it would write into the books.
    pub fn outputs(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Record(Record::Agent { agent, state, at }) => {
                    self.agent(*agent, state.clone(), *at);
                }
                Output::Record(Record::Ended(record)) => self.call(record.as_ref().clone()),
                _ => {}
            }
        }
    }

    /// All of it, until `until`. Agents' calls that are not among the calls are another campaign's.
    pub fn build(mut self, until: Timestamp) -> Past {
        for (agent, (state, since)) in std::mem::take(&mut self.now) {
            self.close(agent, &state, since, until);
        }
        let own: BTreeSet<CallId> = self.calls.iter().map(|record| record.call).collect();
        let stretches = self.stretches.into_iter().map(|(stretch, call)| match call {
            Some(call) if !own.contains(&call) => Stretch { activity: Activity::Paused, ..stretch },
            _ => stretch,
        });
        Past { calls: self.calls, stretches: stretches.collect() }
    }

    fn close(&mut self, agent: AgentId, state: &AgentState, from: Timestamp, until: Timestamp) {
        let (activity, call) = match state {
            AgentState::LoggedOut => return,
            AgentState::Paused { .. } | AgentState::Previewing { .. } => (Activity::Paused, None),
            AgentState::Ready => (Activity::Ready, None),
            AgentState::Reserved { call } | AgentState::Talking { call } => {
                (Activity::Talking, Some(*call))
            }
            AgentState::WrapUp { call } => (Activity::WrapUp, Some(*call)),
        };
        // A talk that was ordered and one that goes on are one.
        if let Some((last, of)) = self.stretches.iter_mut().rev().find(|(l, _)| l.agent == agent)
            && (last.activity, *of, last.until) == (activity, call, from)
        {
            last.until = until;
            return;
        }
        if until > from {
            self.stretches.push((Stretch { agent, from, until, activity }, call));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, record};
    use super::*;
    use crate::domain::Outcome;

    #[test]
    fn another_campaigns_call_is_time_away() {
        let (agent, own, others) = (AgentId(1), CallId(1), CallId(2));
        let mut past = PastBuilder::default();
        past.call(record(1, 0, 5.0, Outcome::Talked));
        for (s, state) in [
            (0.0, AgentState::Ready),
            (5.0, AgentState::Reserved { call: own }),
            (5.1, AgentState::Talking { call: own }),
            (60.0, AgentState::Talking { call: others }),
            (90.0, AgentState::Ready),
        ] {
            past.agent(agent, state, at(s));
        }
        let past = past.build(at(100.0));
        let seen: Vec<(Activity, f64)> =
            past.stretches.iter().map(|stretch| (stretch.activity, stretch.lasts_s())).collect();
        let expected = [
            (Activity::Ready, 5.0),
            (Activity::Talking, 55.0),
            (Activity::Paused, 30.0),
            (Activity::Ready, 10.0),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_went_on_when_the_dialer_stopped_is_not_counted() {
        let mut past = PastBuilder::default();
        past.agent(AgentId(1), AgentState::Ready, at(0.0));
        past.stopped();
        past.agent(AgentId(1), AgentState::Ready, at(50.0));
        assert_eq!(past.build(at(60.0)).stretches.len(), 1);
    }
}
