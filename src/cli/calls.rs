//! `outdial calls`: call records out.

use super::{Fault, Run};

/// Call records out
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
