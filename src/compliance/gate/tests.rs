//! The gate as a whole, at the edges of its rules.

use std::collections::BTreeMap;

use super::*;
use crate::domain::{
    Amd, AmdDeadline, AnswerRules, Calendar, CallId, CampaignId, Country, Facts, LeadId, LeadOrder,
    Outcome, PacingMode, PastAttempt, SafeHarbour, Share, WaitFrom,
};

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(in crate::compliance) fn lead(number: &str) -> Lead {
    Lead {
        id: LeadId(1),
        campaign: CampaignId(1),
        number: PhoneNumber::from_e164(number).unwrap(),
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: BTreeMap::new(),
        facts: Default::default(),
        history: Vec::new(),
        due_at: None,
    }
}

pub(in crate::compliance) fn campaign(country: &str, rulebooks: &[&str]) -> Campaign {
    Campaign {
        id: CampaignId(1),
        name: "test".into(),
        country: Country::new(country).unwrap(),
        caller_ids: vec![PhoneNumber::from_e164("+12015550199").unwrap()],
        caller_id_use: Default::default(),
        trunks: Vec::new(),
        rulebooks: rulebooks.iter().map(|id| (*id).to_owned()).collect(),
        do_not_call: Vec::new(),
        purpose: Default::default(),
        pacing: PacingMode::Progressive,
        abandonment_target: Share::new(0.03).unwrap(),
        calendar: Calendar::default(),
        ring_max: SignedDuration::from_secs(25),
        wait_max: SignedDuration::from_secs(2),
        wait_from: WaitFrom::GreetingEnd,
        amd: Amd::Off,
        amd_deadline: AmdDeadline::Legal,
        answers: AnswerRules::default(),
        wrap_up_max: SignedDuration::from_secs(30),
        talk_max: SignedDuration::from_secs(3_600),
        safe_harbour: SafeHarbour { message: None, opt_out: None },
        hold: None,
        message: None,
        priority: 5,
        recording: false,
        attempts_max: 10,
        recycling: BTreeMap::new(),
        dispositions: Vec::new(),
        script: Default::default(),
        order: LeadOrder::NewFirst,
    }
}

fn gate() -> Gate {
    Gate::new(Rulebooks::embedded(), [])
}

/// A lead of which all is in order that a country asks for: scrubbed two days ago, and consented.
pub(in crate::compliance) fn in_order(lead: Lead, now: Timestamp) -> Lead {
    let day = now.checked_sub(SignedDuration::from_hours(48)).unwrap().to_string();
    let facts = Facts::read([
        ("dnc.listed", "no"),
        ("dnc.scrub", day.as_str()),
        ("dncl.listed", "no"),
        ("dncl.scrub", day.as_str()),
        ("tps.listed", "no"),
        ("tps.screened", day.as_str()),
        ("consent.kind", "optin"),
        ("consent.at", "2020-01-01T00:00:00Z"),
    ]);
    assert!(facts.unreadable.is_empty(), "{facts:?}");
    Lead { facts: facts.into(), ..lead }
}

/// The gate's answer to a lead of which all is in order.
fn ask(gate: &Gate, lead: &Lead, campaign: &Campaign, now: Timestamp) -> Result<Permit, Refusal> {
    gate.check(&in_order(lead.clone(), now), campaign, Circumstances::default(), now)
}

/// The ids of every rule that refuses a lead.
pub(super) fn refused_by(
    gate: &Gate,
    lead: &Lead,
    campaign: &Campaign,
    now: Timestamp,
) -> Vec<String> {
    let evaluation = gate.evaluate(&Case::of_lead(lead, campaign, Circumstances::default()), now);
    evaluation.refused_by().map(str::to_owned).collect()
}

fn refusals(lead: &Lead, campaign: &Campaign, now: Timestamp) -> Vec<String> {
    refused_by(&gate(), &in_order(lead.clone(), now), campaign, now)
}

fn attempts(begun: &[(&str, Option<Outcome>)]) -> Vec<PastAttempt> {
    let attempt = |(begun, outcome): &(&str, _)| PastAttempt::new(CallId(1), at(begun), *outcome);
    begun.iter().map(attempt).collect()
}

#[track_caller]
fn refused(lead: &Lead, campaign: &Campaign, now: &str) -> Refusal {
    ask(&gate(), lead, campaign, at(now)).unwrap_err()
}

