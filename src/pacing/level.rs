//! The level of a rate that drifts: how much more often than usual people answer just now.
//!
//! Gamma-Poisson filters of several memories run side by side, and are averaged by how well each has
//! foretold what came (a fixed share of the weight is spread anew each time, so that a filter that
//! was wrong in the morning can be right in the afternoon: Herbster and Warmuth, Tracking the best
//! expert, 1998).

/// Expected events after which an old one has lost two thirds of its weight.
const MEMORIES: [f64; 4] = [15.0, 50.0, 200.0, 1_000.0];

/// The share of the weight that is spread anew for each expected event.
const SHARE: f64 = 0.01;

/// The events that the usual level is worth.
const USUAL: f64 = 2.0;

/// A new day keeps this share of what was known of the level.
const KEPT_OVERNIGHT: f64 = 0.1;

/// How often something happens, as a multiple of its usual rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    events: [f64; 4],
    expected: [f64; 4],
    weights: [f64; 4],
    mean: f64,
    variance: f64,
}

impl Default for Level {
    fn default() -> Self {
        let mut level = Self {
            events: [0.0; 4],
            expected: [0.0; 4],
            weights: [0.25; 4],
            mean: 1.0,
            variance: 0.0,
        };
        level.average();
        level
    }
}

impl Level {
    /// `expected` events were due at the usual level, and `events` came.
    pub fn add(&mut self, expected: f64, events: u32) {
        if expected <= 0.0 && events == 0 {
            return;
        }
        let expected = expected.max(1e-6);
        let mut likelihoods = [0.0; 4];
        for place in 0..MEMORIES.len() {
            let alpha = self.events[place] + USUAL;
            let beta = self.expected[place] + USUAL;
            likelihoods[place] = foretold(alpha, beta, expected, events);
            let keep = (-expected / MEMORIES[place]).exp();
            self.events[place] = self.events[place] * keep + f64::from(events);
            self.expected[place] = self.expected[place] * keep + expected;
        }
        self.weigh(&likelihoods, (SHARE * expected).min(0.5));
        self.average();
    }

    /// A new day: the level may be another.
    pub fn widen(&mut self) {
        for place in 0..MEMORIES.len() {
            self.events[place] *= KEPT_OVERNIGHT;
            self.expected[place] *= KEPT_OVERNIGHT;
        }
        self.weights = [0.25; 4];
        self.average();
    }

    /// The level.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Its variance over the square of its mean.
    pub fn variation(&self) -> f64 {
        self.variance / (self.mean * self.mean).max(1e-9)
    }

    fn weigh(&mut self, likelihoods: &[f64; 4], share: f64) {
        let total: f64 = self.weights.iter().zip(likelihoods).map(|(w, l)| w * l).sum();
        if total <= 0.0 || !total.is_finite() {
            return;
        }
        for (weight, likelihood) in self.weights.iter_mut().zip(likelihoods) {
            *weight = (1.0 - share) * *weight * likelihood / total + share / 4.0;
        }
    }

    fn average(&mut self) {
        let (mut mean, mut square) = (0.0, 0.0);
        for place in 0..MEMORIES.len() {
            let alpha = self.events[place] + USUAL;
            let beta = self.expected[place] + USUAL;
            let m = alpha / beta;
            mean += self.weights[place] * m;
            square += self.weights[place] * (alpha / (beta * beta) + m * m);
        }
        self.mean = mean;
        self.variance = (square - mean * mean).max(0.0);
    }
}

/// The probability of `events` when the rate has a gamma distribution: negative binomial.
fn foretold(alpha: f64, beta: f64, expected: f64, events: u32) -> f64 {
    let mut p = (alpha * (beta / (beta + expected)).ln()).exp();
    let share = expected / (beta + expected);
    for k in 0..events {
        p *= (alpha + f64::from(k)) / f64::from(k + 1) * share;
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_doubles_is_followed() {
        let mut level = Level::default();
        (0..2_000).for_each(|n| level.add(0.25, u32::from(n % 4 == 0)));
        assert!((level.mean() - 1.0).abs() < 0.15, "{}", level.mean());
        let settled = level.variation();
        (0..200).for_each(|n| level.add(0.25, u32::from(n % 2 == 0)));
        assert!(level.mean() > 1.6, "{}", level.mean());
        assert!(level.variation() > settled);
    }

    #[test]
    fn a_new_day_knows_less() {
        let mut level = Level::default();
        (0..2_000).for_each(|n| level.add(0.25, u32::from(n % 2 == 0)));
        let settled = level.variation();
        level.widen();
        assert!(level.variation() > 2.0 * settled);
    }
}
