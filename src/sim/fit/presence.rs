//! When agents were there, and how they differ, from what they did.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::ends::spread;
use super::past::{Activity, Stretch};
use crate::domain::AgentId;
use crate::sim::{Presence, Rest, Spread};

/// A pause that is shorter is none: the moment between the login and the first call.
const PAUSE_LEAST: SignedDuration = SignedDuration::from_secs(5);

/// Apart by so much without anybody there: another day.
const NIGHT: SignedDuration = SignedDuration::from_hours(2);

/// What agents did on one day, in order.
#[derive(Clone, Debug)]
pub(super) struct Shift {
    pub(super) begins_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) stretches: Vec<Stretch>,
}

/// The days: apart where nobody is there for two hours.
pub(super) fn shifts(stretches: &[Stretch]) -> Vec<Shift> {
    let mut stretches = stretches.to_vec();
    stretches.sort_by_key(|stretch| (stretch.from, stretch.agent));
    let mut shifts: Vec<Shift> = Vec::new();
    for stretch in stretches {
        match shifts.last_mut() {
            Some(shift) if stretch.from.duration_since(shift.ends_at) < NIGHT => {
                shift.ends_at = shift.ends_at.max(stretch.until);
                shift.stretches.push(stretch);
            }
            _ => shifts.push(Shift {
                begins_at: stretch.from,
                ends_at: stretch.until,
                stretches: vec![stretch],
            }),
        }
    }
    shifts
}

/// How each agent's times stand to those of all.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// The times of all, each agent's own factor taken out.
    pub(super) all: Spread,
    /// How agents differ: standard deviation of the factor around 1.
    pub(super) differs: f64,
    factors: BTreeMap<AgentId, f64>,
}

impl Pace {
    /// From each agent's times in seconds; `otherwise` where there are fewer than ten in all.
    pub(super) fn of(times: &BTreeMap<AgentId, Vec<f64>>, otherwise: Spread) -> Self {
        let all = spread(times.values().flatten().copied(), otherwise);
        let shape = (all.sd_s / all.mean_s).powi(2);
        let own = |times: &[f64]| mean(times) / all.mean_s;
        let differs = differs(times, all.mean_s, shape);
        // Few talks say little of an agent: they are drawn toward the others' mean.
        let held = |times: &[f64]| {
            let count = times.len() as f64;
            let weight = count / (count + shape / differs.powi(2).max(1e-6));
            1.0 + weight * (own(times) - 1.0)
        };
        let factors: BTreeMap<AgentId, f64> = times
            .iter()
            .filter(|(_, times)| !times.is_empty())
            .map(|(agent, times)| (*agent, held(times).max(0.1)))
            .collect();
        let own = |agent| factors.get(agent).copied().unwrap_or(1.0);
        let apart =
            times.iter().flat_map(|(agent, times)| times.iter().map(move |t| t / own(agent)));
        Self { all: spread(apart, otherwise), differs, factors }
    }

    pub(super) fn factor(&self, agent: AgentId) -> f64 {
        self.factors.get(&agent).copied().unwrap_or(1.0)
    }
}

/// By how much agents' means differ beyond what chance makes of that many talks each.
fn differs(times: &BTreeMap<AgentId, Vec<f64>>, all_mean: f64, shape: f64) -> f64 {
    let agents: Vec<(f64, f64)> = times
        .values()
        .filter(|times| times.len() >= 5)
        .map(|times| (times.len() as f64, mean(times) / all_mean))
        .collect();
    if agents.len() < 3 {
        return 0.0;
    }
    let talks: f64 = agents.iter().map(|(count, _)| count).sum();
    let between = agents.iter().map(|(count, own)| count * (own - 1.0).powi(2)).sum::<f64>();
    let by_chance = shape * agents.len() as f64;
    ((between - by_chance) / talks).max(0.0).sqrt()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / (values.len() as f64).max(1.0)
}

/// Seconds of talk, and of wrap-up for each talk, by agent.
pub(super) fn times(
    stretches: &[Stretch],
) -> (BTreeMap<AgentId, Vec<f64>>, BTreeMap<AgentId, Vec<f64>>) {
    let mut by_agent: BTreeMap<AgentId, Vec<&Stretch>> = BTreeMap::new();
    for stretch in stretches {
        by_agent.entry(stretch.agent).or_default().push(stretch);
    }
    let (mut talks, mut wrap_ups) = (BTreeMap::new(), BTreeMap::new());
    for (agent, mut own) in by_agent {
        own.sort_by_key(|stretch| stretch.from);
        let (mut talk, mut after): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        for (place, stretch) in own.iter().enumerate() {
            if stretch.activity == Activity::Talking {
                talk.push(stretch.lasts_s());
                let next = own.get(place + 1).filter(|next| next.from == stretch.until);
                let next = next.filter(|next| next.activity == Activity::WrapUp);
                // Said during the talk: no wrap-up, which is one of nothing.
                after.push(next.map_or(0.0, |next| next.lasts_s()));
            }
        }
        talks.insert(agent, talk);
        wrap_ups.insert(agent, after);
    }
    (talks, wrap_ups)
}

