//! The shifts that the promises are tried on.

use std::ops::Range;

use jiff::SignedDuration;
use outdial::domain::PacingMode;
use outdial::sim::{Desks, Lies, Scenario, Spread, World};

/// Runs a trial for each seed; a failure's output names the seed.
pub fn for_seeds(seeds: Range<u64>, trial: impl Fn(u64)) {
    for seed in seeds {
        println!("seed {seed}");
        trial(seed);
    }
}

/// Short talks and breaks, so that an hour holds a day's worth of turns.
pub fn busy(seed: u64, agents: u32) -> Scenario {
    let mut scenario = Scenario { seed, agents, ..Scenario::default() };
    scenario.callees.talk = Spread::of(60.0, 50.0);
    scenario.desks = Desks {
        wrap_up: Spread::of(10.0, 6.0),
        pause: 0.10,
        pause_time: Spread::of(120.0, 80.0),
        vanish: 0.02,
        bridge_fails: 0.02,
        ..scenario.desks
    };
    scenario
}

/// Three calls an agent: people wait, and some are abandoned.
pub fn too_fast(seed: u64, agents: u32) -> Scenario {
    let mut scenario = busy(seed, agents);
    scenario.campaign.pacing = PacingMode::Ratio { calls_per_agent: 4.0 };
    scenario.callees.person = 0.35;
    scenario
}

/// Few leads and short intervals, so that each comes round several times, and a carrier and a store
/// that lie.
pub fn bad_day(seed: u64, agents: u32) -> Scenario {
    let mut scenario = too_fast(seed, agents);
    scenario.lies = Lies::BAD_DAY;
    scenario.shift = SignedDuration::from_hours(4);
    scenario.leads = 120 * agents;
    scenario.callees.failed = 0.03;
    for rule in scenario.campaign.recycling.values_mut() {
        rule.after = SignedDuration::from_mins(61);
    }
    scenario
}

/// One fact more, checked by counting everything anew; false at the end.
pub fn step_audited(world: &mut World) -> bool {
    let goes_on = world.step().is_some();
    if let Err(fault) = world.dialer().audit() {
        panic!("at {}: {fault}", world.now());
    }
    goes_on
}
