//! What a decision rested on besides the rules: what the lead said, and the lists with their days.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use super::case::Case;
use crate::domain::{DialType, Facts, Lead, LineType, Purpose};

/// A list that came whole, and the day on which it was true.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ListDate {
    /// Its id.
    pub list: String,
    /// The day: the scrub date of a registry.
    pub as_of: Date,
}

/// What a decision rested on. Cheap to make: it shares what the lead and the lists have.
#[derive(Clone)]
pub struct Inputs {
    purpose: Purpose,
    line: LineType,
    dial: DialType,
    state: Option<String>,
    has_zip: bool,
    facts: Arc<Facts>,
    attempts: usize,
    last_attempt_at: Option<Timestamp>,
    lists: Arc<[ListDate]>,
}

impl Inputs {
    pub(super) fn of(case: &Case<'_>, lead: &Lead, lists: Arc<[ListDate]>) -> Self {
        Self {
            purpose: case.purpose,
            line: case.line,
            dial: case.dial,
            state: lead.state.clone(),
            has_zip: lead.zip.is_some(),
            facts: Arc::clone(&lead.facts),
            attempts: lead.history.len(),
            last_attempt_at: lead.history.last().map(|past| past.at),
            lists,
        }
    }

    /// For the evidence: consents, relationships and registries with their days and proofs, each
    /// list with its own. Neither the account of a debt nor the ZIP code is in it: nobody who has
    /// been erased is to be found by them.
    pub fn written(&self) -> Value {
        let mut facts = serde_json::to_value(&*self.facts).unwrap_or_default();
        if let Some(facts) = facts.as_object_mut() {
            let has_debt = facts.remove("debt").is_some_and(|debt| !debt.is_null());
            facts.retain(|_, value| !says_nothing(value));
            if has_debt {
                facts.insert("debt".to_owned(), json!("named"));
            }
        }
        json!({
            "purpose": self.purpose,
            "line": self.line,
            "dial": self.dial,
            "state": self.state,
            "zip": if self.has_zip { "named" } else { "none" },
            "lead": facts,
            "calls_before": self.attempts,
            "last_call_at": self.last_attempt_at,
            "lists": &*self.lists,
        })
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// In no decision's digest: a decision is made of the rules' answers.
impl std::fmt::Debug for Inputs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inputs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::gate::tests::{campaign, lead};
    use crate::compliance::{Gate, Rulebooks};

    #[test]
    fn the_evidence_has_every_input_with_its_day_and_nobody_to_be_found_by() {
        let facts = Facts::read([
            ("dnc.listed", "no"),
            ("dnc.scrub", "2026-07-10"),
            ("consent.kind", "pewc"),
            ("consent.at", "2026-01-02T03:04:05Z"),
            ("consent.proof", "web form 2026-01-02, sha256:4f..."),
            ("debt", "4711"),
        ]);
        let lead = Lead { facts: facts.into(), zip: Some("43215".into()), ..lead("+16145550123") };
        let gate = Gate::new(Rulebooks::embedded(), []);
        let noon = "2026-07-15T17:00:00Z".parse().unwrap();
        let permit = gate.check(&lead, &campaign("US", &["us-tsr-tcpa"]), Default::default(), noon);
        let written = permit.unwrap().inputs().written();
        assert_eq!(written["lead"]["registries"]["dnc"]["as_of"], "2026-07-10");
        assert_eq!(written["lead"]["consent"]["at"], "2026-01-02T03:04:05Z");
        assert_eq!(written["lead"]["proofs"]["consent"], "web form 2026-01-02, sha256:4f...");
        let text = written.to_string();
        assert!(!text.contains("4711") && !text.contains("43215") && !text.contains("6145550123"));
    }
}
