//! The pacer's own forecasts, put to the test with what it observes.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::calibration::{self, Calibration, CalibrationFigures, Verdict};
use super::explanation::OneToOne;
use super::forecast::Forecast;
use super::grid::{Grid, MOMENTS, ahead_s};
use super::observation::{Activity, Observation, Stage};
use crate::domain::{AgentId, CallId, Outcome, Slots};

/// The moment that is foretold: 20 s ahead.
const MOMENT: usize = 9;

/// When each call was dialed and each agent became busy, and what the forecasts make of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelfCheck {
    calibration: Calibration,
    /// Calls that are not known to be a person's.
    dialed: Slots<CallId, Timestamp>,
    /// Calls that were answered, with the chance of no agent that was foretold just before.
    answered: BTreeMap<CallId, f64>,
    /// That chance, now.
    chance: Option<f64>,
    /// Agents who talk or wrap up.
    busy: BTreeMap<AgentId, Timestamp>,
}

impl SelfCheck {
    /// Hears what happens, before the forecast does.
    pub fn see(&mut self, observation: Observation, forecast: &Forecast, now: Timestamp) {
        match observation {
            Observation::Agent { agent, activity, .. } => self.agent(agent, activity, now),
            Observation::Call { call, stage } => self.call(call, stage, forecast, now),
            // Each call's own steps say so, and which call it was.
            Observation::Judged { .. } => {}
        }
    }

    /// Puts the forecast of this moment to the test, when none is. `wait_s`: how long after its
    /// moment an agent may still come.
    pub fn test(&mut self, forecast: &Forecast, wait_s: f64, now: Timestamp) {
        if !self.calibration.wants_forecast(now) {
            return;
        }
        let foretold = calibration::Forecast {
            people: forecast.arrivals().at(MOMENT),
            people_within_s: ahead_s(MOMENT),
            freed: forecast.freed().at(MOMENT),
            freed_within_s: ahead_s(MOMENT) + wait_s,
        };
        self.calibration.forecast(foretold, now);
    }

    /// The chance, 0 to 1, that a person who answers from now on has no agent in time.
    pub fn foretell_abandonment(&mut self, chance: f64) {
        self.chance = Some(chance);
    }

    /// Why one call goes to each agent, while the forecasts cannot be dialed by.
    pub fn guard(&self) -> Option<OneToOne> {
        match self.calibration.verdict() {
            Verdict::Calibrated => None,
            Verdict::Off { what, expected, actual } => {
                Some(OneToOne::ForecastsOff { what, expected, actual })
            }
        }
    }

    /// How the forecasts have fared.
    pub fn figures(&self) -> CalibrationFigures {
        self.calibration.figures()
    }

    fn agent(&mut self, agent: AgentId, activity: Activity, now: Timestamp) {
        match activity {
            Activity::Talking | Activity::WrapUp => {
                self.busy.entry(agent).or_insert(now);
            }
            Activity::Away | Activity::Paused => {
                self.busy.remove(&agent);
            }
            Activity::Ready => {
                if let Some(busy_since) = self.busy.remove(&agent) {
                    self.calibration.freed(busy_since, now);
                }
            }
        }
    }

    fn call(&mut self, call: CallId, stage: Stage, forecast: &Forecast, now: Timestamp) {
        match stage {
            Stage::Ringing => {
                self.dialed.insert(call, now);
            }
            Stage::Screening => self.answered(call),
            Stage::Waiting => self.found(call, now),
            Stage::Connected => {
                self.found(call, now);
                if let Some(chance) = self.answered.remove(&call) {
                    self.calibration.judged(chance, false);
                }
            }
            Stage::Over(outcome) => {
                if let Some(chance) = self.answered.remove(&call)
                    && outcome == Outcome::Abandoned
                {
                    self.calibration.judged(chance, true);
                }
                let Some(dialed_at) = self.dialed.remove(&call) else { return };
                let ours =
                    matches!(outcome, Outcome::Cancelled | Outcome::Failed | Outcome::Interrupted);
                if let Some(ready) = forecast.ready(call).filter(|_| ours) {
                    let chance = self.chance_left(ready, now);
                    self.calibration.given_up(dialed_at, chance, now);
                }
            }
        }
    }

