//! Calls that fail: whose fault it is, who tries next, and how long a trunk rests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::domain::{Fault, Outcome};

const BAD_SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 99999 RTP/AVP x\r\n";

fn challenge(nonce: &str) -> String {
    format!("Digest realm=\"carrier.example\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"")
}

#[test]
fn a_trunk_that_asks_for_rest_gets_it_and_the_next_takes_the_call() {
    let mut world = World::new();
    world.originate(CALL);
    world.reject(EAST, 503, &[("Retry-After", "30")]);
    let until = world.now + SignedDuration::from_secs(30);
    assert_eq!(world.health(EAST), TrunkHealth::Resting { until });
    world.answer(WEST);
    assert_eq!(world.story(CALL), "answered");
    world.run_s(29);
    world.originate(CallId(2));
    assert!(world.invited(EAST).is_none() && world.invited(WEST).is_some());
    world.run_s(1);
    world.originate(CallId(3));
    assert!(world.invited(EAST).is_some(), "rested");
}

#[test]
fn when_every_trunk_is_congested_the_call_says_whose_fault_and_how_long() {
    let mut world = World::new();
    world.originate(CALL);
    world.reject(EAST, 503, &[("Retry-After", "30")]);
    world.reject(WEST, 503, &[("Retry-After", "20")]);
    assert_eq!(world.story(CALL), "ended:failed/carrier");
    assert_eq!(world.cause(CALL).retry_after, Some(SignedDuration::from_secs(20)));
    let sent = world.sent;
    world.originate(CallId(2));
    world.run_s(5);
    assert_eq!(world.sent, sent, "a resting trunk is not probed by calls");
    assert_eq!(world.story(CallId(2)), "ended:failed/carrier");
    assert!(world.cause(CallId(2)).retry_after.is_some());
}

#[test]
fn a_callee_who_has_refused_is_not_asked_again_through_another_trunk() {
    for (status, outcome) in [
        (302, Outcome::Failed),
        (404, Outcome::InvalidNumber),
        (480, Outcome::NoAnswer),
        (486, Outcome::Busy),
        (603, Outcome::Declined),
        (607, Outcome::Declined),
    ] {
        let mut world = World::new();
        world.originate(CALL);
        world.reject(EAST, status, &[]);
        world.run_s(60);
        assert_eq!(world.cause(CALL).outcome, outcome, "{status}");
        assert!(world.cause(CALL).by_callee);
        assert!(world.invited(WEST).is_none(), "{status}");
        assert_eq!((world.channels(), world.health(EAST)), (0, TrunkHealth::Up));
    }
}

#[test]
fn a_redirect_is_followed_where_the_trunk_may_move_the_call_to_and_nowhere_else() {
    let contact = [("Contact", "<sip:+12015550123@192.0.2.1:5072>")];
    let mut world = World::new();
    world.originate(CALL);
    world.reject(EAST, 302, &contact);
    world.run_s(5);
    assert!(world.invited(WEST).is_none(), "off by default");
    let allow = |trunk: &mut TrunkConfig| trunk.redirects_to = vec!["192.0.2.1".parse().unwrap()];
    let mut world = World::with(allow);
    world.originate(CALL);
    world.reject(EAST, 302, &contact);
    world.answer(WEST);
    assert_eq!(world.story(CALL), "answered");
    assert_eq!(world.channels(), 1, "still a call of the first trunk");
    let mut world = World::with(allow);
    world.originate(CALL);
    world.reject(EAST, 302, &[("Contact", "<sip:+19005550123@192.0.2.1:5072>")]);
    world.run_s(5);
    assert!(world.invited(WEST).is_none(), "never another number");
    assert_eq!(world.story(CALL), "ended:failed/carrier");
}

#[test]
fn a_trunk_that_fails_after_ringing_keeps_the_call() {
    let mut world = World::new();
    world.originate(CALL);
    let (dialog, _) = world.invited(EAST).unwrap();
    let now = world.now;
    world.carrier(EAST).ring(dialog, 180, None, now);
    world.settle();
    world.carrier(EAST).reject(dialog, 500, Vec::new(), now);
    world.run_s(1);
    assert_eq!(world.story(CALL), "ringing ended:failed/carrier");
    assert!(world.invited(WEST).is_none());
}

#[test]
fn a_silent_trunk_loses_the_call_to_the_next_within_a_second() {
    let mut world = World::new();
    world.carriers[0].dead = true;
    world.originate(CALL);
    world.run(SignedDuration::from_millis(899));
    assert!(world.invited(WEST).is_none());
    world.run(SignedDuration::from_millis(1));
    world.answer(WEST);
    assert_eq!(world.story(CALL), "answered");
    assert!(matches!(world.health(EAST), TrunkHealth::Resting { .. }));
    assert_eq!(world.channels(), 2, "the first INVITE is still out");
    // The first trunk wakes up: what it has taken is taken back before it rings.
    world.carriers[0].dead = false;
    world.run_s(8);
    let gave_up = |event: &Event| matches!(event, Event::Failed { failure, .. } if failure.status == Some(487));
    let heard = &world.carriers[0].heard;
    assert!(heard.is_empty() || heard.iter().any(gave_up), "{heard:?}");
    assert_eq!(world.story(CALL), "answered", "one call, one story");
    world.run_s(40);
    assert_eq!(world.channels(), 1, "nothing is left of the first INVITE");
}

#[test]
fn a_trunk_that_has_said_100_is_waited_for() {
    let mut world = World::new();
    world.originate(CALL);
    world.run_s(3);
    assert!(world.invited(EAST).is_some(), "it has said 100 and no more");
    assert!(world.invited(WEST).is_none());
    assert_eq!(world.health(EAST), TrunkHealth::Up);
}

#[test]
fn a_rested_trunk_is_tried_by_one_call_before_the_others_come() {
    let mut world = World::new();
    world.originate(CALL);
    world.reject(EAST, 503, &[("Retry-After", "30")]);
    world.reject(WEST, 503, &[("Retry-After", "90")]);
    world.run_s(30);
    world.originate(CallId(2));
    world.originate(CallId(3));
    let (trial, _) = world.invited(EAST).unwrap();
    assert!(world.invited(EAST).is_none(), "one call tries it");
    assert_eq!(world.health(EAST), TrunkHealth::Trying);
    let now = world.now;
    world.carrier(EAST).ring(trial, 180, None, now);
    world.run_s(1);
    assert!(world.invited(EAST).is_some(), "it rings: the other one comes too");
    assert_eq!(world.health(EAST), TrunkHealth::Up);
}

#[test]
fn a_silent_trunk_that_is_alone_fails_the_call_after_timer_b() {
    let mut world = World::new();
    world.carriers[1].dead = true;
    world.carriers[0].dead = true;
    let permit = permit(world.now);
    let id = "call-1".to_owned();
    world.desk.originate(CALL, id, permit, address(4000), vec![WEST], world.now);
    world.run_s(31);
    assert_eq!(world.story(CALL), "", "Timer B is 32 s");
    world.run_s(2);
    assert_eq!(world.story(CALL), "ended:failed/carrier");
    assert!(matches!(world.health(WEST), TrunkHealth::Resting { .. }));
}

#[test]
fn an_expired_permit_is_refused_and_nothing_is_sent() {
    let mut world = World::new();
    let old = permit(world.now);
    world.run_s(5);
    let sip_call_id = "old".to_owned();
    world.desk.originate(CALL, sip_call_id, old, address(4000), vec![EAST], world.now);
    world.run_s(1);
    assert_eq!(world.story(CALL), "ended:cancelled/us");
    assert_eq!(world.sent, 0);
}

#[test]
fn an_answer_with_unusable_audio_is_hung_up_and_is_the_carriers_fault() {
    let mut world = World::new();
    world.originate(CALL);
    let (dialog, _) = world.invited(EAST).unwrap();
    let now = world.now;
    world.carrier(EAST).answer(dialog, BAD_SDP.to_owned(), now);
    world.run_s(5);
    assert_eq!(world.story(CALL), "ended:failed/carrier");
    let ended = |event: &Event| matches!(event, Event::Ended { by_remote: true, .. });
    assert!(world.carriers[0].heard.iter().any(ended), "{:?}", world.carriers[0].heard);
}

#[test]
fn credentials_refused_twice_flag_the_trunk_and_burn_no_attempt() {
    let mut world = World::new();
    world.originate(CALL);
    world.reject(EAST, 401, &[("WWW-Authenticate", &challenge("a"))]);
    assert_eq!(world.story(CALL), "", "the second INVITE is the same call");
    world.reject(EAST, 401, &[("WWW-Authenticate", &challenge("b"))]);
    world.run_s(5);
    assert_eq!(world.story(CALL), "ended:failed/carrier");
    assert!(world.invited(EAST).is_none(), "no third INVITE");
    assert!(matches!(world.health(EAST), TrunkHealth::CredentialsRefused { .. }));
    world.originate(CallId(2));
    assert!(world.invited(WEST).is_some(), "calls go on elsewhere");
}

#[test]
fn silence_after_a_100_frees_the_channel_as_the_carriers_fault() {
    let mut world = World::new();
    world.originate(CALL);
    world.run_s(1);
    world.carriers[0].dead = true;
    world.run_s(24);
    world.hang_up(CALL);
    world.run_s(33);
    assert_eq!(world.story(CALL), "ended:failed/carrier");
    assert_eq!(world.channels(), 0);
}

#[test]
fn a_full_trunk_lets_the_call_wait_for_a_channel() {
    let mut world = World::with(|trunk| trunk.channels_max = u32::from(trunk.id == EAST));
    world.originate(CALL);
    let dialog = world.answer(EAST);
    world.originate(CallId(2));
    world.run_s(2);
    assert_eq!(world.story(CallId(2)), "");
    let now = world.now;
    world.carrier(EAST).hang_up(dialog, now);
    world.settle();
    assert!(world.invited(EAST).is_some(), "the freed channel is taken");
    world.originate(CallId(3));
    world.run_s(5);
    assert_eq!(world.story(CallId(3)), "ended:failed/us", "and nobody waits for ever");
}

#[test]
fn calls_leave_at_the_trunks_rate() {
    use std::num::NonZeroU32;
    let mut world = World::with(|trunk| trunk.calls_per_second = NonZeroU32::new(2).unwrap());
    for call in 1..=8 {
        let order = vec![EAST];
        let (call, id, permit) = (CallId(call), format!("call-{call}"), permit(world.now));
        world.desk.originate(call, id, permit, address(4000), order, world.now);
    }
    world.run(SignedDuration::from_millis(1900));
    let invites = std::iter::from_fn(|| world.invited(EAST)).count();
    assert_eq!(invites, 4);
}

#[test]
fn a_480_says_when_the_callee_may_be_called_again() {
    let mut world = World::new();
    world.originate(CALL);
    world.reject(EAST, 480, &[("Retry-After", "1800 (in a meeting);duration=3600")]);
    let cause = world.cause(CALL);
    assert_eq!(cause.retry_after, Some(SignedDuration::from_secs(1800)));
    assert_eq!((cause.outcome, cause.fault), (Outcome::NoAnswer, Fault::Callee));
}

#[test]
fn nobody_is_called_while_the_books_take_no_writes() {
    let mut world = World::new();
    let pulse = crate::clock::Pulse::new(world.now);
    world.desk.set_books_pulse(pulse.clone());
    world.run(SignedDuration::from_millis(1_001));
    world.originate(CALL);
    world.run(SignedDuration::from_millis(500));
    assert_eq!(world.invited(EAST).map(|_| ()), None, "the last commit is too old");
    pulse.beat(world.now);
    world.run(SignedDuration::from_millis(100));
    assert!(world.invited(EAST).is_some(), "they can be written again");
    world.run_s(2);
    world.originate(CallId(2));
    world.run_s(10);
    assert!(world.story(CallId(2)).contains("ended:failed/us"), "{}", world.story(CallId(2)));
    assert!(world.invited(EAST).is_none() && world.invited(WEST).is_none());
}

#[test]
fn what_another_process_needs_to_end_a_call_is_told_when_the_invite_leaves_and_at_the_answer() {
    let mut world = World::new();
    world.originate(CALL);
    assert_eq!(world.kept.len(), 1);
    world.answer(EAST);
    world.run_s(1);
    assert_eq!(world.kept.len(), 2);
    assert!(world.kept.iter().all(|(call, _)| *call == CALL));
}

#[test]
fn a_call_whose_network_has_said_no_by_its_tones_waits_for_the_response_and_not_for_ever() {
    let mut world = World::new();
    world.originate(CALL);
    let (dialog, _) = world.invited(EAST).unwrap();
    let now = world.now;
    world.carrier(EAST).ring(dialog, 180, None, now);
    world.settle();
    world.desk.doom(CALL, world.now);
    world.run_s(3);
    let now = world.now;
    world.carrier(EAST).reject(dialog, 404, Vec::new(), now);
    world.run_s(1);
    assert_eq!(world.story(CALL), "ringing ended:invalid_number/callee");

    let mut world = World::new();
    world.originate(CALL);
    let (dialog, _) = world.invited(EAST).unwrap();
    let now = world.now;
    world.carrier(EAST).ring(dialog, 180, None, now);
    world.settle();
    world.desk.doom(CALL, world.now);
    world.run_s(7);
    assert_eq!(world.story(CALL), "ringing");
    world.run_s(2);
    assert_eq!(world.story(CALL), "ringing ended:cancelled/us");
}

#[test]
fn beyond_what_the_media_threads_can_do_no_call_goes_out_or_comes_in_and_live_ones_go_on() {
    let mut world = World::new();
    world.originate(CALL);
    let talking = world.answer(EAST);
    let strained: Arc<AtomicUsize> = Arc::default();
    world.desk.strained = Some(strained.clone());
    strained.store(1, Ordering::Relaxed);
    let (late, later) = (CallId(2), CallId(3));
    world.originate(late);
    world.run_s(3);
    assert_eq!(world.invited(EAST).map(|_| ()), None, "nothing has left");
    assert_eq!(world.story(late), "", "it waits");
    world.originate(later);
    world.run_s(2);
    assert_eq!(
        world.story(late),
        "ended:failed/us",
        "it has waited long enough, and burns no lead"
    );
    strained.store(0, Ordering::Relaxed);
    world.run_s(1);
    assert!(world.invited(EAST).is_some(), "who still waits goes out");
    assert_eq!((world.story(CALL).as_str(), world.channels()), ("answered", 2));
    let now = world.now;
    world.carrier(EAST).hang_up(talking, now);
    world.run_s(1);
    assert_eq!(world.story(CALL), "answered ended:hung_up/callee");
}
