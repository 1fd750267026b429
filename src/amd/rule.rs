//! When to decide: as soon as the expected cost of deciding is below that of listening on.
//!
//! A moment is summed up by how long it has been silent and how likely a person speaks. How one
//! moment follows another was counted in training calls (`rule.txt`); what waiting costs follows from
//! that and from the [`Costs`] by backward induction (Wald's sequential test, solved as a Markov decision process).

use std::sync::LazyLock;

/// Time between two moments, in seconds: how often the detector asks.
const STEP_S: f32 = 0.1;
/// What listening costs a second, whoever speaks: the line and the agent who is kept for it.
const LISTENING_S: f32 = 0.025;
/// A machine is said at once where a person is no likelier than this share of what a machine met
/// costs: the induction knows how silent and how likely, not how long it has been so, and would wait
/// for more of what it has heard already.
const SURE: f32 = 0.3;
/// Backward induction is as good as settled after so many steps: eight seconds.
const STEPS: usize = 80;

/// What mistakes and delay cost, where a person lost costs 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A machine is taken for a person: an agent's seconds.
    pub machine_met: f32,
    /// A person waits in silence for a second.
    pub waiting_s: f32,
}

impl Default for Costs {
    fn default() -> Self {
        Self { machine_met: 0.4, waiting_s: 0.08 }
    }
}

/// What to do at a moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Advice {
    /// It is a recording.
    Machine,
    /// Hear more.
    #[default]
    Listen,
    /// It is a person.
    Person,
}

/// Which moments there are and how they follow each other.
#[derive(Clone, Debug, Default)]
struct Moments {
    /// Upper ends of the silences, in seconds; the last bin is open.
    silent_s: Vec<f32>,
    /// Upper ends of the probabilities of a person; the last bin is open.
    person: Vec<f32>,
    states: Vec<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// The share of persons among the training calls that were in it.
    person: f32,
    /// The states that follow, each with its share.
    follows: Vec<(usize, f32)>,
}

impl Moments {
    fn read(text: &str) -> Option<Self> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut numbers = lines.flat_map(str::split_whitespace).map_while(|it| it.parse().ok());
        let list = |numbers: &mut dyn Iterator<Item = f32>| {
            let count = numbers.next()? as usize;
            (0..count).map(|_| numbers.next()).collect::<Option<Vec<f32>>>()
        };
        let (silent_s, person) = (list(&mut numbers)?, list(&mut numbers)?);
        let count = (silent_s.len() + 1) * (person.len() + 1);
        let mut states = Vec::with_capacity(count);
        for _ in 0..count {
            let person = numbers.next()? / 1_000.0;
            let follows = (0..numbers.next()? as usize).map(|_| {
                let (state, share) = (numbers.next()? as usize, numbers.next()? / 1_000.0);
                (state < count).then_some((state, share))
            });
            states.push(State { person, follows: follows.collect::<Option<Vec<_>>>()? });
        }
        Some(Self { silent_s, person, states })
    }

    /// The upper end of the probabilities of a person in a state.
    fn person_max(&self, state: usize) -> f32 {
        self.person.get(state % (self.person.len() + 1)).copied().unwrap_or(1.0)
    }

    fn at(&self, silent_s: f32, person: f32) -> usize {
        let bin = |ends: &[f32], value: f32| ends.iter().take_while(|end| **end < value).count();
        bin(&self.silent_s, silent_s) * (self.person.len() + 1) + bin(&self.person, person)
    }
}

/// Read once for the process. That the file can be read is tested.
static MOMENTS: LazyLock<Moments> =
    LazyLock::new(|| Moments::read(include_str!("rule.txt")).unwrap_or_default());

/// The rule of the [`Costs`] of most campaigns.
static USUAL: LazyLock<Rule> = LazyLock::new(|| Rule::of(Costs::default()));

/// What to do at every moment, for one set of costs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    advice: [Advice; Rule::STATES_MAX],
}

impl Rule {
    const STATES_MAX: usize = 325;

    /// The rule of the usual costs, worked out once.
    pub(super) fn usual() -> Self {
        USUAL.clone()
    }

    /// Works out the rule; about a tenth of a millisecond.
    pub(super) fn of(costs: Costs) -> Self {
        let moments = &*MOMENTS;
        let silent = |nth: usize| nth > moments.person.len();
        let as_person = |state: &State| (1.0 - state.person) * costs.machine_met;
        let now: Vec<f32> =
            moments.states.iter().map(|state| as_person(state).min(state.person)).collect();
        let delay = |nth: usize, state: &State| {
            let waits = if silent(nth) { state.person * costs.waiting_s } else { 0.0 };
            (waits + LISTENING_S) * STEP_S
        };
        let (mut value, mut wait) = (now.clone(), now.clone());
        for _ in 0..STEPS {
            for (nth, state) in moments.states.iter().enumerate() {
                let later: f32 = state.follows.iter().map(|(to, share)| share * value[*to]).sum();
                wait[nth] = delay(nth, state) + later;
            }
            value = now.iter().zip(&wait).map(|(now, wait)| now.min(*wait)).collect();
        }
        let mut advice = [Advice::Listen; Self::STATES_MAX];
        for (nth, (advice, state)) in advice.iter_mut().zip(&moments.states).enumerate() {
            if now[nth] <= wait[nth] {
                let person = as_person(state) <= state.person;
                *advice = if person { Advice::Person } else { Advice::Machine };
            }
            if moments.person_max(nth) <= costs.machine_met * SURE + f32::EPSILON {
                *advice = Advice::Machine;
            }
        }
        Self { advice }
    }

    /// What to do after so much silence when a person is so likely.
    pub(super) fn advice(&self, silent_s: f32, person: f32) -> Advice {
        self.advice.get(MOMENTS.at(silent_s, person)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_moments_can_be_read_and_fit() {
        assert!(Moments::read(include_str!("rule.txt")).is_some());
        assert!((1..=Rule::STATES_MAX).contains(&MOMENTS.states.len()));
    }

    #[test]
    fn certainty_decides_and_doubt_listens_on() {
        let rule = Rule::usual();
        assert_eq!(rule.advice(0.0, 0.001), Advice::Machine);
        assert_eq!(rule.advice(0.6, 0.99), Advice::Person);
        assert_eq!(rule.advice(0.0, 0.5), Advice::Listen);
    }

    #[test]
    fn the_dearer_a_person_the_fewer_are_called_machines() {
        let machines = |costs| {
            let rule = Rule::of(costs);
            rule.advice.iter().filter(|advice| **advice == Advice::Machine).count()
        };
        let usual = Costs::default();
        let careful = Costs { machine_met: 0.05, ..usual };
        assert!(machines(careful) < machines(usual));
    }
}
