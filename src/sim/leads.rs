//! The world's leads and its books: hands out what is due, hears what became of it, and notices
//! what must not happen. A lead is there from its first hand-out until it is closed for good, so
//! that a list of millions costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::dialer::{CallRecord, LedgerEntry, Record};
use crate::domain::{
    CallId, CampaignId, Facts, Lead, LeadId, Outcome, PastAttempt, PhoneNumber, Slots, later,
};

/// A number is not called twice within this (the rulebook of made-up worlds).
const INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// What the books hold of a lead, without its empty columns.
#[derive(Debug)]
struct Entry {
    campaign: CampaignId,
    number: PhoneNumber,
    history: Vec<PastAttempt>,
    due_at: Timestamp,
    /// It stands in `due` with that time.
    is_listed: bool,
    /// It was called, or given back, before.
    comes_again: bool,
    handed_out: bool,
    closed: bool,
    open: Option<CallId>,
    last_call: Option<CallId>,
    /// The last attempt, until the lead is due again.
    past: Option<PastAttempt>,
}

/// An attempt as the books have it, until nothing more can be said of it.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) lead: LeadId,
    pub(super) began_at: Timestamp,
    pub(super) answered: bool,
    /// The person has called us.
    pub(super) called_in: bool,
    /// Its record is written; the agent's word may still come.
    pub(super) is_over: bool,
}

/// The leads of one campaign that nobody has called.
#[derive(Clone, Copy, Debug)]
struct List {
    /// Since when they are due.
    new_since: Timestamp,
    /// The first of them.
    next_new: i64,
    /// The last of them.
    last: i64,
}

/// The leads of the first list and of all that follow it are numbered apart by this, where there
/// are several.
const APART: (i64, i64) = (3_000_000, 1_000_000);

/// The world's leads and books.
#[derive(Debug)]
pub(super) struct Leads {
    lists: BTreeMap<CampaignId, List>,
    entries: Slots<LeadId, Entry>,
    due: BTreeMap<CampaignId, BTreeSet<(Timestamp, LeadId)>>,
    pub(super) attempts: Slots<CallId, Attempt>,
    /// People who had no agent and on whom we hung up, until their record is written.
    unserved: BTreeSet<CallId>,
    pub(super) outcomes: BTreeMap<Outcome, u64>,
    pub(super) faults: Vec<String>,
    /// Where they live, in turn; New York when empty.
    area_codes: Vec<u16>,
    facts: Arc<Facts>,
}

impl Leads {
    pub(super) fn new(campaign: CampaignId, count: u32, due_at: Timestamp) -> Self {
        Self {
            lists: BTreeMap::from([(
                campaign,
                List { new_since: due_at, next_new: 1, last: i64::from(count) },
            )]),
            entries: Slots::default(),
            due: BTreeMap::new(),
            attempts: Slots::default(),
            unserved: BTreeSet::new(),
            outcomes: BTreeMap::new(),
            faults: Vec::new(),
            area_codes: Vec::new(),
            facts: Arc::default(),
        }
    }

    /// The same, living elsewhere and saying that much.
    pub(super) fn living(self, area_codes: &[u16], facts: &Arc<Facts>) -> Self {
        Self { area_codes: area_codes.to_vec(), facts: Arc::clone(facts), ..self }
    }

    /// A further campaign's list.
    pub(super) fn add_list(&mut self, campaign: CampaignId, count: u32, due_at: Timestamp) {
        let before = APART.0 + APART.1 * (self.lists.len() as i64 - 1);
        let last = before + i64::from(count).min(APART.1);
        self.lists.insert(campaign, List { new_since: due_at, next_new: before + 1, last });
    }

