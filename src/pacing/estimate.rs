//! What is measured of a campaign while it runs. Everything forgets in units of events, so that a
//! changed afternoon is believed after as many calls whatever the size of the floor.

/// Events after which an old one has lost two thirds of its weight.
const MEMORY: f64 = 200.0;

/// A mean that forgets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    weight: f64,
    sum: f64,
}

impl Mean {
    /// Takes one observation.
    pub fn add(&mut self, value: f64) {
        let keep = 1.0 - 1.0 / MEMORY;
        self.weight = self.weight * keep + 1.0;
        self.sum = self.sum * keep + value;
    }

    /// `None` before `least` observations.
    pub fn after(&self, least: f64) -> Option<f64> {
        (self.weight >= least && self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

/// How often something ends, a second of its lasting. Time that has not ended yet counts as
/// exposure, so that the first short talks do not pass for typical ones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EndRate {
    ends: f64,
    exposure_s: f64,
}

impl EndRate {
    /// `seconds` have been spent, by all together.
    pub fn spend(&mut self, seconds: f64) {
        self.exposure_s += seconds;
    }

    /// One has ended.
    pub fn end(&mut self) {
        let keep = 1.0 - 1.0 / MEMORY;
        self.ends = self.ends * keep + 1.0;
        self.exposure_s *= keep;
    }

    /// Ends a second; `None` before `least` of them.
    pub fn after(&self, least: f64) -> Option<f64> {
        (self.ends >= least && self.exposure_s > 0.0).then(|| self.ends / self.exposure_s)
    }
}

/// The probability that a stage which ends at `rate` a second is over within `s`.
pub fn over_within(rate: f64, s: f64) -> f64 {
    1.0 - (-rate * s).exp()
}

/// The probability that two such stages, one after the other, are over within `s`.
pub fn both_over_within(first: f64, second: f64, s: f64) -> f64 {
    let apart = second - first;
    if apart.abs() < 1e-9 * first.max(second) {
        return 1.0 - (-first * s).exp() * (1.0 + first * s);
    }
    1.0 - (second * (-first * s).exp() - first * (-second * s).exp()) / apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_mean_gives_way_to_a_new_one() {
        let mut mean = Mean::default();
        assert_eq!(mean.after(1.0), None);
        (0..1_000).for_each(|_| mean.add(0.0));
        (0..600).for_each(|_| mean.add(1.0));
        assert!(mean.after(1.0).unwrap() > 0.94);
    }

    #[test]
    fn a_talk_that_goes_on_counts_against_short_ones() {
        let mut rate = EndRate::default();
        for _ in 0..5 {
            rate.spend(10.0);
            rate.end();
        }
        let short_only = rate.after(5.0 - 0.1).unwrap();
        rate.spend(500.0);
        assert!(rate.after(4.9).unwrap() < short_only / 5.0);
    }

    #[test]
    fn two_stages_take_longer_than_the_longer_one() {
        let (talk, wrap_up) = (1.0 / 180.0, 1.0 / 25.0);
        let both = both_over_within(talk, wrap_up, 60.0);
        assert!(both < over_within(talk, 60.0) && both > 0.15, "{both}");
        let alike = both_over_within(0.1, 0.1, 10.0);
        assert!((alike - both_over_within(0.1, 0.100_001, 10.0)).abs() < 1e-4);
    }
}
