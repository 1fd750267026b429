//! The books as a model: what the store's transactions mean, without SQL and without a disk. A request
//! is applied whole or not at all, and what is applied is there after any crash.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Bug;
use crate::dialer::{CallRecord, LedgerEntry, Record};
use crate::domain::{
    CallId, CampaignId, Facts, Lead, LeadId, Outcome, PastAttempt, PhoneNumber, later,
};
use crate::store::{AttemptBegun, Said, StrayLeg};

/// A BYE is sent again for so long, as the store has it.
pub(super) const BYE_MAX: SignedDuration = SignedDuration::from_secs(33);

/// A lead.
#[derive(Clone, Debug)]
pub(super) struct LeadRow {
    pub(super) number: PhoneNumber,
    pub(super) due_at: Timestamp,
    pub(super) attempts: u32,
    pub(super) closed: bool,
    pub(super) claimed_by: Option<i64>,
}

/// An attempt, and its record from `ended_at` on.
#[derive(Clone, Debug)]
pub(super) struct AttemptRow {
    pub(super) run: i64,
    pub(super) lead: LeadId,
    pub(super) number: PhoneNumber,
    pub(super) sip_call_id: String,
    /// When it came to be on the disk.
    pub(super) written_at: Timestamp,
    pub(super) began_at: Timestamp,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) bridged_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) outcome: Option<Outcome>,
    pub(super) ledger: LedgerEntry,
    pub(super) lead_due_at: Option<Timestamp>,
    pub(super) disposed: bool,
}

/// What a process asks of the books.
#[derive(Debug)]
pub(super) enum Request {
    Beat,
    Begin(Box<AttemptBegun>),
    Claim {
        campaign: CampaignId,
        count: u32,
    },
    DoNotCall(PhoneNumber),
    /// These dialogs have been ended.
    Forget(Vec<(StrayLeg, String)>),
    LetGo(Vec<LeadId>),
    Write(Vec<Said>),
}

/// What it hears.
#[derive(Debug)]
pub(super) enum Answer {
    /// Alive, and still the dialer of these books.
    Beat,
    /// Whether the attempt is there.
    Begun(bool),
    Claimed(CampaignId, Vec<Lead>, Option<Timestamp>),
    DoNotCall(PhoneNumber),
    Forgotten,
    LetGo,
    Written,
}

/// Another process has the books.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fenced;

/// What lasts.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) leads: BTreeMap<LeadId, LeadRow>,
    pub(super) attempts: BTreeMap<CallId, AttemptRow>,
    pub(super) dialogs: BTreeMap<StrayLeg, String>,
    /// Call-IDs whose dialog was written down as one that is up.
    pub(super) known_up: BTreeSet<String>,
    pub(super) do_not_call: BTreeSet<PhoneNumber>,
    /// The process that has the books: its token is on every write.
    pub(super) run: i64,
    pub(super) alive_at: Timestamp,
    pub(super) first_call: CallId,
    pub(super) bug: Option<Bug>,
}

impl Books {
    pub(super) fn new(numbers: impl Iterator<Item = PhoneNumber>, now: Timestamp) -> Self {
        let row =
            |number| LeadRow { number, due_at: now, attempts: 0, closed: false, claimed_by: None };
        Self {
            leads: numbers.zip(1..).map(|(number, id)| (LeadId(id), row(number))).collect(),
            attempts: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            known_up: BTreeSet::new(),
            do_not_call: BTreeSet::new(),
            run: 0,
            alive_at: now,
            first_call: CallId(1),
            bug: None,
        }
    }

    /// One transaction of the process with this token; `now` is that of its own clock.
    pub(super) fn apply(
        &mut self,
        run: i64,
        request: &Request,
        written_at: Timestamp,
        now: Timestamp,
    ) -> Result<Answer, Fenced> {
        if run != self.run && self.bug != Some(Bug::LeaseIgnored) {
            return Err(Fenced);
        }
        Ok(match request {
            Request::Beat => {
                self.alive_at = now;
                self.forget_ended(now);
                Answer::Beat
            }
            Request::Begin(begun) => Answer::Begun(self.begin(run, begun, written_at)),
            Request::Claim { campaign, count } => {
                let (leads, next_due) = self.claim(run, *campaign, *count, now);
                Answer::Claimed(*campaign, leads, next_due)
            }
            Request::DoNotCall(number) => {
                self.do_not_call.insert(*number);
                Answer::DoNotCall(*number)
            }
            Request::Forget(ended) => {
                self.dialogs.retain(|leg, dialog| !ended.contains(&(*leg, dialog.clone())));
                Answer::Forgotten
            }
            Request::LetGo(held) => {
                self.let_go(run, held);
                Answer::LetGo
            }
            Request::Write(said) => {
                said.iter().for_each(|said| self.write(run, said));
                Answer::Written
            }
        })
    }

