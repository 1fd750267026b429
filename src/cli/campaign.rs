//! `outdial campaign`: what the campaigns do, and whether they do it.

use super::client::{Server, campaign_name};
use super::{Fault, Run};

const EXAMPLES: &str = "\
Examples:
  outdial campaign list
  outdial campaign start spring
  outdial campaign status spring --json
  outdial campaign pause spring       stops dialing within a second; live calls go on";

/// Campaigns of a running server: list, start, pause, stop, status
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every campaign, a line each
    List(Shown),
    /// Stop dialing; live calls go on and the leads in hand are kept
    Pause(Named),
    /// Dial, as long as agents are logged in
    Start(Named),
    /// Everything about one campaign, and why it dials as it does
    Status(Named),
    /// Stop dialing; live calls go on and the leads in hand are given back
    Stop(Named),
}

#[derive(Debug, clap::Args)]
struct Shown {
    /// Print JSON as the API gives it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
struct Named {
    /// The campaign, by its name in the configuration
    #[arg(value_name = "NAME", value_parser = campaign_name)]
    name: String,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
