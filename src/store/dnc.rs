//! The do-not-call list: by number, with when, why and by whom. A number that is acknowledged here
//! is on the disk, and no attempt to it begins afterwards.

use jiff::Timestamp;

use crate::domain::{CallId, PhoneNumber};

use super::sql::{self, Connection, On, Rows, Value};
use super::time::{micros, timestamp};
use super::writer::Write;
use super::{Books, Store, StoreError, number};

/// Rows of one INSERT; SQLite takes at most 32,766 values in one.
const ROWS_MAX: usize = 4_000;

/// A number on the list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DoNotCall {
    /// The number.
    pub number: PhoneNumber,
    /// Since when.
    pub at: Timestamp,
    /// Who put it there: `agent`, `api`, `cli`, `import`, `key` (pressed in a message).
    pub source: String,
    /// Why, for people.
    pub reason: Option<String>,
    /// The call in which it was asked for.
    pub call: Option<CallId>,
}

/// Where a page of the list begins: after this number.
pub type AfterNumber = Option<PhoneNumber>;

pub(super) async fn add(books: &mut Connection, entry: &DoNotCall) -> Result<bool, StoreError> {
    let added = sql::query(
        "INSERT INTO do_not_call (number, added_us, source, reason, call) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(entry.number.digits() as i64)
    .bind(micros(entry.at))
    .bind(&entry.source)
    .bind(&entry.reason)
    .bind(entry.call.map(|call| call.0))
    .execute(books)
    .await?;
    Ok(added.rows_affected() > 0)
}

pub(super) async fn holds(
    books: impl Into<On<'_>>,
    number: PhoneNumber,
) -> Result<bool, StoreError> {
    let found: Option<i64> = sql::query_scalar("SELECT number FROM do_not_call WHERE number = ?")
        .bind(number.digits() as i64)
        .fetch_optional(books)
        .await?;
    Ok(found.is_some())
}

struct Add(DoNotCall);

impl Write for Add {
    type Answer = bool;

    async fn apply(&self, books: &mut Connection) -> Result<bool, StoreError> {
        add(books, &self.0).await
    }
}

struct AddAll {
    numbers: Vec<PhoneNumber>,
    source: String,
    reason: Option<String>,
    at: Timestamp,
}

impl Write for AddAll {
    type Answer = u64;

    async fn apply(&self, books: &mut Connection) -> Result<u64, StoreError> {
        let mut added = 0;
        for numbers in self.numbers.chunks(ROWS_MAX) {
            let mut insert =
                Rows::into("INSERT INTO do_not_call (number, added_us, source, reason)", 4);
            for number in numbers {
                insert.push([
                    Value::from(number.digits() as i64),
                    Value::from(micros(self.at)),
                    Value::from(&self.source),
                    Value::from(&self.reason),
                ]);
            }
            let insert = insert.ending(" ON CONFLICT DO NOTHING");
            added += insert.execute(&mut *books).await?.rows_affected();
        }
        Ok(added)
    }
}

struct Remove(PhoneNumber);

impl Write for Remove {
    type Answer = bool;

    async fn apply(&self, books: &mut Connection) -> Result<bool, StoreError> {
        let removed = sql::query("DELETE FROM do_not_call WHERE number = ?")
            .bind(self.0.digits() as i64)
            .execute(&mut *books)
            .await?;
        // Safe: the gate is asked again before any call.
        sql::query(
            "UPDATE leads SET closed = 0, refused_by = NULL
             WHERE number = ? AND closed = 1 AND refused_by IS NOT NULL",
        )
        .bind(self.0.digits() as i64)
        .execute(books)
        .await?;
        Ok(removed.rows_affected() > 0)
    }
}

impl Store {
    /// Puts a number on the list. True when it was not there before; the first entry stays.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn dnc_add(&self, entry: DoNotCall) -> Result<bool, StoreError> {
        self.writer.write(Add(entry)).await
    }

    /// Puts all these numbers on the list, or none; how many were not there before.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn dnc_add_all(
        &self,
        mut numbers: Vec<PhoneNumber>,
        source: &str,
        reason: Option<&str>,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        // In the order of the table each row goes to the page that the last one went to.
        numbers.sort_unstable();
        let (source, reason) = (source.to_owned(), reason.map(str::to_owned));
        self.writer.write(AddAll { numbers, source, reason, at }).await
    }

    /// Takes a number off the list. True when it was there. Its leads that a refusal has closed
    /// wait again.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn dnc_remove(&self, number: PhoneNumber) -> Result<bool, StoreError> {
        self.writer.write(Remove(number)).await
    }
}

impl Books {
    /// A page of the list, by number: at most `count` after `after`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn dnc(&self, after: AfterNumber, count: u32) -> Result<Vec<DoNotCall>, StoreError> {
        type Row = (i64, i64, String, Option<String>, Option<i64>);
        let rows: Vec<Row> = sql::query_as(
            "SELECT number, added_us, source, reason, call FROM do_not_call
             WHERE number > ? ORDER BY number LIMIT ?",
        )
        .bind(after.map_or(0, |number| number.digits() as i64))
        .bind(count)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(digits, added_us, source, reason, call)| {
                let number = number(digits)?;
                let (at, call) = (timestamp(added_us), call.map(CallId));
                Ok(DoNotCall { number, at, source, reason, call })
            })
            .collect()
    }

    /// Every number on the list, in order: for the gate, at start.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn dnc_numbers(&self) -> Result<Vec<PhoneNumber>, StoreError> {
        let rows: Vec<i64> = sql::query_scalar("SELECT number FROM do_not_call ORDER BY number")
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(number).collect()
    }

    /// Which of the numbers that came onto the list at `at` are those of leads that are still to be
    /// called.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn dnc_leads(&self, at: Timestamp) -> Result<Vec<PhoneNumber>, StoreError> {
        let rows: Vec<i64> = sql::query_scalar(
            "SELECT number FROM do_not_call WHERE added_us = ? AND EXISTS
                (SELECT 1 FROM leads WHERE leads.number = do_not_call.number AND closed = 0)",
        )
        .bind(micros(at))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(number).collect()
    }

    /// The number's entry.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn dnc_entry(&self, number: PhoneNumber) -> Result<Option<DoNotCall>, StoreError> {
        let before = PhoneNumber::from_e164(&format!("+{}", number.digits() - 1));
        let entries = self.dnc(before, 1).await?;
        Ok(entries.into_iter().find(|entry| entry.number == number))
    }

    /// Whether the number is on the list.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn dnc_holds(&self, number: PhoneNumber) -> Result<bool, StoreError> {
        holds(&self.pool, number).await
    }
}
