//! Do the forecasts come true? What was expected of the calls and agents at hand is held against
//! what came of them, and a pacer whose forecasts are off is told so.
//!
//! One forecast is under test at a time: the next one begins when the window of the last is over.
//! Windows that do not overlap make the misses of forecasts that are right independent of each
//! other, so that their sum may be judged by the sum of their variances. Only calls dialed and
//! agents busy before the forecast count for it; what is decided later is not its matter.

mod reliability;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::normal::Expected;
use crate::domain::later;
use reliability::{Brier, Tally};

pub use reliability::Reliability;

/// People or agents beyond the forecast by this factor are dangerous: people without an agent.
const RATIO_DANGEROUS: f64 = 1.6;

/// As far on the harmless side (too few people, too many agents) costs only time: the forecasts
/// themselves are given longer to mend.
const RATIO_HARMLESS: f64 = 2.5;

/// Standard deviations beyond which a miss is no bad luck: at one look in a hundred thousand by a
/// normal law, and several looks in a row are asked for.
const DEVIATIONS_OFF: f64 = 4.5;

/// Within so many the forecasts fit again.
const DEVIATIONS_FIT: f64 = 1.65;

/// Forecasts in a row that must agree before the verdict changes.
const AGREEING: u32 = 3;

/// Forecasts and expected events to be seen before the forecasts are believed again.
const FORECASTS_FIT: f64 = 8.0;
const EXPECTED_FIT: f64 = 12.0;

/// No window is shorter, whatever the horizon: there is nothing to count in a moment.
const WINDOW_MIN: SignedDuration = SignedDuration::from_secs(5);

/// What is foretold of the calls and agents at hand, before the decision that is taken now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Of the calls not yet screened: people found in time.
    pub people: Expected,
    /// That time, seconds; at least five.
    pub people_within_s: f64,
    /// Of the agents who talk or wrap up: those who become ready in time.
    pub freed: Expected,
    /// That time, seconds; at least five.
    pub freed_within_s: f64,
}

/// What is foretold.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Foretold {
    /// Agents who become ready.
    Freed,
    /// People who answer.
    People,
}

impl std::fmt::Display for Foretold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Foretold::Freed => "free agents",
            Foretold::People => "people",
        })
    }
}

/// Whether the forecasts can be dialed by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// They fit what happens, or nothing speaks against it yet.
    Calibrated,
    /// They do not.
    Off {
        /// What was foretold wrongly.
        what: Foretold,
        /// How many were expected, by the forecasts that are remembered.
        expected: f64,
        /// How many there were.
        actual: f64,
    },
}

/// How the forecasts have fared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationFigures {
    /// People who answered.
    pub people: Reliability,
    /// Agents who became ready.
    pub freed: Reliability,
    /// The mean chance of being abandoned that was foretold for the last people. `None` before the
    /// first.
    pub abandonment_foretold: Option<f64>,
    /// The share of them that was.
    pub abandonment_actual: Option<f64>,
    /// Mean square of (chance of being abandoned − whether it was so), over the last people; 0 is
    /// perfect. `None` before the first.
    pub abandonment_brier: Option<f64>,
    /// The same of a forecast that always says the measured share: what there is to beat.
    pub abandonment_brier_of_share: Option<f64>,
    /// What follows.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// The forecasts of one campaign against what happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    people: Tally,
    freed: Tally,
    abandonment: Brier,
    trial: Option<Trial>,
    verdict: Verdict,
    /// Forecasts in a row that speak for the other verdict.
    against: u32,
}

/// The forecast under test.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Trial {
    at: Timestamp,
    people_until: Timestamp,
    freed_until: Timestamp,
    people: Expected,
    freed: Expected,
    people_came: f64,
    agents_freed: f64,
}

impl Trial {
    fn until(&self) -> Timestamp {
        self.people_until.max(self.freed_until)
    }
}

impl Default for Calibration {
    fn default() -> Self {
        Self {
            people: Tally::default(),
            freed: Tally::default(),
            abandonment: Brier::default(),
            trial: None,
            verdict: Verdict::Calibrated,
            against: 0,
        }
    }
}

impl Calibration {
    /// Whether a forecast made now would be put to the test: the last one's window is over.
    pub fn wants_forecast(&self, now: Timestamp) -> bool {
        self.trial.is_none_or(|trial| now > trial.until())
    }

