//! `outdial backup`: a copy of the books, also while a server writes them.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Run;
use crate::store;

const AFTER_HELP: &str = "\
The copy is whole and of one moment; calls that are up then are in it as begun. Recordings, the event
log and the API token are files beside the books: copy them as you copy files.

Examples:
  outdial backup books-2026-11-25.sqlite3
  outdial backup --data /var/lib/outdial /backup/outdial.sqlite3";

/// A copy of the books, also while a server runs on them
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// The file to write; it must not be there
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    data: super::DataFolder,
}

pub(super) fn run(args: Args) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(store::backup(&args.data.data, &args.file))?;
    println!("the books are in {}", args.file.display());
    Ok(ExitCode::SUCCESS)
}
