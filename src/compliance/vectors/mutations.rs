//! Planted faults: a rulebook or a table that says something else than the law, and a case of
//! `compliance/cases.csv` that tells. Each must be caught; the list is printed
//! (`cargo test --lib mutations -- --nocapture`). Faults in the code itself are planted by
//! `scripts/mutate-gate`.

use std::collections::BTreeSet;

use super::*;
use crate::compliance::holidays::Holidays;
use crate::compliance::place::Places;
use crate::compliance::{Rulebook, Rulebooks};

const CASES: &str = include_str!("../../../compliance/cases.csv");

/// Rulebook, rule (empty: the head), what it says, what it is made to say.
const OF_RULEBOOKS: [(&str, &str, &str, &str); 51] = [
    ("us-tsr-tcpa", "us.hours.federal", "08:00", "07:59"),
    ("us-tsr-tcpa", "us.hours.federal", "21:00", "21:01"),
    ("us-tsr-tcpa", "us.hours.federal", "08:00", "08:01"),
    ("us-tsr-tcpa", "us.st.FL.hours", "20:00", "20:30"),
    ("us-tsr-tcpa", "us.st.FL.hours", "US-FL", "US-GA"),
    ("us-tsr-tcpa", "us.st.FL.freq24h", "attempts_max = 3", "attempts_max = 4"),
    ("us-tsr-tcpa", "us.st.FL.freq24h", "86_400", "86_399"),
    ("us-tsr-tcpa", "us.st.FL.freq24h", "86_400", "86_401"),
    ("us-tsr-tcpa", "us.st.FL.freq24h", "not_counted = [\"failed\"]", "not_counted = []"),
    ("us-tsr-tcpa", "us.st.TX.hours", "12:00", "09:00"),
    ("us-tsr-tcpa", "us.st.AL.sunday", "\"sun\"", "\"sat\""),
    ("us-tsr-tcpa", "us.st.AL.holiday", "calendar = \"US-AL\"", "calendar = \"US-CT\""),
    ("us-tsr-tcpa", "us.st.OR.hours", "2026-01-01", "2026-01-02"),
    ("us-tsr-tcpa", "us.st.OR.hours", "2026-01-01", "2025-12-31"),
    ("us-tsr-tcpa", "us.st.PA.sunday", "2026-10-18", "2026-10-19"),
    ("us-tsr-tcpa", "us.dnc.scrub_age", "days_max = 31", "days_max = 32"),
    ("us-tsr-tcpa", "us.dnc.scrub_age", "days_max = 31", "days_max = 30"),
    ("us-tsr-tcpa", "us.dnc.national", "transaction_months = 18", "transaction_months = 19"),
    ("us-tsr-tcpa", "us.dnc.national", "inquiry_months = 3", "inquiry_months = 4"),
    ("us-tsr-tcpa", "us.dnc.national", "[\"pewc\"]", "[\"express\", \"pewc\"]"),
    ("us-tsr-tcpa", "us.consent.pewc", "[\"pewc\"]", "[\"express\", \"pewc\"]"),
    ("us-tsr-tcpa", "us.abandon.cap", "3.0", "3.2"),
    ("us-tsr-tcpa", "us.abandon.cap", "3.0", "2.9"),
    ("us-tsr-tcpa", "us.abandon.cap", "agent_reserved = true", "mark = \"reserved\""),
    ("us-tsr-tcpa", "us.prerecorded.cap3in30", "days = 30", "days = 29"),
    ("us-tsr-tcpa", "us.prerecorded.cap3in30", "days = 30", "days = 31"),
    ("us-regf", "rf.7in7", "attempts_max = 7", "attempts_max = 8"),
    ("us-regf", "rf.7in7", "\ndays = 7", "\ndays = 8"),
    ("us-regf", "rf.7in7", "\ndays = 7", "\ndays = 6"),
    ("us-regf", "rf.7in7", "connected = true", "connected = false"),
    ("us-regf", "rf.7in7", "same_debt = true", "same_debt = false"),
    ("us-regf", "rf.7in7", "under_consent_days = 7", "under_consent_days = 3"),
    ("us-regf", "rf.conv7", "\ndays = 7", "\ndays = 6"),
    ("us-regf", "rf.conv7", "inbound = true", "inbound = false"),
    ("us-regf", "rf.cease", "mark = \"cease\"", "mark = \"ceased\""),
    ("ca-utr", "ca.hours", "21:30", "21:31"),
    ("ca-utr", "ca.dncl.listed", "inquiry_months = 6", "inquiry_months = 5"),
    ("ca-utr", "ca.abandon.cap", "5.0", "3.0"),
    ("ca-utr", "ca.bc.holiday", "regions = [\"CA-BC\"]", "regions = [\"CA-AB\"]"),
    ("ca-utr", "", "min_tzdb = \"2026f\"", "min_tzdb = \"2025a\""),
    ("uk", "uk.abandon.72h", "259_200", "259_201"),
    ("uk", "uk.amd.sameday", "days = 1", "days = 2"),
    ("uk", "uk.tps.screen_age", "days_max = 28", "days_max = 29"),
    ("fr", "fr.consent", "2026-08-11", "2026-08-12"),
    ("fr", "fr.hours", "10:00-13:00, 14:00-20:00", "10:00-20:00"),
    ("fr", "fr.refusal60", "full_days = 60", "full_days = 59"),
    ("fr", "fr.freq4in30", "days = 30", "days = 29"),
    ("es", "es.cli.mobile", "+346????????", "+345????????"),
    ("es", "es.consent", "months = 12", "months = 13"),
    ("hk", "hk.bank.3perweek", "days = 7", "days = 5"),
    ("tw", "tw.debt.hours", "07:00", "07:01"),
];

