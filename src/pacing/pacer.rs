//! The pacer of one campaign: hears what comes of its calls, and says how many to place.

use jiff::Timestamp;

use super::budget::Budget;
use super::explanation::{Explanation, OneToOne};
use super::observation::Observation;
use super::predictive::Predictive;
use super::watch::Watch;
use crate::domain::{Campaign, PacingMode};

/// What the pacer sees when it is asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Floor {
    /// Agents who wait for a call.
    pub ready: u32,
    /// Agents with a person, or about to have one.
    pub talking: u32,
    /// Agents after a call.
    pub wrap_up: u32,
    /// Calls not answered yet.
    pub ringing: u32,
    /// Answered calls that are screened.
    pub screening: u32,
    /// People who wait for an agent.
    pub waiting: u32,
    /// Ready agents of ours to whom calls of other campaigns are on their way.
    pub claimed: u32,
}

impl Floor {
    /// Calls that may still ask for an agent.
    pub fn in_progress(&self) -> u32 {
        self.ringing + self.screening + self.waiting
    }

    /// Ready agents whom nobody else has a claim to.
    pub fn free(&self) -> u32 {
        self.ready.saturating_sub(self.claimed)
    }

    /// Agents who take calls now or after the present one.
    pub fn staffed(&self) -> u32 {
        self.ready + self.talking + self.wrap_up
    }
}

/// How many calls, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// Calls to place now.
    pub calls: u32,
    /// Of the calls that ring and have rung long enough, give up this many, the oldest first.
    pub cancel: u32,
    /// When to ask again, if nothing happens before.
    pub again_at: Option<Timestamp>,
    /// Why.
    pub explanation: Explanation,
}

impl Decision {
    /// Calls to place, and nothing else.
    pub fn dial(calls: u32, explanation: Explanation) -> Self {
        Self { calls, cancel: 0, again_at: None, explanation }
    }
}

/// The pacer of one campaign. It measures from the first call on, whatever its mode, so that a
/// change of mode starts with what is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Pacer {
    mode: PacingMode,
    budget: Budget,
    predictive: Predictive,
    watch: Watch,
    seen: Option<(Timestamp, Floor)>,
}

impl Pacer {
    /// A pacer that has seen nothing yet.
    pub fn new(campaign: &Campaign) -> Self {
        Self {
            mode: campaign.pacing,
            budget: Budget::new(campaign.abandonment_target),
            predictive: Predictive::default(),
            watch: Watch::default(),
            seen: None,
        }
    }

    /// Other settings from now on; what is measured stays.
    pub fn configure(&mut self, campaign: &Campaign) {
        self.mode = campaign.pacing;
        self.budget.set_limit(campaign.abandonment_target);
    }

    /// Hears what came of something.
    pub fn observe(&mut self, observation: Observation, now: Timestamp) {
        if let Observation::Judged { abandoned } = observation {
            self.budget.person(abandoned, now);
        }
        if let Some(fact) = self.watch.see(observation, now) {
            self.predictive.learn(fact);
        }
    }

    /// How many calls now? The floor is taken to have been as last shown until now.
    pub fn decide(&mut self, floor: &Floor, now: Timestamp) -> Decision {
        if let Some((since, before)) = self.seen.replace((now, *floor)) {
            self.predictive.spend(&before, now.duration_since(since).as_secs_f64());
        }
        match self.mode {
            PacingMode::Predictive { lines_per_agent_max } => {
                self.dial_ahead(floor, lines_per_agent_max)
            }
            PacingMode::Progressive => progressive(floor, None),
            PacingMode::Ratio { calls_per_agent } => ratio(floor, calls_per_agent),
        }
    }

    fn dial_ahead(&self, floor: &Floor, lines_per_agent_max: f64) -> Decision {
        let decision = if self.budget.has_room() {
            self.predictive
                .decide(floor, self.budget.caution())
                .unwrap_or_else(|| progressive(floor, Some(OneToOne::NoHistory)))
        } else {
            let (people, abandoned) = self.budget.spent();
            let limit = self.budget.limit();
            progressive(floor, Some(OneToOne::NoRoom { people, abandoned, limit }))
        };
        within_lines(decision, floor, lines_per_agent_max)
    }
}

fn progressive(floor: &Floor, guard: Option<OneToOne>) -> Decision {
    let (ready, in_progress) = (floor.free(), floor.in_progress());
    let calls = ready.saturating_sub(in_progress);
    Decision::dial(calls, Explanation::Progressive { guard, ready, in_progress })
}

fn ratio(floor: &Floor, calls_per_agent: f64) -> Decision {
    let (ready, in_progress) = (floor.free(), floor.in_progress());
    let wanted = (f64::from(ready) * calls_per_agent).floor() as u32;
    let calls = wanted.saturating_sub(in_progress);
    Decision::dial(calls, Explanation::Ratio { ready, calls_per_agent, in_progress })
}