    fn found(&mut self, call: CallId, now: Timestamp) {
        let Some(dialed_at) = self.dialed.remove(&call) else { return };
        self.calibration.person(dialed_at, now);
        self.answered(call);
    }

    fn answered(&mut self, call: CallId) {
        if let Some(chance) = self.chance {
            self.answered.entry(call).or_insert(chance);
        }
    }

    /// That a call would have been a person's within what is left of the window.
    fn chance_left(&self, ready: &Grid, now: Timestamp) -> f64 {
        let Some(until) = self.calibration.people_until() else { return 0.0 };
        let left_s = until.duration_since(now).as_secs_f64();
        let reached = (0..MOMENTS).take_while(|moment| ahead_s(*moment) <= left_s);
        reached.last().map_or(0.0, |moment| ready[moment])
    }
}

#[cfg(test)]
impl SelfCheck {
    /// One whose forecasts are off.
    pub fn off() -> Self {
        let mut check = Self::default();
        let expected = super::Expected { mean: 1.0, variance: 1.0 };
        let foretold = calibration::Forecast {
            people: expected,
            people_within_s: 20.0,
            freed: super::Expected::default(),
            freed_within_s: 20.0,
        };
        let at = |s: i64| Timestamp::from_second(s).unwrap_or(Timestamp::MIN);
        for window in 0..60 {
            check.calibration.forecast(foretold, at(21 * window));
            for _ in 0..3 {
                check.calibration.person(at(21 * window - 9), at(21 * window + 9));
            }
        }
        check
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::pacing::ring::Ring;
    use crate::pacing::staff::Staff;
    use crate::pacing::{Expected, Foretold};

    fn at(s: f64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis((s * 1e3) as i64)
    }

    fn forecast() -> Forecast {
        Forecast::new(Ring::new(25.0), Staff::default())
    }

    /// 40 agents talk on and on, and the forecast does not hear of it.
    #[test]
    fn agents_who_do_not_come_back_are_missed() {
        let (mut check, mut forecast) = (SelfCheck::default(), forecast());
        for agent in (0..40).map(AgentId) {
            forecast.agent(agent, Activity::Talking, false, 0.0);
            let talks = Observation::Agent { agent, activity: Activity::Talking, leaving: false };
            check.see(talks, &forecast, at(0.0));
        }
        let Expected { mean, .. } = forecast.freed().at(MOMENT);
        assert!(mean > 1.0, "{mean} expected of 40 in 20 s");
        let mut s = 1.0;
        while check.guard().is_none() {
            check.test(&forecast, 1.0, at(s));
            s += 10.0;
            assert!(s < 1_000.0, "{:?}", check.figures());
        }
        let Some(OneToOne::ForecastsOff { what, actual, .. }) = check.guard() else {
            panic!("{:?}", check.guard());
        };
        assert_eq!((what, actual), (Foretold::Freed, 0.0));
    }

    #[test]
    fn a_person_is_scored_with_the_chance_of_before_the_answer() {
        let (mut check, forecast) = (SelfCheck::default(), forecast());
        let mut step = |chance, stage, s| {
            check.foretell_abandonment(chance);
            check.see(Observation::Call { call: CallId(1), stage }, &forecast, at(s));
            check.figures().abandonment_brier
        };
        assert_eq!(step(0.5, Stage::Ringing, 0.0), None);
        assert_eq!(step(0.1, Stage::Screening, 9.0), None);
        assert_eq!(step(0.9, Stage::Waiting, 10.0), None);
        let score = step(1.0, Stage::Over(Outcome::Abandoned), 12.0).unwrap();
        assert!((score - 0.81).abs() < 1e-12, "{score}");
    }
}
