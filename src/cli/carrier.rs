//! `outdial carrier`: the test carrier alone, for a second process to dial.

use super::{Fault, Run};

/// The test carrier alone, so that another process can dial it
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
