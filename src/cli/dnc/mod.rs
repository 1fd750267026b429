//! `outdial dnc`: the do-not-call list.

mod lists;

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::client::{Client, Server};
use super::intake::{self, FileArgs, e164};
use super::{Fault, Run};
use crate::clock;
use crate::domain::{Country, PhoneNumber};
use crate::store::import::{NumberFile, Report, import_numbers};
use crate::store::{Books, DataFolder, DoNotCall, Store};

/// Numbers that are read at once.
const PAGE: u32 = 1_000;

const EXAMPLES: &str = "\
With a server on the data folder it is asked: when the command returns, no call to the number can \
begin any more and one that rings there is being ended. Without, the books are written.

Examples:
  outdial dnc add +12015550123 --reason 'asked by letter'
  outdial dnc import list.csv --country US --reason 'state list'
  outdial dnc load us-national 201.txt 202.txt --country US --as-of 2026-11-01
  outdial dnc change us-national --added adds.txt --removed deletes.txt --as-of 2026-11-08
  outdial dnc check +12015550123
  outdial dnc list > list.csv";

/// The do-not-call lists: add, remove, import, load, change, check
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Never call a number again
    Add(Add),
    Change(lists::Changes),
    Check(lists::Check),
    /// The numbers of a file: one a line, or a column of a table; all or none
    Import(Import),
    /// Every number with when, who and why, as CSV
    List(List),
    Lists(lists::Lists),
    Load(lists::Load),
    /// A number may be called again
    Remove(Remove),
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The number, E.164
    #[arg(value_name = "NUMBER", value_parser = e164)]
    number: PhoneNumber,
    /// Why, for people
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
struct Import {
    #[command(flatten)]
    file: FileArgs,
    /// The country in whose national format the numbers are, two letters
    #[arg(long, value_name = "CODE", value_parser = intake::country)]
    country: Country,
    /// Why, for people
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    data: super::DataFolder,
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    data: super::DataFolder,
}

#[derive(Debug, clap::Args)]
struct Remove {
    /// The number, E.164
    #[arg(value_name = "NUMBER", value_parser = e164)]
    number: PhoneNumber,
    #[command(flatten)]
    server: Server,
}

pub(super) fn run(args: Args) -> Run {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        match args.action {
            Action::Add(args) => add(args).await,
            Action::Change(args) => lists::change(&args),
            Action::Check(args) => lists::check(&args).await,
            Action::Import(args) => import(args).await,
            Action::List(args) => list(args).await,
            Action::Lists(args) => lists::lists(&args),
            Action::Load(args) => lists::load(&args),
            Action::Remove(args) => remove(args).await,
        }
    })
}

/// Whether the server is to be asked.
fn is_served(server: &Server) -> bool {
    server.is_named() || DataFolder::is_taken(server.data())
}

async fn add(args: Add) -> Run {
    if is_served(&args.server) {
        let body = json!({ "number": args.number, "reason": args.reason });
        args.server.client()?.tell("/v1/do-not-call", &body)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (store, _) = Store::open(args.server.data(), clock::now()).await?;
    let entry = DoNotCall {
        number: args.number,
        at: clock::now(),
        source: "cli".to_owned(),
        reason: args.reason,
        call: None,
    };
    let added = store.dnc_add(entry).await;
    store.close().await;
    added?;
    Ok(ExitCode::SUCCESS)
}

async fn remove(args: Remove) -> Run {
    if is_served(&args.server) {
        let path = format!("/v1/do-not-call/{}", args.number.to_e164());
        args.server.client()?.delete(&path)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (store, _) = Store::open(args.server.data(), clock::now()).await?;
    let removed = store.dnc_remove(args.number).await;
    store.close().await;
    if removed? {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(Fault::failed("the number is not on the list"))
    }
}

async fn import(args: Import) -> Run {
    let (source, _) = args.file.open()?;
    let rejects = args.file.rejects()?;
    let file = NumberFile {
        source,
        country: args.country,
        mapped: args.file.mapped.clone(),
        rejects: rejects.as_ref().map(|rejects| rejects.sink()).transpose()?,
        skip_bad: args.file.skip_bad,
    };
    let report = match take(&args, file).await {
        Ok(report) => report,
        Err(fault) => {
            rejects.into_iter().for_each(|rejects| rejects.discard());
            return Err(fault);
        }
    };
    let kept = rejects.map(|rejects| rejects.finish(report.rejected())).transpose()?.flatten();
    intake::tell(&args.file, &report, kept.as_deref(), "on the do-not-call list")
}

/// Writes the numbers into the books, and tells a server those that it might still call.
async fn take(args: &Import, file: NumberFile) -> Result<Report, Fault> {
    let data = &args.data.data;
    let store = intake::open_books(data).await?;
    let at = clock::now();
    let done = import_numbers(&store, file, args.reason.as_deref(), at).await;
    let leads = store.books().dnc_leads(at).await;
    store.close().await;
    let report = done?;
    if DataFolder::is_taken(data) {
        tell_server(data, &leads?)?;
    }
    Ok(report)
}

fn tell_server(data: &Path, numbers: &[PhoneNumber]) -> Result<(), Fault> {
    let server = Client::in_folder(data)?;
    for number in numbers {
        server.tell("/v1/do-not-call", &json!({ "number": number }))?;
    }
    Ok(())
}

async fn list(args: List) -> Run {
    let books = Books::open(&args.data.data).await?;
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "number,since,source,reason")?;
    let mut after = None;
    loop {
        let entries = books.dnc(after, PAGE).await?;
        let last = entries.len() < PAGE as usize;
        after = entries.last().map(|entry| entry.number).or(after);
        for entry in entries {
            let reason = crate::store::import::inert(entry.reason.as_deref().unwrap_or_default());
            let mut row = csv::WriterBuilder::new().from_writer(Vec::new());
            let number = entry.number.to_e164();
            row.write_record([&number, &entry.at.to_string(), &entry.source, &*reason])?;
            out.write_all(&row.into_inner().map_err(|error| error.into_error())?)?;
        }
        if last {
            out.flush()?;
            return Ok(ExitCode::SUCCESS);
        }
    }
}
