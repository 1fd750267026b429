//! Means with their 95 % confidence intervals (Student's t), over days that differ in length.

use serde::Serialize;

/// The 97.5 % quantile of Student's t for 1 to 30 degrees of freedom.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

/// A mean, and how far the true one may be from it on either side at 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Half the width of the interval; `None` for one sample, which says nothing of it.
    pub half: Option<f64>,
}

impl Interval {
    /// All parts over all wholes, a pair a sample: a long day counts for more than a short one. The
    /// interval is that of the ratio estimator, from what each sample's part is apart from
    /// its share of the whole (Cochran, Sampling Techniques, 3rd ed., 6.3).
    pub fn ratio(samples: &[(f64, f64)]) -> Self {
        let count = samples.len() as f64;
        let part: f64 = samples.iter().map(|(part, _)| part).sum();
        let whole: f64 = samples.iter().map(|(_, whole)| whole).sum();
        let mean = if whole > 0.0 { part / whole } else { 0.0 };
        let half = (samples.len() > 1 && whole > 0.0).then(|| {
            let squares = samples.iter().map(|(part, whole)| (part - mean * whole).powi(2));
            let deviation = (squares.sum::<f64>() / (count - 1.0)).sqrt();
            quantile(samples.len() - 1) * deviation / (whole / count) / count.sqrt()
        });
        Self { mean, half }
    }

    /// The same, times a factor: a share as a percentage.
    pub fn times(self, factor: f64) -> Self {
        Self { mean: self.mean * factor, half: self.half.map(|half| half * factor) }
    }

    /// The difference to another one of independent samples.
    pub fn less(self, other: Self) -> Self {
        let half = self.half.zip(other.half).map(|(one, other)| one.hypot(other));
        Self { mean: self.mean - other.mean, half }
    }

    /// `84.1 ± 0.3`, with so many digits after the point.
    pub fn show(&self, digits: usize) -> String {
        match self.half {
            Some(half) => format!("{:.digits$} ± {half:.digits$}", self.mean),
            None => format!("{:.digits$}", self.mean),
        }
    }
}

/// The 97.5 % quantile of Student's t: the table, then the normal's with its first correction
/// (Abramowitz and Stegun, 26.7.5).
pub fn quantile(freedom: usize) -> f64 {
    let z: f64 = 1.959_964;
    match freedom.checked_sub(1).and_then(|place| T.get(place)) {
        Some(t) => *t,
        None => z + (z.powi(3) + z) / (4.0 * freedom as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_the_one_of_the_tables() {
        // Mean 3, standard deviation 1.5811, n = 5: 2.776 * 1.5811 / sqrt(5).
        let samples = [1.0, 2.0, 3.0, 4.0, 5.0].map(|sample| (sample, 1.0));
        let interval = Interval::ratio(&samples);
        assert_eq!(interval.mean, 3.0);
        assert!((interval.half.unwrap() - 1.963).abs() < 0.001);
        assert!((quantile(60) - 2.000).abs() < 0.001);
        assert!((quantile(1_000_000) - 1.960).abs() < 0.001);
    }

    #[test]
    fn a_long_day_counts_for_more() {
        let ratio = Interval::ratio(&[(1.0, 10.0), (30.0, 100.0)]);
        assert!((ratio.mean - 31.0 / 110.0).abs() < 1e-12);
        let exact = Interval::ratio(&[(1.0, 10.0), (10.0, 100.0)]);
        assert!(exact.half.unwrap() < 1e-12);
    }

    #[test]
    fn one_sample_has_no_interval() {
        let one = Interval::ratio(&[(7.0, 1.0)]);
        assert_eq!(one, Interval { mean: 7.0, half: None });
        assert_eq!(one.show(1), "7.0");
        assert_eq!(Interval::ratio(&[]).mean, 0.0);
    }
}
