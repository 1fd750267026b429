//! The pacer of one campaign: hears what comes of its calls, and says how many to place.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::arrivals::Arrivals;
use super::baseline::BaselinePacer;
use super::broadcast::Broadcast;
use super::budget::{Budget, Ever, Window};
use super::calibration::CalibrationFigures;
use super::explanation::{Explanation, OneToOne};
use super::forecast::{Forecast, seconds};
use super::grid::Load;
use super::observation::{Observation, Stage};
use super::predictive::{self, Answer, Outlook, Question};
use super::ring::{Counts, Ring};
use super::self_check::SelfCheck;
use super::staff::{Habits, Staff};
use crate::domain::{Campaign, PacingMode, WaitFrom, later};

/// A person's first words, on average. Seconds.
const GREETING_S: f64 = 1.0;

/// The share of the legal wait that a forecast may use up.
const USED: f64 = 0.7;

/// No forecast counts on a longer wait. Seconds.
const WAIT_S_MAX: f64 = 4.0;

/// People who do not call in are counted so often.
const COUNT_AGAIN: SignedDuration = SignedDuration::from_secs(15);

/// Another look, if nothing happens before.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_millis(500);

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
    /// Calls that hold a line and want no agent: a message is heard, or they are being ended.
    pub messaging: u32,
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

/// What a pacer has learned and another day begins with: shapes and habits, no levels.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Learned {
    ring: Counts,
    staff: Habits,
    ever: Ever,
}

/// The pacer of one campaign. It measures from the first call on, whatever its mode, so that a
/// change of mode starts with what is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Pacer {
    mode: PacingMode,
    baseline: Option<BaselinePacer>,
    arrivals: Arrivals,
    broadcast: Broadcast,
    budget: Budget,
    forecast: Forecast,
    self_check: SelfCheck,
    ring_max: SignedDuration,
    staffed_until: Option<Timestamp>,
    wait_max_s: f64,
    wait_from: WaitFrom,
}

impl Pacer {
    /// A pacer that has seen nothing yet.
    pub fn new(campaign: &Campaign) -> Self {
        let ring_s_max = campaign.ring_max.as_secs_f64();
        Self {
            mode: campaign.pacing,
            baseline: BaselinePacer::of(campaign),
            arrivals: Arrivals::default(),
            broadcast: Broadcast::default(),
            budget: Budget::new(campaign.abandonment_target.get()),
            forecast: Forecast::new(Ring::new(ring_s_max), Staff::default()),
            self_check: SelfCheck::default(),
            ring_max: campaign.ring_max,
            staffed_until: None,
            wait_max_s: campaign.wait_max.as_secs_f64(),
            wait_from: campaign.wait_from,
        }
    }

    /// Other settings from now on; what is measured stays.
    pub fn configure(&mut self, campaign: &Campaign) {
        if std::mem::replace(&mut self.mode, campaign.pacing) != campaign.pacing {
            self.baseline = BaselinePacer::of(campaign);
            self.set_staffed_until(self.staffed_until);
        }
        self.budget.set_goal(campaign.abandonment_target.get());
        self.ring_max = campaign.ring_max;
        self.wait_max_s = campaign.wait_max.as_secs_f64();
        self.wait_from = campaign.wait_from;
    }

    /// What it has learned, to be kept.
    pub fn learned(&self) -> Learned {
        Learned {
            ring: self.forecast.ring.counts().clone(),
            staff: self.forecast.staff.habits().clone(),
            ever: self.budget.ever(),
        }
    }

    /// Begins with what was learned before; to be told before the first observation.
    pub fn believe(&mut self, learned: Learned, ring_max: SignedDuration) {
        let ring = Ring::learned(learned.ring, ring_max.as_secs_f64());
        self.forecast = Forecast::new(ring, Staff::with(learned.staff));
        self.budget.believe(learned.ever);
    }

    /// The legal windows as they stand in the ledger: whenever one begins, and after a restart. From
    /// then on they count what is observed.
    pub fn set_windows(&mut self, windows: &[Window]) {
        self.budget.set_windows(windows);
    }

    /// When the agents leave for today, if that is known.
    pub fn set_staffed_until(&mut self, until: Option<Timestamp>) {
        self.staffed_until = until;
        if let Some(baseline) = &mut self.baseline {
            baseline.set_staffed_until(until);
        }
        self.budget.set_staffed_until(until);
    }

    /// How its forecasts have come true.
    pub fn calibration(&self) -> CalibrationFigures {
        self.self_check.figures()
    }

    /// What the calls of this campaign will want of agents: for campaigns that share them.
    pub fn load(&self) -> Load {
        if self.mode.is_inbound() {
            return self.arrivals.load();
        }
        self.forecast.arrivals()
    }

    /// Hears what came of something.
    pub fn observe(&mut self, observation: Observation, now: Timestamp) {
        if let Some(baseline) = &mut self.baseline {
            baseline.observe(observation, now);
        }
        if let Observation::Call { stage: Stage::Ringing, .. } = observation {
            self.broadcast.placed(now);
        }
        self.self_check.see(observation, &self.forecast, now);
        if self.mode.is_inbound()
            && let Observation::Call { stage: Stage::Waiting, .. } = observation
        {
            self.arrivals.one(now);
        }
        let now_s = seconds(now);
        match observation {
            Observation::Agent { agent, activity, leaving } => {
                self.forecast.agent(agent, activity, leaving, now_s);
            }
            Observation::Call { call, stage } => self.forecast.call(call, stage, now_s),
            Observation::Judged { abandoned } => self.budget.person(abandoned),
        }
    }

