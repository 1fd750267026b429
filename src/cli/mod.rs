//! The command line. One file a subcommand: its arguments, its help and its `run`.

pub mod agent;
pub mod amd;
pub mod audit;
pub mod backup;
pub mod books;
pub mod calls;
pub mod campaign;
pub mod carrier;
pub mod check;
pub mod client;
pub mod compliance;
pub mod demo;
pub mod dnc;
pub mod doctor;
mod fault;
mod front;
pub mod import;
mod intake;
pub mod logging;
mod outcomes;
mod paths;
mod print;
pub mod privacy;
pub mod replay;
pub mod restore;
pub mod serve;
pub mod sim;
pub mod simulate;
mod staff;
pub mod store;
pub mod token;
pub mod user;
mod why;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing::level_filters::LevelFilter;

pub use fault::Fault;
pub use paths::{ConfigFile, DataFolder};

/// What a subcommand answers: an exit code of its own, or what went wrong.
pub type Run = Result<ExitCode, Fault>;

const AFTER_HELP: &str = "\
Examples:
  outdial demo                                  a whole campaign on this machine, in about a minute
  outdial check --config outdial.toml           every fault of the configuration, with its line
  outdial doctor --config outdial.toml          whether this host can run it, and what to do
  outdial import leads.csv --campaign spring    leads in
  outdial serve --config outdial.toml           dial, until stopped
  outdial agent add 'Ana Ruiz' --extension 101  an agent and the password of her phone
  outdial user add ana --role manager           a user of the pages, and a link to sign in
  outdial campaign start spring                 off it goes
  outdial calls --since 2026-01-31 --csv        call records out
  outdial simulate --campaign spring            what its settings do, without dialing
  outdial compliance explain --campaign spring --number +12015550123    may it be called, and why
  outdial replay outdial-data                   the last run's decisions, taken again

Durations are written with their unit (500ms, 20s, 5m, 2h), times as RFC 3339
(2026-01-31T09:00:00Z) or as a date in UTC (2026-01-31), telephone numbers in E.164 (+12015550123).

Exit status: 0 done; 1 failed, or an invariant broke; 2 the command line is wrong.";

/// A predictive outbound dialer: leads in, calls out over SIP, people to agents, dispositions back.
#[derive(Debug, Parser)]
#[command(name = "outdial", version, after_help = AFTER_HELP, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// Where and how much to log.
    #[command(flatten)]
    pub logging: logging::Options,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Agent(agent::Args),
    Amd(amd::Args),
    Audit(audit::Args),
    Backup(backup::Args),
    Books(books::Args),
    Calls(calls::Args),
    Campaign(campaign::Args),
    Carrier(carrier::Args),
    Check(check::Args),
    Compliance(compliance::Args),
    Demo(demo::Args),
    Dnc(dnc::Args),
    Doctor(doctor::Args),
    Import(import::Args),
    Outcomes(outcomes::Args),
    Privacy(privacy::Args),
    Replay(replay::Args),
    Restore(restore::Args),
    Serve(serve::Args),
    Sim(sim::Args),
    Simulate(simulate::Args),
    Store(store::Args),
    Token(token::Args),
    User(user::Args),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// [`Fault`], with the sentence for the person and the exit code.
    pub fn run(self) -> Run {
        match self {
            Command::Agent(args) => agent::run(args),
            Command::Amd(args) => amd::run(args),
            Command::Audit(args) => audit::run(args),
            Command::Backup(args) => backup::run(args),
            Command::Books(args) => books::run(args),
            Command::Calls(args) => calls::run(args),
            Command::Campaign(args) => campaign::run(args),
            Command::Carrier(args) => carrier::run(args),
            Command::Check(args) => check::run(args),
            Command::Compliance(args) => compliance::run(args),
            Command::Demo(args) => demo::run(args),
            Command::Dnc(args) => dnc::run(args),
            Command::Doctor(args) => doctor::run(args),
            Command::Import(args) => import::run(args),
            Command::Outcomes(args) => outcomes::run(&args),
            Command::Privacy(args) => privacy::run(args),
            Command::Replay(args) => replay::run(args),
            Command::Restore(args) => restore::run(args),
            Command::Serve(args) => serve::run(args),
            Command::Sim(args) => sim::run(args),
            Command::Simulate(args) => simulate::run(args),
            Command::Store(args) => store::run(args),
            Command::Token(args) => token::run(args),
            Command::User(args) => user::run(args),
        }
    }

    /// The log level when the person has not said: what runs until stopped tells what it does,
    /// the others only what is wrong.
    pub fn log_level(&self) -> LevelFilter {
        match self {
            Command::Carrier(_) | Command::Serve(_) => LevelFilter::INFO,
            Command::Agent(_)
            | Command::Amd(_)
            | Command::Audit(_)
            | Command::Backup(_)
            | Command::Books(_)
            | Command::Calls(_)
            | Command::Campaign(_)
            | Command::Check(_)
            | Command::Compliance(_)
            | Command::Demo(_)
            | Command::Dnc(_)
            | Command::Doctor(_)
            | Command::Import(_)
            | Command::Outcomes(_)
            | Command::Privacy(_)
            | Command::Replay(_)
            | Command::Restore(_)
            | Command::Sim(_)
            | Command::Simulate(_)
            | Command::Store(_)
            | Command::Token(_)
            | Command::User(_) => LevelFilter::WARN,
        }
    }
}

#[cfg(test)]
mod tests;
