//! VICIdial's adaptive dial level: how many lines each agent has, raised while agents wait and cut
//! when the day's drops are above the limit.

use jiff::{SignedDuration, Timestamp};

use super::today::Today;
use crate::domain::{Baseline, DropMethod, Vicidial, later};
use crate::pacing::{Decision, Explanation, Floor};

/// How often calls are placed (`AST_VDauto_dial.pl`).
const DIALS: SignedDuration = SignedDuration::from_millis(2_500);

/// How often the level is adapted (`AST_VDadapt.pl`), from the means since the last time.
const ADAPTS: SignedDuration = SignedDuration::from_secs(15);

/// How often the drop percentage is renewed.
const COUNTS: SignedDuration = SignedDuration::from_secs(60);

/// Calls of the day before the limit is looked at.
const CALLS_MIN: f64 = 50.0;

/// The shift that the tapered method takes for granted.
const SHIFT: SignedDuration = SignedDuration::from_hours(8);

/// Sums over the seconds since the level was last adapted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Means {
    seconds: f64,
    ready: f64,
    waiting: f64,
    logged_in: f64,
}

/// The level, and what it is adapted from.
#[derive(Clone, Debug, PartialEq)]
pub struct DialLevel {
    settings: Vicidial,
    level: f64,
    means: Means,
    /// The floor as last seen, with the agents who were logged in.
    seen: Option<(Timestamp, Floor, u32)>,
    dials_at: Timestamp,
    adapts_at: Timestamp,
    counts_at: Timestamp,
    /// The drop percentage as last renewed, 0 to 1; `None` before enough calls.
    drops: Option<f64>,
    /// More than half of the last minute's calls were dropped.
    drops_badly: bool,
    /// When the present day began, for the hours left.
    began_at: Timestamp,
}

impl DialLevel {
    pub fn new(settings: Vicidial) -> Self {
        Self {
            settings,
            level: 1.0,
            means: Means::default(),
            seen: None,
            dials_at: Timestamp::MIN,
            adapts_at: Timestamp::MIN,
            counts_at: Timestamp::MIN,
            drops: None,
            drops_badly: false,
            began_at: Timestamp::MIN,
        }
    }

    pub fn decide(
        &mut self,
        floor: &Floor,
        logged_in: u32,
        today: &mut Today,
        limit: f64,
        now: Timestamp,
    ) -> Decision {
        self.look(floor, logged_in, now);
        if now >= self.counts_at {
            self.count(today, now);
        }
        if now >= self.adapts_at {
            self.adapt(limit, now);
        }
        let calls = if now >= self.dials_at { self.calls(floor) } else { 0.0 };
        if now >= self.dials_at {
            self.dials_at = later(now, DIALS);
        }
        let in_progress = floor.in_progress();
        let goal = f64::from(in_progress) + calls;
        let baseline = Baseline::Vicidial(self.settings);
        let explanation = Explanation::Baseline { baseline, goal, in_progress };
        Decision { again_at: Some(self.dials_at), ..Decision::dial(calls as u32, explanation) }
    }

    /// Calls that the level asks for and that are not up.
    fn calls(&self, floor: &Floor) -> f64 {
        let (ready, talking) = (f64::from(floor.free()), f64::from(floor.talking));
        let goal = match self.settings.available_only {
            true => (self.level * ready).round() + talking,
            false => (self.level * (ready + talking)).round(),
        };
        (goal - f64::from(floor.in_progress()) - talking).max(0.0)
    }

    /// The floor was as last seen until now.
    fn look(&mut self, floor: &Floor, logged_in: u32, now: Timestamp) {
        let Some((since, before, were_in)) = self.seen.replace((now, *floor, logged_in)) else {
            self.began_at = now;
            return;
        };
        let seconds = now.duration_since(since).as_secs_f64();
        if were_in == 0 && logged_in > 0 && seconds > 60.0 {
            // After a night nothing of the day before counts.
            self.began_at = now;
            self.means = Means::default();
            self.drops = None;
            return;
        }
        self.means.seconds += seconds;
        self.means.ready += seconds * f64::from(before.ready);
        self.means.waiting += seconds * f64::from(before.waiting);
        self.means.logged_in += seconds * f64::from(were_in);
    }

    fn count(&mut self, today: &mut Today, now: Timestamp) {
        self.counts_at = later(now, COUNTS);
        self.drops = (today.calls >= CALLS_MIN).then(|| today.share());
        let (people, dropped) = today.look();
        self.drops_badly = dropped > 0.5 * people;
    }

    fn adapt(&mut self, limit: f64, now: Timestamp) {
        self.adapts_at = later(now, ADAPTS);
        let Means { seconds, ready, waiting, logged_in } = std::mem::take(&mut self.means);
        if seconds <= 0.0 || logged_in <= 0.0 {
            return;
        }
        let Vicidial { difference, intensity, level_max, .. } = self.settings;
        let share = (ready - waiting + difference * seconds) / logged_in;
        let speed = if share < 0.0 { (intensity - 1.0).abs() } else { 1.0 + intensity };
        self.level = (self.level * (1.0 + share * speed)).clamp(1.0, level_max.max(1.0));
        if self.drops.is_some_and(|drops| drops > limit) {
            self.level = self.cut(now).max(1.0);
        }
        if self.drops_badly {
            self.level = (self.level / 2.0).max(1.0);
        }
    }

    fn cut(&self, now: Timestamp) -> f64 {
        match self.settings.drop_method {
            DropMethod::Average => self.level / 2.0,
            DropMethod::HardLimit => 1.0,
            DropMethod::Tapered => {
                let left = later(self.began_at, SHIFT).duration_since(now).as_secs().max(0);
                let clock = left / 3_600 * 100 + left % 3_600 / 60;
                self.level * (clock as f64 / 1_000.0).min(1.0)
            }
        }
    }
}
