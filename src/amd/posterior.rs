//! What may be on the line, each with its probability.

use crate::domain::VerdictKind;

/// How likely each kind is by what has been heard so far. The probabilities sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior([f32; VerdictKind::ALL.len()]);

impl Posterior {
    /// From weights that are not negative; all zero counts as all alike.
    pub(super) fn from_weights(weight: impl Fn(VerdictKind) -> f32) -> Self {
        let weights = VerdictKind::ALL.map(|kind| weight(kind).max(0.0));
        let sum: f32 = weights.iter().sum();
        if sum > 0.0 {
            Self(weights.map(|weight| weight / sum))
        } else {
            Self([1.0 / weights.len() as f32; VerdictKind::ALL.len()])
        }
    }

    /// The probability of one kind, 0 to 1.
    pub fn of(&self, kind: VerdictKind) -> f64 {
        f64::from(self.0[kind as usize])
    }

    /// The kind that is most likely; of equals the first by name.
    pub fn most_likely(&self) -> VerdictKind {
        VerdictKind::ALL
            .into_iter()
            .rev()
            .max_by(|a, b| self.of(*a).total_cmp(&self.of(*b)))
            .unwrap_or(VerdictKind::Human)
    }

    /// The probability that a recording speaks (see [`VerdictKind::is_recorded`]).
    pub fn recorded(&self) -> f64 {
        VerdictKind::ALL
            .into_iter()
            .filter(|kind| kind.is_recorded())
            .map(|kind| self.of(kind))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_the_largest_wins() {
        let heard = Posterior::from_weights(|kind| match kind {
            VerdictKind::Human => 6.0,
            VerdictKind::Machine => 3.0,
            VerdictKind::Screener => 1.0,
            _ => 0.0,
        });
        assert_eq!(heard.most_likely(), VerdictKind::Human);
        assert!((heard.of(VerdictKind::Human) - 0.6).abs() < 1e-6);
        assert!((heard.recorded() - 0.4).abs() < 1e-6);
        let nothing = Posterior::from_weights(|_| 0.0);
        assert!((nothing.of(VerdictKind::Tone) - 0.125).abs() < 1e-6);
    }
}
