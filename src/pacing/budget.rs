//! The abandonment that may be spent, and how cautious the pacer is because of it.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Share, later};

/// The window in which people are counted. The legal windows are the gate's; this one keeps the
/// pacer honest from day to day.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Aim a little under the limit: what is on its way when the limit is reached still counts.
const AIM: f64 = 0.95;

/// The people over whom a deficit is made up or a surplus is spent.
const HORIZON: f64 = 200.0;

/// The people who are counted upon to answer yet, at most.
const STILL_EXPECTED_MAX: f64 = 100.0;

/// How far one abandoned person moves the caution, in standard deviations.
const GAIN: f64 = 0.25;

const CAUTION_AT_FIRST: f64 = 2.0;
const CAUTION: std::ops::RangeInclusive<f64> = -2.0..=4.0;

/// What has been spent in the present window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    limit: f64,
    began_at: Option<Timestamp>,
    people: f64,
    abandoned: f64,
    caution: f64,
}

impl Budget {
    /// Nothing spent.
    pub fn new(limit: Share) -> Self {
        Self {
            limit: limit.get(),
            began_at: None,
            people: 0.0,
            abandoned: 0.0,
            caution: CAUTION_AT_FIRST,
        }
    }

    /// Another limit from now on.
    pub fn set_limit(&mut self, limit: Share) {
        self.limit = limit.get();
    }

    /// A person who answered had an agent in time, or not.
    pub fn person(&mut self, abandoned: bool, now: Timestamp) {
        let began_at = *self.began_at.get_or_insert(now);
        if now >= later(began_at, WINDOW) {
            self.began_at = Some(now);
            (self.people, self.abandoned) = (0.0, 0.0);
        }
        let spent = if abandoned { 1.0 } else { 0.0 };
        let moved = self.caution + GAIN * (spent - self.affordable());
        self.caution = moved.clamp(*CAUTION.start(), *CAUTION.end());
        self.people += 1.0;
        self.abandoned += spent;
    }

    /// How many standard deviations of room the pacer leaves.
    pub fn caution(&self) -> f64 {
        self.caution
    }

    /// The guard of an early window: whether one more abandoned person would stay within the limit
    /// once half as many people more have answered as have until now, a hundred at most.
    pub fn has_room(&self) -> bool {
        let still_expected = (self.people / 2.0).min(STILL_EXPECTED_MAX);
        self.abandoned + 1.0 <= self.limit * (self.people + 1.0 + still_expected)
    }

    /// People and abandoned people of this window.
    pub fn spent(&self) -> (u64, u64) {
        (self.people as u64, self.abandoned as u64)
    }

    /// The limit.
    pub fn limit(&self) -> f64 {
        self.limit
    }

    /// The share of the next people that may be abandoned.
    fn affordable(&self) -> f64 {
        let share = (AIM * self.limit * (self.people + HORIZON) - self.abandoned) / HORIZON;
        share.clamp(0.0, 2.0 * self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    fn budget() -> Budget {
        Budget::new(Share::new(0.03).unwrap())
    }

    #[test]
    fn the_first_people_leave_no_room_for_an_abandoned_one() {
        // 1/34 is the first rate at or under 3 %: 21 people and the 10 who are counted upon are not
        // yet enough for it.
        let mut budget = budget();
        for _ in 0..21 {
            budget.person(false, at(0));
            assert!(!budget.has_room());
        }
        budget.person(false, at(0));
        assert!(budget.has_room());
        budget.person(true, at(0));
        assert!(!budget.has_room());
    }

    #[test]
    fn abandonment_makes_cautious_and_its_absence_bold() {
        let mut budget = budget();
        budget.person(true, at(0));
        assert!(budget.caution() > CAUTION_AT_FIRST + 0.2);
        (0..200).for_each(|_| budget.person(false, at(1)));
        assert!(budget.caution() < CAUTION_AT_FIRST);
    }

    #[test]
    fn a_new_day_starts_without_debts() {
        let mut budget = budget();
        budget.person(true, at(0));
        budget.person(false, at(86_400));
        assert_eq!(budget.spent(), (1, 0));
    }
}
