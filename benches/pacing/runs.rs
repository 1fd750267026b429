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
    /// What few days may lie above.
    const TOLERANCE: f64 = 1.02;
    let limit = scenario.campaign.abandonment_target.get();
    chosen(scenario, grid, days, |figures| {
        (figures.abandonment <= TOLERANCE * limit).then_some(figures.utilisation)
    })
}

/// The one of a grid that comes closest to the campaign's target, from above or below: of open
/// loops, whose setting is the abandonment that they come out at.
pub fn nearest(scenario: &Scenario, grid: &[PacingMode], days: u32) -> Option<PacingMode> {
    let limit = scenario.campaign.abandonment_target.get();
    chosen(scenario, grid, days, |figures| Some(-(figures.abandonment - limit).abs()))
}

/// The one of a grid with the highest worth, on days that no figure is taken from.
fn chosen(
    scenario: &Scenario,
    grid: &[PacingMode],
    days: u32,
    worth: impl Fn(&Figures) -> Option<f64>,
) -> Option<PacingMode> {
    const OTHER_SEED: u64 = 1_000_000;
    if let [only] = grid {
        return Some(*only);
    }
    // Small floors differ more, by who works there.
    let seeds = (60 / scenario.agents.max(1)).clamp(1, 8);
    let run = |mode: &PacingMode, seed| Run { scenario: with(scenario, *mode), seed, days };
    let seeded = |mode| (0..u64::from(seeds)).map(move |seed| run(mode, OTHER_SEED + seed));
    let runs: Vec<Run> = grid.iter().flat_map(seeded).collect();
    let days = run_all(&runs);
    let figures = days.chunks(seeds as usize).map(|days| Figures::of(&days.concat()));
    grid.iter()
        .zip(figures)
        .filter_map(|(mode, figures)| Some((mode, worth(&figures)?)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(mode, _)| *mode)
}

fn with(scenario: &Scenario, mode: PacingMode) -> Scenario {
    let mut scenario = scenario.clone();
    scenario.campaign.pacing = mode;
    scenario
}
