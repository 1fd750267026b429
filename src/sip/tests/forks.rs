//! More than one response to one INVITE: sent again, from several phones, or reliable (RFC 3261
//! §13.2.2.4, RFC 3262).

use jiff::SignedDuration;

use super::peer::{CONTACT, Peer, SDP, response, value, within};
use super::wire::invite;
use crate::sip::Event;

#[test]
fn every_200_that_comes_again_is_acknowledged_again_even_after_the_end() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.call(invite());
    let ok = response(&invite, 200, "t1", CONTACT, SDP);
    peer.hear(&ok);
    let ack = peer.take("ACK");
    assert_ne!(value(&ack, "Via"), value(&invite, "Via"), "a request of its own");
    assert_eq!(value(&ack, "CSeq"), "1 ACK");
    peer.hear(&ok);
    assert_is_afresh(&peer.take("ACK"), &ack);
    peer.endpoint.hang_up(dialog, peer.now);
    let bye = peer.take("BYE");
    peer.hear(&response(&bye, 200, "", "", ""));
    peer.hear(&ok);
    assert_is_afresh(&peer.take("ACK"), &ack);
    peer.quiet();
    assert_eq!(count(&peer, |event| matches!(event, Event::Answered { .. })), 1);
    peer.last_event();
}

/// The same ACK under a branch of its own: some peers answer an identical one with their 2xx again,
/// and so for ever.
#[track_caller]
fn assert_is_afresh(again: &str, ack: &str) {
    let without_via = |text: &str| text.replace(value(text, "Via"), "");
    assert_eq!(without_via(again), without_via(ack));
    assert_ne!(value(again, "Via"), value(ack, "Via"));
}

fn count(peer: &Peer, is: impl Fn(&Event) -> bool) -> usize {
    peer.events.iter().filter(|event| is(event)).count()
}

#[test]
fn a_second_phone_that_answers_is_acknowledged_and_ended_and_the_owner_sees_one() {
    let mut peer = Peer::new();
    let (_, invite) = peer.call(invite());
    peer.hear(&response(&invite, 200, "t1", CONTACT, SDP));
    peer.take("ACK");
    let second = response(&invite, 200, "t2", "Contact: <sip:second@192.0.2.2>\r\n", SDP);
    peer.hear(&second);
    let ack = peer.take("ACK sip:second@192.0.2.2");
    let bye = peer.take("BYE sip:second@192.0.2.2");
    for request in [&ack, &bye] {
        assert!(value(request, "To").ends_with(";tag=t2"));
        assert_eq!(value(request, "From"), value(&invite, "From"));
    }
    peer.hear(&response(&bye, 200, "", "", ""));
    peer.hear(&second);
    assert_is_afresh(&peer.take("ACK"), &ack);
    peer.quiet();
    assert_eq!(count(&peer, |event| matches!(event, Event::Answered { .. })), 1);
    assert_eq!(count(&peer, |event| matches!(event, Event::Ended { .. })), 0);
    peer.hear(&within(&invite, "BYE", 1, "", ""));
    peer.take("SIP/2.0 200");
    assert!(matches!(peer.last_event(), Event::Ended { by_remote: true, .. }));
}

#[test]
fn a_reliable_response_is_acknowledged_once_and_told_once() {
    let mut peer = Peer::new();
    let (_, invite) = peer.call(invite());
    assert!(value(&invite, "Supported").contains("100rel"));
    let reliable = |status, rseq: u32| {
        let extra = format!("{CONTACT}Require: 100rel\r\nRSeq: {rseq}\r\n");
        response(&invite, status, "t1", &extra, SDP)
    };
    peer.hear(&reliable(183, 4711));
    let prack = peer.take("PRACK sip:carrier@192.0.2.2:5060");
    assert_eq!(value(&prack, "RAck"), "4711 1 INVITE");
    assert_eq!(value(&prack, "CSeq"), "2 PRACK");
    assert!(value(&prack, "To").ends_with(";tag=t1"));
    peer.hear(&reliable(183, 4711));
    peer.hear(&reliable(180, 4713));
    peer.quiet();
    peer.hear(&response(&prack, 200, "", "", ""));
    peer.hear(&reliable(180, 4712));
    let prack = peer.take("PRACK");
    assert_eq!((value(&prack, "RAck"), value(&prack, "CSeq")), ("4712 1 INVITE", "3 PRACK"));
    peer.hear(&response(&prack, 200, "", "", ""));
    peer.wait(SignedDuration::from_secs(10));
    peer.quiet();
    assert_eq!(count(&peer, |event| matches!(event, Event::Provisional { .. })), 2);
    peer.hear(&response(&invite, 200, "t1", CONTACT, SDP));
    assert_eq!(value(&peer.take("ACK"), "CSeq"), "1 ACK");
}

