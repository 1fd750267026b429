//! How often a number was called, and when it may be called again.

use jiff::{SignedDuration, Timestamp};

use super::local::{DAY_S, Zone};
use crate::domain::{Outcome, PastAttempt};

/// The attempts that a rule counts: those begun by `at`, open ones too, without those that ended
/// in one of `not_counted`.
fn counted<'a>(
    history: &'a [PastAttempt],
    not_counted: &'a [Outcome],
    at: Timestamp,
) -> impl Iterator<Item = Timestamp> + 'a {
    history
        .iter()
        .filter(move |attempt| attempt.at <= at)
        .filter(|attempt| attempt.outcome.is_none_or(|outcome| !not_counted.contains(&outcome)))
        .map(|attempt| attempt.at)
}

/// The end of the interval, where it is not over: elapsed time, exactly as much is enough.
pub(super) fn interval_end(
    history: &[PastAttempt],
    not_counted: &[Outcome],
    interval_s: i64,
    at: Timestamp,
) -> Option<Timestamp> {
    let last = counted(history, not_counted, at).max()?;
    let end = after(last, interval_s);
    (at < end).then_some(end)
}

/// When the oldest attempts have left the window, where it is full now: elapsed time, half-open, so
/// that an attempt exactly as old as the window is outside.
pub(super) fn window_end(
    history: &[PastAttempt],
    not_counted: &[Outcome],
    attempts_max: u32,
    window_s: i64,
    at: Timestamp,
) -> Option<Timestamp> {
    let inside = || counted(history, not_counted, at).filter(|begun| at < after(*begun, window_s));
    let attempts_max = attempts_max as usize;
    let surplus = inside().count().checked_sub(attempts_max)?;
    let mut inside: Vec<Timestamp> = inside().collect();
    inside.sort_unstable();
    // With a maximum of none there is no such attempt: the last one's end stands for it.
    let leaves = inside.get(surplus).or(inside.last()).copied().unwrap_or(at);
    Some(after(leaves, window_s))
}

/// The next local day of the zone, where the present one has had its attempts.
pub(super) fn day_end(
    history: &[PastAttempt],
    not_counted: &[Outcome],
    attempts_max: u32,
    zone: &Zone,
    at: Timestamp,
) -> Option<Timestamp> {
    /// No local day is longer, whatever its clock does.
    const LONGEST_DAY: SignedDuration = SignedDuration::from_hours(49);
    let day = zone.local(at).day;
    let today = counted(history, not_counted, at)
        .filter(|begun| at.duration_since(*begun) < LONGEST_DAY)
        .filter(|begun| zone.local(*begun).day == day)
        .count();
    if today < attempts_max as usize {
        return None;
    }
    let tomorrow = (day + 1) * DAY_S;
    zone.first(at, |reading| Some(reading.max(tomorrow)))
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CallId;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn history(attempts: &[(&str, Option<Outcome>)]) -> Vec<PastAttempt> {
        let attempt = |(begun, outcome): &(&str, Option<Outcome>)| PastAttempt {
            call: CallId(1),
            at: at(begun),
            outcome: *outcome,
        };
        attempts.iter().map(attempt).collect()
    }

    #[test]
    fn exactly_as_old_as_the_window_is_outside() {
        let history = history(&[
            ("2026-07-14T17:00:00Z", Some(Outcome::NoAnswer)),
            ("2026-07-15T13:00:00Z", Some(Outcome::NoAnswer)),
            ("2026-07-15T15:00:00Z", None),
        ]);
        let end = |now| window_end(&history, &[], 3, DAY_S, at(now));
        assert_eq!(end("2026-07-15T17:00:00Z"), None);
        assert_eq!(end("2026-07-15T16:59:59Z"), Some(at("2026-07-15T17:00:00Z")));
    }

    #[test]
    fn the_interval_runs_from_the_last_attempt_that_counts() {
        let history = history(&[
            ("2026-07-15T13:00:00Z", Some(Outcome::Busy)),
            ("2026-07-15T15:00:00Z", Some(Outcome::Failed)),
        ]);
        let end =
            |not_counted: &[Outcome], now| interval_end(&history, not_counted, 7_200, at(now));
        assert_eq!(end(&[Outcome::Failed], "2026-07-15T15:30:00Z"), None);
        assert_eq!(end(&[], "2026-07-15T15:30:00Z"), Some(at("2026-07-15T17:00:00Z")));
        assert_eq!(end(&[], "2026-07-15T17:00:00Z"), None);
    }

    #[test]
    fn a_day_is_the_local_one_and_ends_at_its_midnight() {
        let honolulu = Zone::new("Pacific/Honolulu").unwrap();
        // 17:00 and 23:00 HST on 15 July: the second is 16 July in UTC.
        let history = history(&[("2026-07-16T03:00:00Z", None), ("2026-07-16T09:00:00Z", None)]);
        let end = day_end(&history, &[], 2, &honolulu, at("2026-07-16T09:30:00Z"));
        assert_eq!(end, Some(at("2026-07-16T10:00:00Z")));
        assert_eq!(day_end(&history, &[], 2, &honolulu, at("2026-07-16T10:00:00Z")), None);
    }
}