#[test]
fn nine_in_the_evening_is_refused_until_eight_in_the_morning() {
    let us = campaign("US", &["us-tsr-tcpa"]);
    let last = ask(&gate(), &lead("+12125550123"), &us, at("2026-07-16T00:59:58Z")).unwrap();
    assert_eq!(last.expires_at(), at("2026-07-16T01:00:00Z"), "no longer than the hours");
    let refusal = refused(&lead("+12125550123"), &us, "2026-07-16T01:00:00Z");
    assert_eq!(refusal.rule, "us.hours.federal");
    assert_eq!(refusal.ask_again_at, Some(at("2026-07-16T12:00:00Z")));
    assert!(refusal.sentence.ends_with("It is 21:00 in America/New_York."), "{refusal:?}");
}

#[test]
fn a_permit_lives_five_seconds_in_the_middle_of_the_day() {
    let us = campaign("US", &["us-tsr-tcpa"]);
    let permit = ask(&gate(), &lead("+12125550123"), &us, at("2026-07-15T17:00:00Z")).unwrap();
    assert_eq!(permit.expires_at(), at("2026-07-15T17:00:05Z"));
    assert_eq!(permit.caller_id(), us.caller_ids[0]);
    assert_eq!(permit.number(at("2026-07-15T17:00:04Z")), Ok(lead("+12125550123").number));
    assert!(permit.number(at("2026-07-15T17:00:05Z")).is_err());
}

#[test]
fn a_number_of_two_zones_is_called_when_both_are_open() {
    // 850, west Florida: Eastern and Central; Florida itself ends at 20:00.
    let us = campaign("US", &["us-tsr-tcpa"]);
    let refusal = refused(&lead("+18505550123"), &us, "2026-07-15T12:00:00Z");
    assert_eq!(refusal.ask_again_at, Some(at("2026-07-15T13:00:00Z")), "08:00 Central");
    let refusal = refused(&lead("+18505550123"), &us, "2026-07-16T00:00:00Z");
    assert_eq!(refusal.rule, "us.st.FL.hours");
    assert_eq!(refusal.ask_again_at, Some(at("2026-07-16T13:00:00Z")));
}

#[test]
fn an_address_refines_a_number_or_adds_its_zone() {
    let us = campaign("US", &["us-tsr-tcpa"]);
    let indiana = |zip: &str| Lead { zip: Some(zip.into()), ..lead("+18125550123") };
    let eight_eastern = at("2026-07-15T12:00:00Z");
    assert!(ask(&gate(), &indiana("47401-1234"), &us, eight_eastern).is_ok(), "Bloomington");
    assert!(ask(&gate(), &indiana("47708"), &us, eight_eastern).is_err(), "Evansville");
    assert!(ask(&gate(), &indiana("00000"), &us, eight_eastern).is_err(), "a ZIP of nowhere");
    let moved = Lead { state: Some("CA".into()), ..lead("+12125550123") };
    let refusal = refused(&moved, &us, "2026-07-15T14:00:00Z");
    assert_eq!(refusal.ask_again_at, Some(at("2026-07-15T15:00:00Z")), "08:00 Pacific");
}

#[test]
fn a_state_column_of_another_country_is_not_an_american_state() {
    let spain = campaign("ES", &["es"]);
    let cadiz =
        Lead { state: Some("CA".into()), zip: Some("11001".into()), ..lead("+34912345678") };
    assert_eq!(refusals(&cadiz, &spain, at("2026-09-15T07:00:00Z")), [""; 0]);
}

#[test]
fn the_hour_that_is_lost_in_spring_is_lost_to_the_dialer_too() {
    let us = campaign("US", &["us-tsr-tcpa"]);
    let refusal = refused(&lead("+12125550123"), &us, "2026-03-08T05:00:00Z");
    assert_eq!(refusal.ask_again_at, Some(at("2026-03-08T12:00:00Z")), "08:00 EDT");
    let refusal = refused(&lead("+12125550123"), &us, "2026-11-01T04:30:00Z");
    assert_eq!(refusal.ask_again_at, Some(at("2026-11-01T13:00:00Z")), "08:00 EST");
}

