//! Calls that go as they should.

use super::*;
use crate::domain::{Direction, Fault, Outcome};
use crate::trunk::route::{Prefix, Rewriting};

#[test]
fn a_call_rings_is_answered_and_ends_once() {
    let mut world = World::new();
    world.originate(CALL);
    let (dialog, invite) = world.invited(EAST).unwrap();
    assert_eq!(invite.request_uri, "sip:+12015550123@192.0.2.1:5071");
    assert!(invite.from.contains("+12015550199"), "{}", invite.from);
    let asserted =
        ("P-Asserted-Identity".to_owned(), "<sip:+12015550199@192.0.2.1:5071>".to_owned());
    assert!(invite.headers.contains(&asserted), "{:?}", invite.headers);
    let (now, offer) = (world.now, invite.sdp.unwrap());
    world.carrier(EAST).ring(dialog, 180, None, now);
    world.carrier(EAST).ring(dialog, 180, None, now);
    world.run_s(1);
    assert_eq!(world.story(CALL), "ringing");
    let (answer, _) = sdp::answer(&offer, &media(6000), 1).unwrap();
    let now = world.now;
    world.carrier(EAST).answer(dialog, answer, now);
    world.run_s(60);
    let now = world.now;
    world.carrier(EAST).hang_up(dialog, now);
    world.run_s(60);
    assert_eq!(world.story(CALL), "ringing answered ended:hung_up/callee");
    let cause = world.cause(CALL);
    assert!(cause.by_callee);
    assert_eq!(cause.sip_call_id, Some(invite.call_id));
    assert_eq!(world.channels(), 0);
}

#[test]
fn a_100_is_not_ringing() {
    let mut world = World::new();
    world.originate(CALL);
    world.run_s(20);
    let heard = world.carriers[0].heard.len();
    assert_eq!((heard, world.story(CALL).as_str()), (1, ""), "one INVITE, and nothing to tell");
}

#[test]
fn early_media_is_ringing_and_not_an_answer() {
    let mut world = World::new();
    world.originate(CALL);
    let (dialog, invite) = world.invited(EAST).unwrap();
    let (answer, _) = sdp::answer(&invite.sdp.unwrap(), &media(6000), 1).unwrap();
    let now = world.now;
    world.carrier(EAST).ring(dialog, 183, Some(answer.clone()), now);
    world.run_s(4);
    assert_eq!(world.story(CALL), "ringing early");
    let now = world.now;
    world.carrier(EAST).answer(dialog, answer, now);
    world.run_s(1);
    assert_eq!(world.story(CALL), "ringing early answered");
}

#[test]
fn a_call_given_up_while_it_rings_is_cancelled() {
    let mut world = World::new();
    world.originate(CALL);
    let (dialog, _) = world.invited(EAST).unwrap();
    let now = world.now;
    world.carrier(EAST).ring(dialog, 180, None, now);
    world.run_s(15);
    world.hang_up(CALL);
    world.run_s(60);
    assert_eq!(world.story(CALL), "ringing ended:cancelled/us");
    assert_eq!(world.cause(CALL).sip_status, Some(487));
    assert_eq!(world.channels(), 0);
}

#[test]
fn a_cancel_that_crosses_the_answer_tells_both() {
    let mut world = World::new();
    world.originate(CALL);
    let (dialog, invite) = world.invited(EAST).unwrap();
    let (answer, _) = sdp::answer(&invite.sdp.unwrap(), &media(6000), 1).unwrap();
    let now = world.now;
    world.carrier(EAST).ring(dialog, 180, None, now);
    world.settle();
    world.hang_up(CALL);
    world.carrier(EAST).answer(dialog, answer, now);
    world.run_s(60);
    assert_eq!(world.story(CALL), "ringing answered ended:cancelled/us");
    assert!(!world.cause(CALL).by_callee);
    assert_eq!(world.channels(), 0);
}

#[test]
fn hold_and_resume_are_answered_and_told() {
    let mut world = World::new();
    world.originate(CALL);
    let dialog = world.answer(EAST);
    let held = sdp::offer(&media(6000), 2).replace("a=sendrecv", "a=sendonly");
    let now = world.now;
    world.carrier(EAST).reoffer(dialog, held, now);
    world.run_s(1);
    let now = world.now;
    world.carrier(EAST).reoffer(dialog, sdp::offer(&media(6002), 3), now);
    world.run_s(1);
    let answers: Vec<String> = world.carriers[0]
        .heard
        .iter()
        .filter_map(|event| match event {
            Event::ReofferAnswered { sdp, .. } => sdp.clone(),
            _ => None,
        })
        .collect();
    assert!(answers[0].contains("a=recvonly") && answers[1].contains("a=sendrecv"), "{answers:?}");
    let version = |text: &str| text.split_whitespace().nth(3).map(str::to_owned);
    assert_eq!(version(&answers[0]), Some("2".to_owned()), "{}", answers[0]);
    assert_eq!(version(&answers[1]), Some("3".to_owned()), "{}", answers[1]);
    let expected = format!(
        "answered retarget:{:?} retarget:{:?}",
        Direction::ReceiveOnly,
        Direction::SendReceive
    );
    assert_eq!(world.story(CALL), expected);
}

