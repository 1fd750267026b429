//! What becomes of a call that rings, by its age: when a person answers, a machine, or nobody.

use serde::{Deserialize, Serialize};

use super::delay::Delay;
use super::grid::{Grid, MOMENTS, ahead_s};
use super::level::Level;

/// Ages are told apart by this.
pub const STEP_S: f64 = 0.5;

/// Half seconds to the last moment of a forecast.
const STEPS: usize = 56;

/// Calls that the first beliefs are worth.
const BELIEVED: f64 = 20.0;

/// Calls after which an old one has lost two thirds of its weight.
const MEMORY: f64 = 5_000.0;

/// A level that has moved by this share makes the forecast anew.
const MOVED: f64 = 0.02;

/// What is known of ringing calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    counts: Counts,
    level: Level,
    /// Expected and heard since the level was last moved.
    expected: f64,
    people: u32,
    built_for: f64,
    tables: Tables,
}

/// Events and time by age.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Counts {
    person: Vec<f64>,
    machine: Vec<f64>,
    nobody: Vec<f64>,
    exposure_s: Vec<f64>,
    /// The same time, weighted by the level that held.
    leveled_s: Vec<f64>,
    person_delay: Delay,
    machine_delay: Delay,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Tables {
    /// By age: the probability that the call is a screened person's by each moment.
    ready: Vec<Grid>,
    /// By age: people expected until then at the usual level, had it rung until then.
    cumulative: Vec<f64>,
    /// By age: the share of answers that are a person's.
    person_share: Vec<f64>,
}

impl Ring {
    /// Nothing heard yet: weak beliefs of an ordinary list. `ring_s_max`: when calls are given up.
    pub fn new(ring_s_max: f64) -> Self {
        Self::with(Counts::believed(ages(ring_s_max)))
    }

    /// What was learned before, for calls that ring as long as that. Seconds.
    pub fn learned(counts: Counts, ring_s_max: f64) -> Self {
        Self::with(counts.resized(ring_s_max))
    }

    fn with(counts: Counts) -> Self {
        let mut ring = Self {
            counts,
            level: Level::default(),
            expected: 0.0,
            people: 0,
            built_for: 1.0,
            tables: Tables::default(),
        };
        ring.build();
        ring
    }

    /// What was learned.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// A call has rung from one age to another. Seconds.
    pub fn rang(&mut self, from_s: f64, until_s: f64) {
        let age = self.age(until_s);
        let s = until_s - from_s;
        self.counts.exposure_s[age] += s;
        self.counts.leveled_s[age] += s * self.level.mean();
        self.expected += (self.cumulative(until_s) - self.cumulative(from_s)).max(0.0);
    }

    /// A call that was answered at that age is a person's, heard after so long. Seconds.
    pub fn person(&mut self, answered_s: f64, delay_s: f64) {
        let age = self.age(answered_s);
        self.counts.person[age] += 1.0;
        self.counts.person_delay.add(delay_s);
        self.people += 1;
    }

    /// It is no person's.
    pub fn machine(&mut self, answered_s: f64, delay_s: f64) {
        let age = self.age(answered_s);
        self.counts.machine[age] += 1.0;
        self.counts.machine_delay.add(delay_s);
    }

    /// It ended unanswered at that age, not by us.
    pub fn nobody(&mut self, age_s: f64) {
        let age = self.age(age_s);
        self.counts.nobody[age] += 1.0;
    }

    /// Takes what was heard into the level; if wanted, the forecast is made anew when that has moved
    /// it.
    pub fn settle(&mut self, forecast: bool) {
        self.level.add(self.expected, self.people);
        (self.expected, self.people) = (0.0, 0);
        if forecast && (self.level.mean() - self.built_for).abs() > MOVED * self.built_for {
            self.build();
        }
    }

    /// Forgets a little, and makes the forecast anew with all that was heard.
    pub fn refresh(&mut self, calls: f64) {
        self.counts.forget((-calls / MEMORY).exp());
        self.counts.person_delay.sum();
        self.counts.machine_delay.sum();
        self.build();
    }

