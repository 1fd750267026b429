//! A share of so many, and how far it may be off.

use serde::{Deserialize, Serialize};

/// A share with its 95 % score interval (Wilson, Journal of the American Statistical Association 22,
/// 1927).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Proportion {
    /// The share, 0 to 1.
    pub share: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Proportion {
    /// So many `hits` of so many; `None` of none.
    pub fn of(hits: f64, of: f64) -> Option<Self> {
        const Z: f64 = 1.959_964;
        if of <= 0.0 {
            return None;
        }
        let share = (hits / of).clamp(0.0, 1.0);
        let centre = share + Z * Z / (2.0 * of);
        let half = Z * (share * (1.0 - share) / of + Z * Z / (4.0 * of * of)).sqrt();
        let scale = 1.0 + Z * Z / of;
        let (low, high) = ((centre - half) / scale, (centre + half) / scale);
        Some(Self { share, low: low.max(0.0), high: high.min(1.0) })
    }
}

impl std::fmt::Display for Proportion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [share, low, high] = [self.share, self.low, self.high].map(|share| share * 100.0);
        write!(f, "{share:.1} % ({low:.1} to {high:.1})")
    }
}

/// How many of those who were called machines, and so kept from agents, were people: estimated from
/// those who were called machines and sent to agents all the same.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Misjudged {
    /// Called machines and kept from agents.
    pub kept: u64,
    /// Called machines and sent to agents, who have said what they met.
    pub sampled: u64,
    /// Of these, people.
    pub people: u64,
}

impl Misjudged {
    /// With fewer samples nobody knows the share of people among machines.
    const SAMPLES_MIN: u64 = 20;

    /// Whether the samples are enough to count by.
    pub fn is_told(&self) -> bool {
        self.sampled >= Self::SAMPLES_MIN
    }

    /// The share of people among those who were called machines; `None` without a sample.
    pub fn share(&self) -> Option<Proportion> {
        Proportion::of(self.people as f64, self.sampled as f64)
    }

    /// So many people were kept from agents: the estimate, and its lowest and highest; `None` without
    /// a sample. A law that counts whom a detector hangs up on counts them as abandoned.
    pub fn people_kept(&self) -> Option<[f64; 3]> {
        let Proportion { share, low, high } = self.share()?;
        Some([share, low, high].map(|share| share * self.kept as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_share_holds_it_and_shrinks() {
        let few = Proportion::of(3.0, 10.0).unwrap();
        assert!((few.low - 0.1078).abs() < 1e-3 && (few.high - 0.6032).abs() < 1e-3, "{few}");
        let many = Proportion::of(300.0, 1_000.0).unwrap();
        assert!(many.high - many.low < (few.high - few.low) / 5.0);
        assert_eq!(Proportion::of(0.0, 0.0), None);
        assert_eq!(Proportion::of(0.0, 20.0).map(|none| none.low), Some(0.0));
    }

    #[test]
    fn the_people_among_machines_are_as_many_as_the_sample_says() {
        let misjudged = Misjudged { kept: 2_000, sampled: 100, people: 4 };
        let [estimate, low, high] = misjudged.people_kept().unwrap();
        assert!((estimate - 80.0).abs() < 1e-9);
        assert!(low > 20.0 && low < 40.0 && high > 180.0 && high < 220.0, "{low} to {high}");
        assert_eq!(Misjudged { kept: 2_000, ..Misjudged::default() }.people_kept(), None);
    }
}
