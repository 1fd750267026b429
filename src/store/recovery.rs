//! What opening the books makes good: the attempts, claims and imports that a crash left open.

use std::collections::BTreeMap;

use super::sql::{self, Connection};
use jiff::{SignedDuration, Timestamp};

use crate::domain::CallId;

use super::StoreError;
use super::inbound::INBOUND_AFTER;
use super::lease;
use super::time::{micros, timestamp};

/// An agent who was bridged so shortly before the last sign of life may never have been heard:
/// the call counts as abandoned.
const HEARD_FROM: SignedDuration = SignedDuration::from_secs(1);

/// When a lead whose call was interrupted by a crash may be called again.
#[derive(Clone, Debug)]
pub struct InterruptedAfter {
    /// By campaign name: every campaign that the dialer is to dial, and holds.
    pub by_campaign: BTreeMap<String, SignedDuration>,
    /// For the others.
    pub otherwise: SignedDuration,
}

impl Default for InterruptedAfter {
    /// A day: no rule that is known asks for a longer interval.
    fn default() -> Self {
        Self { by_campaign: BTreeMap::new(), otherwise: SignedDuration::from_hours(24) }
    }
}

impl InterruptedAfter {
    pub(super) fn campaigns(&self) -> impl Iterator<Item = &str> {
        self.by_campaign.keys().map(String::as_str)
    }
}

/// What was found and made good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recovery {
    /// The first call number that has never been used.
    pub first_call: CallId,
    /// The same of calls that come in.
    pub first_inbound: CallId,
    /// Attempts that were open; closed as [`Outcome::Interrupted`](crate::domain::Outcome).
    pub interrupted: u64,
    /// Of these, in the ledger as abandoned: answered and not bridged, or not known to have been
    /// answered. Between the 200 and its record lies a moment, and the ledger never undercounts.
    pub abandoned: u64,
    /// Leads that were claimed and had no call; they wait again.
    pub released: u64,
    /// When a dialer was last alive on these books; `None` when there has been none.
    pub last_alive_at: Option<Timestamp>,
    /// Leads of an import that the crash found landing; all of them have landed now.
    pub landed: u64,
}

/// Makes good, in the transaction of the caller, what calls have left open, and opens a run.
pub(super) async fn recover(
    books: &mut Connection,
    after: &InterruptedAfter,
    now: Timestamp,
) -> Result<(i64, Recovery), StoreError> {
    let last_alive_at = last_alive(books).await?;
    // By a clock that is behind, leads would be due too soon.
    let closed_at = last_alive_at.map_or(now, |alive_at| now.max(alive_at));
    let (interrupted, abandoned) = close_attempts(books, after, closed_at).await?;
    let released = sql::query(
        "UPDATE leads SET claimed_by = NULL WHERE claimed_by IS NOT NULL
           AND claimed_by IN (SELECT id FROM runs WHERE fenced_us IS NOT NULL)",
    )
    .execute(&mut *books)
    .await?
    .rows_affected();
    let (run, first_call) = open_run(books, now).await?;
    lease::hold(books, run, after.campaigns()).await?;
    let first_inbound = first_inbound(books, run).await?;
    let recovery = Recovery {
        first_call,
        first_inbound,
        interrupted,
        abandoned,
        released,
        last_alive_at,
        landed: 0,
    };
    Ok((run, recovery))
}

async fn last_alive(books: &mut Connection) -> Result<Option<Timestamp>, StoreError> {
    let alive_us: Option<i64> =
        sql::query_scalar("SELECT max(alive_us) FROM runs WHERE fenced_us IS NOT NULL")
            .fetch_one(books)
            .await?;
    Ok(alive_us.map(timestamp))
}

async fn close_attempts(
    books: &mut Connection,
    after: &InterruptedAfter,
    now: Timestamp,
) -> Result<(u64, u64), StoreError> {
    let open: Vec<(i64, i64, String, i64)> = sql::query_as(
        "SELECT call, lead, campaigns.name, inbound
         FROM attempts JOIN campaigns ON campaigns.id = campaign
         WHERE ended_us IS NULL AND run IN (SELECT id FROM runs WHERE fenced_us IS NOT NULL)",
    )
    .fetch_all(&mut *books)
    .await?;
    let mut abandoned = 0;
    for (call, lead, campaign, inbound) in &open {
        let inbound = *inbound == 1;
        let window = after.by_campaign.get(campaign).unwrap_or(&after.otherwise);
        let due_us = micros(now.saturating_add(*window).unwrap_or(Timestamp::MAX));
        let in_ledger: String = sql::query_scalar(
            "UPDATE attempts SET outcome = 'interrupted', 
                    ended_us = CASE WHEN began_us > ?1 THEN began_us ELSE ?1 END,
                    ledger = CASE WHEN inbound = 1 THEN 'not_counted'
                                  WHEN bridged_us IS NULL THEN 'abandoned'
                                  WHEN bridged_us + ?2 > (SELECT alive_us FROM runs
                                                         WHERE id = attempts.run)
                                      THEN 'abandoned'
                                  ELSE 'live' END,
                    lead_due_us = CASE WHEN disposition IS NULL THEN ?3 ELSE lead_due_us END
             WHERE call = ?4 RETURNING ledger",
        )
        .bind(micros(now))
        .bind(HEARD_FROM.as_micros() as i64)
        .bind((!inbound).then_some(due_us))
        .bind(*call)
        .fetch_one(&mut *books)
        .await?;
        abandoned += u64::from(in_ledger == "abandoned");
        if inbound {
            continue;
        }
        sql::query(
            "UPDATE leads SET claimed_by = NULL, 
                    closed = CASE WHEN said.lead_due_us IS NULL THEN 1 ELSE 0 END,
                    due_us = coalesce(said.lead_due_us, due_us)
             FROM attempts AS said WHERE said.call = ? AND leads.id = ?",
        )
        .bind(*call)
        .bind(*lead)
        .execute(&mut *books)
        .await?;
    }
    Ok((open.len() as u64, abandoned))
}

/// Calls that a run may make on a database that others use too: each has numbers of its own.
const CALLS_MAX: i64 = 10_000_000;

async fn open_run(books: &mut Connection, now: Timestamp) -> Result<(i64, CallId), StoreError> {
    let used: Option<i64> = sql::query_scalar("SELECT max(call) FROM attempts WHERE call <= ?")
        .bind(INBOUND_AFTER)
        .fetch_one(&mut *books)
        .await?;
    let given: Option<i64> =
        sql::query_scalar("SELECT max(first_call) FROM runs").fetch_one(&mut *books).await?;
    let apart = match (&books, given) {
        (Connection::Postgres(_), Some(_)) => CALLS_MAX,
        _ => 0,
    };
    let first_call = 1 + apart + used.max(given).unwrap_or(0);
    let run =
        sql::query_scalar("INSERT INTO runs (opened_us, first_call) VALUES (?, ?) RETURNING id")
            .bind(micros(now))
            .bind(first_call)
            .fetch_one(books)
            .await?;
    Ok((run, CallId(first_call)))
}

async fn first_inbound(books: &mut Connection, run: i64) -> Result<CallId, StoreError> {
    let used: Option<i64> =
        sql::query_scalar("SELECT max(call) FROM attempts").fetch_one(&mut *books).await?;
    Ok(CallId(match books {
        Connection::Postgres(_) => 1 + INBOUND_AFTER + run * CALLS_MAX,
        Connection::Sqlite(_) => 1 + used.unwrap_or(0).max(INBOUND_AFTER),
    }))
}
