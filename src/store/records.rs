//! What each record does to the books. Every one may be said twice; only the first time counts.

use super::sql::{self, Connection};
use jiff::Timestamp;

use crate::dialer::{CallRecord, LedgerEntry, Record};
use crate::domain::{AgentId, CallId, Disposition, LeadId, ScreeningNotes, Verdict, VerdictKind};

use super::dnc::{self, DoNotCall};
use super::time::micros;
use super::{StoreError, StrayLeg, agent_states, caller_ids, learned, number, strays};

pub(super) async fn apply(
    books: &mut Connection,
    run: i64,
    record: &Record,
    now: Timestamp,
) -> Result<(), StoreError> {
    match record {
        Record::Agent { agent, state, at } => {
            agent_states::add(books, run, *agent, state, *at).await
        }
        Record::Answered { call, at } => answered(books, *call, *at).await,
        Record::Bridged { call, agent, at } => bridged(books, *call, *agent, *at).await,
        Record::CallerIdRests { number, rest, at } => {
            caller_ids::rest(books, *number, rest, *at).await
        }
        Record::Disposition { call, disposition, note, due_at, do_not_call, wrong_person } => {
            let said = (disposition, note.as_deref(), *wrong_person);
            disposed(books, *call, said, *due_at).await?;
            if *do_not_call { opted_out(books, *call, now).await } else { Ok(()) }
        }
        Record::DoNotCall { number, call, at } => {
            let entry = DoNotCall {
                number: *number,
                at: *at,
                source: "key".to_owned(),
                reason: None,
                call: Some(*call),
            };
            dnc::add(books, &entry).await.map(|_| ())
        }
        Record::Ended(record) => ended(books, run, record).await,
        Record::Learned { campaign, learned: what, at } => {
            learned::keep(books, *campaign, what, *at).await
        }
        Record::Released { lead, due_at, rule } => {
            released(books, run, *lead, *due_at, rule.as_deref()).await
        }
    }
}

/// From the 200 on the call counts as abandoned, until an agent is there.
async fn answered(books: &mut Connection, call: CallId, at: Timestamp) -> Result<(), StoreError> {
    sql::query(
        "UPDATE attempts SET answered_us = ?, ledger = CASE WHEN inbound = 1 THEN ledger ELSE 'abandoned' END
         WHERE call = ? AND ended_us IS NULL AND bridged_us IS NULL",
    )
    .bind(micros(at))
    .bind(call.0)
    .execute(books)
    .await?;
    Ok(())
}

async fn bridged(
    books: &mut Connection,
    call: CallId,
    agent: AgentId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sql::query(
        "UPDATE attempts SET bridged_us = coalesce(bridged_us, ?), agent = ?,
                ledger = CASE WHEN inbound = 1 THEN ledger ELSE 'live' END
         WHERE call = ? AND ended_us IS NULL",
    )
    .bind(micros(at))
    .bind(agent.0)
    .bind(call.0)
    .execute(books)
    .await?;
    Ok(())
}

async fn ended(books: &mut Connection, run: i64, record: &CallRecord) -> Result<(), StoreError> {
    let due: Option<(Option<i64>, i64)> = sql::query_as(
        "UPDATE attempts SET
            ringing_us = ?, answered_us = ?, bridged_us = ?, ended_us = ?, agent = ?, outcome = ?,
            ledger = ?, counts = ?, by_callee = ?, verdict = ?, verdict_probability = ?,
            verdict_at_ms = ?, greeting_end_ms = ?, screening = ?, sip_status = ?, q850 = ?, sip_call_id = ?,
            trunk = coalesce(?, trunk), digits = ?, recording = ?,
            lead_due_us = CASE WHEN disposition IS NULL THEN ? ELSE lead_due_us END
         WHERE call = ? AND ended_us IS NULL
         RETURNING lead_due_us, inbound",
    )
    .bind(record.ringing_at.map(micros))
    .bind(record.answered_at.map(micros))
    .bind(record.bridged_at.map(micros))
    .bind(micros(record.ended_at))
    .bind(record.agent.map(|agent| agent.0))
    .bind(record.outcome.as_str())
    .bind(ledger_word(record.ledger))
    .bind(record.counts)
    .bind(record.by_callee)
    .bind(record.verdict.map(|verdict| verdict.kind.as_str()))
    .bind(record.verdict.map(|verdict| verdict.probability))
    .bind(record.verdict.map(|verdict| verdict.at_ms))
    .bind(record.verdict.and_then(|verdict| verdict.greeting_end_ms))
    .bind(screening_text(&record.screening))
    .bind(record.sip_status)
    .bind(record.q850)
    .bind(&record.sip_call_id)
    .bind(&record.trunk)
    .bind(&record.digits)
    .bind(&record.recording)
    .bind(record.lead_due_at.map(micros))
    .bind(record.call.0)
    .fetch_optional(&mut *books)
    .await?;
    // Ours is over when its BYE is: a crash may take the last of them (see strays::forget_ended).
    if record.by_callee {
        strays::forget(books, StrayLeg::Call(record.call)).await?;
    }
    match due {
        // It was none of the lead's turns.
        Some((_, 1)) => Ok(()),
        Some((due_us, _)) => give_back(books, record.lead, due_us).await,
        // Its attempt never began, so nothing has left; or this is said again. Either way the
        // lead is not held by this call.
        None => {
            let due_at = record.lead_due_at.or(Some(record.ended_at));
            tracing::debug!(call = %record.call, "the record of a call without an open attempt");
            released(books, run, record.lead, due_at, None).await
        }
    }
}

