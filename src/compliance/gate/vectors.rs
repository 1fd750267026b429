//! The dial attempts of `../shared/compliance/vectors_dev.csv`: of each row, the rules that the
//! rulebooks hold so far. Rules of other kinds (registries, consent, holidays) are left out of the
//! comparison, not of the file.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::tests::{at, campaign, lead};
use super::*;
use crate::domain::{CallId, Outcome, PastAttempt};

/// The packs that there are rulebooks for, with the country of their campaigns.
const PACKS: [(&str, &str); 3] = [("es", "ES"), ("uk", "GB"), ("us-tsr-tcpa", "US")];

/// What the gate refuses by without a rulebook.
const BUILT_IN: [&str; 3] = ["number.invalid", "tzdb.stale", "zone.unknown"];

fn history(ctx: &Value) -> Vec<PastAttempt> {
    let outcome = |attempt: &Value| match attempt["outcome"].as_str() {
        Some("abandoned") => Outcome::Abandoned,
        Some("machine_amd" | "voicemail") => Outcome::AnsweringMachine,
        Some("no_answer") => Outcome::NoAnswer,
        _ => Outcome::Talked,
    };
    let attempt = |attempt: &Value| PastAttempt {
        call: CallId(1),
        at: at(attempt["at"].as_str().unwrap()),
        outcome: Some(outcome(attempt)),
    };
    ctx["attempts"].as_array().into_iter().flatten().map(attempt).collect()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[test]
fn the_vectors_agree_in_every_rule_that_is_held() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/compliance/vectors_dev.csv");
    if !file.exists() {
        println!("skipped: {} is not there", file.display());
        return;
    }
    let books = Rulebooks::embedded();
    let ids = books.iter().flat_map(|book| book.rules()).map(|rule| rule.id.as_str());
    let held: BTreeSet<&str> = ids.chain(BUILT_IN).collect();
    let (mut compared, mut wrong) = (0, Vec::new());
    for row in csv::Reader::from_path(file).unwrap().into_records() {
        let row = row.unwrap();
        let Some((pack, country)) = PACKS.iter().find(|(pack, _)| *pack == &row[2]) else {
            continue;
        };
        let ctx: Value = serde_json::from_str(&row[7]).unwrap();
        let mut campaign = campaign(country, &[pack]);
        if ctx["cid"] == false {
            campaign.caller_ids.clear();
        }
        let lead = Lead {
            state: some(&row[4]),
            zip: some(&row[5]),
            history: history(&ctx),
            ..lead(&row[3])
        };
        let mut gate = Gate::new(books.clone(), []);
        let registers = ["dnc", "tps"].map(|register| ctx[register]["internal"].is_string());
        if registers.contains(&true) {
            gate.do_not_call_add(lead.number);
        }
        let expected: Vec<&str> = row[10].split(';').filter(|rule| held.contains(rule)).collect();
        let refusals = gate.refusals(&lead, &campaign, at(&row[6]));
        let first = gate.check(&lead, &campaign, at(&row[6])).err().map(|refusal| refusal.rule);
        compared += 1;
        if refusals != expected || first.as_deref() != expected.first().copied() {
            wrong.push(format!(
                "{} {}: {refusals:?}, not {expected:?}: {}",
                &row[0], &row[3], &row[11]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared >= 150, "{compared}");
}
