//! Who writes: a run holds its campaigns while it shows life, and is fenced when another takes over.
//!
//! A data folder has one dialer, whose lock is the operating system's; a database may have several. A
//! run's number is its fencing token: every transaction of PostgreSQL's asks whether it still counts,
//! and locks that answer until it commits. A run whose lease has run out by the database's own clock
//! is fenced by the next dialer that opens, in the transaction that makes good what it left; a
//! process that was frozen meanwhile finds that nothing it says is written.

use jiff::Timestamp;

use super::leads::json;
use super::sql::{self, Connection};
use super::time::micros;
use super::writer::Write;
use super::{Store, StoreError};

/// A run that has shown no life for so long holds nothing any more. It dials nobody itself when its
/// last commit is a second old.
pub(super) const LEASE_US: i64 = 3_000_000;
/// Openings of a database come one after another.
const OPENING: i64 = 0x6f75_7464_6961_6c01;
/// One import at a time lands in a database.
const IMPORTING: i64 = 0x6f75_7464_6961_6c02;

/// Begins a transaction that nobody else's opening comes between.
pub(super) async fn begin_opening(books: &mut Connection) -> Result<(), StoreError> {
    sql::query(("BEGIN IMMEDIATE", "BEGIN")).execute(&mut *books).await?;
    if let Connection::Postgres(_) = books {
        sql::query("SELECT pg_advisory_xact_lock(?)").bind(OPENING).execute(books).await?;
    }
    Ok(())
}

/// Fences every run that is over: in a data folder all of them; in a database those whose lease has run
/// out, and `last`, those that had our data folder before us.
///
/// # Errors
/// [`StoreError::Held`] when a run that is alive holds one of these campaigns.
pub(super) async fn fence(
    books: &mut Connection,
    campaigns: impl Iterator<Item = &str>,
    last: &[i64],
    now: Timestamp,
) -> Result<(), StoreError> {
    sql::query((
        "UPDATE runs SET fenced_us = ?1
         WHERE fenced_us IS NULL OR id IN (SELECT value FROM json_each(?2))",
        "UPDATE runs SET fenced_us = ?1 WHERE fenced_us IS NULL AND (
             id IN (SELECT value::bigint FROM json_array_elements_text(?2::json) AS e (value))
             OR coalesce(lease_us, 0) < CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT))",
    ))
    .bind(micros(now))
    .bind(json(&last)?)
    .execute(&mut *books)
    .await?;
    for campaign in campaigns {
        let held: Option<i64> = sql::query_scalar(
            "SELECT runs.id FROM campaigns JOIN runs ON runs.id = held_by
             WHERE name = ? AND fenced_us IS NULL",
        )
        .bind(campaign)
        .fetch_optional(&mut *books)
        .await?;
        if held.is_some() {
            return Err(StoreError::Held { campaign: campaign.to_owned() });
        }
    }
    Ok(())
}

/// The run holds these campaigns, which are made where they are missing.
pub(super) async fn hold(
    books: &mut Connection,
    run: i64,
    campaigns: impl Iterator<Item = &str>,
) -> Result<(), StoreError> {
    renew(books, run).await?;
    for campaign in campaigns {
        sql::query(
            "INSERT INTO campaigns (name, held_by) VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET held_by = excluded.held_by",
        )
        .bind(campaign)
        .bind(run)
        .execute(&mut *books)
        .await?;
    }
    Ok(())
}

/// The run is alive.
pub(super) async fn renew(books: &mut Connection, run: i64) -> Result<(), StoreError> {
    if let Connection::Postgres(_) = books {
        sql::query(
            "UPDATE runs SET lease_us =
                ? + CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)
             WHERE id = ?",
        )
        .bind(LEASE_US)
        .bind(run)
        .execute(books)
        .await?;
    }
    Ok(())
}

/// Whether what this run says is still written; until the transaction ends nobody can fence it.
pub(super) async fn ask(books: &mut Connection, run: i64) -> Result<(), StoreError> {
    if let Connection::Sqlite(_) = books {
        return Ok(());
    }
    let counts: Option<i64> =
        sql::query_scalar("SELECT id FROM runs WHERE id = ? AND fenced_us IS NULL FOR SHARE")
            .bind(run)
            .fetch_optional(books)
            .await?;
    counts.map(|_| ()).ok_or(StoreError::Fenced)
}

/// Whether an import may begin: in a database another host's may be under way. In a data folder its
/// own lock has said so.
pub(super) async fn may_import(books: &mut Connection) -> Result<bool, StoreError> {
    if let Connection::Sqlite(_) = books {
        return Ok(true);
    }
    let may = sql::query_scalar("SELECT pg_try_advisory_lock(?)").bind(IMPORTING);
    Ok(may.fetch_one(books).await?)
}

/// The import is over.
pub(super) async fn has_imported(books: &mut Connection) -> Result<(), StoreError> {
    if let Connection::Postgres(_) = books {
        sql::query("SELECT pg_advisory_unlock(?)").bind(IMPORTING).execute(books).await?;
    }
    Ok(())
}

/// A run that ends by itself leaves its campaigns to the next at once.
struct Leave(i64);

impl Write for Leave {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        if let Connection::Postgres(_) = books {
            sql::query("UPDATE runs SET lease_us = 0 WHERE id = ?")
                .bind(self.0)
                .execute(books)
                .await?;
        }
        Ok(())
    }
}

impl Store {
    /// Holds nothing any more. The last that is written.
    pub(super) async fn leave(&self) {
        if let Err(error) = self.writer.write(Leave(self.run)).await {
            tracing::debug!(%error, "the lease runs out by itself");
        }
    }
}
