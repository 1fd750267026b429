//! `outdial demo`: a whole campaign on this machine.

use super::{Fault, Run};

/// A whole campaign on this machine, against a built-in test carrier, in about a minute
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many leads to generate and call
    #[arg(long, value_name = "N", default_value_t = 300)]
    calls: u32,
    /// How many simulated agents
    #[arg(long, value_name = "N", default_value_t = 10)]
    agents: u32,
    /// The seed of every chance in it
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    data: super::DataFolder,
    /// Print the summary as one JSON object on the last line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
