//! The world's leads and its books: hands out what is due, hears what became of it, and notices
//! what must not happen.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::dialer::{CallRecord, LedgerEntry, Record};
use crate::domain::{CallId, CampaignId, Lead, LeadId, Outcome, PastAttempt, PhoneNumber, later};

/// A number is not called twice within this (the rulebook of made-up worlds).
const INTERVAL: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug)]
struct Entry {
    lead: Lead,
    due_at: Timestamp,
    handed_out: bool,
    closed: bool,
    open: Option<CallId>,
}

/// An attempt as the books have it.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) lead: LeadId,
    pub(super) began_at: Timestamp,
    pub(super) answered: bool,
    pub(super) record: Option<Box<CallRecord>>,
}

/// The world's leads and books.
#[derive(Debug)]
pub(super) struct Leads {
    entries: BTreeMap<LeadId, Entry>,
    due: BTreeSet<(Timestamp, LeadId)>,
    pub(super) attempts: BTreeMap<CallId, Attempt>,
    pub(super) faults: Vec<String>,
}

impl Leads {
    pub(super) fn new(campaign: CampaignId, count: u32, due_at: Timestamp) -> Self {
        let lead = |id: i64| Some(Entry::new(id, campaign, number(id)?, due_at));
        let entries: BTreeMap<LeadId, Entry> =
            (1..=i64::from(count)).filter_map(|id| Some((LeadId(id), lead(id)?))).collect();
        let due = entries.keys().map(|id| (due_at, *id)).collect();
        Self { entries, due, attempts: BTreeMap::new(), faults: Vec::new() }
    }

    /// What the store answers: at most `count` that are due, and when the next will be.
    pub(super) fn take(&mut self, count: u32, now: Timestamp) -> (Vec<Lead>, Option<Timestamp>) {
        let mut leads = Vec::new();
        while leads.len() < count as usize {
            let Some((_, id)) = self.due.first().copied().filter(|(due, _)| *due <= now) else {
                break;
            };
            self.due.pop_first();
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.handed_out = true;
                leads.push(entry.lead.clone());
            }
        }
        (leads, self.due.first().map(|(due, _)| *due))
    }

    /// An attempt begins: before its INVITE leaves.
    pub(super) fn begin(&mut self, call: CallId, lead: LeadId, now: Timestamp) {
        let Some(entry) = self.entries.get_mut(&lead) else {
            return self.faults.push(format!("call {call}: nobody knows lead {lead}"));
        };
        if let Some(open) = entry.open.replace(call) {
            self.faults.push(format!("lead {lead}: dialed by {call} while {open} is up"));
        }
        if entry.closed || entry.due_at > now {
            self.faults.push(format!("lead {lead}: dialed by {call} before it was due"));
        }
        let last = entry.lead.history.iter().rev().find(|past| reached(past));
        if last.is_some_and(|past| now < later(past.at, INTERVAL)) {
            self.faults.push(format!("lead {lead}: its number was called less than an hour ago"));
        }
        entry.handed_out = true;
        self.due.remove(&(entry.due_at, lead));
        entry.lead.history.push(PastAttempt { call, at: now, outcome: None });
        let attempt = Attempt { lead, began_at: now, answered: false, record: None };
        if self.attempts.insert(call, attempt).is_some() {
            self.faults.push(format!("call {call}: begun twice"));
        }
    }

    /// The line was answered, whether or not the dialer has heard of it yet.
    pub(super) fn answered(&mut self, call: CallId) {
        if let Some(attempt) = self.attempts.get_mut(&call) {
            attempt.answered = true;
        }
    }

    pub(super) fn write(&mut self, record: &Record) {
        match record {
            Record::Answered { call, .. } | Record::Bridged { call, .. } => {
                if self.attempts.get(call).is_none_or(|attempt| attempt.record.is_some()) {
                    self.faults.push(format!("call {call}: written of when it was not up"));
                }
            }
            Record::Disposition { call, due_at, .. } => self.dispose(*call, *due_at),
            Record::Agent { .. } | Record::DoNotCall { .. } => {}
            Record::Ended(record) => self.end(record),
            Record::Released { lead, due_at, rule } => {
                self.give_back(*lead, *due_at, rule.is_some());
            }
        }
    }

    /// Whether a lead is out: handed to the dialer, or in a call.
    pub(super) fn out(&self) -> usize {
        self.entries.values().filter(|entry| entry.handed_out).count()
    }

    fn end(&mut self, record: &CallRecord) {
        let call = record.call;
        let Some(attempt) = self.attempts.get_mut(&call) else {
            return self.faults.push(format!("call {call}: a record and no attempt"));
        };
        if attempt.record.is_some() {
            return self.faults.push(format!("call {call}: a second record"));
        }
        if attempt.lead != record.lead {
            self.faults.push(format!("call {call}: the record of another lead"));
        }
        if record.outcome == Outcome::Abandoned && record.ledger != LedgerEntry::Abandoned {
            self.faults.push(format!("call {call}: abandoned, and not in the ledger"));
        }
        attempt.record = Some(Box::new(record.clone()));
        let Some(entry) = self.entries.get_mut(&record.lead) else { return };
        entry.open = None;
        if let Some(past) = entry.lead.history.iter_mut().find(|past| past.call == call) {
            past.outcome = Some(record.outcome);
        }
        self.settle(record.lead, record.lead_due_at);
    }

    /// The agent's word, unless the lead is in a call again.
    fn dispose(&mut self, call: CallId, due_at: Option<Timestamp>) {
        let Some(attempt) = self.attempts.get(&call) else { return };
        let lead = attempt.lead;
        let Some(entry) = self.entries.get(&lead) else { return };
        let is_last = entry.lead.history.last().is_some_and(|past| past.call == call);
        if entry.open.is_none() && is_last {
            self.settle(lead, due_at);
        }
    }

    fn give_back(&mut self, lead: LeadId, due_at: Option<Timestamp>, refused: bool) {
        let Some(entry) = self.entries.get(&lead) else { return };
        if entry.open.is_some() || !entry.handed_out {
            return;
        }
        let unchanged = (!refused && !entry.closed).then_some(entry.due_at);
        self.settle(lead, due_at.or(unchanged));
    }

    fn settle(&mut self, lead: LeadId, due_at: Option<Timestamp>) {
        let Some(entry) = self.entries.get_mut(&lead) else { return };
        self.due.remove(&(entry.due_at, lead));
        entry.handed_out = false;
        entry.closed = due_at.is_none();
        if let Some(due_at) = due_at {
            entry.due_at = due_at;
            entry.lead.due_at = Some(due_at);
            self.due.insert((due_at, lead));
        }
    }
}

impl Entry {
    fn new(id: i64, campaign: CampaignId, number: PhoneNumber, due_at: Timestamp) -> Self {
        let lead = Lead {
            id: LeadId(id),
            campaign,
            number,
            first_name: Some("Ada".to_owned()),
            last_name: Some("Lovelace".to_owned()),
            state: None,
            zip: None,
            attributes: BTreeMap::new(),
            history: Vec::new(),
            due_at: None,
        };
        Self { lead, due_at, handed_out: false, closed: false, open: None }
    }
}

/// Numbers of New York: an area code and seven digits that no plan forbids.
fn number(id: i64) -> Option<PhoneNumber> {
    PhoneNumber::from_e164(&format!("+1212{}", 2_000_000 + id))
}

/// Whether an attempt has reached the callee, as the rulebook of made-up worlds counts.
fn reached(past: &PastAttempt) -> bool {
    !matches!(past.outcome, Some(Outcome::Cancelled | Outcome::Failed))
}
