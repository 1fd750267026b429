//! The policies, and of those with settings the grid that their best is taken from.

use clap::ValueEnum;
use outdial::domain::{Baseline, DropMethod, PacingMode, Vicidial};

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

    /// Its settings: one, or a grid.
    pub fn grid(self) -> Vec<PacingMode> {
        match self {
            Policy::Progressive => vec![PacingMode::Progressive],
            Policy::Vicidial => vec![vicidial(Vicidial::SHIPPED)],
            Policy::VicidialBest => vicidials(),
            Policy::Ratio => ratios(),
            Policy::Erlang => vec![PacingMode::Baseline(Baseline::ErlangLoss)],
            Policy::EventReplay => [0.4, 0.6, 0.8].map(event_replay).to_vec(),
            Policy::Predictive => vec![PREDICTIVE],
        }
    }
}

/// The settings in short.
pub fn settings(mode: PacingMode) -> String {
    match mode {
        PacingMode::Baseline(Baseline::EventReplay { scale }) => format!("scale {scale}"),
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
            for difference in [-1.0, 0.0] {
                for available_only in [false, true] {
                    let intensity = 0.0;
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
    grid
}

fn vicidial(settings: Vicidial) -> PacingMode {
    PacingMode::Baseline(Baseline::Vicidial(settings))
}

fn event_replay(scale: f64) -> PacingMode {
    PacingMode::Baseline(Baseline::EventReplay { scale })
}
