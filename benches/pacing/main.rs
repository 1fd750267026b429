//! The pacing benchmark: scenario S0 and its variations, driven through the production dialer,
//! with other dialers' methods beside ours.
//!
//! `cargo bench --bench pacing [-- OPTIONS]`: without options everything; `-- --quick` in a minute
//! or two. The figures beside ours are of an independent simulator of the same scenario (2 to 6
//! seeds of 3 to 5 days, ± 0.3 points).

mod cost;
mod decisions;
mod figures;
mod first_hour;
mod policies;
mod runs;
mod table;
mod variations;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use policies::Policy;

/// What is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Part {
    /// What simulating costs, and what deciding costs.
    Cost,
    /// The first hour of a new campaign.
    FirstHour,
    /// The table of floors and policies.
    S0,
    /// The variations of S0 with 25 agents.
    Variations,
}

/// The pacing benchmark.
#[derive(Debug, Parser)]
struct Options {
    /// Fewer days and floors.
    #[arg(long)]
    quick: bool,
    /// Agents on the floors, apart by commas.
    #[arg(long, value_delimiter = ',')]
    n: Vec<u32>,
    /// Policies, apart by commas; all when left out.
    #[arg(long, value_enum, value_delimiter = ',')]
    policy: Vec<Policy>,
    /// Days of each run.
    #[arg(long)]
    days: Option<u32>,
    /// Runs of each policy, each from its own seed.
    #[arg(long)]
    seeds: Option<u64>,
    /// One part only.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Every setting of a policy's grid, not the chosen one alone.
    #[arg(long)]
    grid: bool,
    /// What `cargo bench` adds.
    #[arg(long, hide = true)]
    bench: bool,
}

/// How much is run.
#[derive(Clone, Debug)]
struct Plan {
    floors: Vec<u32>,
    policies: Vec<Policy>,
    days: u32,
    seeds: u64,
    first_hours: u64,
    whole_grid: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let floors = if options.quick { vec![5, 25, 100] } else { vec![5, 10, 25, 50, 100, 300] };
    let plan = Plan {
        floors: if options.n.is_empty() { floors } else { options.n },
        policies: match options.policy.is_empty() {
            true => Policy::value_variants().to_vec(),
            false => options.policy,
        },
        days: options.days.unwrap_or(if options.quick { 2 } else { 5 }),
        seeds: options.seeds.unwrap_or(if options.quick { 2 } else { 4 }),
        first_hours: options.seeds.unwrap_or(if options.quick { 20 } else { 100 }),
        whole_grid: options.grid,
    };
    let asked = |part| options.only.is_none_or(|only| only == part);
    let mut done = Ok(());
    if asked(Part::S0) {
        table::print(&plan);
    }
    if asked(Part::Variations) {
        done = variations::print(&plan);
    }
    if asked(Part::FirstHour) {
        first_hour::print(&plan);
    }
    if asked(Part::Cost) {
        cost::print(&plan);
        decisions::print();
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}
