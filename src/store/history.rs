//! The past of a number: what comes with a lead.

use std::collections::BTreeMap;

use crate::domain::{CallId, Facts, Lead, PastAttempt};

use super::StoreError;
use super::leads::{json, outcome};
use super::sql::{self, On};
use super::time::timestamp;

/// Attempts of the past that come with a lead, the latest of its number.
const HISTORY_MAX: i64 = 256;

/// Gives each lead what has come of the calls to its number, the latest last.
pub(super) async fn add_history(
    books: impl Into<On<'_>>,
    leads: &mut [Lead],
) -> Result<(), StoreError> {
    let numbers: Vec<u64> = leads.iter().map(|lead| lead.number.digits()).collect();
    let rows: Vec<PastRow> = sql::query_as((
        "SELECT number, call, began_us, outcome, inbound, wrong_person, debt
         FROM json_each(?) AS wanted JOIN attempts ON call IN
              (SELECT call FROM attempts WHERE number = wanted.value
               ORDER BY began_us DESC LIMIT ?)
         ORDER BY began_us, call",
        "SELECT past.number, call, began_us, outcome, inbound, wrong_person, debt
         FROM (SELECT DISTINCT value::bigint AS number
               FROM json_array_elements_text(?::json) AS e (value)) AS wanted,
              LATERAL (SELECT * FROM attempts WHERE attempts.number = wanted.number
                       ORDER BY began_us DESC LIMIT ?) AS past
         ORDER BY began_us, call",
    ))
    .bind(json(&numbers)?)
    .bind(HISTORY_MAX)
    .fetch_all(books)
    .await?;
    let mut past: BTreeMap<u64, Vec<PastRow>> = BTreeMap::new();
    for row in rows {
        past.entry(row.number as u64).or_default().push(row);
    }
    for lead in leads {
        let rows = past.get(&lead.number.digits()).into_iter().flatten();
        lead.history = rows.map(|row| row.read(&lead.facts)).collect::<Result<_, _>>()?;
    }
    Ok(())
}

/// A call to a number or of it, as it lies in the books.
#[derive(sqlx::FromRow)]
struct PastRow {
    number: i64,
    call: i64,
    began_us: i64,
    outcome: Option<String>,
    inbound: i64,
    wrong_person: i64,
    debt: Option<String>,
}

impl PastRow {
    /// As the lead with these facts sees it.
    fn read(&self, facts: &Facts) -> Result<PastAttempt, StoreError> {
        let ended = self.outcome.as_deref().map(outcome).transpose()?;
        let other = self.debt.as_ref().zip(facts.debt.as_ref());
        Ok(PastAttempt {
            inbound: self.inbound == 1,
            other_debt: other.is_some_and(|(one, other)| one != other),
            wrong_person: self.wrong_person == 1,
            ..PastAttempt::new(CallId(self.call), timestamp(self.began_us), ended)
        })
    }
}