fn within_lines(decision: Decision, floor: &Floor, lines_per_agent_max: f64) -> Decision {
    let lines_max = (f64::from(floor.staffed()) * lines_per_agent_max).floor() as u32;
    let in_progress = floor.in_progress() + floor.talking;
    let left = lines_max.saturating_sub(in_progress);
    if decision.calls <= left {
        return decision;
    }
    Decision {
        calls: left,
        explanation: Explanation::LinesFull { lines_max, in_progress },
        ..decision
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, CallId, Outcome};
    use crate::pacing::{Activity, Stage};

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    fn pacer(mode: PacingMode) -> Pacer {
        Pacer::new(&crate::pacing::testing::campaign(mode))
    }

    fn predictive() -> Pacer {
        pacer(PacingMode::Predictive { lines_per_agent_max: 3.0 })
    }

    /// Half an hour of ordinary calls: 20 % people, talks of 180 s, wrap-ups of 25 s.
    fn teach(pacer: &mut Pacer) {
        let busy = Floor { talking: 18, wrap_up: 3, ..Floor::default() };
        for n in 0..200 {
            let (began, now) = (10 * n, at(10 * n + 9));
            pacer.decide(&busy, at(began));
            let agent = AgentId(n % 20);
            let mut call = |stage, s| {
                pacer.observe(Observation::Call { call: CallId(n), stage }, at(began + s));
            };
            call(Stage::Ringing, 0);
            match n % 5 {
                0 => {
                    call(Stage::Screening, 8);
                    call(Stage::Waiting, 9);
                    call(Stage::Connected, 9);
                    pacer.observe(Observation::Judged { abandoned: false }, now);
                }
                1 => {
                    call(Stage::Screening, 8);
                    call(Stage::Over(Outcome::AnsweringMachine), 9);
                }
                _ => call(Stage::Over(Outcome::NoAnswer), 9),
            }
            for activity in [Activity::WrapUp, Activity::Ready, Activity::Talking] {
                pacer.observe(Observation::Agent { agent, activity, leaving: false }, now);
            }
        }
    }

    #[test]
    fn progressive_places_one_call_for_each_ready_agent() {
        let floor = Floor { ready: 5, ringing: 2, waiting: 1, claimed: 1, ..Floor::default() };
        let decision = pacer(PacingMode::Progressive).decide(&floor, at(0));
        assert_eq!(decision.calls, 1);
        let sentence = "4 agents ready, 3 calls on the way";
        assert_eq!(decision.explanation.to_string(), sentence);
    }

    #[test]
    fn a_ratio_places_that_many() {
        let floor = Floor { ready: 3, ringing: 2, ..Floor::default() };
        let mode = PacingMode::Ratio { calls_per_agent: 1.5 };
        assert_eq!(pacer(mode).decide(&floor, at(0)).calls, 2);
    }

    #[test]
    fn predictive_starts_one_to_one() {
        let floor = Floor { ready: 3, talking: 20, ..Floor::default() };
        let decision = predictive().decide(&floor, at(0));
        assert_eq!(decision.calls, 3);
        assert!(matches!(decision.explanation, Explanation::Progressive { guard: Some(_), .. }));
    }

    #[test]
    fn predictive_dials_ahead_once_it_has_measured() {
        let mut pacer = predictive();
        teach(&mut pacer);
        let floor = Floor { ready: 4, talking: 18, wrap_up: 3, ..Floor::default() };
        let decision = pacer.decide(&floor, at(2_001));
        assert!(decision.calls > 8, "{decision:?}");
        let busy = Floor { ringing: decision.calls, ..floor };
        assert_eq!(pacer.decide(&busy, at(2_002)).calls, 0, "the same calls are not placed twice");
    }

    #[test]
    fn an_abandoned_person_too_many_makes_it_one_to_one_again() {
        let mut pacer = predictive();
        teach(&mut pacer);
        pacer.observe(Observation::Judged { abandoned: true }, at(2_001));
        let floor = Floor { ready: 4, talking: 18, wrap_up: 3, ..Floor::default() };
        assert_eq!(pacer.decide(&floor, at(2_002)).calls, 4);
    }

    #[test]
    fn lines_have_a_bound() {
        let mut pacer = pacer(PacingMode::Predictive { lines_per_agent_max: 1.0 });
        teach(&mut pacer);
        let floor = Floor { ready: 4, talking: 18, wrap_up: 3, ringing: 2, ..Floor::default() };
        assert_eq!(pacer.decide(&floor, at(2_001)).calls, 5);
    }
}