    /// How many calls now? `others`: what other campaigns and queues will want of the same agents.
    pub fn decide(&mut self, floor: &Floor, others: &Load, now: Timestamp) -> Decision {
        self.forecast.dial_by(matches!(self.mode, PacingMode::Predictive { .. }));
        self.forecast.tick(self.wait_s(), seconds(now));
        self.budget.staffed(floor.staffed(), now);
        if let Some(leave_at) = self.staffed_until
            && self.mode.dials_for_agents()
            && later(now, self.ring_max) > leave_at
        {
            return Decision::dial(0, Explanation::ShiftEnds);
        }
        match self.mode {
            PacingMode::Baseline(_) => match &mut self.baseline {
                Some(baseline) => baseline.decide(floor, now),
                None => progressive(floor, None),
            },
            PacingMode::Broadcast { calls_per_minute, lines_max } => {
                self.broadcast.decide(floor, calls_per_minute, lines_max, now)
            }
            PacingMode::Inbound { .. } => {
                self.arrivals.pass(now);
                let calls_per_hour = 3_600.0 * self.arrivals.rate();
                let explanation = Explanation::Inbound { calls_per_hour, waiting: floor.waiting };
                let again_at = Some(later(now, COUNT_AGAIN));
                Decision { again_at, ..Decision::dial(0, explanation) }
            }
            PacingMode::Manual => Decision::dial(0, Explanation::Manual),
            PacingMode::Preview { .. } => {
                let ready = floor.free();
                Decision::dial(ready, Explanation::Preview { ready })
            }
            PacingMode::Predictive { lines_per_agent_max } => {
                self.dial_ahead(floor, others, lines_per_agent_max, now)
            }
            PacingMode::Progressive => progressive(floor, None),
            PacingMode::Ratio { calls_per_agent } => ratio(floor, calls_per_agent),
        }
    }

    /// How much of the legal wait a forecast may count on. Seconds.
    fn wait_s(&self) -> f64 {
        let screening_s = self.forecast.ring.screening_s();
        let granted_s = match self.wait_from {
            WaitFrom::Answer => self.wait_max_s,
            WaitFrom::GreetingEnd => self.wait_max_s + GREETING_S,
        };
        (USED * (granted_s - screening_s)).clamp(0.0, WAIT_S_MAX)
    }

    fn dial_ahead(
        &mut self,
        floor: &Floor,
        others: &Load,
        lines_per_agent_max: f64,
        now: Timestamp,
    ) -> Decision {
        let outlook = Outlook::of(&self.forecast, others, floor.ready, floor.waiting);
        self.self_check.test(&self.forecast, self.wait_s(), now);
        self.self_check.foretell_abandonment(outlook.at_once());
        let held_by = self.held_by(outlook.in_flight());
        let lines_max = (f64::from(floor.staffed()) * lines_per_agent_max).floor() as u32;
        let in_progress = floor.in_progress() + floor.talking;
        let one_to_one = progressive(floor, held_by);
        let calls_max = match held_by {
            Some(_) => one_to_one.calls,
            None => lines_max.saturating_sub(in_progress),
        };
        let question = Question { price: self.budget.price(), calls_max };
        let answer = predictive::answer(&self.forecast, outlook, &question);
        let again_at = later(now, LOOK_AGAIN);
        let decision = match held_by {
            // One call for each agent is one too many where others may take the agent.
            Some(_) if others.last().mean > 0.0 => {
                Decision { calls: one_to_one.calls.min(answer.calls), ..one_to_one }
            }
            Some(_) => one_to_one,
            None if answer.lines_full => {
                let explanation = Explanation::LinesFull { lines_max, in_progress };
                Decision::dial(answer.calls, explanation)
            }
            None => Decision::dial(answer.calls, self.explain(floor, &answer)),
        };
        let cancel = if decision.calls == 0 { answer.cancel } else { 0 };
        Decision { cancel, again_at: Some(again_at), ..decision }
    }

    /// Why it dials one to one, if it must.
    fn held_by(&mut self, in_flight: f64) -> Option<OneToOne> {
        if let Some(Window { limit, people, abandoned, .. }) = self.budget.hold(in_flight) {
            return Some(OneToOne::NoRoom { people, abandoned, limit });
        }
        let guard = self.self_check.guard()?;
        self.budget.hold_besides();
        Some(guard)
    }

    fn explain(&self, floor: &Floor, answer: &Answer) -> Explanation {
        Explanation::Predictive {
            ready: floor.ready,
            freed: answer.freed.mean,
            ringing: floor.ringing,
            in_progress: floor.in_progress(),
            people: answer.people.mean,
            risk: answer.risk,
            risk_max: answer.risk_max,
        }
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

#[cfg(test)]
mod tests;
