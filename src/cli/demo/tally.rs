//! The reckoning: the books as they were left, held against what the carrier saw.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use jiff::Timestamp;

use super::summary::Summary;
use crate::api::{CallBody, calls_as_csv};
use crate::cli::Fault;
use crate::clock;
use crate::dialer::{CallRecord, LedgerEntry};
use crate::domain::{Outcome, PhoneNumber, VerdictKind};
use crate::rehearsal::carrier::{Answer, CallEnd};
use crate::server::event_log::verify;
use crate::store::{Books, Call, CallFilter, RECORDINGS};

/// What the carrier saw: an independent witness of every INVITE.
#[derive(Debug, Default)]
pub(super) struct Seen {
    calls: u64,
    numbers: BTreeMap<PhoneNumber, (Answer, u64)>,
}

impl Seen {
    pub fn add(&mut self, call: &CallEnd) {
        self.calls += 1;
        if let Some(number) = call.number {
            self.numbers.entry(number).or_insert((call.answer, 0)).1 += 1;
        }
    }
}

/// Completes the summary from the books, and leaves the call records beside them as CSV.
pub(super) async fn read(data: &Path, seen: &Seen, mut summary: Summary) -> Result<Summary, Fault> {
    let books = Books::open(data).await?;
    let mut csv = BufWriter::new(File::create(data.join("calls.csv"))?);
    let mut after = None;
    let mut dialed: BTreeMap<PhoneNumber, u64> = BTreeMap::new();
    loop {
        let page = books.calls(CallFilter::default(), after, 1000).await?;
        let Some(last) = page.last() else { break };
        let first = after.is_none();
        after = Some(last.record.call);
        let rows = page.iter().cloned().map(CallBody::from);
        csv.write_all(&calls_as_csv(rows, first)?)?;
        for call in &page {
            *dialed.entry(call.number).or_default() += 1;
            summary.add(call, seen.numbers.get(&call.number).map(|(answer, _)| *answer), data);
        }
    }
    csv.flush()?;
    summary.carrier_calls = seen.calls;
    summary.broken.extend(books.invariants().await?.iter().map(ToString::to_string));
    for (number, (_, calls)) in &seen.numbers {
        let known = dialed.get(number).copied().unwrap_or(0);
        if *calls > known {
            let number = number.masked();
            let fault =
                format!("{number}: the carrier saw {calls} INVITEs, the books have {known}");
            summary.broken.push(fault);
        }
    }
    summary.finish();
    Ok(summary)
}

/// Tells the facts of the run to a second dialer; a decision that is not taken again is a broken
/// invariant.
pub(super) fn replay(data: &Path, mut summary: Summary) -> Result<Summary, Fault> {
    let (from, until) = (Timestamp::MIN, Timestamp::MAX);
    let replay = verify::<Fault>(data, from, until, |_, _| Ok(ControlFlow::Continue(())))?;
    if let Some(departure) = &replay.departure {
        let (at, file, line) = (departure.at, departure.file.display(), departure.line);
        summary.broken.push(format!("{file}:{line}: other decisions in the replay at {at}"));
    }
    if let Some(missing) = replay.missing {
        summary.broken.push(format!("{missing} facts are missing from the event log"));
    }
    summary.replay = Some(replay);
    Ok(summary)
}

impl Summary {
    fn add(&mut self, call: &Call, truth: Option<Answer>, data: &Path) {
        let record = &call.record;
        self.attempts += 1;
        self.records += 1;
        self.invites += u64::from(record.sip_call_id.is_some());
        if record.sip_call_id.is_none() && record.counts {
            let fault = format!("call {}: it never left, and counts as an attempt", record.call);
            self.broken.push(fault);
        }
        *self.outcomes.entry(record.outcome.as_str().to_owned()).or_default() += 1;
        self.people_in_ledger += u64::from(record.ledger != LedgerEntry::NotCounted);
        self.abandoned += u64::from(record.ledger == LedgerEntry::Abandoned);
        if let Some(bridged_at) = record.bridged_at {
            self.talks += 1;
            self.talk_s += record.ended_at.duration_since(bridged_at).as_secs_f64();
        }
        if record.answered_at.is_some() {
            self.judge(record, truth);
        }
        if let Some(file) = &record.recording {
            self.recordings += 1;
            if !data.join(RECORDINGS).join(file).exists() {
                self.broken
                    .push(format!("call {}: its recording {file} is not there", record.call));
            }
        }
    }

    /// What the detector made of it, against what it was.
    fn judge(&mut self, record: &CallRecord, truth: Option<Answer>) {
        match truth {
            Some(Answer::Person) => {
                self.people += 1;
                let misheard =
                    record.verdict.is_some_and(|verdict| verdict.kind != VerdictKind::Human);
                let taken_back = record.screening.taken_back_at.is_some();
                self.people_lost += u64::from(misheard || taken_back);
            }
            Some(Answer::Machine) => {
                self.machines += 1;
                self.machines_connected += u64::from(record.outcome == Outcome::Talked);
            }
            _ => {}
        }
    }

    fn finish(&mut self) {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        self.answer_rate = share(self.people_in_ledger, self.attempts);
        self.abandonment_rate = share(self.abandoned, self.people_in_ledger);
        self.finished_at = Some(clock::now().to_string());
    }
}