async fn give_back(
    books: &mut Connection,
    lead: LeadId,
    due_us: Option<i64>,
) -> Result<(), StoreError> {
    sql::query(
        "UPDATE leads SET claimed_by = NULL, closed = CASE WHEN ?2 IS NULL THEN 1 ELSE 0 END,
                due_us = coalesce(?2, due_us)
         WHERE id = ?1",
    )
    .bind(lead.0)
    .bind(due_us)
    .execute(books)
    .await?;
    Ok(())
}

/// The agent's word goes above the recycling rules, unless the lead has been called again since.
async fn disposed(
    books: &mut Connection,
    call: CallId,
    (disposition, note, wrong_person): (&Disposition, Option<&str>, bool),
    due_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let due_us = due_at.map(micros);
    sql::query(
        "UPDATE attempts SET disposition = ?, note = ?, wrong_person = ?, lead_due_us = ?
         WHERE call = ?",
    )
    .bind(&disposition.0)
    .bind(note)
    .bind(wrong_person)
    .bind(due_us)
    .bind(call.0)
    .execute(&mut *books)
    .await?;
    sql::query(
        "UPDATE leads SET closed = CASE WHEN ?2 IS NULL THEN 1 ELSE 0 END,
                due_us = coalesce(?2, due_us)
         FROM attempts AS said
         WHERE said.call = ?1 AND said.ended_us IS NOT NULL AND leads.id = said.lead
           AND NOT EXISTS (SELECT 1 FROM attempts AS later
                           WHERE later.lead = said.lead
                             AND (later.began_us, later.call) > (said.began_us, said.call))",
    )
    .bind(call.0)
    .bind(due_us)
    .execute(books)
    .await?;
    Ok(())
}

async fn opted_out(books: &mut Connection, call: CallId, now: Timestamp) -> Result<(), StoreError> {
    let digits: Option<i64> = sql::query_scalar("SELECT number FROM attempts WHERE call = ?")
        .bind(call.0)
        .fetch_optional(&mut *books)
        .await?;
    let Some(digits) = digits else { return Ok(()) };
    let entry = DoNotCall {
        number: number(digits)?,
        at: now,
        source: "agent".to_owned(),
        reason: None,
        call: Some(call),
    };
    dnc::add(books, &entry).await.map(|_| ())
}

/// Back without a call. A rule that names no time refuses for good: the lead is closed.
async fn released(
    books: &mut Connection,
    run: i64,
    lead: LeadId,
    due_at: Option<Timestamp>,
    rule: Option<&str>,
) -> Result<(), StoreError> {
    sql::query(
        "UPDATE leads SET claimed_by = NULL, due_us = coalesce(?3, due_us), refused_by = ?4,
                closed = CASE WHEN ?3 IS NULL AND ?4 IS NOT NULL THEN 1 ELSE 0 END
         WHERE id = ?1 AND claimed_by = ?2
           AND NOT EXISTS (SELECT 1 FROM attempts
                           WHERE lead = ?1 AND ended_us IS NULL AND inbound = 0)",
    )
    .bind(lead.0)
    .bind(run)
    .bind(due_at.map(micros))
    .bind(rule)
    .execute(books)
    .await?;
    Ok(())
}

/// As it stands in the books; nothing where there is nothing to say.
fn screening_text(notes: &ScreeningNotes) -> Option<String> {
    // Names, numbers and times: always JSON.
    (*notes != ScreeningNotes::default()).then(|| serde_json::to_string(notes).ok()).flatten()
}

pub(super) fn screening_of(text: Option<&str>) -> Result<ScreeningNotes, StoreError> {
    let Some(text) = text else { return Ok(ScreeningNotes::default()) };
    serde_json::from_str(text)
        .map_err(|fault| StoreError::Unreadable(format!("screening: {fault}")))
}

pub(super) fn ledger_word(entry: LedgerEntry) -> &'static str {
    match entry {
        LedgerEntry::Abandoned => "abandoned",
        LedgerEntry::Live => "live",
        LedgerEntry::NotCounted => "not_counted",
    }
}

pub(super) fn ledger_of(word: &str) -> Result<LedgerEntry, StoreError> {
    match word {
        "abandoned" => Ok(LedgerEntry::Abandoned),
        "live" => Ok(LedgerEntry::Live),
        "not_counted" => Ok(LedgerEntry::NotCounted),
        _ => Err(StoreError::Unreadable(format!("ledger entry {word:?}"))),
    }
}

/// The detector's word as it stands in the books: kind, probability, ms of the decision and of the
/// greeting's end.
pub(super) fn verdict_of(
    kind: &str,
    probability: f64,
    at_ms: u32,
    greeting_end_ms: Option<u32>,
) -> Result<Verdict, StoreError> {
    let unknown = || StoreError::Unreadable(format!("verdict {kind:?}"));
    let kind = VerdictKind::of(kind).ok_or_else(unknown)?;
    Ok(Verdict { kind, probability, at_ms, greeting_end_ms })
}
