//! One record after the other, each with the hash of the last.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::sha256;

/// What is to be written down.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// What: `dial`, `do_not_call`, `lists`, `phase`, `start` ...
    pub kind: &'static str,
    /// Who did it: `dialer`, `user ana`, `token nightly`, `api.token`, `agent 7`, `uid 1000`.
    pub by: String,
    /// The rest. No telephone number.
    pub body: Value,
}

/// A record as it stands in the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its place, from 1, over all days.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub kind: String,
    /// Who did it.
    pub by: String,
    /// The rest.
    pub body: Value,
    /// The hash of the record before it.
    pub prev: String,
    /// Its own.
    pub hash: String,
}

/// The last record so far.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Last {
    pub seq: u64,
    pub hash: String,
}

impl Last {
    /// Before the first record.
    pub fn none() -> Self {
        Self { seq: 0, hash: "0".repeat(64) }
    }
}

impl Entry {
    /// An entry. What cannot be JSON is left out, which no type of ours is.
    pub fn new(
        at: Timestamp,
        kind: &'static str,
        by: impl Into<String>,
        body: impl Serialize,
    ) -> Self {
        let body = serde_json::to_value(body).unwrap_or(Value::Null);
        Self { at, kind, by: by.into(), body }
    }

    /// Its line, and the record that is the last then.
    pub(super) fn seal(self, last: &Last) -> (String, Last) {
        let mut object = Map::new();
        object.insert("at".to_owned(), Value::String(self.at.to_string()));
        object.insert("body".to_owned(), self.body);
        object.insert("by".to_owned(), Value::String(self.by));
        object.insert("kind".to_owned(), Value::String(self.kind.to_owned()));
        object.insert("prev".to_owned(), Value::String(last.hash.clone()));
        object.insert("seq".to_owned(), Value::from(last.seq + 1));
        let hash = sha256(canonical(&object).as_bytes());
        let last = Last { seq: last.seq + 1, hash: hash.clone() };
        object.insert("hash".to_owned(), Value::String(hash));
        (canonical(&object), last)
    }
}

impl Record {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(line: &str) -> Result<Self, &'static str> {
        let Ok(Value::Object(mut object)) = serde_json::from_str(line) else {
            return Err("the line is no record");
        };
        if canonical(&object) != line {
            return Err("the line is not written as a record is: it was changed");
        }
        let Some(Value::String(hash)) = object.remove("hash") else {
            return Err("the record has no hash");
        };
        if sha256(canonical(&object).as_bytes()) != hash {
            return Err("the record has another hash: it was changed");
        }
        let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
        let seq = object.get("seq").and_then(Value::as_u64).ok_or("the record has no number")?;
        let at = text("at").and_then(|at| at.parse().ok()).ok_or("the record has no time")?;
        let (kind, by) = (text("kind").unwrap_or_default(), text("by").unwrap_or_default());
        let prev = text("prev").ok_or("the record names none before it")?;
        let body = object.remove("body").unwrap_or(Value::Null);
        Ok(Self { seq, at, kind, by, body, prev, hash })
    }

    pub(super) fn last(&self) -> Last {
        Last { seq: self.seq, hash: self.hash.clone() }
    }
}

/// Keys in order, no blanks: serde_json's map is sorted. Numbers are integers or as serde_json
/// writes them, which it reads again bit for bit.
fn canonical(object: &Map<String, Value>) -> String {
    serde_json::to_string(object).unwrap_or_default()
}
