//! `outdial store`: books carried over from one database to another.

use std::process::ExitCode;

use super::{Run, print};
use crate::store::{Installation, move_books};

const ABOUT: &str = "\
No dialer may run on either. A move that was cut off goes on where it was when it is run again; until it
has come to its end no dialer opens the target. A data folder whose books go to a database knows from then
on where they are; the file that they were in stays beside it, named outdial.moved. Recordings, the event
log and the evidence are files of the data folder and stay where they are.

Examples:
  outdial store move --from /var/lib/outdial --to postgres://outdial@db.example/outdial
  outdial store move --from postgres://outdial@db.example/outdial --to /var/lib/outdial-2";

const EXAMPLES: &str = "\
Example:
  outdial store move --from /var/lib/outdial --to postgres://outdial@db.example/outdial";

/// Where the books are: in a data folder, or in PostgreSQL
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Carry the books of an installation over, all of them
    #[command(after_help = ABOUT)]
    Move {
        /// The data folder, or the URL of the database, that has them
        #[arg(long, value_name = "DIR or URL")]
        from: String,
        /// The one that has none yet
        #[arg(long, value_name = "DIR or URL")]
        to: String,
    },
}

pub(super) fn run(args: Args) -> Run {
    let Action::Move { from, to } = args.action;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tell = |table: &str, rows: u64| eprintln!("{table}: {rows} rows");
    let (from, to) = (Installation::of(&from), Installation::of(&to));
    let moved = runtime.block_on(move_books(from, to, tell))?;
    print::text(&format!("{moved} rows moved"))?;
    Ok(ExitCode::SUCCESS)
}