#[test]
fn a_reliable_response_without_a_usable_number_is_passed_over() {
    for rseq in ["", "RSeq: 0\r\n", "RSeq: 4294967296\r\n", "RSeq: -1\r\n"] {
        let mut peer = Peer::new();
        let (_, invite) = peer.call(invite());
        peer.hear(&response(&invite, 183, "t1", &format!("Require: 100rel\r\n{rseq}"), SDP));
        peer.quiet();
        assert!(peer.events.is_empty(), "{rseq}: {:?}", peer.events);
    }
}

#[test]
fn routes_are_written_in_reverse_and_packets_still_go_to_the_trunk() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.call(invite());
    let routes = "Record-Route: <sip:near@203.0.113.1;lr>, <sip:far@203.0.113.2;lr>\r\n\
                  Contact: <sip:evil@203.0.113.9:5999>\r\n";
    peer.hear(&response(&invite, 200, "t1", routes, SDP));
    let ack = peer.take("ACK sip:evil@203.0.113.9:5999");
    peer.endpoint.hang_up(dialog, peer.now);
    let bye = peer.take("BYE sip:evil@203.0.113.9:5999");
    for request in [ack, bye] {
        let routes: Vec<_> = request.lines().filter(|line| line.starts_with("Route")).collect();
        assert_eq!(routes, ["Route: <sip:far@203.0.113.2;lr>", "Route: <sip:near@203.0.113.1;lr>"]);
    }
}

#[test]
fn an_answer_that_requires_what_we_do_not_have_is_ended_at_once() {
    let mut peer = Peer::new();
    let (_, invite) = peer.call(invite());
    let extra = format!("{CONTACT}Require: made-up-option\r\n");
    peer.hear(&response(&invite, 200, "t1", &extra, SDP));
    peer.take("ACK");
    peer.take("BYE");
    assert!(matches!(peer.last_event(), Event::Ended { by_remote: false, .. }));
}

#[test]
fn when_both_hang_up_at_once_each_bye_is_answered_and_the_owner_hears_of_one_end() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.talk("");
    peer.endpoint.hang_up(dialog, peer.now);
    let bye = peer.take("BYE");
    peer.hear(&within(&invite, "BYE", 1, "", ""));
    peer.take("SIP/2.0 200");
    peer.hear(&response(&bye, 200, "", "", ""));
    assert!(matches!(peer.last_event(), Event::Ended { by_remote: false, .. }));
    assert_eq!(peer.endpoint.dialogs(), 0);
    peer.hear(&within(&invite, "BYE", 2, "", ""));
    peer.take("SIP/2.0 481");
}

#[test]
fn the_cause_of_a_bye_is_told() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.talk("");
    let reason = "Reason: SIP;cause=200, Q.850;cause=16;text=\"Normal\"\r\n";
    peer.hear(&within(&invite, "BYE", 1, reason, ""));
    peer.take("SIP/2.0 200");
    let Event::Ended { dialog: ended, by_remote: true, q850 } = peer.last_event() else { panic!() };
    assert_eq!((ended, q850), (dialog, Some(16)));
    peer.hear(&within(&invite, "BYE", 1, reason, ""));
    peer.take("SIP/2.0 200");
}
