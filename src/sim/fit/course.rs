//! How the share of people who answer moved over a day: people who answered over people expected,
//! around each moment, as wide as the figures ask for.

use jiff::{SignedDuration, Timestamp};

use super::ends::{End, Ends, rang_s};
use crate::dialer::CallRecord;

/// From one point of the course to the next.
pub(super) const EVERY: SignedDuration = SignedDuration::from_secs(300);

/// The narrowest window: its standard deviation in seconds.
const WINDOW_S: f64 = 450.0;

/// So many people are expected in a window, or it is widened: the figure is then right within 15 %.
const EXPECTED_LEAST: f64 = 45.0;

/// The widest window: a whole day.
const WINDOW_S_MAX: f64 = 40_000.0;

/// A course is never further from the mean than this factor.
const LEVEL: std::ops::RangeInclusive<f64> = 0.2..=5.0;

/// The share of people, as a factor around the mean, from `begins_at` on, a point each [`EVERY`].
pub(super) fn course(
    records: &[CallRecord],
    ends: &Ends,
    begins_at: Timestamp,
    length: SignedDuration,
) -> Vec<f64> {
    let calls: Vec<Call> = records.iter().map(|record| Call::of(record, ends, begins_at)).collect();
    let count = length.as_secs().div_euclid(EVERY.as_secs()) + 1;
    (0..count).map(|place| level(&calls, (place * EVERY.as_secs()) as f64)).collect()
}

/// A call as the course sees it.
struct Call {
    began_s: f64,
    expected: f64,
    person: f64,
}

impl Call {
    fn of(record: &CallRecord, ends: &Ends, begins_at: Timestamp) -> Self {
        let end = End::of(record);
        let expected = match end {
            End::GivenUp => ends.people_by(rang_s(record)),
            _ => ends.people(),
        };
        let began_s = record.began_at.duration_since(begins_at).as_secs_f64();
        Self { began_s, expected, person: f64::from(u8::from(end == End::Person)) }
    }
}

fn level(calls: &[Call], at_s: f64) -> f64 {
    let mut window_s = WINDOW_S;
    loop {
        let (mut expected, mut people) = (0.0, 0.0);
        for call in calls {
            let apart = (call.began_s - at_s) / window_s;
            if apart.abs() < 4.0 {
                let near = (-apart * apart / 2.0).exp();
                expected += near * call.expected;
                people += near * call.person;
            }
        }
        if expected >= EXPECTED_LEAST || window_s >= WINDOW_S_MAX {
            // One expected person at the mean holds a course of nothing.
            let level = (people + 1.0) / (expected + 1.0);
            return level.clamp(*LEVEL.start(), *LEVEL.end());
        }
        window_s *= 1.5;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, record};
    use super::*;
    use crate::domain::Outcome;

    #[test]
    fn a_share_that_doubles_at_noon_is_seen_to() {
        // Four hours, a call a second: one in ten a person's, then one in five.
        let records: Vec<CallRecord> = (0..14_400)
            .map(|n| {
                let one_in = if n < 7_200 { 10 } else { 5 };
                let person = n % one_in == 0;
                let outcome = if person { Outcome::Talked } else { Outcome::NoAnswer };
                record(n, n, 12.0, outcome)
            })
            .collect();
        let ends = Ends::of(&records);
        let course = course(&records, &ends, at(0.0), SignedDuration::from_hours(4));
        assert_eq!(course.len(), 49);
        let mean = ends.people();
        assert!((course[6] * mean - 0.1).abs() < 0.01, "{}", course[6] * mean);
        assert!((course[42] * mean - 0.2).abs() < 0.01, "{}", course[42] * mean);
    }
}
