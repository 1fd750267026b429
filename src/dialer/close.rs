//! The end of a call: its one record, its lead's next turn, and the agent's word.

use jiff::Timestamp;

use super::caller_ids::{CallerIdRest, Ended};
use super::calls::{Call, Said};
use super::recent::Past;
use super::recycle::Attempt;
use super::words::Heard;
use super::{CallRecord, Dialer, LedgerEntry, Notice, Output, Record};
use crate::call::{EndCause, State};
use crate::compliance::Answer;
use crate::domain::{CallId, Campaign, Disposition, DispositionRule, Outcome, PhoneNumber, later};

/// What follows of an agent's word.
#[derive(Clone, Copy, Debug)]
struct Consequence {
    due_at: Option<Timestamp>,
    do_not_call: bool,
    wrong_person: bool,
}

/// What a call has been, for the books.
#[derive(Clone, Copy, Debug)]
struct Settlement {
    outcome: Outcome,
    ledger: LedgerEntry,
    counts: bool,
    was_last: bool,
    due_at: Option<Timestamp>,
    ended_at: Timestamp,
    /// What the agent's word makes of it, when it is said already.
    word: Option<Consequence>,
}

impl Dialer {
    /// Ends a call: the last that is heard of it. `cause` is what the line said, if it did.
    pub(super) fn end_call(
        &mut self,
        id: CallId,
        outcome: Outcome,
        cause: Option<&EndCause>,
        now: Timestamp,
    ) {
        self.move_call(id, State::Ended { outcome }, now);
        if outcome == Outcome::Abandoned {
            self.judge(id, true, now);
        }
        let Some(mut call) = self.remove_call(id) else { return };
        let Some(settled) = self.settle(&call, outcome, cause, now) else { return };
        self.learn(&call, &settled);
        self.learn_of_caller_id(&call, &settled, cause);
        let past = past(&call, &settled);
        let (campaign, heard) = (past.campaign, past.heard);
        self.recent.remember(id, past);
        self.expect_lead(call.campaign, settled.due_at, now);
        let (said, number) = (call.said.take(), call.lead.number);
        self.record(Record::Ended(Box::new(record(id, *call, &settled, cause))));
        if let (Some(said), Some(word)) = (said, settled.word) {
            self.hear_word(campaign, heard, &said.disposition);
            self.record_word(id, said, word, number, now);
        }
    }

    fn settle(
        &mut self,
        call: &Call,
        outcome: Outcome,
        cause: Option<&EndCause>,
        now: Timestamp,
    ) -> Option<Settlement> {
        let campaign = self.campaigns.get(&call.campaign)?.campaign.as_ref();
        // A person who lost the agent has talked all the same; a fax machine has not.
        let has_talked = call.bridged_at.is_some()
            && call.notes.taken_back_at.is_none()
            && outcome != Outcome::Fax;
        let outcome = if has_talked { Outcome::Talked } else { outcome };
        let attempt = Attempt {
            campaign,
            lead: &call.lead,
            outcome,
            answered: call.answered_at.is_some(),
            cause,
            ended_at: now,
        };
        let (counts, was_last) = (attempt.counts(), attempt.was_last());
        let word = call.said.as_ref().map(|said| consequence(campaign, said, was_last, now));
        let due_at = match word {
            _ if call.do_not_call => None,
            Some(word) => word.due_at,
            // Who has called is not called back by itself.
            None if call.is_inbound => None,
            // An outside number is no lead that was called for itself.
            None if call.party_of.is_some() => call.lead.due_at,
            None => attempt.due_at(&mut self.chance),
        };
        let ledger = match call.is_inbound || call.party_of.is_some() {
            true => LedgerEntry::NotCounted,
            false => ledger(outcome, call.late),
        };
        Some(Settlement { outcome, ledger, counts, was_last, due_at, ended_at: now, word })
    }

    /// Counts what the pacer and the totals have not heard yet.
    fn learn(&mut self, call: &Call, settled: &Settlement) {
        if call.party_of.is_some() {
            return;
        }
        if call.is_inbound {
            let gave_up = call.judged.is_none() && settled.outcome == Outcome::HungUp;
            if gave_up {
                self.count_caller(call.campaign, false);
            }
        } else if call.judged.is_none() && settled.ledger != LedgerEntry::NotCounted {
            let answer = match settled.outcome {
                Outcome::HungUp => Answer::HungUp,
                _ if settled.ledger == LedgerEntry::Abandoned => Answer::Abandoned,
                _ => Answer::Served,
            };
            let answered_at = call.answered_at.unwrap_or(settled.ended_at);
            self.count_answer(call.campaign, answer, answered_at, settled.ended_at);
        }
        if let (Some(answered_at), true) = (call.answered_at, settled.outcome.is_recorded())
            && !call.is_inbound
        {
            self.keep_from_agents(call.campaign, answered_at);
        }
        if let Some(run) = self.campaigns.get_mut(&call.campaign) {
            run.totals.ended += 1;
            let failed = settled.outcome == Outcome::Failed && !settled.counts;
            run.breaker.hear(failed, settled.ended_at);
        }
    }

