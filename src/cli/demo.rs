//! `outdial demo`: a whole campaign on this machine.

pub(super) mod agent;
mod floor;
mod progress;
mod summary;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use self::floor::{FREE_SEAT, Floor};
use self::progress::Progress;
use self::summary::Summary;
use super::Run;
use crate::store::BOOKS_FILE;

/// Leads of a demo that ends by itself.
const CALLS: u32 = 300;
/// Leads of one that is looked at: enough for an hour.
const WEB_CALLS: u32 = 20_000;

const WHAT: &str = "\
Everything is real but the people: the dialer, a test carrier with its own SIP and RTP sockets on \
loopback, and simulated agents whose phones register, answer and talk. Rings and talks are short \
because campaigns/demo.toml says so; nothing is skipped.

While it runs, DIR/api.url and DIR/api.token let you look at it:
  outdial campaign status demo --data DIR
With --web it prints a link that opens the pages, with a seat of your own.

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
    /// How many leads to generate and call [default: 300; with --web 20,000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    calls: Option<u32>,
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
    /// For a look in the browser: goes on until Ctrl-C, with one seat free for you, whose phone answers
    /// by itself
    #[arg(long)]
    web: bool,
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
    let calls = args.calls.unwrap_or(if args.web { WEB_CALLS } else { CALLS });
    let floor = Floor::open(&data, calls, args.agents, args.web, args.seed).await?;
    println!(
        "outdial demo: {} leads, {} agents, seed {}; API at {}, data in {}",
        calls,
        args.agents,
        args.seed,
        floor.url(),
        data.display(),
    );
    if let Some(link) = floor.set_up_link().filter(|_| args.web) {
        println!("outdial demo: open {link}");
        println!(
            "outdial demo: choose a name and a password, and sit down at the desk of {FREE_SEAT}; the browser is \
             your phone, if you like (the made-up one says nothing). Ctrl-C ends it"
        );
    }
    let mut progress = Progress::new(u64::from(calls));
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
        if !args.web && floor.is_done(leads_open) {
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
