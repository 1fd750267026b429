//! A file of dial attempts with the verdict that is expected of each: a user's test of rulebooks.
//!
//! Columns: `id`, `pack` (rulebooks, apart by `;`), `number` (E.164), `known_state`, `known_zip`,
//! `instant_utc`, `ctx` (JSON, what is known of the lead: the words of the `law.` columns, nested,
//! with `attempts`, `abandon`, `agent_reserved`, `cid`, `cli` and `tzdb` beside them), `expected`
//! (`allow` or `deny`), `rule_id` (the first that refuses), `all_rules` (all of them, in order,
//! apart by `;`), and `reason` for people. Others are left alone.

use std::io::Read;

use jiff::Timestamp;
use serde::Deserialize;

use super::case::Case;
use super::evaluation::BuiltIn;
use super::gate::Gate;
use super::tzdb_version;
use crate::domain::PhoneNumber;

mod context;

use context::Context;

/// One row, as written.
#[derive(Deserialize)]
struct Row {
    id: String,
    pack: String,
    number: String,
    #[serde(default)]
    known_state: String,
    #[serde(default)]
    known_zip: String,
    instant_utc: String,
    #[serde(default)]
    ctx: String,
    expected: String,
    rule_id: String,
    all_rules: String,
    #[serde(default)]
    reason: String,
}

/// What came out of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Outcomes {
    /// Rows that were read.
    pub rows: usize,
    /// Those of which the verdict, the first rule or the set of rules is another.
    pub mismatches: Vec<Mismatch>,
}

/// A row that came out otherwise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mismatch {
    /// The row's id, or its place in the file.
    pub id: String,
    /// What it expects.
    pub expected: String,
    /// What the gate says.
    pub found: String,
    /// The row's own reason.
    pub reason: String,
}

impl Outcomes {
    /// How many came out as expected.
    pub fn agreed(&self) -> usize {
        self.rows - self.mismatches.len()
    }
}

impl Gate {
    /// Asks every row of a file.
    pub fn test(&self, file: impl Read) -> Outcomes {
        let mut outcomes = Outcomes::default();
        for (place, row) in csv::Reader::from_reader(file).into_deserialize::<Row>().enumerate() {
            outcomes.rows += 1;
            let mismatch = match row {
                Ok(row) => self.mismatch(&row),
                Err(error) => Some(Mismatch {
                    id: format!("row {}", place + 1),
                    expected: "a row that can be read".to_owned(),
                    found: error.to_string(),
                    reason: String::new(),
                }),
            };
            outcomes.mismatches.extend(mismatch);
        }
        outcomes
    }

    /// How a row comes out otherwise; `None` when as expected.
    fn mismatch(&self, row: &Row) -> Option<Mismatch> {
        let expected = answer(&row.expected, &row.rule_id, &row.all_rules);
        let found = match self.ask_row(row) {
            Ok(refused_by) => {
                let verdict = if refused_by.is_empty() { "allow" } else { "deny" };
                let first = refused_by.first().map_or("", String::as_str);
                answer(verdict, first, &refused_by.join(";"))
            }
            Err(fault) => fault,
        };
        (found != expected).then(|| Mismatch {
            id: row.id.clone(),
            expected,
            found,
            reason: row.reason.clone(),
        })
    }

    fn ask_row(&self, row: &Row) -> Result<Vec<String>, String> {
        let at: Timestamp = row.instant_utc.parse().map_err(|_| "no instant".to_owned())?;
        let context = Context::read(&row.ctx)?;
        let Some(number) = PhoneNumber::from_e164(&row.number) else {
            return Ok(vec![BuiltIn::NumberInvalid.id().to_owned()]);
        };
        let rulebooks: Vec<String> = row.pack.split(';').map(str::to_owned).collect();
        let given = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
        let (state, zip) = (given(&row.known_state), given(&row.known_zip));
        let facts = &context.facts;
        let case = Case {
            number,
            is_american: row.number.starts_with("+1"),
            state: state.as_deref(),
            zip: zip.as_deref(),
            facts,
            purpose: facts.purpose.unwrap_or_default(),
            line: facts.line.unwrap_or_default(),
            dial: facts.dial.unwrap_or_default(),
            attempts: context.attempts.clone(),
            caller_id: context.caller_id,
            rulebooks: &rulebooks,
            do_not_call: &[],
            circumstances: context.circumstances,
            tzdb: context.tzdb.as_deref().unwrap_or(tzdb_version()),
        };
        Ok(self.evaluate(&case, at).refused_by().map(str::to_owned).collect())
    }
}

fn answer(verdict: &str, first: &str, all: &str) -> String {
    if all.is_empty() { verdict.to_owned() } else { format!("{verdict} by {first} of [{all}]") }
}

#[cfg(test)]
mod mutations;
#[cfg(test)]
mod tests;
