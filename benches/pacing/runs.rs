//! Many runs at once: one thread for each core, each run alone in its world.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use outdial::domain::PacingMode;
use outdial::sim::{Day, Scenario, study};

use crate::figures::Figures;

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// With its policy.
    pub scenario: Scenario,
    /// Where its chance comes from.
    pub seed: u64,
    /// How many days.
    pub days: u32,
}

/// Runs them all; their days, in order.
pub fn run_all(runs: &[Run]) -> Vec<Vec<Day>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<Day>)>> = Mutex::new(Vec::new());
    let cores = thread::available_parallelism().map_or(1, usize::from).min(runs.len());
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(run) = runs.get(place) else { return };
                    let days = study(&run.scenario, run.seed, run.days);
                    if let Ok(mut done) = done.lock() {
                        done.push((place, days));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, days)| days).collect()
}

/// The figures of one policy: so many seeds from `first_seed` on.
pub fn figures(
    scenario: &Scenario,
    mode: PacingMode,
    first_seed: u64,
    seeds: u64,
    days: u32,
) -> Figures {
    let scenario = with(scenario, mode);
    let seeds = first_seed..first_seed + seeds;
    let runs: Vec<Run> = seeds.map(|seed| Run { scenario: scenario.clone(), seed, days }).collect();
    Figures::of(&run_all(&runs).concat())
}

/// The best of a grid: the highest utilisation that stays within the campaign's target. It is
/// chosen on days of its own.
pub fn best(scenario: &Scenario, grid: &[PacingMode], days: u32) -> Option<PacingMode> {
    const OTHER_SEED: u64 = 1_000_000;
    /// What few days may lie above.
    const TOLERANCE: f64 = 1.02;
    if let [only] = grid {
        return Some(*only);
    }
    // Small floors differ more, by who works there.
    let seeds = (60 / scenario.agents.max(1)).clamp(1, 8);
    let run = |mode: &PacingMode, seed| Run { scenario: with(scenario, *mode), seed, days };
    let seeded = |mode| (0..u64::from(seeds)).map(move |seed| run(mode, OTHER_SEED + seed));
    let runs: Vec<Run> = grid.iter().flat_map(seeded).collect();
    let limit = scenario.campaign.abandonment_target.get();
    let days = run_all(&runs);
    let figures = days.chunks(seeds as usize).map(|days| Figures::of(&days.concat()));
    grid.iter()
        .zip(figures)
        .filter(|(_, figures)| figures.abandonment <= TOLERANCE * limit)
        .max_by(|(_, one), (_, other)| one.utilisation.total_cmp(&other.utilisation))
        .map(|(mode, _)| *mode)
}

fn with(scenario: &Scenario, mode: PacingMode) -> Scenario {
    let mut scenario = scenario.clone();
    scenario.campaign.pacing = mode;
    scenario
}
