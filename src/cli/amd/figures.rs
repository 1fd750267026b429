//! What an evaluation finds: rates with their intervals, times, a confusion matrix.

use std::collections::BTreeMap;

use serde::Serialize;

use super::manifest::{Case, Class};
use crate::domain::{Verdict, VerdictKind};

/// A share of so many, with its 95 % interval (Wilson, 1927).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Rate {
    pub hits: usize,
    pub of: usize,
    pub share: f64,
    pub low: f64,
    pub high: f64,
}

impl Rate {
    pub(super) fn of(verdicts: impl Iterator<Item = bool>) -> Self {
        let (mut hits, mut of) = (0, 0);
        for hit in verdicts {
            of += 1;
            hits += usize::from(hit);
        }
        let (n, z) = (of.max(1) as f64, 1.96_f64);
        let share = hits as f64 / n;
        let centre = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let spread = (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        let half = z * spread / (1.0 + z * z / n);
        Self { hits, of, share, low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.of == 0 {
            return f.write_str("-");
        }
        let [share, low, high] = [self.share, self.low, self.high].map(|rate| rate * 100.0);
        write!(f, "{share:.1} % ({low:.1} to {high:.1}; {} of {})", self.hits, self.of)
    }
}

/// One recording and what was said of it.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub case: Case,
    pub verdict: Verdict,
    /// The probability of a person among person and recording, at each of [`MOMENTS_S`].
    pub person: [f64; MOMENTS_S.len()],
}

/// Seconds after the answer at which the posterior is asked.
pub(super) const MOMENTS_S: [f64; 5] = [0.5, 1.0, 1.5, 2.0, 3.0];

/// What counts of a set of recordings.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    pub people_called_machine: Rate,
    pub machines_found: Rate,
    pub balanced_accuracy: Option<f64>,
    /// Seconds from the end of the first utterance, and from the answer.
    pub person_after_utterance_s: Option<[f64; 2]>,
    pub person_after_answer_s: Option<[f64; 2]>,
    pub machine_after_answer_s: Option<[f64; 2]>,
}

impl Figures {
    pub(super) fn of<'a>(judged: impl Iterator<Item = &'a Judged> + Clone) -> Self {
        let of_class = |class| judged.clone().filter(move |it| it.case.class == class);
        let recorded = |class| Rate::of(of_class(class).map(|it| it.verdict.kind.is_recorded()));
        let (lost, found) = (recorded(Class::Human), recorded(Class::Machine));
        let at_s = |it: &Judged| f64::from(it.verdict.at_ms) / 1_000.0;
        let people = || of_class(Class::Human).filter(|it| it.verdict.kind == VerdictKind::Human);
        let machines = of_class(Class::Machine).filter(|it| it.verdict.kind.is_recorded());
        let after = |it: &Judged| it.case.first_utterance_end_s.map(|end_s| at_s(it) - end_s);
        let both = lost.of > 0 && found.of > 0;
        Self {
            people_called_machine: lost,
            machines_found: found,
            balanced_accuracy: both.then_some((1.0 - lost.share + found.share) / 2.0),
            person_after_utterance_s: median_and_p90(people().filter_map(after).collect()),
            person_after_answer_s: median_and_p90(people().map(at_s).collect()),
            machine_after_answer_s: median_and_p90(machines.map(at_s).collect()),
        }
    }
}

pub(super) fn median_and_p90(mut values: Vec<f64>) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get((values.len().saturating_sub(1) as f64 * share) as usize);
    Some([*at(0.5)?, *at(0.9)?])
}

/// How often each label was called what.
pub(super) fn confusion(judged: &[Judged]) -> BTreeMap<String, BTreeMap<&'static str, usize>> {
    let mut confusion: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
    for it in judged {
        let row = confusion.entry(it.case.label.clone()).or_default();
        *row.entry(it.verdict.kind.as_str()).or_default() += 1;
    }
    confusion
}

/// How right the posterior is at one of [`MOMENTS_S`], each call called what is likelier of it then.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Moment {
    pub at_s: f64,
    pub people: Rate,
    pub machines: Rate,
    pub balanced_accuracy: f64,
    /// Its 95 % interval, of the two rates' intervals squared and added (Newcombe, 1998, method 10).
    pub low: f64,
    pub high: f64,
}

impl Moment {
    fn of(at_s: f64, people: Rate, machines: Rate) -> Self {
        let half = |a: f64, b: f64| a.hypot(b) / 2.0;
        let balanced_accuracy = (people.share + machines.share) / 2.0;
        let below = half(people.share - people.low, machines.share - machines.low);
        let above = half(people.high - people.share, machines.high - machines.share);
        let (low, high) = (balanced_accuracy - below, balanced_accuracy + above);
        Self { at_s, people, machines, balanced_accuracy, low, high }
    }
}

/// How right the posterior is at each of [`MOMENTS_S`].
pub(super) fn by_moment(judged: &[Judged]) -> [Moment; MOMENTS_S.len()] {
    std::array::from_fn(|nth| {
        let right = |class, person: bool| {
            let of_class = judged.iter().filter(|it| it.case.class == class);
            Rate::of(of_class.map(|it| (it.person[nth] >= 0.5) == person))
        };
        Moment::of(MOMENTS_S[nth], right(Class::Human, true), right(Class::Machine, false))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_the_interval_of_the_tables() {
        let rate = Rate::of((0..100).map(|nth| nth < 5));
        assert!((rate.low - 0.0215).abs() < 5e-4 && (rate.high - 0.1118).abs() < 5e-4, "{rate}");
        let none = Rate::of((0..20).map(|_| false));
        assert!(none.low == 0.0 && (none.high - 0.161).abs() < 1e-3, "{none}");
        assert_eq!(Rate::of(std::iter::empty()).to_string(), "-");
    }

    #[test]
    fn a_balanced_accuracy_is_as_sure_as_its_two_rates() {
        let rate = |right: usize, of: usize| Rate::of((0..of).map(|nth| nth < right));
        let moment = Moment::of(1.0, rate(80, 100), rate(60, 100));
        assert!((moment.balanced_accuracy - 0.7).abs() < 1e-9);
        let (wide, narrow) = (moment.high - moment.low, rate(140, 200));
        assert!((wide - (narrow.high - narrow.low)).abs() < 0.01, "{moment:?}");
        let sure = Moment::of(1.0, rate(8_000, 10_000), rate(6_000, 10_000));
        assert!(sure.high - sure.low < wide / 5.0, "{sure:?}");
    }
}
