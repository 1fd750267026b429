//! The worlds that are compared: each policy at each value of a sweep.

use jiff::SignedDuration;

use super::WhatIf;
use super::figures::Figures;
use super::policy::Policy;
use super::runs;
use super::sweep::{Sweep, Swept};
use crate::cli::Fault;
use crate::domain::{PacingMode, Share};
use crate::sim::{Day, Scenario, study};

/// So many agent-hours are refused: they would take days.
const AGENT_HOURS_MAX: f64 = 2e7;

/// Agent-hours that one core simulates in a second, at least.
const AGENT_HOURS_A_SECOND: f64 = 500.0;

/// One world.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Who decides how many calls are placed.
    pub policy: String,
    /// The value of what is swept.
    pub value: Option<f64>,
    /// The world.
    pub scenario: Scenario,
}

impl Variant {
    /// What heads its row.
    pub fn name(&self) -> String {
        match self.value {
            Some(value) => format!("{value}  {}", self.policy),
            None => self.policy.clone(),
        }
    }
}

/// Every policy at every value; without policies the scenario's own.
pub fn all(base: &Scenario, what_if: &WhatIf, sweep: Option<&Sweep>) -> Vec<Variant> {
    let base = changed(base.clone(), what_if);
    let own = [None];
    let named: Vec<Option<Policy>> = what_if.policy.iter().copied().map(Some).collect();
    let policies = if named.is_empty() { &own[..] } else { &named };
    let values: Vec<Option<f64>> = match sweep {
        Some(sweep) => sweep.values.iter().copied().map(Some).collect(),
        None => vec![None],
    };
    let mut variants = Vec::new();
    for policy in policies {
        for value in &values {
            let mut scenario = base.clone();
            if let Some(policy) = policy {
                scenario.campaign.pacing = policy.pacing(&scenario);
            }
            let policy = Policy::of(scenario.campaign.pacing);
            if let Some((sweep, value)) = sweep.zip(*value) {
                scenario = at(scenario, sweep.swept, value);
            }
            variants.push(Variant { policy, value: *value, scenario });
        }
    }
    variants
}

/// The scenario with what is asked for but the policy.
pub fn changed(scenario: Scenario, what_if: &WhatIf) -> Scenario {
    let asked = [
        (Swept::Agents, what_if.agents.map(f64::from)),
        (Swept::Target, what_if.target),
        (Swept::Ring, what_if.ring),
    ];
    let asked = asked.into_iter().filter_map(|(what, value)| Some((what, value?)));
    asked.fold(scenario, |scenario, (what, value)| at(scenario, what, value))
}

/// The scenario at this value of a setting.
fn at(mut scenario: Scenario, swept: Swept, value: f64) -> Scenario {
    match swept {
        Swept::Agents => {
            scenario.agents = value as u32;
            scenario.rosters =
                scenario.rosters.iter().map(|roster| roster.of(scenario.agents)).collect();
        }
        Swept::Lines => {
            if let PacingMode::Predictive { lines_per_agent_max } = &mut scenario.campaign.pacing {
                *lines_per_agent_max = value;
            }
        }
        Swept::Ring => return scenario.with_ring(SignedDuration::from_secs_f64(value)),
        Swept::Target => {
            let target = Share::new(value / 100.0);
            scenario.campaign.abandonment_target =
                target.unwrap_or(scenario.campaign.abandonment_target);
        }
    }
    scenario
}

/// Whether made-up agents can do it, and whether it can be waited for.
///
/// # Errors
/// [`Fault::Usage`] with what to ask for instead.
pub fn simulable(variants: &[Variant], seeds: u32) -> Result<(), Fault> {
    let by_hand = |variant: &&Variant| {
        let pacing = variant.scenario.campaign.pacing;
        pacing.is_by_hand() || pacing.is_inbound() || matches!(pacing, PacingMode::Broadcast { .. })
    };
    if let Some(variant) = variants.iter().find(by_hand) {
        return Err(Fault::Usage(format!(
            "{} is not simulated: say --policy predictive, or another that dials for agents",
            variant.policy
        )));
    }
    let hours = |scenario: &Scenario| {
        f64::from(scenario.agents) * scenario.shift.as_secs_f64() / 3_600.0
            * f64::from(scenario.days)
    };
    let all: f64 = variants.iter().map(|variant| hours(&variant.scenario)).sum();
    let all = all * f64::from(seeds);
    if all <= AGENT_HOURS_MAX {
        return Ok(());
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as f64;
    let takes = runs::told(all / AGENT_HOURS_A_SECOND / cores);
    Err(Fault::Usage(format!(
        "{all:.0} agent-hours may take {takes}: ask for fewer agents, days, seeds or steps"
    )))
}

/// Whether a sweep of lines changes anything.
///
/// # Errors
/// [`Fault::Usage`] where a policy has no bound of lines.
pub fn bound_lines(variants: &[Variant]) -> Result<(), Fault> {
    let unbound = |variant: &&Variant| {
        !matches!(variant.scenario.campaign.pacing, PacingMode::Predictive { .. })
    };
    match variants.iter().find(unbound) {
        None => Ok(()),
        Some(variant) => Err(Fault::Usage(format!(
            "{} has no bound of lines: sweep lines with --policy predictive",
            variant.policy
        ))),
    }
}

/// The days of each variant, seed by seed.
pub fn days(variants: &[Variant], seeds: u32) -> Vec<Vec<Vec<Day>>> {
    let jobs: Vec<(usize, u32)> =
        (0..variants.len()).flat_map(|place| (1..=seeds).map(move |seed| (place, seed))).collect();
    let days = runs::all(&jobs, |(place, seed)| {
        let scenario = &variants[*place].scenario;
        study(scenario, u64::from(*seed), scenario.days)
    });
    let mut by_variant = vec![Vec::new(); variants.len()];
    for ((place, _), days) in jobs.iter().zip(days) {
        by_variant[*place].push(days);
    }
    by_variant
}

/// The figures of each variant, over all days of all seeds.
pub fn run(variants: &[Variant], seeds: u32) -> Vec<Figures> {
    let days = days(variants, seeds).into_iter().map(|seeds| seeds.concat());
    variants
        .iter()
        .zip(days)
        .map(|(variant, days)| {
            Figures::of(&days, variant.scenario.campaign.abandonment_target.get())
        })
        .collect()
}
