//! A process that is gone, and one that takes its place on the same address and ends its calls.

use jiff::SignedDuration;

use super::wire::{CALLEE, CALLER, Wire, address};
use crate::sip::{Endpoint, EndpointConfig, Event, Kept};

/// The caller's process dies; another one takes up what was written down, through text.
fn crash(wire: &mut Wire, kept: &Kept) {
    let text = serde_json::to_string(kept).unwrap();
    let kept: Kept = serde_json::from_str(&text).unwrap();
    wire.ends[CALLER] = Endpoint::new(EndpointConfig::new(address(CALLER), 99));
    let taken_up = wire.ends[CALLER].take_up(&kept, None).expect("ours");
    assert_eq!(wire.ends[CALLER].take_up(&kept, None), None, "once");
    wire.ends[CALLER].hang_up(taken_up, wire.now);
    wire.run(SignedDuration::from_secs(40));
}

#[test]
fn a_call_that_was_up_gets_its_bye_from_the_next_process() {
    let mut wire = Wire::new();
    let (caller, callee) = wire.talk();
    let kept = wire.ends[CALLER].keep(caller).unwrap();
    crash(&mut wire, &kept);
    assert_eq!(wire.count(CALLER, "BYE"), 1);
    let ended = |event: &&Event| matches!(event, Event::Ended { dialog, by_remote: true, .. } if *dialog == callee);
    assert_eq!(wire.events[CALLEE].iter().filter(ended).count(), 1);
    assert_eq!(wire.ends[CALLER].dialogs(), 0);
}

#[test]
fn a_call_that_rang_is_cancelled_by_the_next_process_and_its_refusal_acknowledged() {
    let mut wire = Wire::new();
    let (caller, callee) = wire.call();
    wire.ends[CALLEE].ring(callee, 180, None, wire.now);
    wire.run(SignedDuration::from_secs(1));
    let kept = wire.ends[CALLER].keep(caller).unwrap();
    let invites = wire.count(CALLER, "INVITE");
    crash(&mut wire, &kept);
    assert_eq!(wire.count(CALLER, "CANCEL"), 1);
    assert_eq!(wire.count(CALLER, "INVITE"), invites, "nobody is called by a start");
    assert_eq!(wire.count(CALLER, "ACK"), 1, "to the 487");
    assert_eq!(wire.last_events(CALLEE).len(), 1);
    assert_eq!(wire.ends[CALLER].dialogs(), 0);
}

#[test]
fn an_answer_that_crosses_the_cancel_is_ended() {
    let mut wire = Wire::new();
    let (caller, callee) = wire.call();
    wire.ends[CALLEE].ring(callee, 180, None, wire.now);
    wire.run(SignedDuration::from_secs(1));
    let kept = wire.ends[CALLER].keep(caller).unwrap();
    wire.ends[CALLEE].answer(callee, "v=0\r\ns=callee\r\n".into(), wire.now);
    crash(&mut wire, &kept);
    assert_eq!(wire.count(CALLER, "BYE"), 1);
    assert_eq!(wire.last_events(CALLEE).len(), 1);
}

#[test]
fn a_call_that_the_far_end_has_forgotten_is_let_go() {
    for answered in [false, true] {
        let mut wire = Wire::new();
        let (caller, _) = if answered { wire.talk() } else { wire.call() };
        let kept = wire.ends[CALLER].keep(caller).unwrap();
        wire.ends[CALLEE] = Endpoint::new(EndpointConfig::new(address(CALLEE), 98));
        crash(&mut wire, &kept);
        assert_eq!(wire.ends[CALLER].dialogs(), 0);
        assert_eq!(wire.last_events(CALLEE).len(), 0);
    }
}

#[test]
fn what_is_not_ours_is_not_taken_up() {
    let mut wire = Wire::new();
    let (caller, _) = wire.talk();
    let text = serde_json::to_string(&wire.ends[CALLER].keep(caller).unwrap()).unwrap();
    let other: Kept = serde_json::from_str(&text.replace(";tag=", ";tag=x")).unwrap();
    assert_eq!(wire.ends[CALLER].take_up(&other, None), None);
    assert_eq!(wire.ends[CALLEE].keep(caller), None);
}