#[test]
fn a_fax_machine_is_refused_t38_and_known_by_it() {
    let mut world = World::new();
    world.originate(CALL);
    let dialog = world.answer(EAST);
    let t38 = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
               m=image 6004 udptl t38\r\n";
    let now = world.now;
    world.carrier(EAST).reoffer(dialog, t38.to_owned(), now);
    world.run_s(1);
    let refused = |event: &Event| matches!(event, Event::ReofferRefused { status: Some(488), .. });
    assert!(world.carriers[0].heard.iter().any(refused), "{:?}", world.carriers[0].heard);
    assert_eq!(world.story(CALL), "answered", "the audio goes on");
    let now = world.now;
    world.carrier(EAST).hang_up(dialog, now);
    world.run_s(1);
    assert_eq!(world.cause(CALL).outcome, Outcome::Fax);
}

#[test]
fn a_call_hung_up_before_its_invite_has_left_sends_nothing() {
    let mut world = World::with(|trunk| trunk.channels_max = 0);
    world.originate(CALL);
    world.hang_up(CALL);
    world.run_s(10);
    assert_eq!(world.story(CALL), "ended:failed/us");
    assert_eq!((world.sent, world.cause(CALL).sip_call_id), (0, None));
}

#[test]
fn draining_refuses_new_calls_and_keeps_live_ones() {
    let mut world = World::new();
    world.originate(CALL);
    world.answer(EAST);
    world.desk.drain();
    world.originate(CallId(2));
    world.run_s(5);
    assert_eq!(world.story(CallId(2)), "ended:cancelled/us");
    assert_eq!(world.story(CALL), "answered");
    world.desk.hang_up_all(&mut world.sip, world.now);
    world.run_s(5);
    assert_eq!(world.cause(CALL).fault, Fault::Us);
    assert!(world.desk.is_idle());
}

#[test]
fn a_trunk_is_asked_whether_it_lives_and_taken_back_when_it_does() {
    let mut world = World::with(|trunk| trunk.probe_every = Some(SignedDuration::from_secs(60)));
    world.carriers[0].dead = true;
    world.run_s(50);
    assert_eq!(world.health(EAST), TrunkHealth::Unreachable);
    assert_eq!(world.health(WEST), TrunkHealth::Up);
    world.originate(CALL);
    assert!(world.invited(WEST).is_some(), "the call goes where somebody is");
    world.carriers[0].dead = false;
    world.run_s(20);
    assert_eq!(world.health(EAST), TrunkHealth::Up);
}

#[test]
fn a_trunk_that_wants_a_registration_takes_calls_only_while_it_holds() {
    let mut world = World::with_registrar(|trunk| {
        trunk.register = Some(SignedDuration::from_secs(600));
    });
    world.settle();
    let request = world.registered(EAST).expect("a REGISTER");
    world.originate(CALL);
    assert!(world.invited(EAST).is_none(), "not registered yet");
    let now = world.now;
    let granted = vec![("Expires".to_owned(), "120".to_owned())];
    world.carrier(EAST).respond(request, 200, granted, None, now);
    world.run_s(1);
    assert!(world.invited(EAST).is_some(), "registered");
    world.run_s(60);
    assert!(world.registered(EAST).is_some(), "asked again at half of what was granted");
}

#[test]
fn all_trunks_together_keep_to_the_total_limit() {
    let mut world = World::with_total(1);
    world.originate(CALL);
    world.originate(CallId(2));
    world.run_s(1);
    assert!(world.invited(EAST).is_some());
    assert!(world.invited(EAST).is_none() && world.invited(WEST).is_none(), "one at a time");
    world.run_s(4);
    assert_eq!(world.story(CallId(2)), "ended:failed/us", "no lead pays for our own limit");
}

#[test]
fn each_trunk_gets_the_number_as_it_wants_it() {
    let rule = |prefix: &str, text: &str| (Prefix::parse(prefix).unwrap(), text.to_owned());
    let mut world = World::with(|trunk| {
        trunk.routing.called = Rewriting::new(vec![rule("+1", "9001")]);
        trunk.routing.caller_id = Rewriting::new(vec![rule("+", "")]);
    });
    world.originate(CALL);
    let (_, invite) = world.invited(EAST).unwrap();
    assert!(invite.request_uri.starts_with("sip:90012015550123@"), "{}", invite.request_uri);
    assert!(invite.from.contains("sip:12015550199@"), "{}", invite.from);
}
