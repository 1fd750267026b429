//! Times and answers drawn by chance, and the same again from the same seed.

use jiff::SignedDuration;
use rand::SeedableRng;
use rand_distr::{Distribution, LogNormal};
use rand_pcg::Pcg64Mcg;
use serde::Deserialize;

/// Chance for one thing (a called number, an agent) under a seed: its own stream, which does not
/// depend on what else happens, or in what order.
pub(super) fn chance_for(seed: u64, name: &str) -> Pcg64Mcg {
    // FNV-1a: the standard hasher may change with the compiler.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Pcg64Mcg::seed_from_u64(hash)
}

/// A time drawn from a log-normal distribution, as ring and talk times are. In a file:
/// `{ median = 6.0, spread = 0.5, max = 25.0 }`, in the unit that the key names.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(try_from = "WrittenTime")]
pub struct DrawnTime {
    median_s: f64,
    spread: f64,
    max_s: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTime {
    median: f64,
    #[serde(default)]
    spread: f64,
    max: Option<f64>,
}

impl DrawnTime {
    /// The longest time, in seconds, that can be asked for: a day.
    pub const MAX_S: f64 = 86_400.0;

    /// Half of the times are shorter than the median; `spread` is the standard deviation of the
    /// logarithm (0: always the median; 0.5: two of three within a factor of 1.65; at most 3); what
    /// is longer than `max_s` is `max_s`.
    ///
    /// # Errors
    /// The sentence that says which value is out of its range.
    pub fn new(median_s: f64, spread: f64, max_s: f64) -> Result<Self, String> {
        if !(0.0..=Self::MAX_S).contains(&median_s) {
            return Err(format!("median must be 0 to {}, not {median_s}", Self::MAX_S));
        }
        if !(0.0..=3.0).contains(&spread) {
            return Err(format!("spread must be 0 to 3, not {spread}"));
        }
        if !(median_s..=Self::MAX_S).contains(&max_s) {
            return Err(format!("max must be {median_s} (the median) or more, not {max_s}"));
        }
        Ok(Self { median_s, spread, max_s })
    }

    /// For values that the code writes down.
    pub(super) const fn fixed(median_s: f64, spread: f64, max_s: f64) -> Self {
        Self { median_s, spread, max_s }
    }

    /// Always this long, at most a day.
    pub fn exactly(time: SignedDuration) -> Self {
        let seconds = time.as_secs_f64().clamp(0.0, Self::MAX_S);
        Self { median_s: seconds, spread: 0.0, max_s: seconds }
    }

    /// The same shape, `factor` times as long.
    pub fn times(self, factor: f64) -> Self {
        let scaled = |seconds: f64| (seconds * factor).clamp(0.0, Self::MAX_S);
        Self { median_s: scaled(self.median_s), spread: self.spread, max_s: scaled(self.max_s) }
    }

    /// A time.
    pub(super) fn draw(&self, chance: &mut Pcg64Mcg) -> SignedDuration {
        // The constructors keep spread finite and not negative.
        let factor = LogNormal::new(0.0, self.spread).map_or(1.0, |shape| shape.sample(chance));
        SignedDuration::try_from_secs_f64((self.median_s * factor).min(self.max_s))
            .unwrap_or(SignedDuration::ZERO)
    }
}

impl TryFrom<WrittenTime> for DrawnTime {
    type Error = String;

    fn try_from(written: WrittenTime) -> Result<Self, String> {
        let max = written.max.unwrap_or((written.median * 4.0).min(Self::MAX_S));
        Self::new(written.median, written.spread, max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_are_shorter_than_the_median_and_none_longer_than_the_most() {
        let time = DrawnTime::new(6.0, 0.5, 20.0).unwrap();
        let mut chance = chance_for(1, "half");
        let drawn: Vec<f64> = (0..2_000).map(|_| time.draw(&mut chance).as_secs_f64()).collect();
        let shorter = drawn.iter().filter(|seconds| **seconds < 6.0).count();
        assert!((900..=1_100).contains(&shorter), "{shorter}");
        assert!(drawn.iter().all(|seconds| (0.0..=20.0).contains(seconds)));
    }

    #[test]
    fn a_value_out_of_range_says_which() {
        assert!(DrawnTime::new(-1.0, 0.5, 20.0).unwrap_err().contains("median"));
        assert!(DrawnTime::new(f64::NAN, 0.5, 20.0).unwrap_err().contains("median"));
        assert!(DrawnTime::new(5.0, 9.0, 20.0).unwrap_err().contains("spread"));
        assert!(DrawnTime::new(5.0, 0.5, 2.0).unwrap_err().contains("max"));
    }

    #[test]
    fn chance_depends_on_seed_and_name() {
        let draw =
            |seed, name| DrawnTime::new(6.0, 0.5, 20.0).unwrap().draw(&mut chance_for(seed, name));
        assert_eq!(draw(1, "+12015550123"), draw(1, "+12015550123"));
        assert_ne!(draw(1, "+12015550123"), draw(1, "+12015550124"));
        assert_ne!(draw(1, "+12015550123"), draw(2, "+12015550123"));
    }
}