/// The agents of a day, in the order of their coming.
pub(super) fn roster(shift: &Shift, talk: &Pace, wrap_up: &Pace) -> Vec<Presence> {
    let mut by_agent: BTreeMap<AgentId, Vec<Stretch>> = BTreeMap::new();
    for stretch in &shift.stretches {
        by_agent.entry(stretch.agent).or_default().push(*stretch);
    }
    let mut roster: Vec<Presence> = by_agent
        .iter()
        .filter_map(|(agent, own)| {
            let (from, until, rests) = stay(own, shift.begins_at)?;
            let (talk, wrap_up) = (talk.factor(*agent), wrap_up.factor(*agent));
            Some(Presence { from, until, rests, talk, wrap_up })
        })
        .collect();
    roster.sort_by_key(|presence| presence.from);
    roster
}

type Stay = (SignedDuration, SignedDuration, Vec<Rest>);

/// From the first call or wait to the last, and the pauses between.
fn stay(own: &[Stretch], day: Timestamp) -> Option<Stay> {
    let works = |stretch: &&Stretch| stretch.activity != Activity::Paused;
    let from = own.iter().find(works)?.from;
    let last = own.iter().rposition(|stretch| works(&stretch))?;
    let mut rests: Vec<Rest> = Vec::new();
    let (mut free_since, mut busy_since) = (from, None);
    let mut rest = |from: Timestamp, until: Timestamp, busy_since: Option<Timestamp>| {
        let length = until.duration_since(from);
        if length >= PAUSE_LEAST {
            rests.push(Rest { at: asked(from, busy_since).duration_since(day), length });
        }
    };
    for stretch in own[..=last].iter().filter(works) {
        if stretch.from > free_since {
            rest(free_since, stretch.from, busy_since.take());
        }
        busy_since = match stretch.activity {
            Activity::Talking => Some(stretch.from),
            Activity::WrapUp => busy_since,
            Activity::Paused | Activity::Ready => None,
        };
        free_since = free_since.max(stretch.until);
    }
    let until = asked(free_since, busy_since);
    Some((from.duration_since(day), until.duration_since(day), rests))
}

/// When a pause was asked for that began right after a call: on average in the middle of it.
fn asked(begins_at: Timestamp, busy_since: Option<Timestamp>) -> Timestamp {
    busy_since.map_or(begins_at, |since| since + begins_at.duration_since(since) / 2)
}

#[cfg(test)]
mod tests {
    use super::super::testing::at;
    use super::*;

    fn stretch(agent: i64, from: f64, until: f64, activity: Activity) -> Stretch {
        Stretch { agent: AgentId(agent), from: at(from), until: at(until), activity }
    }

    fn seconds(s: f64) -> SignedDuration {
        SignedDuration::from_secs_f64(s)
    }

    #[test]
    fn a_day_ends_where_nobody_is_there_for_two_hours() {
        let ready = |from, until| stretch(1, from, until, Activity::Ready);
        let shifts =
            shifts(&[ready(0.0, 100.0), ready(5_000.0, 6_000.0), ready(14_000.0, 15_000.0)]);
        assert_eq!(shifts.len(), 2);
        assert_eq!((shifts[0].begins_at, shifts[0].ends_at), (at(0.0), at(6_000.0)));
    }

    #[test]
    fn a_stay_has_its_pauses_and_neither_the_first_nor_the_last() {
        let own = [
            stretch(1, 0.0, 1.0, Activity::Paused),
            stretch(1, 1.0, 100.0, Activity::Ready),
            stretch(1, 100.0, 200.0, Activity::Talking),
            stretch(1, 200.0, 220.0, Activity::WrapUp),
            stretch(1, 220.0, 520.0, Activity::Paused),
            stretch(1, 520.0, 600.0, Activity::Ready),
            stretch(1, 600.0, 900.0, Activity::Paused),
        ];
        let (from, until, rests) = stay(&own, at(0.0)).unwrap();
        assert_eq!((from, until), (seconds(1.0), seconds(600.0)));
        // Asked for in the middle of the call before it.
        assert_eq!(rests, [Rest { at: seconds(160.0), length: seconds(300.0) }]);
    }

    #[test]
    fn an_agent_of_few_talks_is_taken_for_like_the_others() {
        let mut times: BTreeMap<AgentId, Vec<f64>> = BTreeMap::new();
        for agent in 1..=20 {
            let own = if agent % 2 == 0 { 1.3 } else { 0.7 };
            let talks = (0..200).map(|n| own * if n % 2 == 0 { 60.0 } else { 300.0 });
            times.insert(AgentId(agent), talks.collect());
        }
        times.insert(AgentId(21), vec![900.0]);
        let pace = Pace::of(&times, Spread::of(1.0, 1.0));
        assert!((pace.factor(AgentId(2)) - 1.3).abs() < 0.03, "{pace:?}");
        assert!((pace.factor(AgentId(1)) - 0.7).abs() < 0.03);
        assert!(pace.factor(AgentId(21)) < 2.0, "{}", pace.factor(AgentId(21)));
        assert!((pace.differs - 0.3).abs() < 0.03, "{}", pace.differs);
    }
}
