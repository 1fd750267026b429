//! A delay that is learned: how likely it is to be longer than so much.

use serde::{Deserialize, Serialize};

/// Delays are told apart by this.
const STEP_S: f64 = 0.1;

const STEPS: usize = 80;

/// Delays after which an old one has lost two thirds of its weight.
const MEMORY: f64 = 500.0;

/// Delays that the first beliefs are worth: evenly between 0.3 s and 2.7 s.
const BELIEVED: f64 = 3.0;
const BELIEVED_STEPS: std::ops::Range<usize> = 3..27;

/// A delay of some seconds.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(from = "Counted", into = "Counted")]
pub struct Delay {
    counts: Vec<f64>,
    later: Vec<f64>,
    mean_s: f64,
    /// What one more delay counts: later ones more, instead of earlier ones less.
    weight: f64,
}

/// What is kept of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Counted(Vec<f64>);

impl From<Counted> for Delay {
    fn from(Counted(mut counts): Counted) -> Self {
        counts.resize(STEPS, 0.0);
        let mut delay = Self { counts, later: Vec::new(), mean_s: 0.0, weight: 1.0 };
        delay.sum();
        delay
    }
}

impl From<Delay> for Counted {
    fn from(delay: Delay) -> Self {
        Self(delay.counts.iter().map(|count| count / delay.weight).collect())
    }
}

impl Default for Delay {
    fn default() -> Self {
        let mut counts = vec![0.0; STEPS];
        let each = BELIEVED / BELIEVED_STEPS.len() as f64;
        counts[BELIEVED_STEPS].iter_mut().for_each(|count| *count = each);
        Self::from(Counted(counts))
    }
}

impl Delay {
    /// It has been this long. Seconds. Counts for what is told from the next [`sum`](Self::sum) on.
    pub fn add(&mut self, s: f64) {
        self.weight /= 1.0 - 1.0 / MEMORY;
        self.counts[((s / STEP_S).max(0.0) as usize).min(STEPS - 1)] += self.weight;
    }

    /// The probability that it is longer than this. Seconds.
    pub fn later_than(&self, s: f64) -> f64 {
        let place = (s / STEP_S).max(0.0);
        let step = place as usize;
        if step >= STEPS {
            return 0.0;
        }
        let (from, to) = (self.later[step], self.later[step + 1]);
        from + (place - step as f64) * (to - from)
    }

    /// On average. Seconds.
    pub fn mean(&self) -> f64 {
        self.mean_s
    }

    /// Takes in what was added.
    pub fn sum(&mut self) {
        let weight = std::mem::replace(&mut self.weight, 1.0);
        self.counts.iter_mut().for_each(|count| *count /= weight);
        let total: f64 = self.counts.iter().sum();
        let mut left = 1.0;
        self.later.clear();
        self.later.push(left);
        self.mean_s = 0.0;
        for (step, count) in self.counts.iter().enumerate() {
            let share = if total > 0.0 { count / total } else { 0.0 };
            left -= share;
            self.later.push(left.max(0.0));
            self.mean_s += share * (step as f64 + 0.5) * STEP_S;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_learned() {
        let mut delay = Delay::default();
        (0..200).for_each(|n| delay.add(1.0 + 0.01 * f64::from(n % 50)));
        delay.sum();
        assert!((delay.mean() - 1.25).abs() < 0.06, "{}", delay.mean());
        assert!(delay.later_than(0.9) > 0.95 && delay.later_than(1.6) < 0.05);
        assert_eq!((delay.later_than(-1.0), delay.later_than(99.0)), (1.0, 0.0));
    }
}
