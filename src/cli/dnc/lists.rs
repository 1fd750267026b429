//! `outdial dnc load|lists|check`: lists that come whole, of any size.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::civil::Date;
use serde_json::json;

use super::super::client::Client;
use super::super::intake::{self, e164, thousands};
use super::super::{Fault, Run, print};
use crate::api::RenewedBody;
use crate::clock;
use crate::compliance::{ListHeader, ListId, ListKind};
use crate::domain::{Country, PhoneNumber};
use crate::store::lists::{self, Built, ListChanges, ListPlan, ListSource, RejectedRow};
use crate::store::{Books, DataFolder, StoreError};

const LOAD: &str = "\
Each row is a number in the country's own format or in E.164, or `201,5550123` as the FTC writes \
it; 900* and +4470* are ranges, all numbers that begin so. A row that is none is told with its \
place; then nothing is taken, unless --skip-bad. The new list is written aside, checksummed, and \
takes the place of the old one at once; a running server is told, and when the command returns \
no call that the list forbids can begin.

Kinds: registry, asked where a rulebook says so (it looks at the age of the copy, --as-of) or by \
campaigns that name it; campaign, for campaigns that name it (do_not_call = [\"LIST\"]); internal, \
litigator and wildcard, for every campaign.

Examples:
  outdial dnc load us-national 201.txt 202.txt --country US --as-of 2026-11-01
  outdial dnc load suers suers.csv --kind litigator --country US --as-of 2026-11-24 --column 2
  outdial dnc load codes codes.txt --kind wildcard --country US --as-of 2026-11-24";

/// A whole list from files, in the place of the one with its name
#[derive(Debug, clap::Args)]
#[command(after_help = LOAD)]
pub(super) struct Load {
    /// The list's name: a-z, 0-9, _ and -
    #[arg(value_name = "LIST")]
    list: ListId,
    /// Files of numbers
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The day on which the list was true: when the registry made it or was asked
    #[arg(long, value_name = "DATE")]
    as_of: Date,
    /// What the list is
    #[arg(long, value_name = "KIND", value_parser = kind, default_value = "registry")]
    kind: ListKind,
    /// The country in whose national format the numbers are, two letters
    #[arg(long, value_name = "CODE", value_parser = intake::country)]
    country: Country,
    /// Which column has the number, from 1, where there are several
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    column: Option<u16>,
    /// Take the good rows when there are bad ones
    #[arg(long)]
    skip_bad: bool,
    /// Write every bad row to this file, with its place and the reason, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    data: super::super::DataFolder,
}

const CHANGE: &str = "\
The copy that is there, with what has changed since: the numbers of --added are on the list from \
now on, those of --removed are not; one that is in both is. Rows as for dnc load, and the same \
promises.

Example:
  outdial dnc change us-national --added adds.txt --removed deletes.txt --as-of 2026-11-08";

/// A list with the changes since its copy, in its place
#[derive(Debug, clap::Args)]
#[command(after_help = CHANGE)]
pub(super) struct Changes {
    /// The list's name
    #[arg(value_name = "LIST")]
    list: ListId,
    /// Files of numbers that have come onto it
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "removed")]
    added: Vec<PathBuf>,
    /// Files of numbers that have gone off it
    #[arg(long, value_name = "FILE", num_args = 1..)]
    removed: Vec<PathBuf>,
    /// The day on which the list is true with the changes
    #[arg(long, value_name = "DATE")]
    as_of: Date,
    /// Which column has the number, from 1, where there are several
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    column: Option<u16>,
    /// Take the good rows when there are bad ones
    #[arg(long)]
    skip_bad: bool,
    #[command(flatten)]
    data: super::super::DataFolder,
}

/// The lists that are there, with kind, country, date, size and checksum
#[derive(Debug, clap::Args)]
pub(super) struct Lists {
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: super::super::DataFolder,
}

/// Which lists have a number
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The number, E.164
    #[arg(value_name = "NUMBER", value_parser = e164)]
    number: PhoneNumber,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: super::super::DataFolder,
}

fn kind(word: &str) -> Result<ListKind, String> {
    serde_json::from_value(json!(word))
        .map_err(|_| "one of campaign, internal, litigator, registry, wildcard".to_owned())
}

pub(super) fn load(args: &Load) -> Run {
    let sources = args.files.iter().map(|file| source(file)).collect::<Result<Vec<_>, _>>()?;
    let plan = ListPlan {
        id: args.list.clone(),
        kind: args.kind,
        country: args.country,
        as_of: args.as_of,
        column: args.column.map(|column| usize::from(column) - 1),
        skip_bad: args.skip_bad,
    };
    let rejects = args.rejects.as_ref().map(csv::Writer::from_path).transpose()?;
    let rejects = RefCell::new(rejects);
    let (began_at, bar) = (clock::now(), meter());
    let built = lists::build(
        &args.data.data,
        &plan,
        sources,
        |row| rejects.borrow_mut().as_mut().map_or(Ok(()), |out| write(out, row)),
        |rows| bar.set_position(rows),
        began_at,
    )?;
    bar.finish_and_clear();
    if let Some(rejects) = rejects.borrow_mut().as_mut() {
        rejects.flush()?;
    }
    let seconds = clock::now().duration_since(began_at).as_secs_f64();
    tell(&args.list, &built, seconds)?;
    renewed(&args.data.data, &built)
}

