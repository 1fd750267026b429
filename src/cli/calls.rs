//! `outdial calls`: call records out.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::client::campaign_name;
use super::{Fault, Run, print};
use crate::api::{CallBody, CallDetail, calls_as_csv};
use crate::domain::{CallId, PhoneNumber};
use crate::store::{Books, CallFilter};

/// Records that are read at once.
const PAGE: u32 = 1_000;

const COLUMNS: &str = "\
One record a call, written once at its end, in the order in which the calls began. It reads the \
books in the data folder, also while a server runs on them.

Columns (in JSON: fields, one object a line):
  call, campaign, lead         numbers and names in the books
  number, caller_id            called and shown, E.164
  first_name, last_name        the lead's
  trunk                        the carrier it went over
  began_at, ringing_at, answered_at, bridged_at, ended_at
                               RFC 3339 in UTC; empty when it did not come so far
  outcome                      abandoned, answering_machine, busy, cancelled, declined, failed, fax,
                               hung_up, interrupted, invalid_number, messaged, no_answer, silence, talked
  ledger                       abandoned or live: a person answered and had no agent in time, or
                               had; not_counted
  verdict, verdict_probability what answered, as the detector heard it
  agent, agent_name            who talked
  disposition, note            what the agent said of it
  counts                       whether it used up an attempt of the lead
  by_callee                    true when the far end ended it
  sip_status, q850, sip_call_id
                               the line's last word
  digits                       keys pressed by the called party
  recording                    the file, relative to the data folder
  lead_due_at                  when the lead is due again; empty when it is closed
  inbound, caller_check        the person called in, and whether the number shown is theirs: passed_a,
                               passed_b, passed_c, failed, carrier_passed, carrier_failed, unchecked

In CSV a text that a spreadsheet would take for a formula begins with an apostrophe.

Examples:
  outdial calls --csv > calls.csv
  outdial calls --campaign spring --since 2026-01-31 --json | jq .outcome
  outdial calls --call 118 | jq .screening";

/// Call records out
#[derive(Debug, clap::Args)]
#[command(after_help = COLUMNS)]
pub struct Args {
    /// Of this campaign only
    #[arg(long, value_name = "NAME", value_parser = campaign_name)]
    campaign: Option<String>,
    /// Begun at or after this
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Begun before this
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// To this number only, E.164
    #[arg(long, value_name = "NUMBER", value_parser = super::intake::e164)]
    number: Option<PhoneNumber>,
    /// As CSV with a header; the default
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// As JSON, one object a line
    #[arg(long)]
    json: bool,
    /// This call alone, with all that is known of its screening, as JSON
    #[arg(long, value_name = "CALL", conflicts_with_all = ["campaign", "since", "until", "number", "csv"])]
    call: Option<i64>,
    #[command(flatten)]
    data: super::DataFolder,
}

/// RFC 3339, or a date: its beginning in UTC.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(date) = text.parse::<Date>()
        && !text.contains(['T', 't', ' '])
    {
        let midnight = date.at(0, 0, 0, 0);
        return Offset::UTC.to_timestamp(midnight).map_err(|error| error.to_string());
    }
    text.parse().map_err(|_| "a time is 2026-01-31T09:00:00Z or 2026-01-31 (UTC)".to_owned())
}

pub(super) fn run(args: Args) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(call) = args.call {
        return runtime.block_on(one(&args, CallId(call)));
    }
    match runtime.block_on(export(args)) {
        // Whoever reads it has seen enough.
        Err(Export::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(Export::Write(error)) => return Err(error.into()),
        Err(Export::Read(fault)) => return Err(fault),
        Ok(()) => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn one(args: &Args, call: CallId) -> Run {
    let books = Books::open(&args.data.data).await?;
    let found = books.call(call).await?;
    let found =
        found.ok_or_else(|| Fault::failed(format!("no call {call} is over in the books")))?;
    print::json(&CallDetail::from(found))
}

enum Export {
    Read(Fault),
    Write(io::Error),
}

impl From<io::Error> for Export {
    fn from(error: io::Error) -> Self {
        Export::Write(error)
    }
}

async fn export(args: Args) -> Result<(), Export> {
    let read = |error: crate::store::StoreError| Export::Read(error.into());
    let books = Books::open(&args.data.data).await.map_err(read)?;
    let campaign = match &args.campaign {
        None => None,
        Some(name) => Some(books.campaign(name).await.map_err(read)?.ok_or_else(|| {
            Export::Read(Fault::failed(format!("there is no campaign {name} in the books")))
        })?),
    };
    let Args { since, until, number, json, .. } = args;
    let filter = CallFilter { campaign, since, until, number };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut after = None;
    loop {
        let calls = books.calls(filter, after, PAGE).await.map_err(read)?;
        let (first, last) = (after.is_none(), calls.len() < PAGE as usize);
        after = calls.last().map(|call| call.record.call).or(after);
        let calls = calls.into_iter().map(CallBody::from);
        if json {
            for call in calls {
                serde_json::to_writer(&mut out, &call).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
        } else {
            out.write_all(&calls_as_csv(calls, first)?)?;
        }
        if last {
            return Ok(out.flush()?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_beginning_in_utc() {
        assert_eq!(time("2026-01-31"), time("2026-01-31T00:00:00Z"));
        assert_eq!(time("2026-01-31T01:00:00+01:00"), time("2026-01-31"));
        assert!(time("yesterday").is_err());
        assert!(time("2026-01-31T09:00").is_err());
    }
}