    /// A new day: the level may be another, the shape stays.
    pub fn widen(&mut self) {
        self.level.widen();
        self.build();
    }

    /// How uncertain the level is: its variance over its mean squared.
    pub fn variation(&self) -> f64 {
        self.level.variation()
    }

    /// By each moment: whether a call of that age is a screened person's. Seconds.
    pub fn ready(&self, age_s: f64) -> &Grid {
        &self.tables.ready[self.age(age_s)]
    }

    /// The same of a call that was answered at `answered_s` and has been listened to for `heard_s`.
    pub fn heard(&self, answered_s: f64, heard_s: f64) -> Grid {
        let before = self.tables.person_share[self.age(answered_s)];
        let person = &self.counts.person_delay;
        let still = person.later_than(heard_s) * before;
        let others = self.counts.machine_delay.later_than(heard_s) * (1.0 - before);
        let is_person = still / (still + others).max(1e-9);
        std::array::from_fn(|moment| {
            let left = person.later_than(heard_s + ahead_s(moment));
            is_person * (1.0 - left / person.later_than(heard_s).max(1e-9))
        })
    }

    /// From the answer to the word that it is a person, on average. Seconds.
    pub fn screening_s(&self) -> f64 {
        self.counts.person_delay.mean()
    }

    fn age(&self, s: f64) -> usize {
        ((s / STEP_S) as usize).min(self.counts.person.len() - 1)
    }

    fn cumulative(&self, age_s: f64) -> f64 {
        let place = (age_s / STEP_S).max(0.0);
        let last = self.tables.cumulative.len() - 1;
        let age = (place as usize).min(last);
        let next = (age + 1).min(last);
        let part = (place - age as f64).min(1.0);
        let at = |age: usize| self.tables.cumulative[age];
        at(age) + part * (at(next) - at(age))
    }

    fn build(&mut self) {
        let level = self.level.mean();
        self.built_for = level;
        let counts = &self.counts;
        let ages = counts.person.len();
        let person = rates(&counts.person, &counts.leveled_s);
        let machine = rates(&counts.machine, &counts.exposure_s);
        let nobody = rates(&counts.nobody, &counts.exposure_s);
        let heard: [f64; STEPS + 1] = std::array::from_fn(|step| {
            1.0 - counts.person_delay.later_than((step as f64 - 0.5) * STEP_S)
        });
        self.tables.ready.resize(ages, [0.0; MOMENTS]);
        self.tables.cumulative.resize(ages + 1, 0.0);
        self.tables.person_share.resize(ages, 0.0);
        let mut by_step = [0.0; STEPS + 1];
        for age in (0..ages).rev() {
            let rate = level * person[age];
            let all = rate + machine[age] + nobody[age];
            let ends = 1.0 - (-all * STEP_S).exp();
            let answers = if all > 0.0 { ends * rate / all } else { 0.0 };
            for step in (1..=STEPS).rev() {
                by_step[step] = answers * heard[step] + (1.0 - ends) * by_step[step - 1];
            }
            self.tables.ready[age] = std::array::from_fn(|moment| by_step[4 * (moment + 1)]);
            self.tables.person_share[age] = rate / (rate + machine[age]).max(1e-12);
        }
        for (age, rate) in person.iter().enumerate() {
            self.tables.cumulative[age + 1] = self.tables.cumulative[age] + rate * STEP_S;
        }
    }
}

impl Counts {
    /// An ordinary list: one call in five a person's, as many more a machine's, the rest busy,
    /// vacant or not answered.
    fn believed(ages: usize) -> Self {
        let mut counts = Self {
            person: vec![0.0; ages],
            machine: vec![0.0; ages],
            nobody: vec![0.0; ages],
            exposure_s: vec![0.0; ages],
            leveled_s: vec![0.0; ages],
            person_delay: Delay::default(),
            machine_delay: Delay::default(),
        };
        let mut left = BELIEVED;
        for age in 0..ages {
            let s = (age as f64 + 0.5) * STEP_S;
            let bell = |at: f64, wide: f64| (-0.5 * ((s - at) / wide).powi(2)).exp() / wide;
            let of = |share: f64, bell: f64| BELIEVED * share * STEP_S * bell / 2.506_628;
            counts.person[age] = of(0.2, bell(11.0, 5.0));
            counts.machine[age] = of(0.25, bell(17.0, 5.0));
            counts.nobody[age] = of(0.12, bell(3.0, 1.5));
            counts.exposure_s[age] = left * STEP_S;
            counts.leveled_s[age] = left * STEP_S;
            left -= counts.person[age] + counts.machine[age] + counts.nobody[age];
        }
        counts
    }

