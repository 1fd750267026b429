//! When agents become free: talks and wrap-ups by age, and each agent's own pace.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::grid::{Grid, MOMENTS, ahead_s};
use super::hazard::Hazard;
use crate::domain::AgentId;

/// Seconds that a talk's end is looked for ahead: the last moment and the longest wait.
const AHEAD: usize = 34;

/// Seconds of wrap-up that are told apart.
const WRAP_UP: usize = 400;

/// Talks and wrap-ups of an agent that the common pace is worth. Paces differ by some 15 % (talks)
/// and 25 % (wrap-ups), a talk from the next by a factor of two and a wrap-up by 1.7.
const COMMON_TALKS: f64 = 24.0;
const COMMON_WRAP_UPS: f64 = 5.0;

/// Talks or wrap-ups after which an agent's old ones have lost two thirds of their weight.
const MEMORY: f64 = 200.0;

/// Wrap-ups that the usual share of pauses is worth, and that share.
const PAUSES_BELIEVED: f64 = 30.0;
const PAUSES_USUAL: f64 = 0.03;

/// The pace of paces: no agent is taken to be further from the common one.
const PACE: std::ops::RangeInclusive<f64> = 0.4..=2.5;

/// What is known of agents.
#[derive(Clone, Debug, PartialEq)]
pub struct Staff {
    habits: Habits,
    /// By the talk's age: free by each moment.
    after_talk: Vec<Grid>,
    /// By the wrap-up's age in seconds: ends expected until then.
    wrapped: Vec<f64>,
    wait_s: f64,
}

/// What is learned of agents.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Habits {
    talk: Hazard,
    wrap_up: Hazard,
    wrap_ups: f64,
    pauses: f64,
    talk_pace: Pace,
    wrap_up_pace: Pace,
    agents: BTreeMap<AgentId, (Pace, Pace)>,
}

/// The mean logarithm of what is measured.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Pace {
    weight: f64,
    sum: f64,
}

impl Pace {
    fn add(&mut self, s: f64) {
        let keep = 1.0 - 1.0 / MEMORY;
        self.weight = self.weight * keep + 1.0;
        self.sum = self.sum * keep + s.max(0.5).ln();
    }

    /// How much faster than the others, `common` measurements being worth no difference.
    fn against(&self, all: &Self, common: f64) -> f64 {
        if self.weight <= 0.0 || all.weight <= 0.0 {
            return 1.0;
        }
        let apart = self.sum / self.weight - all.sum / all.weight;
        let pace = (-apart * self.weight / (self.weight + common)).exp();
        pace.clamp(*PACE.start(), *PACE.end())
    }
}

impl Habits {
    /// Nothing known: talks of three minutes, wrap-ups of half a minute.
    fn unknown() -> Self {
        Self {
            talk: Hazard::new(33, 4.0, 1.17, 180.0, 3_000.0),
            wrap_up: Hazard::new(24, 2.0, 1.15, 30.0, 3_000.0),
            wrap_ups: PAUSES_BELIEVED,
            pauses: PAUSES_BELIEVED * PAUSES_USUAL,
            talk_pace: Pace::default(),
            wrap_up_pace: Pace::default(),
            agents: BTreeMap::new(),
        }
    }
}

impl Default for Staff {
    fn default() -> Self {
        Self::with(Habits::unknown())
    }
}

impl Staff {
    /// What was learned before.
    pub fn with(habits: Habits) -> Self {
        let (after_talk, wrapped) = (Vec::new(), Vec::new());
        let mut staff = Self { habits, after_talk, wrapped, wait_s: 0.0 };
        staff.refresh(0.0);
        staff
    }

    /// What is learned.
    pub fn habits(&self) -> &Habits {
        &self.habits
    }

    /// A talk has lasted `s` more, at that age.
    pub fn talks(&mut self, age_s: f64, s: f64) {
        self.habits.talk.lasts(age_s, s);
    }

    /// A wrap-up has lasted `s` more, at that age.
    pub fn wraps_up(&mut self, pace: f64, age_s: f64, s: f64) {
        // Fast agents' time runs fast: their ages are those of an ordinary agent.
        self.habits.wrap_up.lasts(age_s * pace, s * pace);
    }

    /// A talk is over.
    pub fn talk_ended(&mut self, agent: AgentId, age_s: f64) {
        self.habits.talk.ends(age_s);
        self.habits.talk_pace.add(age_s);
        self.habits.agents.entry(agent).or_default().0.add(age_s);
    }

    /// A wrap-up is over; a pause follows, or the agent is ready.
    pub fn wrap_up_ended(&mut self, agent: AgentId, age_s: f64, pause: bool) {
        let pace = self.wrap_up_pace(agent);
        self.habits.wrap_up.ends(age_s * pace);
        self.habits.wrap_up_pace.add(age_s);
        self.habits.agents.entry(agent).or_default().1.add(age_s);
        let keep = 1.0 - 1.0 / 1_000.0;
        self.habits.wrap_ups = self.habits.wrap_ups * keep + 1.0;
        self.habits.pauses = self.habits.pauses * keep + f64::from(u8::from(pause));
    }

    /// Free by each moment, with `wait_s` more: an agent of that pace who has talked for `age_s`.
    pub fn after_talk(&self, pace: f64, age_s: f64) -> Grid {
        let row = &self.after_talk[self.habits.talk.place(age_s)];
        row.map(|p| (p * pace).min(1.0))
    }

