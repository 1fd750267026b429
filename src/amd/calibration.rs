//! The detector fitted to who is called: what is added to the log-odds of a person, from calls of
//! which agents have said what they met.
//!
//! The detector's odds are those of its training, in which persons and machines were as many. Where a
//! campaign meets others, or hears other lines, its odds are off by a factor: the bias is the log of
//! it that makes what agents said likeliest (a logistic regression with the slope held at one, and a
//! prior that keeps it near none while little was said). What each word would have been is judged at
//! the moment at which it was said; a detector that is less sure listens on, and so loses fewer.

use serde::Serialize;

use super::rule::Costs;
use crate::domain::Proportion;

/// The prior's standard deviation, in log-odds.
const PRIOR: f64 = 1.0;
/// Odds further out than these are not believed.
const CERTAIN: f64 = 0.995;
/// No bias is larger.
const BIAS_MAX: f64 = 5.0;

/// A call of which an agent has said what it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// How likely a person was, when the detector spoke.
    pub person: f64,
    /// What it said.
    pub said_machine: bool,
    /// What the agent met.
    pub is_machine: bool,
    /// So many calls are like it: of machines only a sample is sent to agents.
    pub weight: f64,
}

/// What is lost and found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Shares {
    /// People called machines, of all people.
    pub people_lost: Option<Proportion>,
    /// Machines called machines, of all machines.
    pub machines_found: Option<Proportion>,
    /// What the mistakes cost a call, where a person lost costs 1.
    pub cost: f64,
}

/// A bias, and what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// What is added to the log-odds that the calls were heard with.
    pub bias: f64,
    /// As they were heard.
    pub before: Shares,
    /// As they would have been.
    pub after: Shares,
}

/// Fits the bias. One that would cost more than none, by what is known, is none.
pub fn fit(known: &[Known], costs: Costs) -> Fit {
    let bias = likeliest(known);
    let threshold = log_odds(person_least(costs));
    let heard = |known: &Known| known.said_machine;
    let would = |known: &Known| {
        // A word stands on its side of the threshold, however near it was said.
        let said = log_odds(known.person);
        let said = if known.said_machine { said.min(threshold) } else { said.max(threshold) };
        if known.said_machine { said + bias <= threshold } else { said + bias < threshold }
    };
    let (before, after) = (shares(known, costs, heard), shares(known, costs, would));
    if after.cost >= before.cost {
        return Fit { bias: 0.0, before, after: before };
    }
    Fit { bias, before, after }
}

/// The probability of a person below which a machine is the cheaper word.
fn person_least(costs: Costs) -> f64 {
    let met = f64::from(costs.machine_met);
    met / (1.0 + met)
}

/// Where the derivative of the log-likelihood, which falls, is none: found by halving.
fn likeliest(known: &[Known]) -> f64 {
    let slope = |bias: f64| {
        let gain = |known: &Known| {
            let person = 1.0 / (1.0 + (-log_odds(known.person) - bias).exp());
            known.weight * (f64::from(u8::from(!known.is_machine)) - person)
        };
        known.iter().map(gain).sum::<f64>() - bias / (PRIOR * PRIOR)
    };
    let (mut low, mut high) = (-BIAS_MAX, BIAS_MAX);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    // Hundredths: finer is chance.
    (f64::midpoint(low, high) * 100.0).round() / 100.0
}

fn log_odds(share: f64) -> f64 {
    let share = share.clamp(1.0 - CERTAIN, CERTAIN);
    (share / (1.0 - share)).ln()
}

fn shares(known: &[Known], costs: Costs, machine: impl Fn(&Known) -> bool) -> Shares {
    let of = |is_machine: bool| {
        let of_kind = known.iter().filter(move |known| known.is_machine == is_machine);
        let (mut said, mut all, mut squares) = (0.0, 0.0, 0.0);
        for known in of_kind {
            all += known.weight;
            squares += known.weight * known.weight;
            said += if machine(known) { known.weight } else { 0.0 };
        }
        // Weighted calls are worth fewer (Kish, Survey Sampling, 1965).
        let worth = if squares > 0.0 { all * all / squares } else { 0.0 };
        (said, all, Proportion::of(said / all.max(f64::MIN_POSITIVE) * worth, worth))
    };
    let ((lost, people, people_lost), (found, machines, machines_found)) = (of(false), of(true));
    let wrong = lost + (machines - found) * f64::from(costs.machine_met);
    let cost = wrong / (people + machines).max(f64::MIN_POSITIVE);
    Shares { people_lost, machines_found, cost }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    /// Calls as a detector hears them whose log-odds are too low by `off`.
    fn calls(count: usize, off: f64, seed: u64) -> Vec<Known> {
        let mut chance = Pcg64Mcg::seed_from_u64(seed);
        let least = log_odds(person_least(Costs::default()));
        let call = |_| {
            let truth: f64 = chance.random_range(-4.0..4.0);
            let is_machine = chance.random_range(0.0..1.0) > 1.0 / (1.0 + (-truth).exp());
            let heard = truth - off;
            let person = 1.0 / (1.0 + (-heard).exp());
            Known { person, said_machine: heard < least, is_machine, weight: 1.0 }
        };
        (0..count).map(call).collect()
    }

    #[test]
    fn a_detector_that_is_off_is_set_right_and_loses_fewer_people() {
        let fit = fit(&calls(4_000, 1.5, 1), Costs::default());
        assert!((1.2..1.7).contains(&fit.bias), "{fit:?}");
        let lost = |shares: Shares| shares.people_lost.unwrap().share;
        assert!(lost(fit.after) < lost(fit.before) - 0.05, "{fit:?}");
        assert!(fit.after.cost < fit.before.cost);
    }

    #[test]
    fn one_that_is_right_is_left_alone_and_little_is_not_believed() {
        let right = fit(&calls(4_000, 0.0, 2), Costs::default());
        assert!(right.bias.abs() < 0.2, "{right:?}");
        let few = fit(&calls(4, 1.5, 3), Costs::default());
        assert!(few.bias.abs() < 1.2, "{few:?}");
        assert_eq!(fit(&[], Costs::default()).bias, 0.0);
    }

    #[test]
    fn a_sample_stands_for_those_who_were_not_sent() {
        let heard = |said_machine, is_machine, weight| Known {
            person: if said_machine { 0.1 } else { 0.9 },
            said_machine,
            is_machine,
            weight,
        };
        let mut known = vec![heard(false, false, 1.0); 90];
        known.extend(vec![heard(true, false, 10.0); 1]);
        known.extend(vec![heard(true, true, 10.0); 19]);
        let shares = fit(&known, Costs::default()).before;
        let lost = shares.people_lost.unwrap();
        assert!((lost.share - 0.1).abs() < 1e-9 && lost.high > 0.15, "{lost}");
        assert_eq!(shares.machines_found.unwrap().share, 1.0);
    }
}
