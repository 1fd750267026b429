//! New media inside a dialog (RFC 3261 §14, RFC 3311), and answers that nobody acknowledges.

use jiff::SignedDuration;

use super::peer::{Peer, SDP, response, value, within};
use super::wire::{CALLEE, CALLER, Wire};
use crate::sip::Event;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

#[test]
fn a_reinvite_is_for_the_owner_and_its_answer_goes_out_until_the_ack() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.talk("");
    let hold = within(&invite, "INVITE", 1, "Contact: <sip:new@192.0.2.2>\r\n", SDP);
    peer.hear(&hold);
    let Some(Event::Reoffer { sdp: Some(sdp), .. }) = peer.events.last() else { panic!() };
    assert_eq!(sdp, SDP);
    peer.hear(&within(&invite, "INVITE", 2, "", SDP));
    peer.take("SIP/2.0 500");
    peer.endpoint.accept_reoffer(dialog, "v=0\r\n".into(), peer.now);
    let ok = peer.take("SIP/2.0 200");
    assert!(ok.ends_with("\r\n\r\nv=0\r\n"));
    peer.wait(SignedDuration::from_millis(1500));
    assert_eq!((peer.take("SIP/2.0 200"), peer.take("SIP/2.0 200")), (ok.clone(), ok));
    peer.hear(&within(&invite, "ACK", 1, "", ""));
    peer.wait(SECOND * 40);
    peer.quiet();
    peer.endpoint.hang_up(dialog, peer.now);
    peer.take("BYE sip:new@192.0.2.2");
}

#[test]
fn a_refused_reinvite_leaves_the_call_as_it_was() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.talk("");
    peer.hear(&within(&invite, "INVITE", 1, "", SDP));
    peer.endpoint.reject_reoffer(dialog, 488, peer.now);
    peer.take("SIP/2.0 488");
    let mut ack = within(&invite, "ACK", 1, "", "");
    ack = ack.replace("peerACK1", "peerINVITE1");
    peer.hear(&ack);
    peer.wait(SECOND * 40);
    peer.quiet();
    assert_eq!(peer.endpoint.dialogs(), 1);
    assert_eq!(peer.events.len(), 2, "answered and the offer: {:?}", peer.events);
}

#[test]
fn a_reinvite_that_the_far_end_cancels_is_answered_487() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.talk("");
    peer.hear(&within(&invite, "INVITE", 1, "", SDP));
    let cancel = within(&invite, "CANCEL", 1, "", "").replace("peerCANCEL1", "peerINVITE1");
    peer.hear(&cancel);
    assert!(value(&peer.take("SIP/2.0 200"), "CSeq").ends_with("CANCEL"));
    assert!(value(&peer.take("SIP/2.0 487"), "CSeq").ends_with("INVITE"));
    peer.endpoint.accept_reoffer(dialog, "v=0\r\n".into(), peer.now);
    peer.quiet();
    assert_eq!(peer.endpoint.dialogs(), 1);
}

#[test]
fn an_old_cseq_is_refused() {
    let mut peer = Peer::new();
    let (_, invite) = peer.talk("");
    peer.hear(&within(&invite, "INFO", 5, "", ""));
    peer.take("SIP/2.0 200");
    peer.hear(&within(&invite, "BYE", 4, "", ""));
    peer.take("SIP/2.0 500");
    assert_eq!(peer.endpoint.dialogs(), 1);
}