    fn begin(&mut self, run: i64, begun: &AttemptBegun, written_at: Timestamp) -> bool {
        if let Some(known) = self.attempts.get(&begun.call) {
            if self.bug == Some(Bug::CountedTwice)
                && let Some(lead) = self.leads.get_mut(&begun.lead)
            {
                lead.attempts += 1;
            }
            return known.run == run && known.lead == begun.lead && known.ended_at.is_none();
        }
        let asks = self.bug != Some(Bug::DoNotCallLate);
        if asks && self.do_not_call.contains(&begun.number) {
            return false;
        }
        let in_call = self.in_call(begun.lead);
        let Some(lead) = self.leads.get_mut(&begun.lead) else { return false };
        let fenced = self.bug != Some(Bug::LeaseIgnored);
        if fenced && (lead.claimed_by != Some(run) || lead.closed || in_call) {
            return false;
        }
        lead.attempts += 1;
        let row = AttemptRow {
            run,
            lead: begun.lead,
            number: begun.number,
            sip_call_id: begun.sip_call_id.clone().unwrap_or_default(),
            written_at,
            began_at: begun.at,
            answered_at: None,
            bridged_at: None,
            ended_at: None,
            outcome: None,
            ledger: LedgerEntry::NotCounted,
            lead_due_at: None,
            disposed: false,
        };
        self.attempts.insert(begun.call, row);
        true
    }

    fn in_call(&self, lead: LeadId) -> bool {
        self.attempts.values().any(|row| row.lead == lead && row.ended_at.is_none())
    }

    fn claim(
        &mut self,
        run: i64,
        campaign: CampaignId,
        count: u32,
        now: Timestamp,
    ) -> (Vec<Lead>, Option<Timestamp>) {
        let waits = |lead: &LeadRow| !lead.closed && lead.claimed_by.is_none();
        let mut waiting: Vec<(Timestamp, LeadId)> = self
            .leads
            .iter()
            .filter(|(_, lead)| waits(lead))
            .map(|(id, lead)| (lead.due_at, *id))
            .collect();
        waiting.sort_unstable();
        let due: Vec<LeadId> = waiting
            .iter()
            .filter(|(due_at, _)| *due_at <= now)
            .take(count as usize)
            .map(|(_, id)| *id)
            .collect();
        let next_due = waiting.get(due.len()).map(|(due_at, _)| *due_at);
        let leads = due.into_iter().filter_map(|id| self.hand_out(run, campaign, id)).collect();
        (leads, next_due)
    }

    fn hand_out(&mut self, run: i64, campaign: CampaignId, id: LeadId) -> Option<Lead> {
        let past = |(call, row): (&CallId, &AttemptRow)| {
            PastAttempt::new(*call, row.began_at, row.outcome)
        };
        let own = |(_, row): &(&CallId, &AttemptRow)| row.lead == id;
        // The gate would save the day otherwise, by the interval of its own.
        let forgets = self.bug == Some(Bug::RedialOnRecovery);
        let known = self.attempts.iter().filter(|(_, row)| !forgets || row.run == run);
        let history = known.filter(own).map(past).collect();
        let lead = self.leads.get_mut(&id)?;
        lead.claimed_by = Some(run);
        Some(Lead {
            id,
            campaign,
            number: lead.number,
            first_name: None,
            last_name: None,
            state: None,
            zip: None,
            attributes: BTreeMap::new(),
            facts: Arc::<Facts>::default(),
            history,
            due_at: Some(lead.due_at),
        })
    }

    /// The dialogs of calls whose BYE has long been answered or given up.
    fn forget_ended(&mut self, now: Timestamp) {
        let attempts = &self.attempts;
        let long_over = |call: &CallId| {
            let ended_at = attempts.get(call).and_then(|row| row.ended_at);
            ended_at.is_some_and(|at| later(at, BYE_MAX) < now)
        };
        self.dialogs.retain(|leg, _| !matches!(leg, StrayLeg::Call(call) if long_over(call)));
    }

    fn let_go(&mut self, run: i64, held: &[LeadId]) {
        let open: BTreeSet<LeadId> = self
            .attempts
            .values()
            .filter(|row| row.ended_at.is_none())
            .map(|row| row.lead)
            .collect();
        for (id, lead) in &mut self.leads {
            if lead.claimed_by == Some(run) && !held.contains(id) && !open.contains(id) {
                lead.claimed_by = None;
            }
        }
    }

