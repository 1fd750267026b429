//! `outdial check`: every fault of the configuration at once.

use super::{Fault, Run};

/// Validate configuration, campaigns and rulebooks; every fault at once, with file and line
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: super::ConfigFile,
}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
