//! A day's course: how busy agents are and how many people are abandoned, over the hours.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::interval::Interval;
use super::plot::{Curve, Panel, Picture};
use crate::dialer::LedgerEntry;
use crate::sim::{Activity, Past, Scenario};

/// Figures are taken together over so long.
const EVERY: SignedDuration = SignedDuration::from_mins(15);
const DAY_S: i64 = 86_400;

/// What happened in a quarter of an hour of one day.
#[derive(Clone, Copy, Debug, Default)]
struct Quarter {
    busy_s: f64,
    idle_s: f64,
    people: f64,
    abandoned: f64,
    calls: f64,
}

/// The quarters of all days of some runs: by the quarter's place in its day, then by run and day.
#[derive(Clone, Debug, Default)]
pub struct Course(BTreeMap<i64, BTreeMap<(usize, i64), Quarter>>);

impl Course {
    /// Takes a run's days in.
    pub fn add(&mut self, run: usize, scenario: &Scenario, past: &Past) {
        let place = |at: Timestamp| {
            let s = at.duration_since(scenario.begins_at).as_secs();
            (s.rem_euclid(DAY_S) / EVERY.as_secs(), (run, s.div_euclid(DAY_S)))
        };
        for stretch in &past.stretches {
            let mut from = stretch.from;
            while from < stretch.until {
                let (quarter, day) = place(from);
                let next = from + left_of_quarter(scenario.begins_at, from);
                let until = next.min(stretch.until);
                let seconds = until.duration_since(from).as_secs_f64();
                let entry = self.entry(quarter, day);
                match stretch.activity {
                    Activity::Paused => {}
                    Activity::Ready => entry.idle_s += seconds,
                    Activity::Talking | Activity::WrapUp => entry.busy_s += seconds,
                }
                from = until;
            }
        }
        for call in &past.calls {
            let (quarter, day) = place(call.began_at);
            let entry = self.entry(quarter, day);
            entry.calls += 1.0;
            entry.people += f64::from(u8::from(call.ledger != LedgerEntry::NotCounted));
            entry.abandoned += f64::from(u8::from(call.ledger == LedgerEntry::Abandoned));
        }
    }

    /// Without what goes on after the end of the day, when few are still there.
    pub fn within(mut self, shift: SignedDuration) -> Self {
        let whole = shift.as_secs().div_euclid(EVERY.as_secs()).max(1);
        self.0.retain(|quarter, _| *quarter < whole);
        self
    }

    /// Takes in what was seen in other runs.
    pub fn join(&mut self, other: Self) {
        for (quarter, days) in other.0 {
            self.0.entry(quarter).or_default().extend(days);
        }
    }

    fn entry(&mut self, quarter: i64, day: (usize, i64)) -> &mut Quarter {
        self.0.entry(quarter).or_default().entry(day).or_default()
    }

    /// A curve of parts over wholes in percent, by the hour of the day.
    fn curve(&self, name: &str, of: impl Fn(&Quarter) -> (f64, f64)) -> Curve {
        let points = self.0.iter().filter_map(|(quarter, days)| {
            let samples: Vec<(f64, f64)> = days.values().map(&of).collect();
            let whole: f64 = samples.iter().map(|(_, whole)| whole).sum();
            let hour = (*quarter as f64 + 0.5) * EVERY.as_secs_f64() / 3_600.0;
            (whole > 0.0).then(|| (hour, Interval::ratio(&samples).times(100.0)))
        });
        Curve { name: name.to_owned(), points: points.collect() }
    }
}

/// From `at` to the next quarter.
fn left_of_quarter(begins_at: Timestamp, at: Timestamp) -> SignedDuration {
    let into_us = at.duration_since(begins_at).as_micros();
    let every_us = EVERY.as_micros();
    let left_us = every_us - into_us.rem_euclid(every_us);
    SignedDuration::from_micros(i64::try_from(left_us).unwrap_or(1))
}

/// The picture of one or several courses by name.
pub fn picture(title: String, courses: &[(String, Course)], limit: f64) -> Picture {
    let curves = |of: fn(&Quarter) -> (f64, f64)| -> Vec<Curve> {
        courses.iter().map(|(name, course)| course.curve(name, of)).collect()
    };
    let panel = |quantity: &str, curves, limit| Panel {
        quantity: quantity.to_owned(),
        curves,
        limit,
        most: 100.0,
    };
    Picture {
        title,
        across: "hours from the start of the day".to_owned(),
        by_factors: false,
        panels: vec![
            panel("utilisation %", curves(|q| (q.busy_s, q.busy_s + q.idle_s)), None),
            panel("abandoned %", curves(|q| (q.abandoned, q.people)), Some(limit * 100.0)),
            panel("people, % of calls", curves(|q| (q.people, q.calls)), None),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, later};
    use crate::sim::Stretch;

    #[test]
    fn a_stretch_is_shared_out_among_its_quarters() {
        let scenario = Scenario::s0(1);
        let after = |s| later(scenario.begins_at, SignedDuration::from_secs(s));
        let stretch = |from, until, activity| Stretch {
            agent: AgentId(1),
            from: after(from),
            until: after(until),
            activity,
        };
        let past = Past {
            calls: Vec::new(),
            stretches: vec![
                stretch(600, 1_200, Activity::Talking),
                stretch(1_200, 1_800, Activity::Ready),
            ],
        };
        let mut course = Course::default();
        course.add(0, &scenario, &past);
        let curve = course.curve("busy", |q| (q.busy_s, q.busy_s + q.idle_s));
        let seen: Vec<(f64, f64)> =
            curve.points.iter().map(|(x, y)| (*x, y.mean.round())).collect();
        assert_eq!(seen, [(0.125, 100.0), (0.375, 33.0)]);
    }
}
