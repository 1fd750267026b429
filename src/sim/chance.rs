//! Chance, all of it from the world's seed.

use jiff::SignedDuration;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// A time that varies: log-normal, as ring and talk times are. In seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean_s: f64,
    /// The standard deviation.
    pub sd_s: f64,
}

impl Spread {
    /// A time with this mean and standard deviation.
    pub const fn of(mean_s: f64, sd_s: f64) -> Self {
        Self { mean_s, sd_s }
    }
}

/// Where the world's chance comes from.
#[derive(Debug)]
pub struct Chance(Pcg64Mcg);

impl Chance {
    /// The chance of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// True with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.0.random_bool(probability.clamp(0.0, 1.0))
    }

    /// Between 0 and 1.
    pub fn share(&mut self) -> f64 {
        self.0.random_range(0.0..1.0)
    }

    /// A standard normal number.
    pub fn normal(&mut self) -> f64 {
        self.0.sample(StandardNormal)
    }

    /// A lasting trait: log-normal with mean 1 and this standard deviation.
    pub fn trait_of(&mut self, sd: f64) -> f64 {
        let variance = (1.0 + sd * sd).ln();
        (variance.sqrt() * self.normal() - variance / 2.0).exp()
    }

    /// Some part of a time, evenly.
    pub fn part_of(&mut self, whole: SignedDuration) -> SignedDuration {
        part(whole, self.share())
    }

    /// One of so many, from 0.
    pub fn one_of(&mut self, count: usize) -> usize {
        self.0.random_range(0..count.max(1))
    }

    /// A time of this spread.
    pub fn time(&mut self, spread: Spread) -> SignedDuration {
        self.time_by(1.0, spread)
    }

    /// A time, multiplied by a factor.
    pub fn time_by(&mut self, factor: f64, spread: Spread) -> SignedDuration {
        let Spread { mean_s, sd_s } = spread;
        if mean_s <= 0.0 {
            return SignedDuration::ZERO;
        }
        let variance = (1.0 + (sd_s / mean_s).powi(2)).ln();
        let seconds = LogNormal::new(mean_s.ln() - variance / 2.0, variance.sqrt())
            .map_or(mean_s, |shape| shape.sample(&mut self.0));
        // A day at most, so that no draw leaves the calendar.
        SignedDuration::from_micros(((factor * seconds).min(86_400.0) * 1e6) as i64)
    }
}

/// A share of a time, in whole microseconds.
pub fn part(whole: SignedDuration, share: f64) -> SignedDuration {
    SignedDuration::from_micros((whole.as_secs_f64() * share * 1e6) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_its_mean_and_its_deviation() {
        let mut chance = Chance::new(1);
        let talk = Spread::of(180.0, 150.0);
        let times: Vec<f64> = (0..40_000).map(|_| chance.time(talk).as_secs_f64()).collect();
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        let variance =
            times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / times.len() as f64;
        assert!((mean - 180.0).abs() < 4.0, "{mean}");
        assert!((variance.sqrt() - 150.0).abs() < 12.0, "{}", variance.sqrt());
    }
}
