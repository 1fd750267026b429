//! How calls end, and when, from calls of which some were given up before anybody knew.
//!
//! A call that the dialer gave up says only that nothing had come of it until then. It is counted
//! as long as it rang and no longer (the Aalen-Johansen estimate of competing ends), so that a
//! dialer which gives up many calls does not make people look rarer than they are.

use super::super::Spread;
use crate::dialer::{CallRecord, LedgerEntry};
use crate::domain::Outcome;

/// What came of a call while it rang.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    Busy,
    Failed,
    /// Nobody knows: it was given up before.
    GivenUp,
    Machine,
    NoAnswer,
    Person,
    Silent,
    Vacant,
}

impl End {
    pub(super) fn of(record: &CallRecord) -> Self {
        if record.answered_at.is_some() && is_person(record) {
            return End::Person;
        }
        match record.outcome {
            Outcome::Abandoned | Outcome::HungUp | Outcome::Messaged | Outcome::Talked => {
                End::Person
            }
            Outcome::Announcement
            | Outcome::AnsweringMachine
            | Outcome::Fax
            | Outcome::MessageLeft
            | Outcome::Screener => End::Machine,
            Outcome::Blocked | Outcome::Busy | Outcome::Declined => End::Busy,
            Outcome::Cancelled | Outcome::Interrupted => End::GivenUp,
            Outcome::Failed | Outcome::FalseAnswer => End::Failed,
            Outcome::InvalidNumber => End::Vacant,
            Outcome::NoAnswer => End::NoAnswer,
            Outcome::Silence => End::Silent,
        }
    }
}

/// Whether the ledger counts it, or it was a person's before an agent was due.
pub(super) fn is_person(record: &CallRecord) -> bool {
    record.ledger != LedgerEntry::NotCounted || record.outcome == Outcome::HungUp
}

/// How long it rang, in seconds from the dialing.
pub(super) fn rang_s(record: &CallRecord) -> f64 {
    let until = record.answered_at.unwrap_or(record.ended_at);
    until.duration_since(record.began_at).as_secs_f64().max(0.0)
}

/// The ends of calls that are let ring.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    /// Age, end, and its weight: the share of all calls.
    weights: Vec<(f64, End, f64)>,
    /// Age, and the share of people who have answered until then.
    people: Vec<(f64, f64)>,
}

impl Ends {
    pub(super) fn of(records: &[CallRecord]) -> Self {
        let mut ages: Vec<(f64, End)> =
            records.iter().map(|record| (rang_s(record), End::of(record))).collect();
        ages.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let (mut ringing, mut at_risk, mut answered) = (1.0, ages.len() as f64, 0.0);
        let (mut weights, mut people) = (Vec::new(), Vec::new());
        for (age, end) in ages {
            if end != End::GivenUp {
                let weight = ringing / at_risk;
                ringing -= weight;
                if end == End::Person {
                    answered += weight;
                    people.push((age, answered));
                }
                weights.push((age, end, weight));
            }
            at_risk -= 1.0;
        }
        Self { weights, people }
    }

    /// The share of calls that end so.
    pub(super) fn share(&self, end: End) -> f64 {
        let weights = self.weights.iter().filter(|(_, this, _)| *this == end);
        weights.map(|(_, _, weight)| weight).sum()
    }

    /// How long it rings until then; `otherwise` where fewer than ten ended so.
    pub(super) fn spread(&self, end: End, otherwise: Spread) -> Spread {
        let ages = self.weights.iter().filter(|(_, this, _)| *this == end);
        let ages: Vec<(f64, f64)> = ages.map(|(age, _, weight)| (*age, *weight)).collect();
        if ages.len() < 10 { otherwise } else { weighted(&ages) }
    }

    /// The share of people expected of a call that has rung so long.
    pub(super) fn people_by(&self, age_s: f64) -> f64 {
        let place = self.people.partition_point(|(age, _)| *age <= age_s);
        place.checked_sub(1).map_or(0.0, |place| self.people[place].1)
    }

    /// The share of people expected of a call that is let ring.
    pub(super) fn people(&self) -> f64 {
        self.people.last().map_or(0.0, |(_, share)| *share)
    }
}

/// Mean and standard deviation of values with their weights.
fn weighted(values: &[(f64, f64)]) -> Spread {
    let all: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mean = values.iter().map(|(value, weight)| value * weight).sum::<f64>() / all;
    let squares = values.iter().map(|(value, weight)| weight * (value - mean).powi(2));
    let variance = squares.sum::<f64>() / all;
    Spread::of(mean.max(0.001), variance.sqrt().max(0.001))
}

/// Mean and standard deviation of values; `otherwise` where there are fewer than ten.
pub(super) fn spread(values: impl Iterator<Item = f64>, otherwise: Spread) -> Spread {
    let values: Vec<(f64, f64)> = values.map(|value| (value, 1.0)).collect();
    if values.len() < 10 { otherwise } else { weighted(&values) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    #[test]
    fn calls_given_up_early_do_not_make_people_rare() {
        // Half of the calls are a person's after 12 s, the others ring out at 25 s; every second
        // one of either kind is given up at 6 s.
        let records: Vec<CallRecord> = (0..400)
            .map(|n| match (n % 2 == 0, n % 4 < 2) {
                (_, false) => record(n, n, 6.0, Outcome::Cancelled),
                (true, true) => record(n, n, 12.0, Outcome::Talked),
                (false, true) => record(n, n, 25.0, Outcome::NoAnswer),
            })
            .collect();
        let ends = Ends::of(&records);
        assert!((ends.share(End::Person) - 0.5).abs() < 0.01, "{}", ends.share(End::Person));
        assert!((ends.share(End::NoAnswer) - 0.5).abs() < 0.01);
        assert_eq!(ends.people_by(11.0), 0.0);
        assert!((ends.people_by(12.0) - 0.5).abs() < 0.01);
        let rings = ends.spread(End::Person, Spread::of(1.0, 1.0));
        assert!((rings.mean_s - 12.0).abs() < 0.01);
    }
}
