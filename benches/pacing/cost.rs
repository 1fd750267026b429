//! What simulating costs: agent-hours and calls, by the processor time of one core.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use outdial::domain::PacingMode;
use outdial::sim::{Scenario, study};

use crate::Plan;
use crate::policies::PREDICTIVE;

/// The floors whose growth is seen.
const FLOORS: [u32; 5] = [5, 25, 100, 300, 2_000];

/// Agent-hours of one measurement, about.
const AGENT_HOURS: u32 = 4_000;

/// Runs and prints it.
pub fn print(plan: &Plan) {
    println!("cost, on one core, in processor time");
    println!(
        "{:<12} {:>6} {:>15} {:>15} {:>12}",
        "policy", "agents", "agent-hours/s", "calls/min", "us/call"
    );
    let floors = if plan.floors.len() > 3 { FLOORS.to_vec() } else { vec![25, 100] };
    for (name, mode) in [("progressive", PacingMode::Progressive), ("predictive", PREDICTIVE)] {
        for agents in &floors {
            row(name, mode, *agents);
        }
    }
}

fn row(name: &str, mode: PacingMode, agents: u32) {
    let mut scenario = Scenario::s0(agents);
    scenario.campaign.pacing = mode;
    let days = (AGENT_HOURS / (8 * agents)).clamp(1, 20);
    // The tables of zones and places are read once for the process.
    study(&Scenario::s0(1), 1, 1);
    let began_s = processor_s();
    let calls: u64 = study(&scenario, 1, days).iter().map(|day| day.dialed).sum();
    let took_s = (processor_s() - began_s).max(1e-6);
    let hours = f64::from(agents) * 8.0 * f64::from(days);
    println!(
        "{name:<12} {agents:>6} {:>15.0} {:>15.0} {:>12.2}",
        hours / took_s,
        calls as f64 * 60.0 / took_s,
        took_s * 1e6 / calls as f64
    );
}

/// Seconds that this program has been on a processor.
fn processor_s() -> f64 {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return 0.0 };
    (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6
}