pub(super) fn change(args: &Changes) -> Run {
    let sources = |files: &[PathBuf]| -> Result<Vec<ListSource>, Fault> {
        files.iter().map(|file| source(file)).collect()
    };
    let changes = ListChanges {
        id: args.list.clone(),
        as_of: args.as_of,
        column: args.column.map(|column| usize::from(column) - 1),
        skip_bad: args.skip_bad,
        added: sources(&args.added)?,
        removed: sources(&args.removed)?,
    };
    let (began_at, bar) = (clock::now(), meter());
    let data = &args.data.data;
    let built = lists::update(data, changes, |_| Ok(()), |rows| bar.set_position(rows), began_at)?;
    bar.finish_and_clear();
    let seconds = clock::now().duration_since(began_at).as_secs_f64();
    tell(&args.list, &built, seconds)?;
    renewed(data, &built)
}

/// A server that runs on the data folder asks the new list when this returns.
fn renewed(data: &Path, built: &Built) -> Run {
    let Some(_) = &built.list else { return Ok(ExitCode::FAILURE) };
    if DataFolder::is_taken(data) {
        let renewed: RenewedBody =
            Client::in_folder(data)?.post("/v1/do-not-call-lists", &json!({}))?;
        writeln!(io::stdout(), "the running server asks it now ({} renewed)", renewed.put.len())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn source(file: &Path) -> Result<ListSource, Fault> {
    let bytes = File::open(file)
        .map_err(|error| Fault::failed(format!("{} cannot be read: {error}", file.display())))?;
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    Ok(ListSource { name, bytes: Box::new(bytes) })
}

fn write(out: &mut csv::Writer<File>, row: &RejectedRow) -> io::Result<()> {
    let text = crate::store::import::inert(&row.text);
    let cells = [&row.file, &row.row.to_string(), &*text, &row.reason];
    out.write_record(cells).map_err(io::Error::from)
}

fn meter() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{human_pos} rows  {per_sec}  {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar
}

fn tell(list: &ListId, built: &Built, seconds: f64) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for RejectedRow { file, row, text, reason } in &built.rejected {
        let text: String =
            text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        writeln!(out, "{file}: row {row}: {reason}: {text}")?;
    }
    let more = built.bad - built.rejected.len() as u64;
    if more > 0 {
        writeln!(out, "and {} more; --rejects FILE has all", thousands(more))?;
    }
    let rate = built.rows as f64 / seconds.max(1e-9) / 1e6;
    writeln!(
        out,
        "{}: {} rows in {seconds:.2} s ({rate:.1} million a second), {} blank, {} twice, {} \
         taken out, {} bad, {} MB of memory",
        list,
        thousands(built.rows),
        thousands(built.blank),
        thousands(built.twice),
        thousands(built.removed),
        thousands(built.bad),
        built.memory / 1_000_000,
    )?;
    match &built.list {
        Some(header) => writeln!(out, "{}", line(header)),
        None => writeln!(
            out,
            "nothing was taken, because of rows that cannot be: mend the file, or say --skip-bad \
             to take the good ones"
        ),
    }
}

/// `us-national: registry of US as of 2026-11-01, 240,000,000 numbers, 0 ranges, 228.1 MB`.
fn line(header: &ListHeader) -> String {
    let ListHeader { id, kind, country, as_of, numbers, prefixes, bytes, .. } = header;
    let country = country.map(|country| format!(" of {country}")).unwrap_or_default();
    format!(
        "{id}: {}{country} as of {as_of}, {} numbers, {} ranges, {:.1} MB",
        kind.word(),
        thousands(*numbers),
        thousands(*prefixes),
        *bytes as f64 / 1e6,
    )
}

pub(super) fn lists(args: &Lists) -> Run {
    let headers = lists::headers(&args.data.data)?;
    if args.json {
        print::json(&headers)?;
    } else {
        let lines = headers.iter().map(|header| format!("{}, {}", line(header), header.sha256));
        print::text(&lines.collect::<Vec<_>>().join("\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn check(args: &Check) -> Run {
    let mut found = Vec::new();
    match Books::open(&args.data.data).await {
        Ok(books) => {
            if let Some(entry) = books.dnc_entry(args.number).await? {
                found.push(json!({
                    "list": "internal", "kind": "internal", "since": entry.at,
                    "source": entry.source, "reason": entry.reason,
                }));
            }
        }
        Err(StoreError::NoBooks(_)) => {}
        Err(error) => return Err(error.into()),
    }
    for list in lists::open_all(&args.data.data)? {
        let ListHeader { id, kind, as_of, .. } = list.header();
        if list.holds(args.number) {
            found.push(json!({ "list": id, "kind": kind, "as_of": as_of }));
        }
    }
    if args.json {
        print::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let word = |entry: &serde_json::Value, key: &str| {
        entry.get(key).and_then(|value| value.as_str()).map(str::to_owned).unwrap_or_default()
    };
    let lines = found.iter().map(|entry| match word(entry, "as_of") {
        day if day.is_empty() => {
            format!("internal, since {} by {}", word(entry, "since"), word(entry, "source"))
        }
        day => format!("{} ({}), as of {day}", word(entry, "list"), word(entry, "kind")),
    });
    let lines: Vec<String> = lines.collect();
    print::text(&if lines.is_empty() { "on no list".to_owned() } else { lines.join("\n") })?;
    Ok(ExitCode::SUCCESS)
}
