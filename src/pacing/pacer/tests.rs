//! One pacer, mode by mode.

use super::*;
use crate::domain::{AgentId, CallId, Outcome};
use crate::pacing::Activity;

fn at(s: i64) -> Timestamp {
    Timestamp::from_second(s).unwrap()
}

fn pacer(mode: PacingMode) -> Pacer {
    Pacer::new(&crate::pacing::testing::campaign(mode))
}

fn predictive() -> Pacer {
    pacer(PacingMode::Predictive { lines_per_agent_max: 3.0 })
}

/// An hour and a half of ordinary calls: 20 % people, talks of 180 s, wrap-ups of 25 s.
fn teach(pacer: &mut Pacer) {
    let busy = Floor { talking: 18, wrap_up: 3, ..Floor::default() };
    pacer.set_staffed_until(Some(at(30_000)));
    for n in 0..500 {
        let (began, now) = (10 * n, at(10 * n + 9));
        pacer.decide(&busy, &Load::default(), at(began));
        let agent = AgentId(n % 20);
        let mut call = |stage, s| {
            pacer.observe(Observation::Call { call: CallId(n), stage }, at(began + s));
        };
        call(Stage::Ringing, 0);
        match n % 5 {
            0 => {
                call(Stage::Screening, 8);
                call(Stage::Waiting, 9);
                call(Stage::Connected, 9);
                pacer.observe(Observation::Judged { abandoned: false }, now);
            }
            1 => {
                call(Stage::Screening, 8);
                call(Stage::Over(Outcome::AnsweringMachine), 9);
            }
            _ => call(Stage::Over(Outcome::NoAnswer), 9),
        }
        for activity in [Activity::WrapUp, Activity::Ready, Activity::Talking] {
            pacer.observe(Observation::Agent { agent, activity, leaving: false }, now);
        }
    }
}

#[test]
fn progressive_places_one_call_for_each_ready_agent() {
    let floor = Floor { ready: 5, ringing: 2, waiting: 1, claimed: 1, ..Floor::default() };
    let decision = pacer(PacingMode::Progressive).decide(&floor, &Load::default(), at(0));
    assert_eq!(decision.calls, 1);
    let sentence = "4 agents ready, 3 calls on the way";
    assert_eq!(decision.explanation.to_string(), sentence);
}

#[test]
fn a_ratio_places_that_many() {
    let floor = Floor { ready: 3, ringing: 2, ..Floor::default() };
    let mode = PacingMode::Ratio { calls_per_agent: 1.5 };
    assert_eq!(pacer(mode).decide(&floor, &Load::default(), at(0)).calls, 2);
}

#[test]
fn predictive_starts_one_to_one() {
    let floor = Floor { ready: 3, talking: 20, ..Floor::default() };
    let decision = predictive().decide(&floor, &Load::default(), at(0));
    assert_eq!(decision.calls, 3);
    assert!(matches!(decision.explanation, Explanation::Progressive { guard: Some(_), .. }));
}

#[test]
fn predictive_dials_ahead_once_it_has_measured() {
    let mut pacer = predictive();
    teach(&mut pacer);
    let floor = Floor { ready: 4, talking: 18, wrap_up: 3, ..Floor::default() };
    let decision = pacer.decide(&floor, &Load::default(), at(5_001));
    assert!(decision.calls > 4, "{decision:?}");
    for call in 0..decision.calls {
        let call = CallId(1_000 + i64::from(call));
        pacer.observe(Observation::Call { call, stage: Stage::Ringing }, at(5_001));
    }
    let busy = Floor { ringing: decision.calls, ..floor };
    let again = pacer.decide(&busy, &Load::default(), at(5_002));
    assert!(again.calls <= 1, "the same calls are not placed twice: {again:?}");
}

#[test]
fn an_abandoned_person_too_many_makes_it_one_to_one_again() {
    let mut pacer = predictive();
    teach(&mut pacer);
    pacer.set_staffed_until(Some(at(5_060)));
    for _ in 0..3 {
        pacer.observe(Observation::Judged { abandoned: true }, at(5_001));
    }
    let floor = Floor { ready: 4, talking: 18, wrap_up: 3, ..Floor::default() };
    let decision = pacer.decide(&floor, &Load::default(), at(5_002));
    assert_eq!(decision.calls, 4);
    assert!(matches!(decision.explanation, Explanation::Progressive { guard: Some(_), .. }));
}

#[test]
fn lines_have_a_bound() {
    let mut pacer = pacer(PacingMode::Predictive { lines_per_agent_max: 1.0 });
    teach(&mut pacer);
    let floor = Floor { ready: 4, talking: 18, wrap_up: 3, ringing: 2, ..Floor::default() };
    assert_eq!(pacer.decide(&floor, &Load::default(), at(5_001)).calls, 5);
}

/// Agents were foretold to come back and do not.
#[test]
fn a_pacer_whose_forecasts_are_off_dials_one_to_one_and_says_so() {
    let mut pacer = predictive();
    teach(&mut pacer);
    pacer.self_check = SelfCheck::off();
    let floor = Floor { ready: 4, talking: 18, wrap_up: 3, ..Floor::default() };
    let decision = pacer.decide(&floor, &Load::default(), at(2_001));
    assert_eq!(decision.calls, 4);
    let sentence = "forecasts were off (9.2 people expected, 28 came), one to one until they fit \
                    again: 4 agents ready, 0 calls on the way";
    assert_eq!(decision.explanation.to_string(), sentence);
}
