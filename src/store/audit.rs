//! The books as a judge from outside reads them: every attempt, every record, every lead and every
//! number that is not to be called, each a few plain columns.

use sqlx::FromRow;

use super::sql;
use super::{Books, StoreError};

/// An attempt.
#[derive(Clone, Debug, FromRow)]
pub struct AttemptRow {
    /// The call.
    pub call: i64,
    /// Whom.
    pub lead: i64,
    /// The digits of the number.
    pub number: i64,
    /// The Call-ID of its INVITE; `None` when none has left.
    pub sip_call_id: Option<String>,
    /// The carrier, where it is known.
    pub trunk: Option<String>,
    /// When it was written down, in microseconds since 1970.
    pub began_us: i64,
}

/// The record of a call that is over.
#[derive(Clone, Debug, FromRow)]
pub struct RecordRow {
    /// The Call-ID of its INVITE; `None` when none has left.
    pub sip_call_id: Option<String>,
    /// Whom.
    pub lead: i64,
    /// The digits of the number.
    pub number: i64,
    /// How it ended.
    pub outcome: String,
    /// When the 200 came; `None` when none did, or when nobody knows.
    pub answered_us: Option<i64>,
    /// When it was over.
    pub ended_us: i64,
    /// It counts as abandoned.
    pub abandoned: bool,
    /// Who talked.
    pub agent: Option<i64>,
}

/// A lead.
#[derive(Clone, Debug, FromRow)]
pub struct LeadRow {
    /// The lead.
    pub id: i64,
    /// The digits of the number.
    pub number: i64,
    /// `closed`, `in_call`, `locked` (in a dialer's hopper) or `ready`.
    pub status: String,
    /// Calls that have begun.
    pub attempts: i64,
    /// When it is due.
    pub due_us: i64,
}

impl Books {
    /// Attempts after `after`, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn audit_attempts(
        &self,
        after: i64,
        count: u32,
    ) -> Result<Vec<AttemptRow>, StoreError> {
        Ok(sql::query_as(
            "SELECT call, lead, number, sip_call_id, trunk, began_us FROM attempts
             WHERE inbound = 0 AND call > ? ORDER BY call LIMIT ?",
        )
        .bind(after)
        .bind(count)
        .fetch_all(&self.pool)
        .await?)
    }

    /// Records of the calls after `after`, at most `count`, each with its call.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn audit_records(
        &self,
        after: i64,
        count: u32,
    ) -> Result<Vec<(i64, RecordRow)>, StoreError> {
        #[derive(FromRow)]
        struct Row {
            call: i64,
            #[sqlx(flatten)]
            record: RecordRow,
        }
        let rows: Vec<Row> = sql::query_as(
            "SELECT call, sip_call_id, lead, number, outcome, answered_us, ended_us,
                    ledger = 'abandoned' AS abandoned, agent
             FROM attempts WHERE inbound = 0 AND ended_us IS NOT NULL AND call > ?
             ORDER BY call LIMIT ?",
        )
        .bind(after)
        .bind(count)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.call, row.record)).collect())
    }

    /// Leads after `after`, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn audit_leads(&self, after: i64, count: u32) -> Result<Vec<LeadRow>, StoreError> {
        Ok(sql::query_as(
            "SELECT id, number, attempts, due_us,
                    CASE WHEN EXISTS (SELECT 1 FROM attempts WHERE lead = leads.id
                                      AND ended_us IS NULL AND inbound = 0) THEN 'in_call'
                         WHEN claimed_by IS NOT NULL THEN 'locked'
                         WHEN closed = 1 THEN 'closed' ELSE 'ready' END AS status
             FROM leads WHERE id > ? ORDER BY id LIMIT ?",
        )
        .bind(after)
        .bind(count)
        .fetch_all(&self.pool)
        .await?)
    }

    /// Numbers that are not to be called after `after`, at most `count`: the digits, and when each
    /// was put there in microseconds since 1970.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn audit_do_not_call(
        &self,
        after: i64,
        count: u32,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        Ok(sql::query_as(
            "SELECT number, added_us FROM do_not_call WHERE number > ? ORDER BY number LIMIT ?",
        )
        .bind(after)
        .bind(count)
        .fetch_all(&self.pool)
        .await?)
    }
}
