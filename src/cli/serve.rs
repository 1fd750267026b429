//! `outdial serve`: dial until stopped.

use super::{Fault, Run};

/// Run the dialer against your trunk, phones and campaigns, until stopped
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: super::ConfigFile,
    #[command(flatten)]
    data: super::DataFolder,
}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
