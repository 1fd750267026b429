//! `outdial import`: leads in.

use super::{Fault, Run};

/// Leads in, from a CSV file: whole or not at all
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
