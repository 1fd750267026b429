//! Calls about debts, as the books feed them to Regulation F (12 CFR 1006.14(b)(2), (3)).

use super::tests::{at, campaign, lead, refused_by};
use super::*;
use crate::domain::{CallId, Facts, Outcome, PastAttempt, Purpose};

fn gate() -> Gate {
    Gate::new(Rulebooks::embedded(), [])
}

#[test]
fn the_calls_of_the_books_count_for_the_debt_that_they_were_about() {
    let now = at("2026-07-15T17:00:00Z");
    let campaign = Campaign { purpose: Purpose::Debt, ..campaign("US", &["us-regf"]) };
    let call = |days: i64, outcome| {
        let at = now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap();
        PastAttempt::new(CallId(days), at, Some(outcome))
    };
    let refused = |history: Vec<PastAttempt>| {
        let facts = Facts::read([("debt", "17")]);
        let lead = Lead { facts: facts.into(), history, ..lead("+16145550123") };
        refused_by(&gate(), &lead, &campaign, now)
    };
    let seven = |change: fn(PastAttempt) -> PastAttempt| -> Vec<PastAttempt> {
        let calls =
            (0..7).map(|nth| PastAttempt { call: CallId(nth), ..call(2, Outcome::NoAnswer) });
        calls.map(change).collect()
    };
    assert_eq!(refused(seven(|call| call)), ["rf.7in7"]);
    assert_eq!(refused(seven(|call| PastAttempt { other_debt: true, ..call })), [""; 0]);
    assert_eq!(refused(seven(|call| PastAttempt { wrong_person: true, ..call })), [""; 0]);
    assert_eq!(refused(seven(|call| PastAttempt { inbound: true, ..call })), [""; 0]);
    // Who has called us has talked with us, about this debt or another.
    let called = PastAttempt { inbound: true, ..call(3, Outcome::Talked) };
    assert_eq!(refused(vec![called]), ["rf.conv7"]);
    assert_eq!(refused(vec![PastAttempt { other_debt: true, ..called }]), [""; 0]);
    assert_eq!(refused(vec![call(7, Outcome::Talked)]), [""; 0]);
}

#[test]
fn a_message_that_was_left_is_a_voicemail_to_the_rules_that_count_them() {
    let now = at("2026-07-15T17:00:00Z");
    let campaign = Campaign { purpose: Purpose::Debt, ..campaign("US", &["us-regf"]) };
    let lead = Lead { state: Some("MA".to_owned()), ..lead("+16175550123") };
    let left = |hours: i64| {
        let at = now.checked_sub(SignedDuration::from_hours(hours)).unwrap();
        PastAttempt::new(CallId(hours), at, Some(Outcome::MessageLeft))
    };
    let of = |history| refused_by(&gate(), &Lead { history, ..lead.clone() }, &campaign, now);
    assert_eq!(of(vec![left(30)]), [""; 0]);
    assert_eq!(of(vec![left(30), left(50)]), ["rf.st.MA.2in7"]);
}

#[test]
fn a_debtors_own_consent_ends_with_the_next_conversation() {
    let now = at("2026-07-15T17:00:00Z");
    let campaign = Campaign { purpose: Purpose::Debt, ..campaign("US", &["us-regf"]) };
    let refused = |outcome: Outcome| {
        let facts = Facts::read([("debt", "17"), ("rf_consent.at", "2026-07-12T12:00:00Z")]);
        let begun = at("2026-07-14T15:00:00Z");
        let history = vec![PastAttempt::new(CallId(1), begun, Some(outcome)); 9];
        let lead = Lead { facts: facts.into(), history, ..lead("+16145550123") };
        refused_by(&gate(), &lead, &campaign, now)
    };
    assert_eq!(refused(Outcome::NoAnswer), [""; 0]);
    assert_eq!(refused(Outcome::Talked), ["rf.conv7"]);
}
