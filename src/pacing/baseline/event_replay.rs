//! Who will be free within a window, from the cycles that ended last; as many calls as bring them
//! one person each. The ledger moves the window.

use jiff::{SignedDuration, Timestamp};

use super::measured::{Cycle, Measured};
use super::today::Today;
use crate::domain::{Baseline, later};
use crate::pacing::{Activity, Decision, Explanation, Floor};

/// How often it looks.
const LOOK: SignedDuration = SignedDuration::from_millis(500);

/// The window at first, its bounds, in seconds.
const WINDOW_S: f64 = 8.0;
const WINDOW_S_MAX: f64 = 60.0;

/// Below this the window stands still and the calls grow fewer, in seconds.
const WINDOW_S_MIN: f64 = 1.0;

/// The share of the limit that is aimed at, and the part of an abandoned person that is kept back.
const AIM: f64 = 0.0295 / 0.03;
const RESERVE: f64 = 0.5;

/// The ledger holds to one call for each agent while less room is left than the next person.
const NEXT: f64 = 1.0;

/// How far one person moves the window's logarithm, and the first ones.
const GAIN: f64 = 0.08;
const GAIN_AT_FIRST: f64 = 0.25;
const AT_FIRST: f64 = 60.0;

/// The method's state.
#[derive(Clone, Debug, PartialEq)]
pub struct EventReplay {
    scale: f64,
    /// Natural logarithm of the window, in seconds.
    level: f64,
    looks_at: Option<Timestamp>,
}

impl EventReplay {
    pub fn new(scale: f64) -> Self {
        Self { scale, level: WINDOW_S.ln(), looks_at: None }
    }

    /// The ledger has counted a person, and `expected` more are to come today: the window moves by
    /// what may be lost of each of them.
    pub fn adapt(&mut self, abandoned: bool, today: &Today, expected: f64, limit: f64) {
        if !abandoned && !Self::has_room(today, expected, limit) {
            return;
        }
        let (aim, expected) = (AIM * limit, expected.max(1.0));
        let left = (aim * (today.people + expected) - today.abandoned - RESERVE) / expected;
        let gain = if today.people < AT_FIRST { GAIN_AT_FIRST } else { GAIN };
        let spent = if abandoned { 1.0 } else { 0.0 };
        let moved = self.level + gain * (left.clamp(0.0, 2.0 * aim) - spent);
        self.level = moved.clamp(-3.0, WINDOW_S_MAX.ln());
    }

    /// Whether the ledger has room for one more, if only the fewest people are still to come that
    /// chance leaves.
    fn has_room(today: &Today, expected: f64, limit: f64) -> bool {
        let surely = (expected - 2.0 * expected.sqrt()).max(0.0);
        AIM * limit * (today.people + surely) - today.abandoned >= NEXT
    }

    pub fn decide(
        &mut self,
        floor: &Floor,
        measured: &Measured,
        (today, to_come, limit): (&Today, f64, f64),
        now: Timestamp,
    ) -> Decision {
        let in_progress = floor.in_progress();
        let baseline = Baseline::EventReplay { scale: self.scale };
        if let Some(at) = self.looks_at.filter(|at| *at > now) {
            let goal = f64::from(in_progress);
            let explanation = Explanation::Baseline { baseline, goal, in_progress };
            return Decision { again_at: Some(at), ..Decision::dial(0, explanation) };
        }
        let next = later(now, LOOK);
        self.looks_at = Some(next);
        let window_s = self.level.exp();
        let shrunk = (window_s / WINDOW_S_MIN).min(1.0);
        let freed: f64 = measured
            .busy(now)
            .map(|(activity, age_s)| {
                free_within(measured, activity, age_s, window_s.max(WINDOW_S_MIN))
            })
            .sum();
        let expected = f64::from(floor.free()) + freed - f64::from(floor.waiting);
        let goal = self.scale * shrunk * expected / measured.answer_rate();
        let one_to_one = f64::from(floor.free());
        let goal = match Self::has_room(today, to_come, limit) {
            true => goal.max(one_to_one),
            false => one_to_one,
        };
        let calls = (goal - f64::from(in_progress)).max(0.0).floor() as u32;
        let explanation = Explanation::Baseline { baseline, goal, in_progress };
        Decision { again_at: Some(next), ..Decision::dial(calls, explanation) }
    }
}

/// The share of the remembered cycles in which somebody as far as this one was free so soon.
fn free_within(measured: &Measured, activity: Activity, age_s: f64, window_s: f64) -> f64 {
    let left_s = |cycle: &Cycle| match activity {
        Activity::Talking => {
            (cycle.talk_s > age_s).then_some(cycle.talk_s + cycle.wrap_up_s - age_s)
        }
        _ => (cycle.wrap_up_s > age_s).then_some(cycle.wrap_up_s - age_s),
    };
    let (mut alike, mut free) = (0_u32, 0_u32);
    for left_s in measured.cycles().iter().filter_map(left_s) {
        alike += 1;
        free += u32::from(left_s <= window_s);
    }
    f64::from(free) / f64::from(alike.max(1))
}
