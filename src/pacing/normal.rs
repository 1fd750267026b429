//! Tails of counts: the normal curve for large ones, and exact sums for small ones.

use serde::Serialize;

/// Above this variance a difference of two counts is taken to be normal.
const NORMAL_FROM: f64 = 30.0;

/// No small count is looked at beyond this.
const COUNT_MAX: usize = 96;

/// A count of which mean and variance are known. Its shape is binomial when the variance is under
/// the mean, Poisson when they are alike, and negative binomial when it is above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Expected {
    /// How many are expected.
    pub mean: f64,
    /// Around that.
    pub variance: f64,
}

impl Expected {
    /// One event of probability `p`.
    pub fn once(p: f64) -> Self {
        Self { mean: p, variance: p * (1.0 - p) }
    }

    /// Both, one independent of the other.
    pub fn and(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, variance: self.variance + other.variance }
    }

    /// The probability that at least `least` more of `self` than of `other` come.
    pub fn exceeds(self, other: Self, least: i32) -> f64 {
        let variance = self.variance + other.variance;
        if variance >= NORMAL_FROM {
            let above = f64::from(least) - 0.5 - (self.mean - other.mean);
            return upper_tail(above / variance.sqrt());
        }
        self.exceeds_exactly(other, least)
    }

    /// The sum over what `other` may be. Where it is `k`, `least + k` of `self` are asked for.
    fn exceeds_exactly(self, other: Self, least: i32) -> f64 {
        let (mut mine, mut theirs) = (Pmf::of(self), Pmf::of(other));
        // The probability that fewer of `self` come than are asked for.
        let mut below = 0.0;
        for _ in 0..least.max(0) {
            below += mine.next_p();
        }
        let mut certain = least.min(0);
        let (mut sum, mut left) = (0.0, 1.0);
        for _ in 0..COUNT_MAX {
            let p = theirs.next_p();
            sum += p * (1.0 - below).max(0.0);
            left -= p;
            if left < 1e-6 || below > 1.0 - 1e-7 {
                break;
            }
            if certain < 0 {
                certain += 1;
            } else {
                below += mine.next_p();
            }
        }
        (sum + left.max(0.0) * (1.0 - below).max(0.0)).clamp(0.0, 1.0)
    }
}

/// The probabilities of 0, 1, 2 and so on, one after the other.
struct Pmf {
    k: f64,
    p: f64,
    /// The next is this one times `(base + slope k) / (k + 1)`.
    base: f64,
    slope: f64,
}

impl Pmf {
    fn of(Expected { mean, variance }: Expected) -> Self {
        if mean <= 1e-9 {
            return Self { k: 0.0, p: 1.0, base: 0.0, slope: 0.0 };
        }
        let ratio = variance / mean;
        let (p, base, slope) = if ratio < 0.98 {
            // Binomial of n = mean / (1 - ratio), each with probability 1 - ratio.
            let share = (1.0 - ratio).min(0.999);
            let n = mean / share;
            let odds = share / (1.0 - share);
            ((n * (1.0 - share).ln()).exp(), n * odds, -odds)
        } else if ratio < 1.02 {
            ((-mean).exp(), mean, 0.0)
        } else {
            // Negative binomial: a Poisson count whose rate is gamma distributed.
            let r = mean / (ratio - 1.0);
            let share = 1.0 - 1.0 / ratio;
            ((-r * ratio.ln()).exp(), r * share, share)
        };
        Self { k: 0.0, p, base, slope }
    }

    fn next_p(&mut self) -> f64 {
        let p = self.p;
        let factor = (self.base + self.slope * self.k) / (self.k + 1.0);
        self.p *= factor.max(0.0);
        self.k += 1.0;
        p
    }
}

/// The probability that a standard normal is above `z` (Abramowitz and Stegun, 26.2.17; the error is
/// under 7.5e-8).
pub fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let polynomial = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-0.5 * z * z).exp() * 0.398_942_280_4 * polynomial;
    if z >= 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-4, "{a} is not {b}");
    }

    #[test]
    fn a_poisson_count_has_its_tail() {
        let three = Expected { mean: 3.0, variance: 3.0 };
        close(three.exceeds(Expected::default(), 0), 1.0);
        close(three.exceeds(Expected::default(), 1), 1.0 - (-3.0_f64).exp());
        close(three.exceeds(Expected::default(), 5), 0.184_74);
    }

    #[test]
    fn a_difference_of_counts_is_summed() {
        let two = Expected { mean: 2.0, variance: 2.0 };
        // Skellam with means 2 and 2: zero has exp(-4) I0(4).
        let zero_or_more = two.exceeds(two, 0);
        close(zero_or_more, 0.5 + 0.5 * (-4.0_f64).exp() * 11.301_922);
        close(two.exceeds(two, -3) + two.exceeds(two, 4), 1.0);
    }

    #[test]
    fn few_trials_are_binomial_and_uncertain_ones_are_not() {
        let coin = Expected::once(0.5).and(Expected::once(0.5));
        close(coin.exceeds(Expected::default(), 2), 0.25);
        close(coin.exceeds(Expected::default(), 3), 0.0);
        let wild = Expected { mean: 1.0, variance: 3.0 };
        assert!(wild.exceeds(Expected::default(), 5) > coin.exceeds(Expected::default(), 5));
    }

    #[test]
    fn large_and_small_counts_meet() {
        let (a, b) =
            (Expected { mean: 35.0, variance: 31.0 }, Expected { mean: 30.0, variance: 28.0 });
        for least in [-10, 0, 5, 12, 20] {
            let exact = a.exceeds_exactly(b, least);
            let above = f64::from(least) - 0.5 - 5.0;
            assert!((exact - upper_tail(above / 59.0_f64.sqrt())).abs() < 5e-3, "{least}");
        }
        close(upper_tail(0.0), 0.5);
        close(upper_tail(1.96), 0.025);
        close(upper_tail(-1.96), 0.975);
    }
}