    /// Puts a forecast to the test, unless one is under test.
    pub fn forecast(&mut self, forecast: Forecast, now: Timestamp) {
        self.close(now);
        if self.trial.is_some() {
            return;
        }
        let end = |within_s| {
            let within = SignedDuration::try_from_secs_f64(within_s).unwrap_or(WINDOW_MIN);
            later(now, within.max(WINDOW_MIN))
        };
        self.trial = Some(Trial {
            at: now,
            people_until: end(forecast.people_within_s),
            freed_until: end(forecast.freed_within_s),
            people: forecast.people,
            freed: forecast.freed,
            people_came: 0.0,
            agents_freed: 0.0,
        });
    }

    /// A call that was dialed then has turned out to be a person.
    pub fn person(&mut self, dialed_at: Timestamp, now: Timestamp) {
        self.given_up(dialed_at, 1.0, now);
    }

    /// A call that was dialed then is given up while it rings. It counts as the share of a person
    /// that was still expected of it within what is left of the window: nobody will know better.
    pub fn given_up(&mut self, dialed_at: Timestamp, chance: f64, now: Timestamp) {
        if let Some(trial) = self.trial_of(dialed_at, now) {
            trial.people_came += if now <= trial.people_until { chance } else { 0.0 };
        }
    }

    /// Until when people count for the forecast under test: for [`given_up`](Self::given_up).
    pub fn people_until(&self) -> Option<Timestamp> {
        self.trial.map(|trial| trial.people_until)
    }

    /// An agent who was busy since then (the beginning of the talk) is ready.
    pub fn freed(&mut self, busy_since: Timestamp, now: Timestamp) {
        if let Some(trial) = self.trial_of(busy_since, now) {
            trial.agents_freed += if now <= trial.freed_until { 1.0 } else { 0.0 };
        }
    }

    /// A person had an agent in time, or not; when they answered, the chance of not having one
    /// was foretold as this, 0 to 1.
    pub fn judged(&mut self, chance: f64, abandoned: bool) {
        self.abandonment.add(chance, abandoned);
    }

    /// Whether the forecasts can be dialed by. It changes only after several forecasts in a row
    /// that speak for it, and so by chance hardly ever.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// How the forecasts have fared.
    pub fn figures(&self) -> CalibrationFigures {
        let shares = self.abandonment.shares();
        CalibrationFigures {
            people: self.people.reliability(),
            freed: self.freed.reliability(),
            abandonment_foretold: shares.map(|(foretold, _)| foretold),
            abandonment_actual: shares.map(|(_, actual)| actual),
            abandonment_brier: self.abandonment.score(),
            abandonment_brier_of_share: self.abandonment.score_of_share(),
            verdict: self.verdict,
        }
    }

    /// The forecast under test, when something that began then counts for it.
    fn trial_of(&mut self, since: Timestamp, now: Timestamp) -> Option<&mut Trial> {
        self.close(now);
        self.trial.as_mut().filter(|trial| since < trial.at)
    }

    /// Counts the forecast whose window is over.
    fn close(&mut self, now: Timestamp) {
        let Some(trial) = self.trial.take_if(|trial| now > trial.until()) else { return };
        self.people.add(trial.people, trial.people_came);
        self.freed.add(trial.freed, trial.agents_freed);
        self.judge();
    }

    fn judge(&mut self) {
        let next = match self.verdict {
            Verdict::Calibrated => self.miss(),
            Verdict::Off { .. } => self.fits().then_some(Verdict::Calibrated),
        };
        self.against = if next.is_some() { self.against + 1 } else { 0 };
        let Some(next) = next.filter(|_| self.against >= AGREEING) else { return };
        self.verdict = next;
        self.against = 0;
        // What has led to this verdict is no witness for the next one.
        (self.people, self.freed) = (Tally::default(), Tally::default());
    }

    fn miss(&self) -> Option<Verdict> {
        let people = self.people.is_off(RATIO_DANGEROUS, RATIO_HARMLESS, DEVIATIONS_OFF);
        let freed = self.freed.is_off(RATIO_HARMLESS, RATIO_DANGEROUS, DEVIATIONS_OFF);
        let (what, tally) = match (people, freed) {
            (true, _) => (Foretold::People, &self.people),
            (false, true) => (Foretold::Freed, &self.freed),
            (false, false) => return None,
        };
        let Reliability { expected, actual, .. } = tally.reliability();
        Some(Verdict::Off { what, expected, actual })
    }

    fn fits(&self) -> bool {
        let fits = |tally: &Tally| tally.fits(FORECASTS_FIT, EXPECTED_FIT, DEVIATIONS_FIT);
        fits(&self.people) && fits(&self.freed)
    }
}