    /// For calls that ring as long as that; of ages not seen before nothing is known.
    fn resized(mut self, ring_s_max: f64) -> Self {
        let ages = ages(ring_s_max);
        let all = [&mut self.person, &mut self.machine, &mut self.nobody];
        for by_age in all.into_iter().chain([&mut self.exposure_s, &mut self.leveled_s]) {
            by_age.resize(ages, 0.0);
        }
        self
    }

    fn forget(&mut self, keep: f64) {
        let all = [&mut self.person, &mut self.machine, &mut self.nobody];
        for by_age in all.into_iter().chain([&mut self.exposure_s, &mut self.leveled_s]) {
            by_age.iter_mut().for_each(|count| *count *= keep);
        }
    }
}

/// Half seconds until a call is given up, with some for what comes before the ring.
fn ages(ring_s_max: f64) -> usize {
    ((ring_s_max.clamp(1.0, 120.0) + 5.0) / STEP_S).ceil() as usize
}

/// Events a second by age, smoothed over neighbours.
fn rates(events: &[f64], exposure_s: &[f64]) -> Vec<f64> {
    let smooth = |by_age: &[f64], age: usize| {
        let at = |age: usize| by_age.get(age).copied().unwrap_or(0.0);
        let before = |n: usize| age.checked_sub(n).map_or(0.0, at);
        6.0 * at(age) + 4.0 * (before(1) + at(age + 1)) + before(2) + at(age + 2)
    };
    (0..events.len()).map(|age| smooth(events, age) / smooth(exposure_s, age).max(1e-6)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four hundred calls: a fifth a person's after 10 s, a fifth a machine's after 18 s.
    fn ring() -> Ring {
        let mut ring = Ring::new(25.0);
        for n in 0..400 {
            let ends_s = [10.0, 18.0, 25.0, 25.0, 25.0][n % 5];
            let mut age_s = 0.0;
            while age_s < ends_s {
                ring.rang(age_s, age_s + 0.5);
                age_s += 0.5;
            }
            match n % 5 {
                0 => ring.person(ends_s, 1.0),
                1 => ring.machine(ends_s, 1.0),
                _ => ring.nobody(ends_s),
            }
            ring.settle(true);
        }
        ring.refresh(400.0);
        ring
    }

    #[test]
    fn a_call_is_judged_by_its_age() {
        let ring = ring();
        let by = |age_s: f64, moment: usize| ring.ready(age_s)[moment];
        assert!((by(0.0, 13) - 0.2).abs() < 0.04, "{}", by(0.0, 13));
        assert!(by(0.0, 3) < 0.05, "within 8 s hardly any: {}", by(0.0, 3));
        assert!(by(9.0, 3) > 0.15, "soon at nine seconds: {}", by(9.0, 3));
        assert!(by(20.0, 13) < 0.03, "hardly ever at twenty: {}", by(20.0, 13));
    }

    #[test]
    fn an_answer_is_a_person_s_by_its_age_too() {
        let ring = ring();
        let early = ring.heard(10.0, 0.0)[1];
        let late = ring.heard(18.0, 0.0)[1];
        assert!(early > 0.7 && late < 0.3, "{early} {late}");
    }

    #[test]
    fn what_is_learned_is_kept_also_for_another_ring_time() {
        let learned = Ring::learned(ring().counts().clone(), 25.0);
        assert!((learned.ready(0.0)[13] - 0.2).abs() < 0.05);
        let shorter = Ring::learned(ring().counts().clone(), 4.0);
        assert!(shorter.ready(0.0)[13] < 0.1, "{}", shorter.ready(0.0)[13]);
    }
}
