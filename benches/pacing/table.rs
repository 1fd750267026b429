//! The table of S0: policies by floors, beside the figures of an independent simulator.

use outdial::domain::PacingMode;
use outdial::sim::Scenario;

use crate::Plan;
use crate::policies::{Policy, settings};
use crate::runs::figures;

/// The floors of the reference.
const FLOORS: [u32; 6] = [5, 10, 25, 50, 100, 300];

/// Utilisation and abandonment of the reference, in percent; nothing where it says nothing. Of
/// predictive, the reference's algorithm with cancelling.
fn reference(policy: Policy) -> [(f64, Option<f64>); 6] {
    let with = |figures: [(f64, f64); 6]| figures.map(|(one, other)| (one, Some(other)));
    match policy {
        Policy::Progressive => {
            with([(71.9, 0.2), (71.9, 0.2), (71.5, 0.1), (71.6, 0.1), (71.7, 0.1), (71.4, 0.1)])
        }
        Policy::Vicidial => {
            with([(71.4, 3.5), (71.5, 3.4), (71.4, 3.3), (71.6, 3.2), (71.8, 3.2), (71.8, 3.3)])
        }
        Policy::VicidialBest => {
            with([(75.7, 3.0), (79.9, 2.5), (85.0, 2.4), (88.9, 1.8), (91.4, 1.7), (93.7, 1.7)])
        }
        Policy::Ratio => {
            with([(77.8, 1.7), (80.0, 1.3), (86.3, 2.7), (90.1, 2.9), (92.3, 2.3), (94.6, 2.4)])
        }
        Policy::Erlang => [41.8, 53.8, 69.8, 79.1, 84.7, 88.4].map(|share| (share, None)),
        Policy::EventReplay => {
            with([(77.3, 2.6), (81.9, 2.9), (87.9, 2.9), (91.8, 3.0), (94.4, 3.0), (96.0, 3.0)])
        }
        Policy::Predictive => {
            with([(80.2, 2.7), (84.5, 2.8), (90.2, 2.9), (93.2, 2.9), (95.8, 3.0), (98.1, 3.0)])
        }
    }
}

/// Runs and prints it, row by row.
pub fn print(plan: &Plan) {
    println!(
        "S0, {} seeds of {} days: utilisation %, (abandonment %); reference in brackets []",
        plan.seeds, plan.days
    );
    for policy in &plan.policies {
        for agents in &plan.floors {
            row(plan, *policy, *agents);
        }
    }
}

fn row(plan: &Plan, policy: Policy, agents: u32) {
    let scenario = Scenario::s0(agents);
    if plan.whole_grid {
        return policy.grid().into_iter().for_each(|mode| setting(plan, policy, &scenario, mode));
    }
    let Some(mode) = policy.choose(&scenario, plan.days.min(3)) else {
        println!("{:<15} {agents:>4}  nothing of its grid stays within the target", policy.name());
        return;
    };
    setting(plan, policy, &scenario, mode);
}

fn setting(plan: &Plan, policy: Policy, scenario: &Scenario, mode: PacingMode) {
    let figures = figures(scenario, mode, 1, plan.seeds, plan.days);
    println!(
        "{:<15} {:>4}  {:<58} {:<14} {}",
        policy.name(),
        scenario.agents,
        figures.text(),
        reference_text(policy, scenario.agents),
        settings(mode)
    );
}

fn reference_text(policy: Policy, agents: u32) -> String {
    let Some(place) = FLOORS.iter().position(|floor| *floor == agents) else {
        return String::new();
    };
    match reference(policy)[place] {
        (utilisation, Some(abandonment)) => format!("[{utilisation:.1} ({abandonment:.1})]"),
        (utilisation, None) => format!("[{utilisation:.1}]"),
    }
}
