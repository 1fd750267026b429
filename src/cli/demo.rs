//! `outdial demo`: a whole campaign on this machine.

pub(super) mod agent;
mod floor;
mod progress;
mod summary;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use self::floor::Floor;
use self::progress::Progress;
use self::summary::Summary;
use super::Run;
use crate::store::BOOKS_FILE;

const WHAT: &str = "\
Everything is real but the people: the dialer, a test carrier with its own SIP and RTP sockets on \
loopback, and simulated agents whose phones register, answer and talk. Rings and talks are short \
because campaigns/demo.toml says so; nothing is skipped.

While it runs, DIR/api.url and DIR/api.token let you look at it:
  outdial campaign status demo --data DIR

What it leaves in DIR: outdial.sqlite3 (the books), recordings/ (WAV, customer left, agent right),
events/ (every fact that the dialer was told) and calls.csv, the call records. At the end the facts
are told to a second dialer, which must decide the same: outdial replay DIR does that again.

Exit status 1 when an invariant broke: a lead lost, a lead dialed twice inside its window, a call
without a record, books that do not fit what the carrier saw, or a decision that a replay does not
take again.";

/// A whole campaign on this machine, against a built-in test carrier, in about a minute
#[derive(Debug, clap::Args)]
#[command(after_help = WHAT)]
pub struct Args {
    /// How many leads to generate and call
    #[arg(long, value_name = "N", default_value_t = 300)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=20_000))]
    calls: u32,
    /// How many simulated agents
    #[arg(long, value_name = "N", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=500))]
    agents: u32,
    /// The seed of every chance in it
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Where to leave database and recordings [default: a new folder outdial-demo-N]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print the summary as one JSON object on the last line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args) -> Run {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(demo(args))
}

async fn demo(args: Args) -> Run {
    let data = floor::fresh_folder(args.data)?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let floor = Floor::open(&data, args.calls, args.agents, args.seed).await?;
    println!(
        "outdial demo: {} leads, {} agents, seed {}; API at {}, data in {}",
        args.calls,
        args.agents,
        args.seed,
        floor.url(),
        data.display(),
    );
    let mut progress = Progress::new(u64::from(args.calls));
    loop {
        tokio::select! {
            () = tokio::time::sleep(progress::EVERY) => {}
            _ = interrupt.recv() => {
                println!("outdial demo: interrupted; ending the calls");
                break;
            }
        }
        let leads_open = floor.leads_open().await?;
        progress.show(&floor.view(), leads_open);
        if floor.is_done(leads_open) {
            break;
        }
    }
    progress.finish();
    let summary: Summary = floor.close().await?;
    println!("{}", summary.table());
    println!("data in {}: {BOOKS_FILE}, recordings/, events/, calls.csv", data.display());
    for fault in &summary.broken {
        eprintln!("outdial demo: an invariant broke: {fault}");
    }
    if args.json {
        println!("{}", serde_json::to_string(&summary)?);
    }
    Ok(if summary.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