#[test]
fn whatever_is_missing_of_the_number_is_a_no_for_good() {
    let campaign_of = |rulebook| campaign("US", &[rulebook]);
    let us = campaign_of("us-tsr-tcpa");
    for (number, campaign, rule) in [
        ("+12120550123", us.clone(), "number.invalid"),
        ("+18005550123", us.clone(), "zone.unknown"),
        ("+88123456789", us.clone(), "zone.unknown"),
        ("+12125550123", campaign_of("house"), "rulebook.uncovered"),
        ("+14165550123", us.clone(), "rulebook.uncovered"),
    ] {
        let refusal = refused(&lead(number), &campaign, "2026-07-15T17:00:00Z");
        assert_eq!((refusal.rule.as_str(), refusal.ask_again_at), (rule, None), "{number}");
    }
}

#[test]
fn what_the_configuration_lacks_gives_no_lead_up() {
    let with = |rulebooks: &[&str]| campaign("US", rulebooks);
    let nobody = |rulebooks| Campaign { caller_ids: Vec::new(), ..with(rulebooks) };
    for (campaign, rule) in [
        (with(&[]), "rulebook.none"),
        (with(&["us-tsr-tcpa", "atlantis"]), "rulebook.unknown"),
        (nobody(&["us-tsr-tcpa"]), "us.callerid"),
        (nobody(&["test-carrier"]), "caller_id.missing"),
    ] {
        let refusal = refused(&lead("+12125550142"), &campaign, "2026-07-15T17:00:00Z");
        assert_eq!(refusal.rule, rule);
        assert_eq!(refusal.ask_again_at, Some(at("2026-07-15T18:00:00Z")), "{rule}: an hour");
    }
    let evening = refused(&lead("+12125550142"), &nobody(&["us-tsr-tcpa"]), "2026-07-16T00:30:00Z");
    assert_eq!(evening.ask_again_at, Some(at("2026-07-16T12:00:00Z")), "an hour, and the hours");
}

#[test]
fn the_test_carrier_s_rulebook_calls_fictional_numbers_at_any_hour_and_nothing_else() {
    let test = campaign("US", &["test-carrier"]);
    for now in ["2026-07-15T03:00:00Z", "2026-07-15T09:00:00Z", "2026-12-25T21:00:00Z"] {
        assert!(ask(&gate(), &lead("+13055550142"), &test, at(now)).is_ok(), "{now}");
    }
    for number in ["+13055550200", "+13055550099", "+13055560142", "+34912345678"] {
        let rules = refusals(&lead(number), &test, at("2026-07-15T17:00:00Z"));
        assert!(rules.contains(&"test_carrier.numbers".to_owned()), "{number}: {rules:?}");
    }
    let both = campaign("US", &["test-carrier", "us-tsr-tcpa"]);
    assert_eq!(
        refused(&lead("+13055550142"), &both, "2026-07-15T03:00:00Z").rule,
        "us.hours.federal"
    );
}

#[test]
fn do_not_call_holds_at_once_and_for_good() {
    let test = campaign("US", &["test-carrier"]);
    let mut gate = gate();
    let (lead, now) = (lead("+13055550142"), at("2026-07-15T17:00:00Z"));
    gate.do_not_call_add(lead.number);
    let refusal = ask(&gate, &lead, &test, now).unwrap_err();
    assert_eq!((refusal.rule.as_str(), refusal.ask_again_at), ("dnc.internal", None));
    let us = campaign("US", &["us-tsr-tcpa"]);
    assert_eq!(ask(&gate, &lead, &us, now).unwrap_err().rule, "us.dnc.internal");
    gate.do_not_call_remove(lead.number);
    assert!(ask(&gate, &lead, &test, now).is_ok());
}

#[test]
fn the_third_call_of_the_day_is_the_last_until_the_hours_of_the_next() {
    let us = campaign("US", &["house", "us-tsr-tcpa"]);
    let history = attempts(&[
        ("2026-07-15T13:00:00Z", Some(Outcome::Busy)),
        ("2026-07-15T15:00:00Z", Some(Outcome::Failed)),
        ("2026-07-15T15:10:00Z", Some(Outcome::NoAnswer)),
    ]);
    let mut person = Lead { history, ..lead("+16145550123") };
    let early = refused(&person, &us, "2026-07-15T15:20:00Z");
    assert_eq!(early.rule, "house.interval");
    assert_eq!(early.ask_again_at, Some(at("2026-07-15T16:10:00Z")));
    assert!(ask(&gate(), &person, &us, at("2026-07-15T16:10:00Z")).is_ok(), "two were counted");
    person.history.extend(attempts(&[("2026-07-15T16:10:00Z", None)]));
    let full = refused(&person, &us, "2026-07-15T20:00:00Z");
    assert_eq!(full.rule, "house.attempts_per_day");
    assert_eq!(full.ask_again_at, Some(at("2026-07-16T12:00:00Z")), "not midnight: 08:00");
}

