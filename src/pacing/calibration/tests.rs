//! Forecasts that are right, and forecasts that are not, over many seeded days.

use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg64Mcg;

use super::*;

/// A window of 20 s: a working day of eight hours has 1,440 of them.
const WINDOWS_A_DAY: u32 = 1_440;

fn at(s: f64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_millis((s * 1e3) as i64)
}

/// Windows in which Poisson numbers with a known mean are foretold, rightly or not.
struct Shift {
    calibration: Calibration,
    chance: Pcg64Mcg,
    windows: u32,
}

impl Shift {
    fn new(seed: u64) -> Self {
        let chance = Pcg64Mcg::seed_from_u64(seed);
        Self { calibration: Calibration::default(), chance, windows: 0 }
    }

    fn count(&mut self, mean: f64) -> u32 {
        Poisson::new(mean).map_or(0, |poisson| poisson.sample(&mut self.chance) as u32)
    }

    /// One window: `foretold` people and agents, of whom `truly` come.
    fn window(&mut self, foretold: f64, people: f64, freed: f64) -> Verdict {
        let began_s = 21.0 * f64::from(self.windows);
        self.windows += 1;
        let expected = Expected { mean: foretold, variance: foretold };
        let forecast = Forecast {
            people: expected,
            people_within_s: 20.0,
            freed: expected,
            freed_within_s: 20.0,
        };
        self.calibration.forecast(forecast, at(began_s));
        let (people, freed) = (self.count(people), self.count(freed));
        (0..people).for_each(|_| self.calibration.person(at(began_s - 9.0), at(began_s + 10.0)));
        (0..freed).for_each(|_| self.calibration.freed(at(began_s - 90.0), at(began_s + 11.0)));
        self.calibration.verdict()
    }
}

#[test]
fn forecasts_that_are_right_are_hardly_ever_doubted() {
    // People a window: a floor of 5, of 25, of 300 agents. A hundred days each.
    for (people, alarms_max) in [(0.4, 1), (2.2, 1), (26.0, 0)] {
        let alarms: u32 = (0..100)
            .map(|day| {
                let mut shift = Shift::new(day);
                let off = (0..WINDOWS_A_DAY)
                    .any(|_| shift.window(people, people, people) != Verdict::Calibrated);
                u32::from(off)
            })
            .sum();
        assert!(alarms <= alarms_max, "{people} people a window: {alarms} days of 100 with alarm");
    }
}

#[test]
fn a_level_that_swings_by_a_seventh_is_hardly_ever_an_alarm() {
    let alarms = (0..60).filter(|day| {
        let mut shift = Shift::new(*day);
        (0..WINDOWS_A_DAY).any(|window| {
            let swing = 1.0 + 0.15 * (f64::from(window) / 60.0).sin();
            shift.window(2.2, 2.2 * swing, 2.2 / swing) != Verdict::Calibrated
        })
    });
    let alarms = alarms.count();
    assert!(alarms <= 3, "{alarms} days of 60 with an alarm");
}

#[test]
fn twice_as_many_people_as_expected_is_seen_within_minutes() {
    // The median of 21 runs, in windows of 20 s.
    for (people, windows_max) in [(2.2, 30), (26.0, 30)] {
        let mut seen: Vec<u32> = (0..21)
            .map(|seed| {
                let mut shift = Shift::new(seed);
                (0..200).for_each(|_| _ = shift.window(people, people, people));
                let right = shift.windows;
                while shift.window(people, 2.0 * people, people) == Verdict::Calibrated {
                    assert!(shift.windows < right + 1_000, "never seen");
                }
                shift.windows - right
            })
            .collect();
        seen.sort_unstable();
        assert!(seen[10] <= windows_max, "{people} people a window: {seen:?}");
    }
}

#[test]
fn the_verdict_says_what_was_wrong_and_is_taken_back_when_it_fits_again() {
    let mut shift = Shift::new(1);
    (0..100).for_each(|_| _ = shift.window(10.0, 10.0, 4.0));
    let Verdict::Off { what, expected, actual } = shift.calibration.verdict() else {
        panic!("60 % fewer agents than expected were not seen");
    };
    assert_eq!(what, Foretold::Freed);
    assert!(actual < 0.7 * expected, "{actual} of {expected}");
    (0..100).for_each(|_| _ = shift.window(10.0, 10.0, 4.0));
    assert_ne!(shift.calibration.verdict(), Verdict::Calibrated, "it is still as wrong");
    let wrong = shift.windows;
    while shift.window(4.0, 4.0, 4.0) != Verdict::Calibrated {
        assert!(shift.windows < wrong + 200, "{:?}", shift.calibration.figures());
    }
}

#[test]
fn only_what_was_there_at_the_forecast_counts_and_only_in_its_window() {
    let mut calibration = Calibration::default();
    let two = Expected { mean: 2.0, variance: 1.0 };
    let forecast =
        Forecast { people: two, freed: two, people_within_s: 20.0, freed_within_s: 20.0 };
    calibration.forecast(forecast, at(100.0));
    assert!(!calibration.wants_forecast(at(110.0)));
    calibration.person(at(90.0), at(110.0));
    calibration.person(at(101.0), at(111.0));
    calibration.given_up(at(85.0), 0.25, at(112.0));
    calibration.freed(at(10.0), at(115.0));
    calibration.freed(at(115.0), at(119.0));
    calibration.person(at(95.0), at(121.0));
    let figures = calibration.figures();
    assert_eq!((figures.people.actual, figures.freed.actual), (1.25, 1.0));
    assert_eq!(figures.people.ratio, Some(0.625));
    assert!(calibration.wants_forecast(at(121.0)));
}

#[test]
fn chances_of_being_abandoned_are_scored() {
    let mut calibration = Calibration::default();
    let mut person = |chance, abandoned| {
        calibration.judged(chance, abandoned);
        calibration.figures().abandonment_brier.unwrap()
    };
    assert!((person(0.5, true) - 0.25).abs() < 1e-12);
    assert!(person(0.0, false) < 0.126);
    (0..50).for_each(|_| _ = person(0.02, false));
    let figures = calibration.figures();
    assert!(figures.abandonment_brier < figures.abandonment_brier_of_share);
}
