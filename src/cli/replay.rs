//! `outdial replay`: the facts of an event log told to the dialer again.

mod why;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::calls::time;
use super::client::campaign_name;
use super::why::duration;
use super::{Fault, Run, print};
use crate::clock;
use crate::server::event_log::{Departure, Replayed, Verified, verify};

const WHAT: &str = "\
LOG is a file of DIR/events, for its run, or a data folder, for its last run; a server may be
writing it. A replay begins at the start of the run and uses no network, no books and no clock: the
same dialer is told the same facts and must decide the same, bit for bit. Where it does not, the
first departure is shown, and the exit status is 1. Another version of outdial may depart for good
reasons: the log says which has written it.

Examples:
  outdial replay outdial-data
  outdial replay outdial-data --list --from 2026-01-31T21:04:00Z --until 2026-01-31T21:05:00Z
  outdial replay outdial-data --why spring --at 2026-01-31T21:04:07Z
  outdial replay outdial-data/events/20260131T080000.000Z-0001.jsonl --json";

/// Tell the facts of an event log to the dialer again, and compare its decisions
#[derive(Debug, clap::Args)]
#[command(after_help = WHAT)]
pub struct Args {
    /// A file of the event log, or a data folder
    #[arg(value_name = "LOG")]
    log: PathBuf,
    /// Compare and list from here on; what was before is told all the same
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Stop here
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Print each fact with what was decided, telephone numbers masked
    #[arg(long)]
    list: bool,
    /// Print the decisions about this campaign around --at instead, a sentence each
    #[arg(long, value_name = "CAMPAIGN", value_parser = campaign_name, requires = "at")]
    #[arg(conflicts_with_all = ["from", "until", "list"])]
    why: Option<String>,
    /// Around this time
    #[arg(long, value_name = "TIME", value_parser = time, requires = "why")]
    at: Option<Timestamp>,
    /// So long before and after it; ten minutes before are kept at most
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    within: SignedDuration,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// A replay, as JSON.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    verified: &'a Verified,
    /// What it took.
    replay_s: f64,
    /// Bytes of log for each call placed.
    bytes_per_call: Option<f64>,
}

pub(super) fn run(args: Args) -> Run {
    if let (Some(campaign), Some(at)) = (&args.why, args.at) {
        let question = why::Question { campaign, at, within: args.within };
        return why::run(&args.log, &question, args.json);
    }
    let began_at = clock::now();
    let from = args.from.unwrap_or(Timestamp::MIN);
    let until = args.until.unwrap_or(Timestamp::MAX);
    let verified = verify::<Fault>(&args.log, from, until, |step, _| {
        if args.list {
            print::text(&line(step))?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let replay_s = clock::now().duration_since(began_at).as_secs_f64();
    let bytes_per_call =
        (verified.calls > 0).then(|| verified.bytes as f64 / verified.calls as f64);
    if args.json {
        print::json(&Shown { verified: &verified, replay_s, bytes_per_call })?;
    } else {
        print::text(&told(&verified, replay_s, bytes_per_call, args.until.is_some()))?;
    }
    let same = verified.departure.is_none();
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(step: &Replayed) -> String {
    let Replayed { told, decided, .. } = step;
    let words = if decided.count() == 0 { "nothing" } else { decided.words() };
    format!("{} {:?} => {words}", told.at, told.input)
}

fn told(verified: &Verified, replay_s: f64, bytes_per_call: Option<f64>, stopped: bool) -> String {
    let Verified { from, until, facts, decisions, calls, .. } = verified;
    let seconds = until.duration_since(*from).as_secs_f64();
    let mut lines = vec![format!(
        "{facts} facts and {calls} calls from {from} until {until} ({seconds:.0} s), replayed in \
         {replay_s:.2} s"
    )];
    lines.extend(bytes_per_call.map(|bytes| format!("{bytes:.0} bytes of log a call")));
    if let Some(missing) = verified.missing {
        lines.push(format!("{missing} facts are missing after {until}: it ends there"));
    } else if !verified.ended && !stopped {
        lines.push("the run goes on, or was not stopped in order".to_owned());
    }
    match &verified.departure {
        None => lines.push(format!("all {decisions} decisions the same")),
        Some(departure) => lines.extend(departed(departure, verified)),
    }
    lines.join("\n")
}

fn departed(departure: &Departure, verified: &Verified) -> Vec<String> {
    let Departure { file, line, at, logged, replayed, outputs } = departure;
    let mut lines = vec![
        format!("other decisions at {at}, {}:{line}", file.display()),
        format!("  logged    {logged}"),
        format!("  replayed  {replayed}"),
    ];
    lines.extend(outputs.iter().map(|output| format!("            {output}")));
    let own = env!("CARGO_PKG_VERSION");
    if verified.version != own {
        let version = &verified.version;
        lines.push(format!("the log was written by outdial {version}, and this is {own}"));
    }
    lines
}
