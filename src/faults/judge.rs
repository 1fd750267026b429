//! The twelve invariants: the books against what was seen on the wire. They are those of the judge that
//! reads the exported books of a real process; here the times are exact, so that nothing is forgiven.

use std::collections::BTreeMap;
use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::books::{AttemptRow, Books};
use super::witness::{Callee, Seen, Witness};
use crate::dialer::LedgerEntry;
use crate::domain::{Outcome, later};

/// An invariant, by its number.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Rule {
    /// I1: no INVITE leaves that the books do not know.
    WriteAhead,
    /// I2: no number is dialed twice within its window.
    Twice,
    /// I3: whose request not to be called was acknowledged is not called.
    DoNotCall,
    /// I4: who answered has one record, which says so and when.
    AnswerRecorded,
    /// I5: no record tells of an answer that there was not.
    NoInventedAnswer,
    /// I6: who was abandoned is in the ledger.
    Ledger,
    /// I7: no lead is lost, doubled, stuck or miscounted.
    Leads,
    /// I8: no more calls than channels.
    Channels,
    /// I9: no more calls a second than agreed.
    Pace,
    /// I10: no call outside the hours.
    Hours,
    /// I11: what is over on the wire is over in the books.
    Closed,
    /// I12: nothing is up at the end.
    NothingUp,
}

/// An invariant that did not hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Which.
    pub rule: Rule,
    /// Where.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I{} {:?}: {}", self.rule as u8 + 1, self.rule, self.what)
    }
}

/// What was agreed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) window: SignedDuration,
    pub(super) wait_max: SignedDuration,
    pub(super) channels: usize,
    pub(super) calls_per_second: usize,
    /// No call from this hour on, New York's time.
    pub(super) hours_end: i8,
}

/// An answer's time in the books and on the wire differ by at most this.
const ANSWER_OFF_MAX: SignedDuration = SignedDuration::from_secs(1);
/// 64*T1.
const TIMER_B: SignedDuration = SignedDuration::from_secs(32);
/// From the legs' joining to the first packet at the carrier.
const FIRST_PACKET_MAX: SignedDuration = SignedDuration::from_millis(60);

struct Judge<'a> {
    books: &'a Books,
    witness: &'a Witness,
    terms: Terms,
    rows: BTreeMap<&'a str, &'a AttemptRow>,
    violations: Vec<Violation>,
}

/// Everything that did not hold at the end of a run.
pub(super) fn judge(books: &Books, witness: &Witness, terms: Terms) -> Vec<Violation> {
    let rows = books.attempts.values().map(|row| (row.sip_call_id.as_str(), row)).collect();
    let mut judge = Judge { books, witness, terms, rows, violations: Vec::new() };
    for (call_id, seen) in &witness.calls {
        judge.write_ahead(call_id, seen);
        judge.do_not_call(call_id, seen);
        judge.answer(call_id, seen);
        judge.ledger(call_id, seen);
        judge.hours(call_id, seen);
        judge.closed(call_id, seen);
        if seen.invite_at.is_some() && seen.over_at.is_none() && !seen.unknown && !seen.lied {
            judge.broken(Rule::NothingUp, format!("{call_id} is up at the carrier"));
        }
    }
    judge.invented();
    judge.twice();
    judge.leads();
    judge.channels();
    judge.pace();
    judge.violations
}

