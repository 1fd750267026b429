//! The column `ctx`: what is known of a lead, as JSON.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::attempt::{Attempt, Ending};
use super::super::case::{Abandonment, CallerId, Circumstances};
use crate::domain::{Facts, Outcome, PhoneNumber};

/// The debt of attempts and leads of which nothing is said.
const DEBT: &str = "A";

/// What a row knows of its lead.
pub(super) struct Context {
    pub facts: Facts,
    pub caller_id: CallerId,
    pub circumstances: Circumstances<'static>,
    pub tzdb: Option<String>,
    pub attempts: Vec<Attempt>,
}

impl Context {
    pub fn read(text: &str) -> Result<Self, String> {
        let mut ctx: Map<String, Value> = match text.trim() {
            "" => Map::new(),
            text => serde_json::from_str(text).map_err(|error| format!("ctx: {error}"))?,
        };
        let mut take = |key: &str| ctx.remove(key).filter(|value| !value.is_null());
        let attempts = match take("attempts") {
            None => Vec::new(),
            Some(Value::Array(attempts)) => attempts,
            Some(_) => return Err("ctx: attempts are a list".to_owned()),
        };
        let abandonment = take("abandon").map(|counts| abandonment(&counts)).transpose()?;
        let agent_reserved = take("agent_reserved") == Some(Value::Bool(true));
        let (cid, cli) = (take("cid"), take("cli"));
        let caller_id = match (cid, cli) {
            (Some(Value::Bool(false)), _) => CallerId::Missing,
            (_, Some(Value::String(number))) => {
                PhoneNumber::from_e164(&number).map_or(CallerId::Missing, CallerId::Shown)
            }
            (Some(Value::Bool(true)), None) => CallerId::Sent,
            (None, None) => CallerId::NotSaid,
            _ => return Err("ctx: cid is true or false, and cli is a number".to_owned()),
        };
        let tzdb = take("tzdb").and_then(|version| version.as_str().map(str::to_owned));
        let mut columns = Vec::new();
        flatten("", &Value::Object(ctx), &mut columns);
        let columns = columns.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let mut facts = Facts::read(columns);
        let debt = facts.debt.get_or_insert_with(|| DEBT.to_owned());
        let attempts =
            attempts.iter().map(|value| attempt(value, debt)).collect::<Result<_, _>>()?;
        let abandonment = abandonment.unwrap_or_default();
        let circumstances = Circumstances { agent_reserved, abandonment, caller_id: None };
        Ok(Self { facts, caller_id, circumstances, tzdb, attempts })
    }
}

/// `{"dnc": {"scrub": ..}}` to `dnc.scrub`; what is null says nothing.
fn flatten(prefix: &str, value: &Value, columns: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, member) in members {
                let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&name, member, columns);
            }
        }
        Value::Array(pairs) => {
            let pair = |pair: &Value| {
                let ends = pair.as_array().into_iter().flatten().filter_map(Value::as_str);
                ends.collect::<Vec<_>>().join("/")
            };
            columns.push((prefix.to_owned(), pairs.iter().map(pair).collect::<Vec<_>>().join(";")));
        }
        Value::String(text) => columns.push((prefix.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) => columns.push((prefix.to_owned(), value.to_string())),
    }
}

fn attempt(value: &Value, present_debt: &str) -> Result<Attempt, String> {
    let at = value["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let at = at.ok_or_else(|| "ctx: an attempt has no instant".to_owned())?;
    let ending = value["outcome"].as_str().and_then(ending);
    Ok(Attempt {
        connected: value["connected"].as_bool().unwrap_or(true),
        inbound: value["direction"] == "in",
        other_debt: value["debt"].as_str().unwrap_or(DEBT) != present_debt,
        prerecorded: matches!(value["dial"].as_str(), Some("adad" | "prerecorded")),
        wrong_party: value["wrong_party"] == true,
        ..Attempt::new(at, ending)
    })
}

/// The words of vectors files beside our own. A word that nobody knows is an ending that nobody
/// knows, and counts whatever a rule counts.
fn ending(word: &str) -> Option<Ending> {
    match word {
        "conversation" => Some(Ending::Outcome(Outcome::Talked)),
        "machine_amd" => Some(Ending::Outcome(Outcome::AnsweringMachine)),
        "sit" => Some(Ending::Outcome(Outcome::InvalidNumber)),
        word => Ending::from_word(word),
    }
}

/// `live` counts everybody who answered; Ofcom's `live_to_agent` those alone who had an agent, and
/// people whom the detector took for machines are abandoned.
fn abandonment(counts: &Value) -> Result<Abandonment<'static>, String> {
    let count = |key: &str| counts[key].as_f64().map(|count| count.ceil().max(0.0) as u64);
    let abandoned = count("abandoned").ok_or("ctx: abandon has no abandoned")?;
    let abandoned = abandoned + count("amd_fp_est").unwrap_or(0);
    let people = count("live").or_else(|| Some(abandoned + count("live_to_agent")?));
    let people = people.ok_or("ctx: abandon has neither live nor live_to_agent")?;
    Ok(Abandonment::Counted { abandoned, people })
}
