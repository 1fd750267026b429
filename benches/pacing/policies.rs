//! The policies, and of those with settings the grid that their best is taken from.

use clap::ValueEnum;
use outdial::domain::{Baseline, DropMethod, PacingMode, Vicidial};
use outdial::sim::Scenario;

use crate::runs::{best, nearest};

/// Lines enough for any answer rate of the benchmark.
pub const PREDICTIVE: PacingMode = PacingMode::Predictive { lines_per_agent_max: 20.0 };

/// A policy of the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Policy {
    /// One call for each ready agent.
    Progressive,
    /// VICIdial as it is shipped.
    Vicidial,
    /// The best of a grid of VICIdial's settings.
    VicidialBest,
    /// The best of a grid of ratios.
    Ratio,
    /// Erlang's loss formula, open loop.
    Erlang,
    /// The best of a grid of event replays.
    EventReplay,
    /// Ours.
    Predictive,
}

impl Policy {
    /// What to call it in a table.
    pub fn name(self) -> &'static str {
        match self {
            Policy::Progressive => "progressive",
            Policy::Vicidial => "VICIdial",
            Policy::VicidialBest => "VICIdial, best",
            Policy::Ratio => "ratio, best",
            Policy::Erlang => "Erlang",
            Policy::EventReplay => "event replay",
            Policy::Predictive => "predictive",
        }
    }

    /// Which of its grid it is compared by.
    pub fn choose(self, scenario: &Scenario, days: u32) -> Option<PacingMode> {
        /// Open loops cost little to run, and differ by less than a day's chance.
        const OPEN_LOOP_DAYS: u32 = 8;
        match self {
            Policy::Erlang => nearest(scenario, &self.grid(), OPEN_LOOP_DAYS * days),
            _ => best(scenario, &self.grid(), days),
        }
    }

    /// Its settings: one, or a grid.
    pub fn grid(self) -> Vec<PacingMode> {
        match self {
            Policy::Progressive => vec![PacingMode::Progressive],
            Policy::Vicidial => vec![vicidial(Vicidial::SHIPPED)],
            Policy::VicidialBest => vicidials(),
            Policy::Ratio => ratios(),
            Policy::Erlang => {
                (40..=60).map(|fiftieths| erlang(f64::from(fiftieths) / 50.0)).collect()
            }
            Policy::EventReplay => [0.4, 0.6, 0.8].map(event_replay).to_vec(),
            Policy::Predictive => vec![PREDICTIVE],
        }
    }
}

/// The settings in short.
pub fn settings(mode: PacingMode) -> String {
    match mode {
        PacingMode::Baseline(Baseline::ErlangLoss { scale } | Baseline::EventReplay { scale }) => {
            format!("scale {scale}")
        }
        PacingMode::Baseline(Baseline::Vicidial(at)) => format!(
            "level {} D {} I {}{} {:?}",
            at.level_max,
            at.difference,
            at.intensity,
            if at.available_only { " available only" } else { "" },
            at.drop_method
        ),
        PacingMode::Ratio { calls_per_agent } => format!("ratio {calls_per_agent}"),
        _ => String::new(),
    }
}

fn ratios() -> Vec<PacingMode> {
    let ratio = |quarters: u32| PacingMode::Ratio { calls_per_agent: f64::from(quarters) / 4.0 };
    (5..=32).map(ratio).collect()
}

fn vicidials() -> Vec<PacingMode> {
    let mut grid = Vec::new();
    for drop_method in [DropMethod::Average, DropMethod::Tapered] {
        for level_max in [1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0] {
            for difference in [-2.0, -1.0, 0.0] {
                for intensity in [0.0] {
                    for available_only in [false, true] {
                        grid.push(vicidial(Vicidial {
                            level_max,
                            difference,
                            intensity,
                            available_only,
                            drop_method,
                        }));
                    }
                }
            }
        }
    }
    grid
}

fn vicidial(settings: Vicidial) -> PacingMode {
    PacingMode::Baseline(Baseline::Vicidial(settings))
}

fn erlang(scale: f64) -> PacingMode {
    PacingMode::Baseline(Baseline::ErlangLoss { scale })
}

fn event_replay(scale: f64) -> PacingMode {
    PacingMode::Baseline(Baseline::EventReplay { scale })
}
