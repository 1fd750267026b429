//! Facts a second through `Dialer`, and whether the cost of one grows with the floor.
//!
//! `cargo bench --bench step [-- AGENTS..]`: for each floor an hour of a made-up world is recorded
//! and told again to a fresh dialer, without the world; the first part, in which the agents come,
//! is not counted. The cost of a fact must not double from 100 to 5,000 agents.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use outdial::dialer::Input;
use outdial::domain::PacingMode;
use outdial::sim::{Scenario, World};

/// Agents on the floor.
const FLOORS: [u32; 4] = [10, 100, 1_000, 5_000];

/// The cost of a fact at 5,000 agents, in that at 100.
const GROWTH_MAX: f64 = 2.0;

/// Facts measured on each floor.
const FACTS: usize = 300_000;

/// The best of so many runs counts: what else the machine does only makes a run slower.
const RUNS: u32 = 5;

/// A recorded shift.
struct Shift {
    scenario: Scenario,
    facts: Vec<(Timestamp, Input)>,
    /// The facts before the floor is full.
    warm_up: usize,
}

struct Cost {
    agents: u32,
    fact_ns: f64,
}

fn main() -> ExitCode {
    let asked: Vec<u32> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let floors = if asked.is_empty() { FLOORS.to_vec() } else { asked };
    println!("{:>8} {:>10} {:>10} {:>14}", "agents", "calls up", "ns/fact", "facts/s");
    let costs: Vec<Cost> = floors.into_iter().map(measure).collect();
    let at = |agents| costs.iter().find(|cost| cost.agents == agents);
    let (Some(few), Some(many)) = (at(100), at(5_000)) else { return ExitCode::SUCCESS };
    let growth = many.fact_ns / few.fact_ns;
    println!(
        "from 100 to 5,000 agents a fact costs {growth:.2} times as much (at most {GROWTH_MAX})"
    );
    if growth <= GROWTH_MAX { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(agents: u32) -> Cost {
    let (shift, calls) = record(agents);
    let best = (0..RUNS).map(|_| replay(&shift)).min().unwrap_or_default();
    let counted = shift.facts.len() - shift.warm_up;
    let fact_ns = best.as_nanos() as f64 / counted as f64;
    println!("{agents:>8} {calls:>10} {fact_ns:>10.0} {:>14.0}", 1e9 / fact_ns);
    Cost { agents, fact_ns }
}

/// Runs the world until enough facts are on tape; returns the calls that were up at the end, too.
fn record(agents: u32) -> (Shift, u32) {
    let mut scenario = Scenario { agents, leads: 100_000 + 40 * agents, ..Scenario::default() };
    scenario.shift = SignedDuration::from_hours(1_000);
    scenario.campaign.pacing = PacingMode::Predictive { lines_per_agent_max: 3.0 };
    let full_at = scenario.begins_at + scenario.desks.stagger + SignedDuration::from_secs(240);
    let mut world = World::new(scenario.clone());
    world.record();
    while world.now() < full_at && world.step().is_some() {}
    let warm_up = world.facts() as usize;
    while world.facts() < (warm_up + FACTS) as u64 && world.step().is_some() {}
    let up = world.dialer().view(world.now()).campaigns[0].calls.total();
    (Shift { scenario, facts: world.take_record(), warm_up }, up)
}

#[allow(clippy::disallowed_methods)]
fn replay(shift: &Shift) -> Duration {
    let mut dialer = World::dialer_of(&shift.scenario);
    let mut facts = shift.facts.clone();
    let counted = facts.split_off(shift.warm_up);
    let mut tell = |facts: Vec<(Timestamp, Input)>| {
        for (at, input) in facts {
            dialer.handle_input(input, at);
            while let Some(output) = dialer.poll_output() {
                drop(output);
            }
        }
    };
    tell(facts);
    let begin = Instant::now();
    tell(counted);
    begin.elapsed()
}
