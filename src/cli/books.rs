//! `outdial books`: the books, out for a judge.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Run;
use crate::store::Books;

/// Rows that are read at once.
const PAGE: u32 = 10_000;

const EXPORT: &str = "\
Four files, overwritten when they are there; times are seconds since 1970. They are what a program \
needs that judges the books against what a carrier saw: no attempt without its INVITE's Call-ID, no \
answered call without its record, no lead twice.

  attempts.csv  attempt_id,lead_id,number,call_id,trunk,started_at
  cdr.csv       call_id,lead_id,number,disposition,answered,answered_at,ended_at,abandoned,agent_id
  leads.csv     lead_id,number,status,attempts,next_at
  dnc.csv       number,acked_at

answered is 1, 0, or unknown for a call that a crash has interrupted before the books knew. status is
ready, closed, locked (in the dialer's hopper) or in_call. The numbers are whole: only you can read
the files.

Example:
  outdial books export judge && ls judge";

const EXAMPLES: &str = "\
Examples:
  outdial books export judge
  outdial books export judge --data /var/lib/outdial && ls judge";

/// The books: out for a judge
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Attempts, records, leads and do-not-call numbers as CSV files, also beside a running server
    #[command(after_help = EXPORT)]
    Export(Export),
}

#[derive(Debug, clap::Args)]
struct Export {
    /// The folder to write to; made when it is not there
    #[arg(value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    data: super::DataFolder,
}

pub(super) fn run(args: Args) -> Run {
    let Action::Export(export) = args.action;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(write(export))?;
    Ok(ExitCode::SUCCESS)
}

async fn write(export: Export) -> Result<(), super::Fault> {
    let books = Books::open(&export.data.data).await?;
    fs::create_dir_all(&export.to)?;
    attempts(&books, &export.to).await?;
    records(&books, &export.to).await?;
    leads(&books, &export.to).await?;
    do_not_call(&books, &export.to).await
}

async fn attempts(books: &Books, folder: &Path) -> Result<(), super::Fault> {
    let mut file = file(folder, "attempts.csv")?;
    file.write_record(["attempt_id", "lead_id", "number", "call_id", "trunk", "started_at"])?;
    let mut after = i64::MIN;
    loop {
        let rows = books.audit_attempts(after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(file.flush()?) };
        after = last.call;
        for row in rows {
            file.write_record([
                row.call.to_string(),
                row.lead.to_string(),
                row.number.to_string(),
                row.sip_call_id.unwrap_or_default(),
                row.trunk.unwrap_or_default(),
                seconds(row.began_us),
            ])?;
        }
    }
}

async fn records(books: &Books, folder: &Path) -> Result<(), super::Fault> {
    let mut file = file(folder, "cdr.csv")?;
    file.write_record([
        "call_id",
        "lead_id",
        "number",
        "disposition",
        "answered",
        "answered_at",
        "ended_at",
        "abandoned",
        "agent_id",
    ])?;
    let mut after = i64::MIN;
    loop {
        let rows = books.audit_records(after, PAGE).await?;
        let Some((last, _)) = rows.last() else { return Ok(file.flush()?) };
        after = *last;
        for (_, row) in rows {
            let answered = match row.answered_us {
                Some(_) => "1",
                None if row.outcome == "interrupted" => "unknown",
                None => "0",
            };
            file.write_record([
                row.sip_call_id.unwrap_or_default(),
                row.lead.to_string(),
                row.number.to_string(),
                row.outcome,
                answered.to_owned(),
                row.answered_us.map(seconds).unwrap_or_default(),
                seconds(row.ended_us),
                u8::from(row.abandoned).to_string(),
                row.agent.map(|agent| agent.to_string()).unwrap_or_default(),
            ])?;
        }
    }
}

async fn leads(books: &Books, folder: &Path) -> Result<(), super::Fault> {
    let mut file = file(folder, "leads.csv")?;
    file.write_record(["lead_id", "number", "status", "attempts", "next_at"])?;
    let mut after = i64::MIN;
    loop {
        let rows = books.audit_leads(after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(file.flush()?) };
        after = last.id;
        for row in rows {
            file.write_record([
                row.id.to_string(),
                row.number.to_string(),
                row.status,
                row.attempts.to_string(),
                seconds(row.due_us),
            ])?;
        }
    }
}

async fn do_not_call(books: &Books, folder: &Path) -> Result<(), super::Fault> {
    let mut file = file(folder, "dnc.csv")?;
    file.write_record(["number", "acked_at"])?;
    let mut after = i64::MIN;
    loop {
        let rows = books.audit_do_not_call(after, PAGE).await?;
        let Some((last, _)) = rows.last() else { return Ok(file.flush()?) };
        after = *last;
        for (number, added_us) in rows {
            file.write_record([number.to_string(), seconds(added_us)])?;
        }
    }
}

fn file(folder: &Path, name: &str) -> std::io::Result<csv::Writer<File>> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600);
    Ok(csv::Writer::from_writer(file.open(folder.join(name))?))
}

/// Microseconds as seconds.
fn seconds(us: i64) -> String {
    format!("{}.{:06}", us.div_euclid(1_000_000), us.rem_euclid(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_microseconds() {
        assert_eq!(seconds(1_700_000_000_000_001), "1700000000.000001");
    }
}
