//! `outdial restore`: a copy of the books back into a data folder, with nobody dialed.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;

use super::Run;
use crate::store;

const AFTER_HELP: &str = "\
Every campaign is stopped, whatever it did when the copy was made: who was called since then is not in
it. Look at what is missing, put numbers on the do-not-call list that have asked for it since, and
only then start a campaign.

Example:
  outdial restore books-2026-11-25.sqlite3 --data /var/lib/outdial && outdial serve";

/// A copy of the books back into a folder that has none; nobody is dialed until a person says so
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// The copy that `outdial backup` made
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    data: super::DataFolder,
}

pub(super) fn run(args: Args) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let restored = runtime.block_on(store::restore(&args.file, &args.data.data))?;
    let last = restored.last_call_us.and_then(|us| Timestamp::from_microsecond(us).ok());
    println!("{} leads; {} campaigns stopped", restored.leads, restored.stopped);
    match last {
        Some(last) => println!("the last call in it began at {last:.0}; later ones are not in it"),
        None => println!("there is no call in it"),
    }
    println!("nobody is dialed until you start a campaign: outdial campaign start NAME");
    Ok(ExitCode::SUCCESS)
}