    /// What the store answers: at most `count` that are due, and when the next will be.
    pub(super) fn take(
        &mut self,
        campaign: CampaignId,
        count: u32,
        now: Timestamp,
    ) -> (Vec<Lead>, Option<Timestamp>) {
        let mut leads = Vec::with_capacity(count as usize);
        while leads.len() < count as usize {
            let Some((due_at, id)) = self.next(campaign).filter(|(due_at, _)| *due_at <= now)
            else {
                break;
            };
            let called = self.due.get_mut(&campaign).is_some_and(|due| due.remove(&(due_at, id)));
            if !called && !self.add_new(campaign, id, due_at) {
                continue;
            }
            if let Some(entry) = self.entries.get_mut(&id) {
                (entry.handed_out, entry.is_listed) = (true, false);
                leads.push(entry.lead(id, &self.facts));
            }
        }
        (leads, self.next(campaign).map(|(due_at, _)| due_at))
    }

    /// Somebody of whom nobody has heard calls this queue.
    pub(super) fn caller(&mut self, queue: CampaignId, now: Timestamp) -> Option<Lead> {
        let id = LeadId(self.lists.get(&queue)?.next_new);
        self.add_new(queue, id, now);
        self.entries.get(&id).map(|entry| entry.lead(id, &self.facts))
    }

    fn add_new(&mut self, campaign: CampaignId, id: LeadId, due_at: Timestamp) -> bool {
        if let Some(list) = self.lists.get_mut(&campaign) {
            list.next_new += 1;
        }
        let Some(number) = number(id, &self.area_codes) else { return false };
        self.entries.insert(id, Entry::new(campaign, number, due_at));
        true
    }

    /// The lead that is due first: of two at once, the one with the lower number.
    fn next(&self, campaign: CampaignId) -> Option<(Timestamp, LeadId)> {
        let new = self.lists.get(&campaign).filter(|list| list.next_new <= list.last);
        let new = new.map(|list| (list.new_since, LeadId(list.next_new)));
        let due = self.due.get(&campaign).and_then(|due| due.first().copied());
        due.into_iter().chain(new).min()
    }

    /// An attempt begins: before its INVITE leaves.
    pub(super) fn begin(&mut self, call: CallId, lead: LeadId, now: Timestamp) {
        let Some(entry) = self.entries.get_mut(&lead) else {
            return self
                .faults
                .push(format!("call {call}: nobody knows lead {lead}, or it is closed"));
        };
        if let Some(open) = entry.open.replace(call) {
            self.faults.push(format!("lead {lead}: dialed by {call} while {open} is up"));
        }
        if entry.closed || entry.due_at > now {
            self.faults.push(format!("lead {lead}: dialed by {call} before it was due"));
        }
        let last = entry.history.iter().rev().find(|past| reached(past));
        if last.is_some_and(|past| now < later(past.at, INTERVAL)) {
            self.faults.push(format!("lead {lead}: its number was called less than an hour ago"));
        }
        entry.handed_out = true;
        if std::mem::take(&mut entry.is_listed)
            && let Some(due) = self.due.get_mut(&entry.campaign)
        {
            due.remove(&(entry.due_at, lead));
        }
        entry.last_call = Some(call);
        let attempt =
            Attempt { lead, began_at: now, answered: false, is_over: false, called_in: false };
        if self.attempts.insert(call, attempt).is_some() {
            self.faults.push(format!("call {call}: begun twice"));
        }
    }

    /// Somebody has called us.
    pub(super) fn begin_caller(&mut self, call: CallId, lead: LeadId, now: Timestamp) {
        self.begin(call, lead, now);
        if let Some(attempt) = self.attempts.get_mut(&call) {
            attempt.called_in = true;
        }
    }

    /// The line was answered, whether or not the dialer has heard of it yet.
    pub(super) fn answered(&mut self, call: CallId) {
        if let Some(attempt) = self.attempts.get_mut(&call) {
            attempt.answered = true;
        }
    }

    /// We have hung up on a person who had no agent.
    pub(super) fn unserved(&mut self, call: CallId) {
        self.unserved.insert(call);
    }

