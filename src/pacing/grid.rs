//! The seconds ahead that a forecast looks at.

use super::normal::Expected;

/// How many moments.
pub const MOMENTS: usize = 14;

/// Seconds between them: the first is this far ahead, the last 28 s.
pub const APART_S: f64 = 2.0;

/// A value for each moment.
pub type Grid = [f64; MOMENTS];

/// Seconds ahead of a moment.
pub fn ahead_s(moment: usize) -> f64 {
    APART_S * (moment + 1) as f64
}

/// People or agents expected by each moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    mean: Grid,
    variance: Grid,
}

impl Load {
    /// One more, there by each moment with that probability.
    pub fn add(&mut self, p: &Grid) {
        self.add_weighted(p, 1.0);
    }

    /// One less.
    pub fn remove(&mut self, p: &Grid) {
        self.add_weighted(p, -1.0);
    }

    /// Several like it.
    pub fn add_weighted(&mut self, p: &Grid, count: f64) {
        for (moment, p) in p.iter().enumerate() {
            self.mean[moment] += count * p;
            self.variance[moment] += count * p * (1.0 - p);
        }
    }

    /// A share of another load: of each of its events, one in `1/share` concerns us.
    pub fn add_share(&mut self, other: &Self, share: f64) {
        for moment in 0..MOMENTS {
            let (mean, variance) = (other.mean[moment], other.variance[moment]);
            self.mean[moment] += share * mean;
            self.variance[moment] += share * share * variance + share * (1.0 - share) * mean;
        }
    }

    /// People who wait already.
    pub fn add_waiting(&mut self, people: f64) {
        self.mean.iter_mut().for_each(|mean| *mean += people);
    }

    /// Events of a steady rate, a second.
    pub fn add_rate(&mut self, rate: f64) {
        for moment in 0..MOMENTS {
            self.mean[moment] += rate * ahead_s(moment);
            self.variance[moment] += rate * ahead_s(moment);
        }
    }

    /// The rate of all that is in it is uncertain: its standard deviation over its mean, squared.
    pub fn doubt(&mut self, variation: f64) {
        for (mean, variance) in self.mean.iter().zip(&mut self.variance) {
            *variance += variation * mean * mean;
        }
    }

    /// Both.
    pub fn and(&self, other: &Self) -> Self {
        let mut both = *self;
        for moment in 0..MOMENTS {
            both.mean[moment] += other.mean[moment];
            both.variance[moment] += other.variance[moment];
        }
        both
    }

    /// By that moment.
    pub fn at(&self, moment: usize) -> Expected {
        let mean = self.mean[moment].max(0.0);
        Expected { mean, variance: self.variance[moment].max(0.0) }
    }

    /// By the last moment.
    pub fn last(&self) -> Expected {
        self.at(MOMENTS - 1)
    }
}
