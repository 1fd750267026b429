//! Giving up a call that nobody has answered (RFC 3261 §9.1), and refusals.

use jiff::SignedDuration;

use super::peer::{CONTACT, Peer, SDP, response, value};
use super::wire::invite;
use crate::sip::{Event, FailureKind};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

#[test]
fn a_cancel_waits_for_a_provisional_response_and_shares_branch_and_cseq() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.call(invite());
    peer.endpoint.hang_up(dialog, peer.now);
    peer.quiet();
    peer.hear(&response(&invite, 100, "", "", ""));
    let cancel = peer.take("CANCEL sip:+15551230001@carrier.example");
    assert_eq!(value(&cancel, "Via"), value(&invite, "Via"));
    assert_eq!(value(&cancel, "To"), value(&invite, "To"));
    assert_eq!(value(&cancel, "CSeq"), "1 CANCEL");
    peer.hear(&response(&cancel, 200, "t1", "", ""));
    peer.hear(&response(&invite, 487, "t1", "", ""));
    let ack = peer.take("ACK");
    assert_eq!(value(&ack, "Via"), value(&invite, "Via"), "RFC 3261 §17.1.1.3");
    assert!(value(&ack, "To").ends_with(";tag=t1"));
    let Event::Failed { failure, .. } = peer.last_event() else { panic!() };
    assert_eq!((failure.status, failure.kind), (Some(487), FailureKind::Response));
    peer.hear(&response(&invite, 487, "t1", "", ""));
    assert_eq!(peer.take("ACK"), ack, "a 487 that comes again is acknowledged again");
}

#[test]
fn a_cancel_that_crosses_the_200_ends_in_ack_and_bye() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.call(invite());
    peer.hear(&response(&invite, 180, "t1", "", ""));
    peer.endpoint.hang_up(dialog, peer.now);
    let cancel = peer.take("CANCEL");
    peer.hear(&response(&cancel, 200, "t1", "", ""));
    peer.hear(&response(&invite, 200, "t1", CONTACT, SDP));
    peer.take("ACK sip:carrier@192.0.2.2:5060 SIP/2.0");
    let bye = peer.take("BYE sip:carrier@192.0.2.2:5060 SIP/2.0");
    assert_eq!(value(&bye, "CSeq"), "2 BYE");
    peer.hear(&response(&bye, 200, "", "", ""));
    let answered = peer.events.iter().position(|event| matches!(event, Event::Answered { .. }));
    let ended = peer.events.iter().position(|event| matches!(event, Event::Ended { .. }));
    assert!(answered.is_some() && answered < ended, "{:?}", peer.events);
    assert!(matches!(peer.last_event(), Event::Ended { by_remote: false, .. }));
}

#[test]
fn a_200_before_anything_else_ends_a_call_that_was_given_up() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.call(invite());
    peer.endpoint.hang_up(dialog, peer.now);
    peer.hear(&response(&invite, 200, "t1", CONTACT, SDP));
    peer.take("ACK");
    peer.take("BYE");
    peer.quiet();
    assert!(matches!(peer.last_event(), Event::Ended { by_remote: false, .. }));
}

#[test]
fn a_cancel_that_is_ignored_frees_the_call_after_32_seconds() {
    let mut peer = Peer::new();
    let (dialog, invite) = peer.call(invite());
    peer.hear(&response(&invite, 100, "", "", ""));
    // Timer B is off: a trunk that says 100 and nothing else is left to the owner's ring time.
    peer.wait(SECOND * 120);
    peer.endpoint.hang_up(dialog, peer.now);
    peer.wait(SECOND * 31);
    assert!(!peer.events.iter().any(|event| matches!(event, Event::Failed { .. })));
    peer.wait(SECOND);
    let Event::Failed { failure, .. } = peer.last_event() else { panic!() };
    assert_eq!((failure.status, failure.kind), (None, FailureKind::Timeout));
    assert_eq!(peer.endpoint.dialogs(), 0);
    // An answer that still comes is ended, and the owner never hears of it.
    peer.sent.clear();
    peer.hear(&response(&invite, 200, "t1", CONTACT, SDP));
    peer.take("ACK");
    peer.take("BYE");
    peer.last_event();
    peer.wait(SECOND * 100);
    assert_eq!(peer.endpoint.poll_timeout(), None);
}

#[test]
fn nobody_there_is_a_timeout_after_32_seconds_and_seven_invites() {
    let mut peer = Peer::new();
    peer.call(invite());
    peer.wait(SECOND * 32);
    assert_eq!(peer.sent.len(), 6);
    let Event::Failed { failure, .. } = peer.last_event() else { panic!() };
    assert_eq!((failure.status, failure.kind), (None, FailureKind::Timeout));
}

#[test]
fn an_invite_that_cannot_be_sent_fails_at_once() {
    let mut peer = Peer::new();
    let (_, invite) = peer.call(invite());
    let unsent = crate::sip::Input::Unsent { bytes: invite.as_bytes() };
    peer.endpoint.handle_input(unsent, peer.now);
    let Event::Failed { failure, .. } = peer.last_event() else { panic!() };
    assert_eq!((failure.status, failure.kind), (None, FailureKind::Transport));
    assert_eq!((peer.endpoint.dialogs(), peer.endpoint.poll_timeout()), (0, None));
}

#[test]
fn a_redirect_is_a_failure_and_is_not_followed() {
    let mut peer = Peer::new();
    let (_, invite) = peer.call(invite());
    let premium = "Contact: <sip:+19005550000@203.0.113.9>\r\n";
    peer.hear(&response(&invite, 302, "t1", premium, ""));
    peer.take("ACK");
    peer.wait(SECOND * 60);
    peer.quiet();
    let Event::Failed { failure, .. } = peer.last_event() else { panic!() };
    assert_eq!((failure.status, failure.kind), (Some(302), FailureKind::Response));
}

#[test]
fn a_full_endpoint_sends_nothing_and_says_so() {
    let mut peer = Peer::with(crate::sip::EndpointConfig {
        dialogs_max: 1,
        ..crate::sip::EndpointConfig::new("192.0.2.1:5060".parse().unwrap(), 7)
    });
    peer.call(invite());
    peer.endpoint.invite(invite(), peer.now);
    peer.quiet();
    let Event::Failed { failure, .. } = peer.last_event() else { panic!() };
    assert_eq!(failure.kind, FailureKind::Overloaded);
}
