//! Sums of forecasts and of what happened, with forgetting, and what they say.

use serde::Serialize;

use super::Expected;

/// Forecasts after which an old one has lost two thirds of its weight.
const MEMORY: f64 = 20.0;

/// People after which an old one has lost two thirds of its weight.
const MEMORY_PEOPLE: f64 = 500.0;

/// The normal quantile of a two-sided interval of 95 %.
const QUANTILE_95: f64 = 1.96;

/// How well one kind of number is foretold, by the forecasts that are remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Reliability {
    /// Forecasts, those that are half forgotten by half.
    pub forecasts: f64,
    /// How many were expected.
    pub expected: f64,
    /// How many there were.
    pub actual: f64,
    /// Actual by expected; `None` when nothing was expected.
    pub ratio: Option<f64>,
    /// The lower end of its 95 % interval.
    pub ratio_low: Option<f64>,
    /// The upper end.
    pub ratio_high: Option<f64>,
    /// How far off, in standard deviations; positive when there were more than expected.
    pub deviations: f64,
}

/// Sums that forget.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    forecasts: f64,
    expected: f64,
    variance: f64,
    actual: f64,
    /// Of the weights, by their squares: independent numbers of these weights scatter less than
    /// one number of their sum.
    squares: f64,
}

impl Tally {
    pub fn add(&mut self, expected: Expected, actual: f64) {
        let keep = 1.0 - 1.0 / MEMORY;
        self.forecasts = self.forecasts * keep + 1.0;
        self.squares = self.squares * keep * keep + 1.0;
        self.expected = self.expected * keep + expected.mean;
        self.variance = self.variance * keep + expected.variance;
        self.actual = self.actual * keep + actual;
    }

    /// Actual minus expected, in standard deviations. On the scale of square roots, where counts of
    /// any size are near to normal (F. J. Anscombe, "The transformation of Poisson, binomial and
    /// negative-binomial data", Biometrika 35, 1948), widened where the forecasts' own variance is
    /// wider than that of a count.
    pub fn deviations(&self) -> f64 {
        2.0 * (root(self.actual) - root(self.expected)) / self.width()
    }

    /// Whether there are at least `more` times as many as expected or `fewer` times less, and
    /// that by no bad luck.
    pub fn is_off(&self, more: f64, fewer: f64, deviations: f64) -> bool {
        let beyond = self.actual > more * self.expected || self.actual * fewer < self.expected;
        beyond && self.deviations().abs() > deviations
    }

    /// Whether enough is seen, and nothing speaks against the forecasts.
    pub fn fits(&self, forecasts: f64, expected: f64, deviations: f64) -> bool {
        let enough = self.forecasts >= forecasts && self.expected.max(self.actual) >= expected;
        enough && self.deviations().abs() < deviations
    }

    pub fn reliability(&self) -> Reliability {
        let half = QUANTILE_95 * self.width() / 2.0;
        let ratio = |count: f64| (self.expected > 0.0).then(|| count.max(0.0) / self.expected);
        let end = |root: f64| ratio(root.max(0.0).powi(2) - 0.375);
        Reliability {
            forecasts: self.forecasts,
            expected: self.expected,
            actual: self.actual,
            ratio: ratio(self.actual),
            ratio_low: end(root(self.actual) - half),
            ratio_high: end(root(self.actual) + half),
            deviations: self.deviations(),
        }
    }

    /// The standard deviation of the sum of what happened, to that of a count of its size.
    fn width(&self) -> f64 {
        if self.expected <= 0.0 {
            return 1.0;
        }
        let fading = self.squares / self.forecasts;
        (fading * (self.variance / self.expected).max(1.0)).sqrt()
    }
}

fn root(count: f64) -> f64 {
    (count + 0.375).max(0.0).sqrt()
}

/// The score of chances against what happened (G. W. Brier, "Verification of forecasts expressed in
/// terms of probability", Monthly Weather Review 78, 1950).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Brier {
    people: f64,
    abandoned: f64,
    foretold: f64,
    squares: f64,
}

impl Brier {
    pub fn add(&mut self, chance: f64, abandoned: bool) {
        let keep = 1.0 - 1.0 / MEMORY_PEOPLE;
        let happened = if abandoned { 1.0 } else { 0.0 };
        self.people = self.people * keep + 1.0;
        self.abandoned = self.abandoned * keep + happened;
        self.foretold = self.foretold * keep + chance;
        self.squares = self.squares * keep + (chance - happened).powi(2);
    }

    /// The mean chance, and the share that was measured.
    pub fn shares(&self) -> Option<(f64, f64)> {
        (self.people > 0.0).then(|| (self.foretold / self.people, self.abandoned / self.people))
    }

    pub fn score(&self) -> Option<f64> {
        (self.people > 0.0).then(|| self.squares / self.people)
    }

    /// The score of who always foretells the share that was measured.
    pub fn score_of_share(&self) -> Option<f64> {
        let (_, share) = self.shares()?;
        Some(share * (1.0 - share))
    }
}
