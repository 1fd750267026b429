//! Calls for no agent.

use crate::call::CallEvent;
use crate::dialer::testing::{Bench, campaign, verdict};
use crate::domain::{Campaign, Digit, Fault, Outcome, PacingMode, VerdictKind};

fn broadcast(lines_max: u32) -> Campaign {
    let pacing = PacingMode::Broadcast { calls_per_minute: 60.0, lines_max };
    Campaign { pacing, ..campaign(1) }
}

#[test]
fn who_answers_a_broadcast_hears_the_message_and_is_no_abandoned_person() {
    let mut bench = Bench::new(broadcast(1), 0);
    assert_eq!(bench.told(), ["dial 1"], "no agent is needed");
    bench.person(1);
    assert_eq!(bench.told(), ["answered 1", "screen 1", "play 1 campaign"]);
    bench.call(1, CallEvent::Played);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    assert_eq!(bench.told()[..2], ["hang up 1", "ended 1 messaged NotCounted"]);
    let totals = bench.dialer.view(bench.now).campaigns[0].totals;
    assert_eq!((totals.messages, totals.people, totals.abandoned), (1, 0, 0));
}

#[test]
fn a_machine_does_not_hear_it_when_answers_are_screened() {
    let mut bench = Bench::new(broadcast(1), 0);
    bench.call(1, CallEvent::Answered);
    bench.told();
    bench.call(1, CallEvent::Screened(verdict(VerdictKind::Machine)));
    assert_eq!(bench.told(), ["hang up 1"]);
}

#[test]
fn the_key_against_further_calls_works_in_a_broadcast() {
    let mut bench = Bench::new(broadcast(1), 0);
    bench.person(1);
    bench.told();
    bench.call(1, CallEvent::Digit(Digit::new('9').unwrap()));
    assert_eq!(bench.told(), ["do-not-call 1"]);
}

#[test]
fn calls_are_spaced_and_never_more_than_the_lines() {
    let mut bench = Bench::new(broadcast(5), 0);
    assert_eq!(bench.told(), ["dial 1"]);
    bench.pass(2);
    assert_eq!(bench.told(), ["dial 2", "dial 3"]);
    bench.pass(20);
    assert_eq!(bench.told(), ["dial 4", "dial 5"]);
    bench.end(3, Outcome::Busy, Fault::Callee);
    assert_eq!(bench.told(), ["ended 3 busy NotCounted", "dial 6"]);
}
