//! `outdial agent`: who takes the calls.

use super::client::{Server, campaign_name};
use super::{Fault, Run};

const EXAMPLES: &str = "\
Examples:
  outdial agent list
  outdial agent add 'Ana Ruiz' --extension 101 --campaign spring
  pass show ana | outdial agent add 'Ana Ruiz' --extension 101 --password-stdin

The phone registers with the extension as its user name and authentication name; its password is
printed once when the server makes it. An agent logs in through the API or the desk.";

/// Agents: list, add
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// A new agent, and the password of their phone
    Add(Add),
    /// Every agent and what they are doing
    List(List),
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The name to show
    #[arg(value_name = "NAME")]
    name: String,
    /// The user name with which the agent's phone registers: 1 to 32 of a-z, 0-9, . _ and -
    #[arg(long, value_name = "EXTENSION")]
    extension: String,
    /// A campaign whose people this agent takes; may be said more than once [default: all]
    #[arg(long = "campaign", value_name = "NAME", value_parser = campaign_name)]
    campaigns: Vec<String>,
    /// Read the phone's password (one line) from standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
    /// Print JSON as the API gives it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
struct List {
    /// Print JSON as the API gives it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) fn run(_args: Args) -> Run {
    Err(Fault::failed("this subcommand is not built in yet"))
}