    pub(super) fn write(&mut self, record: &Record) {
        match record {
            Record::Answered { call, .. } | Record::Bridged { call, .. } => {
                if self.attempts.get(call).is_none_or(|attempt| attempt.is_over) {
                    self.faults.push(format!("call {call}: written of when it was not up"));
                }
            }
            Record::Disposition { call, due_at, .. } => self.dispose(*call, *due_at),
            Record::Agent { .. }
            | Record::CallerIdRests { .. }
            | Record::DoNotCall { .. }
            | Record::Learned { .. } => {}
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
            return self.faults.push(format!("call {call}: a record without an open attempt"));
        };
        if std::mem::replace(&mut attempt.is_over, true) {
            return self.faults.push(format!("call {call}: a second record"));
        }
        if attempt.lead != record.lead {
            self.faults.push(format!("call {call}: the record of another lead"));
        }
        let left_alone = self.unserved.remove(&call) || record.outcome == Outcome::Abandoned;
        if left_alone && !attempt.called_in && record.ledger != LedgerEntry::Abandoned {
            self.faults.push(format!("call {call}: abandoned, and not in the ledger"));
        }
        *self.outcomes.entry(record.outcome).or_default() += 1;
        let Some(entry) = self.entries.get_mut(&record.lead) else { return };
        entry.open = None;
        entry.past = Some(PastAttempt::new(call, attempt.began_at, Some(record.outcome)));
        self.settle(record.lead, record.lead_due_at);
        if record.agent.is_none() {
            self.forget(call);
        }
    }

    /// The agent's word, unless the lead is in a call again.
    fn dispose(&mut self, call: CallId, due_at: Option<Timestamp>) {
        let Some(attempt) = self.attempts.get(&call) else { return };
        let lead = attempt.lead;
        let Some(entry) = self.entries.get(&lead) else { return };
        if entry.open.is_none() && entry.last_call == Some(call) {
            self.settle(lead, due_at);
        }
        self.forget(call);
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
        let due = self.due.entry(entry.campaign).or_default();
        if std::mem::take(&mut entry.is_listed) {
            due.remove(&(entry.due_at, lead));
        }
        entry.handed_out = false;
        entry.closed = due_at.is_none();
        if let Some(due_at) = due_at {
            entry.history.extend(entry.past.take());
            entry.due_at = due_at;
            (entry.is_listed, entry.comes_again) = (true, true);
            due.insert((due_at, lead));
        }
    }

    /// Nothing more can be said of this call, nor of its lead if that is closed.
    fn forget(&mut self, call: CallId) {
        let Some(attempt) = self.attempts.remove(&call) else { return };
        if self.entries.get(&attempt.lead).is_some_and(|entry| entry.closed) {
            self.entries.remove(&attempt.lead);
        }
    }
}

impl Entry {
    fn new(campaign: CampaignId, number: PhoneNumber, due_at: Timestamp) -> Self {
        Self {
            campaign,
            number,
            history: Vec::new(),
            due_at,
            is_listed: false,
            comes_again: false,
            handed_out: false,
            closed: false,
            open: None,
            last_call: None,
            past: None,
        }
    }

    /// As it is handed out.
    fn lead(&self, id: LeadId, facts: &Arc<Facts>) -> Lead {
        Lead {
            id,
            campaign: self.campaign,
            number: self.number,
            first_name: None,
            last_name: None,
            state: None,
            zip: None,
            attributes: BTreeMap::new(),
            facts: Arc::clone(facts),
            history: self.history.clone(),
            due_at: self.comes_again.then_some(self.due_at),
        }
    }
}

/// Numbers of New York, or of other area codes in turn: seven digits that no plan forbids.
fn number(id: LeadId, area_codes: &[u16]) -> Option<PhoneNumber> {
    let id = u64::try_from(id.0).ok()?;
    let turns = area_codes.len().max(1) as u64;
    let area_code = area_codes.get((id % turns) as usize).map_or(212, |code| u64::from(*code));
    PhoneNumber::from_digits((1_000 + area_code) * 10_000_000 + 2_000_000 + id / turns)
}

/// Whether an attempt has reached the callee, as the rulebook of made-up worlds counts.
fn reached(past: &PastAttempt) -> bool {
    !matches!(past.outcome, Some(Outcome::Cancelled | Outcome::Failed))
}