#[test]
fn our_offer_is_answered_at_the_other_end() {
    let mut wire = Wire::new();
    let (caller, callee) = wire.talk();
    let now = wire.now;
    wire.ends[CALLER].reoffer(caller, "v=0\r\ns=hold\r\n".into(), now);
    wire.run(SECOND);
    let Some(Event::Reoffer { sdp: Some(sdp), .. }) = wire.events[CALLEE].last() else { panic!() };
    assert!(sdp.contains("hold"));
    let now = wire.now;
    wire.ends[CALLEE].accept_reoffer(callee, "v=0\r\ns=held\r\n".into(), now);
    wire.run(SECOND * 40);
    let Some(Event::ReofferAnswered { sdp: Some(sdp), .. }) = wire.events[CALLER].last() else {
        panic!()
    };
    assert!(sdp.contains("held"));
    let now = wire.now;
    wire.ends[CALLEE].reoffer(callee, "v=0\r\n".into(), now);
    wire.run(SECOND);
    let now = wire.now;
    wire.ends[CALLER].reject_reoffer(caller, 488, now);
    wire.run(SECOND * 40);
    assert!(matches!(
        wire.events[CALLEE].last(),
        Some(Event::ReofferRefused { status: Some(488), .. })
    ));
    assert_eq!(wire.ends.each_ref().map(|end| end.dialogs()), [1, 1]);
}

#[test]
fn when_both_offer_at_once_both_are_told_491() {
    let mut wire = Wire::new();
    let (caller, callee) = wire.talk();
    let now = wire.now;
    wire.ends[CALLER].reoffer(caller, "v=0\r\n".into(), now);
    wire.ends[CALLEE].reoffer(callee, "v=0\r\n".into(), now);
    wire.run(SECOND * 40);
    for events in &wire.events {
        assert!(matches!(events.last(), Some(Event::ReofferRefused { status: Some(491), .. })));
    }
    assert_eq!(wire.ends.each_ref().map(|end| end.dialogs()), [1, 1]);
}

#[test]
fn an_answer_that_is_never_acknowledged_goes_out_for_32_seconds_and_then_the_call_ends() {
    let mut peer = Peer::new();
    let invite = "INVITE sip:7@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKx\r\n\
                  Max-Forwards: 70\r\nFrom: <sip:c@h>;tag=t1\r\nTo: <sip:7@h>\r\nCall-ID: c1\r\n\
                  CSeq: 1 INVITE\r\nContact: <sip:c@192.0.2.2>\r\nContent-Length: 0\r\n\r\n";
    peer.hear(invite);
    let Some(Event::Incoming { dialog, .. }) = peer.events.pop() else { panic!() };
    peer.wait(SECOND);
    peer.take("SIP/2.0 100");
    peer.hear(invite);
    peer.take("SIP/2.0 100");
    peer.endpoint.answer(dialog, SDP.into(), peer.now);
    let ok = peer.take("SIP/2.0 200");
    peer.hear(invite);
    peer.quiet();
    peer.wait(SECOND * 31);
    // 0.5, 1.5, 3.5, 7.5 and each 4 s from there.
    assert_eq!(peer.sent.iter().filter(|text| **text == ok).count(), 9);
    peer.sent.clear();
    peer.endpoint.hang_up(dialog, peer.now);
    peer.quiet();
    peer.wait(SECOND * 5);
    peer.take("SIP/2.0 200");
    let bye = peer.take("BYE sip:c@192.0.2.2");
    assert!(value(&bye, "To").ends_with(";tag=t1"));
    peer.hear(&response(&bye, 200, "", "", ""));
    assert!(matches!(peer.last_event(), Event::Ended { by_remote: false, .. }));
}

#[test]
fn a_key_in_an_info_is_told_and_a_flood_is_not() {
    let mut peer = Peer::new();
    let (_, invite) = peer.talk("");
    let info = |cseq, body: &str| {
        within(&invite, "INFO", cseq, "", body).replace("application/sdp", "application/dtmf-relay")
    };
    peer.hear(&info(1, "Signal=9\r\nDuration=160\r\n"));
    peer.take("SIP/2.0 200");
    let Some(Event::Info { content_type, body, .. }) = peer.events.pop() else { panic!() };
    assert_eq!((content_type.as_str(), &body[..8]), ("application/dtmf-relay", "Signal=9"));
    peer.hear(&info(2, &"Signal=9\r\n".repeat(4_000)));
    peer.take("SIP/2.0 200");
    assert!(!peer.events.iter().any(|event| matches!(event, Event::Info { .. })));
}