#[test]
fn the_worst_count_of_the_candidate_zones_decides() {
    // 907: Anchorage and Adak, one hour apart. 00:30 in Anchorage is 23:30 of the day before in
    // Adak, where three attempts are on one day.
    let us = campaign("US", &["house", "us-tsr-tcpa"]);
    let begun = ["2026-06-15T08:30:00Z", "2026-06-15T18:00:00Z", "2026-06-15T20:00:00Z"];
    let history = attempts(&begun.map(|begun| (begun, None)));
    let person = Lead { history, ..lead("+19075550123") };
    assert!(ask(&gate(), &person, &us, at("2026-06-15T22:00:00Z")).is_err(), "3 in Anchorage");
    let begun = ["2026-06-15T07:30:00Z", "2026-06-15T08:30:00Z", "2026-06-15T20:00:00Z"];
    let history = attempts(&begun.map(|begun| (begun, None)));
    let person = Lead { history, ..lead("+19075550123") };
    let rules = refusals(&person, &us, at("2026-06-15T22:00:00Z"));
    assert_eq!(rules, [""; 0], "two on the 15th in Anchorage, one in Adak");
}

#[test]
fn an_address_of_which_one_zone_is_elsewhere_does_not_refine_the_number() {
    // 812 is Indiana in two zones; Texas has one of them, and another.
    let lead = Lead { state: Some("TX".to_owned()), ..lead("+18125550123") };
    let campaign = campaign("US", &["us-tsr-tcpa"]);
    let case = Case::of_lead(&lead, &campaign, Circumstances::default());
    let zones = |now: &str| -> Vec<&str> {
        let clocks = gate().evaluate(&case, at(now)).clocks;
        clocks.iter().map(|clock| clock.zone).collect()
    };
    let found = zones("2026-07-15T17:00:00Z");
    for zone in ["America/New_York", "America/Chicago", "America/Denver"] {
        let offset = |name: &str| super::super::local::Zone::new(name).unwrap();
        let noon = at("2026-07-15T17:00:00Z");
        let same = |name: &&str| offset(name).offset_s(noon) == offset(zone).offset_s(noon);
        assert!(found.iter().any(same), "{zone}: {found:?}");
    }
}

#[test]
fn a_consent_without_a_date_or_of_tomorrow_is_none() {
    let now = at("2026-07-15T17:00:00Z");
    let campaign = campaign("US", &["us-tsr-tcpa"]);
    let refused = |given: &str| {
        let facts = Facts::read([
            ("dial", "prerecorded"),
            ("dnc.listed", "no"),
            ("dnc.scrub", "2026-07-13"),
            ("consent.kind", "pewc"),
            ("consent.at", given),
        ]);
        let lead = Lead { facts: facts.into(), ..lead("+16145550123") };
        refused_by(&gate(), &lead, &campaign, now)
    };
    assert_eq!(refused("2026-07-14T00:00:00Z"), [""; 0]);
    for given in ["", "2026-07-16T00:00:00Z"] {
        let rules = refused(given);
        assert!(rules.iter().any(|rule| rule.contains("consent")), "{given:?}: {rules:?}");
    }
}

#[test]
fn an_attempt_after_the_instant_that_is_asked_about_does_not_count() {
    let campaign = campaign("US", &["us-tsr-tcpa", "house"]);
    let now = at("2026-07-15T17:00:00Z");
    let with = |begun: &str| {
        let history = attempts(&[(begun, Some(Outcome::NoAnswer))]);
        refusals(&Lead { history, ..lead("+16145550123") }, &campaign, now)
    };
    assert_ne!(with("2026-07-15T16:59:00Z"), [""; 0]);
    assert_eq!(with("2026-07-15T17:01:00Z"), [""; 0]);
}

#[test]
fn every_region_where_the_person_may_be_is_covered() {
    let now = at("2026-07-15T17:00:00Z");
    let campaign = campaign("US", &["us-tsr-tcpa"]);
    let moved = |state: &str| {
        let lead = Lead { state: Some(state.to_owned()), ..lead("+16145550123") };
        refusals(&lead, &campaign, now)
    };
    assert_eq!(moved("OH"), [""; 0]);
    assert_eq!(moved("BC"), ["rulebook.uncovered"]);
}