impl Judge<'_> {
    fn broken(&mut self, rule: Rule, what: String) {
        self.violations.push(Violation { rule, what });
    }

    fn write_ahead(&mut self, call_id: &str, seen: &Seen) {
        let Some(left_at) = seen.left_at else { return };
        match self.rows.get(call_id) {
            None => self.broken(Rule::WriteAhead, format!("{call_id} left, not in the books")),
            Some(row) if row.written_at > left_at => {
                let what = format!("{call_id} left at {left_at}, written at {}", row.written_at);
                self.broken(Rule::WriteAhead, what);
            }
            Some(_) => {}
        }
    }

    fn do_not_call(&mut self, call_id: &str, seen: &Seen) {
        let (Some(left_at), Some(since)) =
            (seen.left_at, self.witness.forbidden.get(&seen.number).copied())
        else {
            return;
        };
        if left_at > since {
            self.broken(
                Rule::DoNotCall,
                format!("{call_id} left at {left_at}, forbidden at {since}"),
            );
        }
    }

    /// Whether the process heard the answer and said so; a carrier that has refused the call before
    /// has itself to blame.
    fn answered(seen: &Seen) -> Option<(Callee, Timestamp)> {
        let (callee, _) = seen.answer?;
        let heard_at = seen.answer_heard_at.filter(|_| seen.acked && !seen.lied)?;
        Some((callee, heard_at))
    }

    fn answer(&mut self, call_id: &str, seen: &Seen) {
        let Some((_, heard_at)) = Self::answered(seen) else { return };
        let Some(row) = self.rows.get(call_id).filter(|row| row.ended_at.is_some()) else {
            return self.broken(Rule::AnswerRecorded, format!("{call_id}: no record"));
        };
        let interrupted =
            row.outcome == Some(Outcome::Interrupted) && row.ledger == LedgerEntry::Abandoned;
        match row.answered_at {
            None if !interrupted => {
                let what =
                    format!("{call_id}: answered on the wire, {:?} in the books", row.outcome);
                self.broken(Rule::AnswerRecorded, what);
            }
            Some(at) if at.duration_since(heard_at).abs() > ANSWER_OFF_MAX => {
                let what = format!("{call_id}: answered at {heard_at}, in the books at {at}");
                self.broken(Rule::AnswerRecorded, what);
            }
            None | Some(_) => {}
        }
    }

    fn invented(&mut self) {
        let answered = |row: &&AttemptRow| row.ended_at.is_some() && row.answered_at.is_some();
        let rows: Vec<&AttemptRow> = self.books.attempts.values().filter(answered).collect();
        for row in rows {
            let seen = self.witness.calls.get(&row.sip_call_id);
            if seen.is_none_or(|seen| seen.answer.is_none()) {
                let what = format!("{}: answered in the books alone", row.sip_call_id);
                self.broken(Rule::NoInventedAnswer, what);
            }
        }
    }

    /// A person who answered and heard no agent in time, unless the person left before.
    fn ledger(&mut self, call_id: &str, seen: &Seen) {
        let Some((Callee::Person, heard_at)) = Self::answered(seen) else { return };
        let limit = later(heard_at, self.terms.wait_max + FIRST_PACKET_MAX);
        let over_at = seen.over_at.unwrap_or(Timestamp::MAX);
        let late = seen.agent_at.is_none_or(|agent_at| agent_at > limit) && over_at > limit;
        let dropped = seen.agent_at.is_none() && seen.ended_by_dialer;
        let in_ledger =
            self.rows.get(call_id).is_some_and(|row| row.ledger == LedgerEntry::Abandoned);
        if (late || dropped) && !in_ledger {
            let row = self.rows.get(call_id);
            let what = format!("{call_id}: abandoned on the wire, in the books {row:?}");
            self.broken(Rule::Ledger, what);
        }
    }

    fn hours(&mut self, call_id: &str, seen: &Seen) {
        let Some(left_at) = seen.left_at else { return };
        let Ok(zone) = TimeZone::get("America/New_York") else { return };
        let local = zone.to_datetime(left_at);
        if !(8..self.terms.hours_end).contains(&local.hour()) {
            self.broken(Rule::Hours, format!("{call_id} left at {}", local.time()));
        }
    }

    fn closed(&mut self, call_id: &str, seen: &Seen) {
        let closed = self.rows.get(call_id).is_some_and(|row| row.ended_at.is_some());
        if seen.over_at.is_some() && !closed {
            self.broken(Rule::Closed, format!("{call_id}: over on the wire, open in the books"));
        }
    }

    fn twice(&mut self) {
        let mut by_number: BTreeMap<u64, Vec<&Seen>> = BTreeMap::new();
        for seen in self.witness.calls.values().filter(|seen| seen.invite_at.is_some()) {
            by_number.entry(seen.number).or_default().push(seen);
        }
        for (number, mut calls) in by_number {
            calls.sort_by_key(|seen| seen.invite_at);
            for pair in calls.windows(2) {
                let (Some(first), Some(second)) = (pair[0].invite_at, pair[1].invite_at) else {
                    continue;
                };
                let by_trunk = matches!(pair[0].refused, Some(408 | 500 | 502..=504))
                    && pair[0].answer.is_none()
                    && !pair[0].rang;
                let after = second.duration_since(first);
                if after < self.terms.window && !by_trunk {
                    let ending = number % 100;
                    self.broken(
                        Rule::Twice,
                        format!("the number …{ending:02} again after {after:#}"),
                    );
                }
            }
        }
    }

    fn leads(&mut self) {
        for (id, lead) in &self.books.leads {
            let found = self.books.attempts.values().filter(|row| row.lead == *id).count();
            if lead.claimed_by.is_some() {
                self.broken(Rule::Leads, format!("lead {id} is stuck in a dialer's hands"));
            }
            if lead.attempts as usize != found {
                let counted = lead.attempts;
                self.broken(Rule::Leads, format!("lead {id} counts {counted} attempts of {found}"));
            }
        }
        let open: Vec<String> = self
            .books
            .attempts
            .iter()
            .filter(|(_, row)| row.ended_at.is_none())
            .map(|(call, row)| format!("lead {} is in call {call}", row.lead))
            .collect();
        open.into_iter().for_each(|what| self.broken(Rule::Leads, what));
    }

    /// What each process itself has up: one that is gone leaves its calls to be ended. A call that
    /// the carrier has refused before it answered it is over for the dialer.
    fn channels(&mut self) {
        let mut moves: Vec<(u32, Timestamp, i64)> = Vec::new();
        for seen in self.witness.calls.values().filter(|seen| !seen.lied) {
            let Some(left_at) = seen.left_at else { continue };
            moves.push((seen.process, left_at, 1));
            // An INVITE of which nothing was ever heard is given up by Timer B (RFC 3261 §17.1.1.2).
            let unheard = (!seen.heard).then(|| later(left_at, TIMER_B));
            let ends = [seen.ended_by_us_at, seen.over_at, unheard].into_iter().flatten().min();
            moves.extend(ends.map(|at| (seen.process, at.max(left_at), -1)));
        }
        moves.sort_unstable();
        let (mut process, mut live) = (0, 0);
        let most = self.terms.channels as i64;
        let mut over = None;
        for (of, at, by) in moves {
            if of != process {
                (process, live) = (of, 0);
            }
            live += by;
            if live > most {
                over = Some(format!("{live} calls at {at}, {most} channels"));
            }
        }
        over.into_iter().for_each(|what| self.broken(Rule::Channels, what));
    }

    fn pace(&mut self) {
        let mut left: Vec<Timestamp> =
            self.witness.calls.values().filter_map(|seen| seen.left_at).collect();
        left.sort_unstable();
        let most = self.terms.calls_per_second + self.terms.calls_per_second / 2;
        let second = SignedDuration::from_secs(1);
        let burst =
            left.windows(most + 1).find(|calls| calls[most].duration_since(calls[0]) < second);
        if let Some(at) = burst.map(|calls| calls[0]) {
            self.broken(Rule::Pace, format!("{} calls within a second of {at}", most + 1));
        }
    }
}