/// What a line of a table says, and what it is made to say.
const OF_PLACES: [(&str, &str); 5] = [
    ("219,IN,America/Chicago;America/Indiana/Indianapolis", "219,IN,America/Indiana/Indianapolis"),
    ("850,FL,America/Chicago;America/New_York", "850,FL,America/New_York"),
    ("850,FL,", "850,GA,"),
    ("AK,America/Anchorage;America/Adak", "AK,America/Anchorage"),
    ("262262,RE,Indian/Reunion", "262262,RE,Europe/Paris"),
];

const OF_HOLIDAYS: [(&str, &str); 4] = [
    ("US-RI,2026-08-10", "US-RI,2026-08-11"),
    ("FR,2026-11-11", "FR,2026-11-12"),
    ("FR,2028-01-01", "FR,2029-01-01"),
    ("US-RI,2028-01-01", "US-RI,2029-01-01"),
];

fn gate() -> Gate {
    Gate::new(Rulebooks::embedded(), [])
}

/// The rulebooks with one text changed inside one rule.
fn with_fault(book: &str, rule: &str, says: &str, made_to_say: &str) -> Rulebooks {
    let mut books = Rulebooks::default();
    for other in Rulebooks::embedded().iter() {
        let mut text = other.text.clone();
        if other.id == book {
            let begin = if rule.is_empty() {
                0
            } else {
                text.find(&format!("id = {rule:?}")).unwrap_or_else(|| panic!("no {rule}"))
            };
            let end = text[begin..].find("[[rules]]").map_or(text.len(), |end| begin + end);
            let block = text[begin..end].to_owned();
            // The kind says more than the names and sentences before it: change the last.
            let at = block.rfind(says).unwrap_or_else(|| panic!("{rule} does not say {says}"));
            text.replace_range(begin + at..begin + at + says.len(), made_to_say);
        }
        books.add(Rulebook::parse(&text).unwrap_or_else(|faults| panic!("{faults:?}"))).unwrap();
    }
    books
}

/// The cases that come out otherwise.
fn caught_by(gate: &Gate) -> Vec<String> {
    let outcomes = gate.test(CASES.as_bytes());
    outcomes.mismatches.into_iter().map(|mismatch| mismatch.id).collect()
}

#[test]
fn every_case_comes_out_as_expected() {
    let outcomes = gate().test(CASES.as_bytes());
    for Mismatch { id, expected, found, reason } in &outcomes.mismatches {
        println!("{id}: {found}, not {expected}: {reason}");
    }
    assert_eq!(outcomes.mismatches, []);
    assert!(outcomes.rows >= 120, "{}", outcomes.rows);
}

#[test]
fn every_planted_fault_of_data_is_caught() {
    let mut planted: Vec<(String, Gate)> = Vec::new();
    for (book, rule, says, made_to_say) in OF_RULEBOOKS {
        let books = with_fault(book, rule, says, made_to_say);
        let name = if rule.is_empty() { book } else { rule };
        let what = format!("{name}: {} for {}", made_to_say.trim(), says.trim());
        planted.push((what, Gate::new(books, [])));
    }
    for (says, made_to_say) in OF_PLACES {
        let gate = gate().over(Some(Places::with_fault(says, made_to_say)), None);
        planted.push((format!("zones: {made_to_say} for {says}"), gate));
    }
    for (says, made_to_say) in OF_HOLIDAYS {
        let gate = gate().over(None, Some(Holidays::with_fault(says, made_to_say)));
        planted.push((format!("holidays: {made_to_say} for {says}"), gate));
    }
    let mut missed = Vec::new();
    for (what, gate) in &planted {
        let caught_by = caught_by(gate);
        println!(
            "{:<8} {what}  {}",
            if caught_by.is_empty() { "MISSED" } else { "caught" },
            caught_by.join(" ")
        );
        if caught_by.is_empty() {
            missed.push(what);
        }
    }
    println!("{} of {} planted faults are caught", planted.len() - missed.len(), planted.len());
    assert_eq!(missed, [""; 0]);
    let different: BTreeSet<&String> = planted.iter().map(|(what, _)| what).collect();
    assert_eq!(different.len(), planted.len(), "no fault stands twice");
}