    /// How its number fares that the call has shown.
    fn learn_of_caller_id(&mut self, call: &Call, settled: &Settlement, cause: Option<&EndCause>) {
        let Some(number) = call.caller_id else { return };
        let Some(run) = self.campaigns.get(&call.campaign) else { return };
        let now = settled.ended_at;
        let talked = call.answered_at.map(|at| now.duration_since(at));
        let ended = Ended { outcome: settled.outcome, cause, talked };
        let peers = &run.campaign.caller_ids;
        if let Some(rest) = self.caller_ids.hear(number, peers, ended, now) {
            self.record(Record::CallerIdRests { number, rest, at: now });
            let CallerIdRest { reason, until } = rest;
            self.outputs.push_back(Output::Notify(Notice::CallerIdRests { number, reason, until }));
        }
    }

    /// The agent's word of a call that is over.
    pub(super) fn dispose(&mut self, id: CallId, said: Said, now: Timestamp) {
        let Some(past) = self.recent.get(id).cloned() else { return };
        let Some(run) = self.campaigns.get(&past.campaign) else { return };
        let follows = consequence(&run.campaign, &said, past.was_last, now);
        self.recent.set_word(id, follows.due_at, follows.wrong_person);
        self.hear_word(past.campaign, past.heard, &said.disposition);
        self.expect_lead(past.campaign, follows.due_at, now);
        self.record_word(id, said, follows, past.number, now);
    }

    fn record_word(
        &mut self,
        call: CallId,
        said: Said,
        follows: Consequence,
        number: PhoneNumber,
        now: Timestamp,
    ) {
        if follows.do_not_call {
            self.block(number, now);
        }
        let Said { disposition, note, .. } = said;
        let Consequence { due_at, do_not_call, wrong_person } = follows;
        self.record(Record::Disposition {
            call,
            disposition,
            note,
            due_at,
            do_not_call,
            wrong_person,
        });
    }
}

fn past(call: &Call, settled: &Settlement) -> Past {
    Past {
        lead: call.lead.id,
        campaign: call.campaign,
        number: call.lead.number,
        agent: call.agent,
        began_at: call.began_at,
        ended_at: settled.ended_at,
        outcome: settled.outcome,
        is_inbound: call.is_inbound,
        facts: call.lead.facts.clone(),
        wrong_person: settled.word.as_ref().is_some_and(|word| word.wrong_person),
        heard: call
            .verdict
            .filter(|_| call.bridged_at.is_some())
            .map(|verdict| Heard { kind: verdict.kind, sampled: call.notes.sampled }),
        was_last: settled.was_last,
        due_at: settled.due_at,
    }
}

fn record(id: CallId, call: Call, settled: &Settlement, cause: Option<&EndCause>) -> CallRecord {
    CallRecord {
        call: id,
        lead: call.lead.id,
        campaign: call.campaign,
        began_at: call.began_at,
        ringing_at: call.ringing_at,
        answered_at: call.answered_at,
        verdict: call.verdict,
        screening: call.notes,
        bridged_at: call.bridged_at,
        ended_at: settled.ended_at,
        agent: call.agent,
        outcome: settled.outcome,
        ledger: settled.ledger,
        counts: settled.counts,
        by_callee: cause.is_some_and(|cause| cause.by_callee),
        sip_status: cause.and_then(|cause| cause.sip_status),
        q850: cause.and_then(|cause| cause.q850),
        sip_call_id: cause.and_then(|cause| cause.sip_call_id.clone()),
        trunk: cause.and_then(|cause| cause.trunk.clone()),
        digits: call.digits,
        recording: call.recording,
        lead_due_at: settled.due_at,
    }
}

/// What the campaign's list makes of a word. A word that is not on the list is written down and
/// closes the lead.
fn consequence(campaign: &Campaign, said: &Said, was_last: bool, now: Timestamp) -> Consequence {
    let rule = rule_of(campaign, &said.disposition);
    let do_not_call = rule.is_some_and(|rule| rule.do_not_call);
    let recycled = rule.and_then(|rule| rule.recycle_after).map(|after| later(now, after));
    let callback_at = said.callback_at.map(|at| at.max(now));
    let due_at = if do_not_call || was_last { None } else { callback_at.or(recycled) };
    let wrong_person = rule.is_some_and(|rule| rule.wrong_person);
    Consequence { due_at, do_not_call, wrong_person }
}

fn rule_of<'a>(campaign: &'a Campaign, disposition: &Disposition) -> Option<&'a DispositionRule> {
    campaign.dispositions.iter().find(|rule| rule.code == *disposition)
}

/// In the abandonment ledger, who answered and was not connected in time counts, talk or no talk.
fn ledger(outcome: Outcome, late: bool) -> LedgerEntry {
    match outcome {
        Outcome::Abandoned => LedgerEntry::Abandoned,
        Outcome::Talked if late => LedgerEntry::Abandoned,
        Outcome::HungUp | Outcome::Talked => LedgerEntry::Live,
        Outcome::Announcement
        | Outcome::AnsweringMachine
        | Outcome::Blocked
        | Outcome::Busy
        | Outcome::Cancelled
        | Outcome::Declined
        | Outcome::Failed
        | Outcome::FalseAnswer
        | Outcome::Fax
        | Outcome::Interrupted
        | Outcome::InvalidNumber
        | Outcome::MessageLeft
        | Outcome::Messaged
        | Outcome::NoAnswer
        | Outcome::Screener
        | Outcome::Silence => LedgerEntry::NotCounted,
    }
}
