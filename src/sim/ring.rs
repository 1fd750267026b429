//! The same people under another ring time: who would have answered later is not reached.

use jiff::SignedDuration;

use super::{Scenario, Spread};

impl Scenario {
    /// The same world whose calls are let ring so long. Shares of answers are those within the ring
    /// time: a shorter one loses those who would have answered after it, a longer one reaches those
    /// whom the shape of the ring times promises.
    pub fn with_ring(mut self, ring: SignedDuration) -> Self {
        let (before_s, after_s) = (self.campaign.ring_max.as_secs_f64(), ring.as_secs_f64());
        let callees = &mut self.callees;
        let reach = |rings: Spread| rings.below(after_s) / rings.below(before_s).max(1e-9);
        callees.person *= reach(callees.person_rings);
        callees.machine *= reach(callees.machine_rings);
        callees.silent *= reach(callees.machine_rings);
        callees.person = callees.person.min(1.0);
        self.campaign.ring_max = ring;
        self
    }
}

impl Spread {
    /// The probability that such a time is below `s` seconds: of the log-normal law with this mean
    /// and standard deviation.
    pub fn below(&self, s: f64) -> f64 {
        if s <= 0.0 || self.mean_s <= 0.0 {
            return if self.mean_s <= 0.0 { 1.0 } else { 0.0 };
        }
        let variance = (1.0 + (self.sd_s / self.mean_s).powi(2)).ln();
        let centre = self.mean_s.ln() - variance / 2.0;
        normal_below((s.ln() - centre) / variance.sqrt().max(1e-9))
    }
}

/// The standard normal distribution (Abramowitz and Stegun, 26.2.17; right within 1e-7).
fn normal_below(z: f64) -> f64 {
    const B: [f64; 5] =
        [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = B.iter().rev().fold(0.0, |sum, b| (sum + b) * t);
    let above = series * (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    if z >= 0.0 { 1.0 - above } else { above }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_is_the_one_of_the_tables() {
        for (z, below) in [(0.0, 0.5), (1.0, 0.841_345), (-1.96, 0.024_998), (3.0, 0.998_650)] {
            assert!((normal_below(z) - below).abs() < 1e-6, "{z}");
        }
    }

    #[test]
    fn a_shorter_ring_reaches_fewer_people_and_a_longer_one_more() {
        let s0 = Scenario::s0(10);
        let person = |s| s0.clone().with_ring(SignedDuration::from_secs(s)).callees.person;
        assert!((person(25) - 0.20).abs() < 1e-9);
        // Log-normal 12/5: 77 % of the answers come within 15 s, and 98 % within 25 s.
        assert!((person(15) - 0.20 * 0.77 / 0.98).abs() < 0.004, "{}", person(15));
        assert!(person(40) > 0.20 && person(40) < 0.21);
    }
}
