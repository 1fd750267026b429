//! Dialogs that are up: how the next process could end them, should this one crash.

use super::sql::{self, Connection};
use jiff::{SignedDuration, Timestamp};

use crate::dialer::Record;
use crate::domain::{AgentId, CallId};

use super::time::micros;
use super::writer::Write;
use super::{Books, Store, StoreError};

/// A BYE is sent again for so long.
const BYE_MAX: SignedDuration = SignedDuration::from_secs(33);

/// Whose dialog it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum StrayLeg {
    /// The leg of an agent's phone.
    Agent(AgentId),
    /// The leg of a call.
    Call(CallId),
}

impl StrayLeg {
    fn key(self) -> (&'static str, i64) {
        match self {
            Self::Agent(AgentId(agent)) => ("agent", agent),
            Self::Call(CallId(call)) => ("call", call),
        }
    }
}

/// One thing to be written down, in order with others.
#[derive(Clone, Debug)]
pub enum Said {
    /// How a leg could be ended, in words that only the signalling reads; `None` when it is down.
    /// A call's is forgotten some time after its record.
    Dialog(StrayLeg, Option<String>),
    /// What became of a call or an agent.
    Record(Record),
}

pub(super) async fn keep(
    books: &mut Connection,
    run: i64,
    leg: StrayLeg,
    dialog: Option<&str>,
) -> Result<(), StoreError> {
    let (kind, id) = leg.key();
    let Some(dialog) = dialog else { return forget(books, leg).await };
    sql::query(
        "INSERT INTO dialogs (kind, id, dialog, run) VALUES (?, ?, ?, ?)
         ON CONFLICT (kind, id) DO UPDATE SET dialog = excluded.dialog, run = excluded.run",
    )
    .bind(kind)
    .bind(id)
    .bind(dialog)
    .bind(run)
    .execute(books)
    .await?;
    Ok(())
}

pub(super) async fn forget(books: &mut Connection, leg: StrayLeg) -> Result<(), StoreError> {
    let (kind, id) = leg.key();
    sql::query("DELETE FROM dialogs WHERE kind = ? AND id = ?")
        .bind(kind)
        .bind(id)
        .execute(books)
        .await?;
    Ok(())
}

/// Forgets the calls that we have ended and whose BYE has been answered by now, or given up
/// (RFC 3261 §17.1.2.2, timer F).
pub(super) async fn forget_ended(books: &mut Connection, now: Timestamp) -> Result<(), StoreError> {
    sql::query(
        "DELETE FROM dialogs WHERE kind = 'call' AND EXISTS
            (SELECT 1 FROM attempts WHERE call = dialogs.id AND ended_us < ?)",
    )
    .bind(micros(now) - BYE_MAX.as_micros() as i64)
    .execute(books)
    .await?;
    Ok(())
}

struct Forget(Vec<(StrayLeg, String)>);

impl Write for Forget {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        for (leg, dialog) in &self.0 {
            let (kind, id) = leg.key();
            sql::query("DELETE FROM dialogs WHERE kind = ? AND id = ? AND dialog = ?")
                .bind(kind)
                .bind(id)
                .bind(dialog)
                .execute(&mut *books)
                .await?;
        }
        Ok(())
    }
}

impl Store {
    /// Forgets these dialogs: they have been ended. One that a leg has had since stays.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn forget_strays(&self, ended: Vec<(StrayLeg, String)>) -> Result<(), StoreError> {
        self.writer.write(Forget(ended)).await
    }
}

impl Books {
    /// Every dialog that is written down. Just after the books were opened these are the ones that
    /// a crash has left up.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn strays(&self) -> Result<Vec<(StrayLeg, String)>, StoreError> {
        let rows: Vec<(String, i64, String)> = sql::query_as(
            "SELECT kind, id, dialog FROM dialogs WHERE run IS NULL OR EXISTS
                    (SELECT 1 FROM runs WHERE runs.id = run AND fenced_us IS NOT NULL)
                 ORDER BY kind, id",
        )
        .fetch_all(&self.pool)
        .await?;
        let read = |(kind, id, dialog): (String, i64, String)| match kind.as_str() {
            "agent" => (StrayLeg::Agent(AgentId(id)), dialog),
            _ => (StrayLeg::Call(CallId(id)), dialog),
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
