//! The pool against calls that are answered, not answered and blocked.

use super::*;
use crate::dialer::testing::{at, campaign, cause};
use crate::domain::CallerIdUse;

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).unwrap()
}

const NEWARK: &str = "+12015550199";
const TRENTON: &str = "+16095550199";
const FRISCO: &str = "+14155550199";

fn pool() -> Campaign {
    let caller_ids = [FRISCO, TRENTON, NEWARK].map(number).to_vec();
    Campaign { caller_ids, ..campaign(1) }
}

fn chosen(ids: &mut CallerIds, campaign: &Campaign, now: Timestamp) -> Result<String, String> {
    let choice = ids.choose(campaign, number("+12015550123"), now);
    choice.map(|number| number.unwrap().to_e164()).map_err(|refusal| refusal.rule)
}

fn answered(seconds: i64) -> Ended<'static> {
    let talked = Some(SignedDuration::from_secs(seconds));
    Ended { outcome: Outcome::Talked, cause: None, talked }
}

#[test]
fn the_nearest_number_is_shown_and_of_two_alike_the_one_shown_less() {
    let (mut ids, campaign) = (CallerIds::default(), pool());
    assert_eq!(chosen(&mut ids, &campaign, at(0)).unwrap(), NEWARK);
    let far = Campaign {
        caller_id_use: CallerIdUse { local: false, ..CallerIdUse::default() },
        ..pool()
    };
    assert_eq!(chosen(&mut ids, &far, at(0)).unwrap(), FRISCO, "in order");
    ids.show(number(FRISCO), at(0));
    assert_eq!(chosen(&mut ids, &far, at(0)).unwrap(), TRENTON);
}

#[test]
fn a_number_is_shown_no_more_than_its_cap_in_a_day() {
    let mut ids = CallerIds::default();
    let mut campaign = Campaign { caller_ids: vec![number(NEWARK)], ..pool() };
    campaign.caller_id_use.daily_max = Some(2);
    for _ in 0..2 {
        chosen(&mut ids, &campaign, at(0)).unwrap();
        ids.show(number(NEWARK), at(0));
    }
    let refusal = ids.choose(&campaign, number("+12015550123"), at(60)).unwrap_err();
    assert_eq!(refusal.rule, "caller_id.resting");
    let again = refusal.ask_again_at.unwrap();
    assert!(chosen(&mut ids, &campaign, again).is_ok(), "a day later");
    assert!(again.duration_since(at(0)) > SignedDuration::from_hours(22));
}

#[test]
fn a_blocked_number_rests_and_half_a_pool_blocked_stops_the_campaign() {
    let (mut ids, campaign) = (CallerIds::default(), pool());
    let cause = cause(Outcome::Blocked, Fault::Network);
    let ended = Ended { outcome: Outcome::Blocked, cause: Some(&cause), talked: None };
    let rest = ids.hear(number(NEWARK), &campaign.caller_ids, ended, at(0)).unwrap();
    assert_eq!(rest.reason, RestReason::Blocked);
    assert_eq!(ids.hear(number(NEWARK), &[], ended, at(1)), None, "told once");
    assert_eq!(chosen(&mut ids, &campaign, at(1)).unwrap(), TRENTON);
    ids.hear(number(TRENTON), &campaign.caller_ids, ended, at(2)).unwrap();
    let refusal = ids.choose(&campaign, number("+12015550123"), at(3)).unwrap_err();
    assert_eq!(refusal.rule, "caller_id.blocked");
    assert!(chosen(&mut ids, &campaign, refusal.ask_again_at.unwrap()).is_ok(), "a week later");
}

#[test]
fn a_number_that_fewer_people_answer_rests_and_its_peers_go_on() {
    let (mut ids, campaign) = (CallerIds::default(), pool());
    let peers = &campaign.caller_ids;
    let cause = cause(Outcome::NoAnswer, Fault::Callee);
    let missed = Ended { outcome: Outcome::NoAnswer, cause: Some(&cause), talked: None };
    let mut rested = None;
    for call in 0..400 {
        let fares = if call % 3 == 0 { answered(60) } else { missed };
        assert_eq!(ids.hear(number(TRENTON), peers, fares, at(call)), None, "at {call}");
        let fares = if call % 20 == 0 { answered(3) } else { missed };
        rested =
            rested.or(ids.hear(number(NEWARK), peers, fares, at(call)).map(|rest| (call, rest)));
    }
    let (call, rest) = rested.unwrap();
    assert!((99..200).contains(&call), "noticed at call {call}");
    assert_eq!(rest.reason, RestReason::FewerAnswers);
    let views = ids.view(at(400));
    let view = views.iter().find(|view| view.number == number(NEWARK)).unwrap();
    assert_eq!((view.rests, view.short_calls), (Some(RestReason::FewerAnswers), 20));
}

#[test]
fn a_call_that_the_trunk_failed_says_nothing_of_its_number() {
    let mut ids = CallerIds::default();
    let cause = cause(Outcome::Failed, Fault::Carrier);
    let ended = Ended { outcome: Outcome::Failed, cause: Some(&cause), talked: None };
    assert_eq!(ids.hear(number(NEWARK), &[], ended, at(0)), None);
    assert_eq!(ids.view(at(0))[0].reached, 0);
}

#[test]
fn what_the_books_hold_goes_on_after_a_restart() {
    let (mut ids, mut campaign) = (CallerIds::default(), pool());
    let hour = at(0).as_second() / 3_600;
    let past = |text, hours, rest| CallerIdSoFar { number: number(text), hours, rest };
    let shown = |hour, attempts| CallerIdHour { hour, attempts, ..CallerIdHour::default() };
    let rest = CallerIdRest { reason: RestReason::FewerAnswers, until: at(3_600) };
    ids.restore(vec![
        past(NEWARK, vec![shown(hour - 2, 3), shown(hour - 30, 90)], None),
        past(TRENTON, vec![shown(hour, 1)], Some(rest)),
    ]);
    campaign.caller_id_use.daily_max = Some(3);
    assert_eq!(chosen(&mut ids, &campaign, at(0)).unwrap(), FRISCO, "spent, and at rest");
    assert_eq!(chosen(&mut ids, &campaign, at(3_601)).unwrap(), TRENTON);
    let view = ids.view(at(0));
    let newark = view.iter().find(|view| view.number == number(NEWARK)).unwrap();
    assert_eq!(newark.attempts, 3, "what is older than a day is forgotten");
}