    /// The same of one who has wrapped up for `age_s`.
    pub fn after_wrap_up(&self, pace: f64, age_s: f64) -> Grid {
        let back = self.comes_back();
        let until_now = self.wrapped(age_s * pace);
        std::array::from_fn(|moment| {
            let until_then = self.wrapped((age_s + ahead_s(moment) + self.wait_s) * pace);
            back * (1.0 - (until_now - until_then).exp())
        })
    }

    /// Makes the forecast anew; a person may wait `wait_s` for an agent.
    pub fn refresh(&mut self, wait_s: f64) {
        self.wait_s = wait_s;
        self.habits.talk.build();
        self.habits.wrap_up.build();
        self.wrapped.clear();
        self.wrapped.push(0.0);
        let mut sum = 0.0;
        for s in 0..WRAP_UP {
            sum += self.habits.wrap_up.rate(s as f64 + 0.5);
            self.wrapped.push(sum);
        }
        let back = self.comes_back();
        let within: [f64; AHEAD] =
            std::array::from_fn(|s| back * (1.0 - (-self.wrapped(s as f64 + 0.5)).exp()));
        let talk = &self.habits.talk;
        self.after_talk = (0..talk.len())
            .map(|place| {
                let free = freed(talk, talk.middle_s(place), &within);
                std::array::from_fn(|moment| between(&free, ahead_s(moment) + wait_s))
            })
            .collect();
    }

    fn comes_back(&self) -> f64 {
        1.0 - self.habits.pauses / self.habits.wrap_ups
    }

    /// How much faster than the others this agent's talks end.
    pub fn talk_pace(&self, agent: AgentId) -> f64 {
        let own = self.habits.agents.get(&agent).map(|own| own.0);
        own.map_or(1.0, |own| own.against(&self.habits.talk_pace, COMMON_TALKS))
    }

    /// How much faster than the others this agent wraps up.
    pub fn wrap_up_pace(&self, agent: AgentId) -> f64 {
        let own = self.habits.agents.get(&agent).map(|own| own.1);
        own.map_or(1.0, |own| own.against(&self.habits.wrap_up_pace, COMMON_WRAP_UPS))
    }

    fn wrapped(&self, s: f64) -> f64 {
        let last = self.wrapped.len() - 1;
        let place = s as usize;
        if place >= last {
            let rate = self.wrapped[last] - self.wrapped[last - 1];
            return self.wrapped[last] + rate * (s - last as f64);
        }
        let (from, to) = (self.wrapped[place], self.wrapped[place + 1]);
        from + (s - place as f64) * (to - from)
    }
}

/// By each second ahead: the talk is over and the wrap-up too.
fn freed(talk: &Hazard, age_s: f64, within: &[f64; AHEAD]) -> [f64; AHEAD + 1] {
    let mut free = [0.0; AHEAD + 1];
    let mut goes_on = 1.0;
    for s in 0..AHEAD {
        let keeps = (-talk.rate(age_s + s as f64 + 0.5)).exp();
        let ends = goes_on * (1.0 - keeps);
        goes_on *= keeps;
        for ahead in s..AHEAD {
            free[ahead + 1] += ends * within[ahead - s];
        }
    }
    free
}

fn between(by_second: &[f64; AHEAD + 1], s: f64) -> f64 {
    let place = (s as usize).min(AHEAD - 1);
    let part = (s - place as f64).min(1.0);
    by_second[place] + part * (by_second[place + 1] - by_second[place])
}

const _: () = assert!(2 * MOMENTS + 4 < AHEAD);

#[cfg(test)]
mod tests {
    use super::*;

    /// Talks of 60 s and wrap-ups of 10 s by two agents, one of them twice as fast after calls.
    fn staff() -> Staff {
        let mut staff = Staff::default();
        for n in 0..300 {
            let agent = AgentId(n % 2);
            let (talk_s, wrap_up_s) = (60.0, if n % 2 == 0 { 20.0 } else { 5.0 });
            for s in 0..60 {
                staff.talks(f64::from(s), 1.0);
            }
            staff.talk_ended(agent, talk_s);
            let pace = staff.wrap_up_pace(agent);
            staff.wraps_up(pace, wrap_up_s / 2.0, wrap_up_s);
            staff.wrap_up_ended(agent, wrap_up_s, n % 10 == 0);
        }
        staff.refresh(0.0);
        staff
    }

    #[test]
    fn a_talk_is_judged_by_its_age() {
        let staff = staff();
        let (young, old) = (staff.after_talk(1.0, 5.0)[4], staff.after_talk(1.0, 55.0)[13]);
        assert!(young < 0.05 && old > 0.5, "{young} {old}");
    }

    #[test]
    fn who_is_quick_is_expected_earlier() {
        let staff = staff();
        let (slow, quick) = (staff.wrap_up_pace(AgentId(0)), staff.wrap_up_pace(AgentId(1)));
        assert!(quick > 1.5 && slow < 0.7, "{quick} {slow}");
        let within = |pace| staff.after_wrap_up(pace, 1.0)[1];
        assert!(within(quick) > within(slow));
        assert!(staff.after_wrap_up(quick, 1.0)[13] <= 0.95, "one in ten pauses instead");
    }
}
