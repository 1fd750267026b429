//! `outdial privacy`: what is held on a number, and its erasure.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::client::Server;
use super::intake::e164;
use super::{Fault, Run, print};
use crate::api::{EraseBody, ErasedBody};
use crate::audit::{Chain, Entry};
use crate::clock;
use crate::compliance::Rulebooks;
use crate::domain::PhoneNumber;
use crate::server::event_log;
use crate::store::lists;
use crate::store::{Books, DataFolder, Store};

const WHAT: &str = "\
export prints all that is held on a number as JSON: leads, calls with notes and recordings, its \
entry on the do-not-call list, registries that have it, records of the evidence. erase takes out \
who it was and says what is kept, and why. The event log holds leads and numbers as they were \
told, for as long as it is configured to; erase names its files that have the number, and removes \
them with --event-log where no server writes them. A server knows which campaign's recordings a \
rulebook asks to be kept; without one, recordings of calls younger than any rulebook asks for are \
kept, and --recordings removes them too.

Examples:
  outdial privacy export --number +12015550123 > held.json
  outdial privacy erase --number +12015550123 --event-log";

/// Personal data: what is held on a number, and its erasure
#[derive(Debug, clap::Args)]
#[command(after_help = WHAT)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Erase who a number was; says what is kept, and why
    Erase(Erase),
    /// All that is held on a number, as JSON
    Export(Export),
}

#[derive(Debug, clap::Args)]
struct Erase {
    /// The number, E.164
    #[arg(long, value_name = "NUMBER", value_parser = e164)]
    number: PhoneNumber,
    /// Remove the files of the event log that have the number, with all that is in them
    #[arg(long)]
    event_log: bool,
    /// Without a server: remove recordings of every age, no law of the campaign asking for them
    #[arg(long)]
    recordings: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
struct Export {
    /// The number, E.164
    #[arg(long, value_name = "NUMBER", value_parser = e164)]
    number: PhoneNumber,
    #[command(flatten)]
    data: super::DataFolder,
}

pub(super) fn run(args: Args) -> Run {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        match args.action {
            Action::Erase(args) => erase(args).await,
            Action::Export(args) => export(&args).await,
        }
    })
}

async fn export(args: &Export) -> Run {
    let data = &args.data.data;
    let held = Books::open(data).await?.personal(args.number).await?;
    let lists = lists::open_all(data)?;
    let lists =
        lists.iter().filter(|list| list.holds(args.number)).map(|list| list.header().id.clone());
    let log = logs_with(data, args.number)?;
    print::json(&json!({
        "held": held,
        "lists": lists.collect::<Vec<_>>(),
        "event_log": log,
    }))
}

async fn erase(args: Erase) -> Run {
    let (data, number) = (args.server.data().to_owned(), args.number);
    let served = args.server.is_named() || DataFolder::is_taken(&data);
    let erased: ErasedBody = if served {
        args.server.client()?.post("/v1/privacy/erase", &EraseBody { number })?
    } else {
        erase_here(&data, number, args.recordings).await?
    };
    let logs = if data.exists() { logs_with(&data, number)? } else { Vec::new() };
    let mut left = Vec::new();
    for (place, file) in logs.iter().enumerate() {
        // The newest may be the one that a server writes.
        let written = served && place + 1 == logs.len();
        if args.event_log && !written {
            fs::remove_file(file)?;
        } else {
            left.push(file);
        }
    }
    print::json(&json!({
        "erased": erased,
        "event_log_removed": logs.len() - left.len(),
        "event_log_left": left,
    }))
}

async fn erase_here(
    data: &Path,
    number: PhoneNumber,
    recordings_too: bool,
) -> Result<ErasedBody, Fault> {
    let (now, rulebooks) = (clock::now(), Rulebooks::embedded());
    let mut keep = Vec::new();
    if !recordings_too {
        let ids: Vec<String> = rulebooks.iter().map(|book| book.id.clone()).collect();
        if let Some(since) = rulebooks.recordings_since(&ids, now) {
            let campaigns = Books::open(data).await?.campaigns().await?;
            keep.extend(campaigns.into_iter().map(|campaign| (campaign.id, since)));
        }
    }
    let (store, _) = Store::open(data, now).await?;
    let erased = store.erase(number, &keep, now).await;
    let told = match &erased {
        Ok(Some(erased)) => {
            let body = json!({ "leads": erased.leads, "calls": erased.calls });
            Chain::open(data, rulebooks.evidence_days(), now)?
                .append(Entry::new(now, "erased", "cli", body))
                .await
        }
        _ => Ok(()),
    };
    store.close().await;
    told?;
    let up = || Fault::failed("a call with the number is up: ask again when it is over");
    erased?.map(ErasedBody::from).ok_or_else(up)
}

/// The files of the event log that have the number, oldest first.
fn logs_with(data: &Path, number: PhoneNumber) -> Result<Vec<PathBuf>, Fault> {
    let Ok(entries) = fs::read_dir(data.join(event_log::FOLDER)) else { return Ok(Vec::new()) };
    let (wanted, mut found) = (number.to_e164(), Vec::new());
    for entry in entries {
        let path = entry?.path();
        let mut lines = BufReader::new(fs::File::open(&path)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            if text.contains(&wanted) {
                found.push(path);
                break;
            }
            line.clear();
        }
    }
    found.sort();
    Ok(found)
}