    fn write(&mut self, run: i64, said: &Said) {
        match said {
            Said::Dialog(leg, Some(dialog)) => {
                if let StrayLeg::Call(call) = leg
                    && dialog.contains("\"invite\":null")
                    && let Some(row) = self.attempts.get(call)
                {
                    self.known_up.insert(row.sip_call_id.clone());
                }
                self.dialogs.insert(*leg, dialog.clone());
            }
            Said::Dialog(leg, None) => {
                self.dialogs.remove(leg);
            }
            Said::Record(record) => self.record(run, record),
        }
    }

    fn record(&mut self, run: i64, record: &Record) {
        match record {
            Record::Agent { .. } | Record::CallerIdRests { .. } | Record::Learned { .. } => {}
            Record::Answered { call, at } => {
                let cleared = self.bug == Some(Bug::LedgerClearedAtAnswer);
                if let Some(row) = self.open(*call).filter(|row| row.bridged_at.is_none()) {
                    row.answered_at = Some(*at);
                    row.ledger = if cleared { LedgerEntry::Live } else { LedgerEntry::Abandoned };
                }
            }
            Record::Bridged { call, at, .. } => {
                if let Some(row) = self.open(*call) {
                    row.bridged_at.get_or_insert(*at);
                    row.ledger = LedgerEntry::Live;
                }
            }
            Record::Disposition { call, due_at, do_not_call, .. } => {
                self.dispose(*call, *due_at, *do_not_call);
            }
            Record::DoNotCall { number, .. } => {
                self.do_not_call.insert(*number);
            }
            Record::Ended(record) => self.end(run, record),
            Record::Released { lead, due_at, rule } => {
                self.release(run, *lead, *due_at, rule.is_some());
            }
        }
    }

    fn open(&mut self, call: CallId) -> Option<&mut AttemptRow> {
        self.attempts.get_mut(&call).filter(|row| row.ended_at.is_none())
    }

    fn end(&mut self, run: i64, record: &CallRecord) {
        // Until its BYE is over: a crash may take the last of them.
        if record.by_callee {
            self.dialogs.remove(&StrayLeg::Call(record.call));
        }
        let cleared = self.bug == Some(Bug::LedgerClearedAtAnswer) && record.answered_at.is_some();
        let Some(row) = self.open(record.call) else {
            let due_at = record.lead_due_at.or(Some(record.ended_at));
            return self.release(run, record.lead, due_at, false);
        };
        row.answered_at = record.answered_at;
        row.bridged_at = record.bridged_at;
        row.ended_at = Some(record.ended_at);
        row.outcome = Some(record.outcome);
        row.ledger = if cleared { LedgerEntry::Live } else { record.ledger };
        if !row.disposed {
            row.lead_due_at = record.lead_due_at;
        }
        let (lead, due_at) = (row.lead, row.lead_due_at);
        self.give_back(lead, due_at);
    }

    pub(super) fn give_back(&mut self, lead: LeadId, due_at: Option<Timestamp>) {
        if let Some(lead) = self.leads.get_mut(&lead) {
            lead.claimed_by = None;
            lead.closed = due_at.is_none();
            lead.due_at = due_at.unwrap_or(lead.due_at);
        }
    }

    /// The agent's word goes above the recycling rules, unless the lead has been called again.
    fn dispose(&mut self, call: CallId, due_at: Option<Timestamp>, do_not_call: bool) {
        let Some(row) = self.attempts.get_mut(&call) else { return };
        (row.disposed, row.lead_due_at) = (true, due_at);
        let (lead, number, over) = (row.lead, row.number, row.ended_at.is_some());
        if do_not_call {
            self.do_not_call.insert(number);
        }
        let last = self.attempts.iter().filter(|(_, row)| row.lead == lead).map(|(call, _)| *call);
        if over
            && last.max() == Some(call)
            && let Some(lead) = self.leads.get_mut(&lead)
        {
            lead.closed = due_at.is_none();
            lead.due_at = due_at.unwrap_or(lead.due_at);
        }
    }

    fn release(&mut self, run: i64, lead: LeadId, due_at: Option<Timestamp>, refused: bool) {
        if self.in_call(lead) {
            return;
        }
        let Some(lead) = self.leads.get_mut(&lead) else { return };
        if lead.claimed_by == Some(run) {
            lead.claimed_by = None;
            lead.closed = due_at.is_none() && refused;
            lead.due_at = due_at.unwrap_or(lead.due_at);
        }
    }

    /// Nothing is open, in anybody's hands, or up.
    pub(super) fn are_at_rest(&self) -> bool {
        self.attempts.values().all(|row| row.ended_at.is_some())
            && self.leads.values().all(|lead| lead.claimed_by.is_none())
    }

    /// The dialogs that are written down.
    pub(super) fn strays(&self) -> Vec<(StrayLeg, String)> {
        self.dialogs.iter().map(|(leg, dialog)| (*leg, dialog.clone())).collect()
    }
}
