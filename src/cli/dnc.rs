//! `outdial dnc`: the do-not-call list.

use super::{Fault, Run};

/// The do-not-call list: add, remove, import, list
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
