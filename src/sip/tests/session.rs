//! The session timer (RFC 4028), both ways.

use jiff::SignedDuration;

use super::peer::{Peer, response, value, within};
use crate::sip::Event;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

#[test]
fn a_refresh_of_the_far_end_is_answered_with_its_own_interval() {
    let mut peer = Peer::new();
    let (_, invite) = peer.talk("Session-Expires: 90;refresher=uas\r\nRequire: timer\r\n");
    for cseq in 1..6 {
        peer.wait(SECOND * 45);
        let extra = "Session-Expires: 90;refresher=uac\r\nSupported: timer\r\n";
        peer.hear(&within(&invite, "UPDATE", cseq, extra, ""));
        let ok = peer.take("SIP/2.0 200");
        assert_eq!(value(&ok, "Session-Expires"), "90;refresher=uac");
        assert_eq!(value(&ok, "Require"), "timer");
    }
    peer.quiet();
    // Then it falls silent: 90 s less a third.
    peer.wait(SECOND * 59);
    peer.quiet();
    peer.wait(SECOND * 2);
    peer.take("BYE");
    assert!(matches!(peer.last_event(), Event::Ended { by_remote: false, .. }));
}

#[test]
fn we_refresh_at_half_the_interval_by_update_where_it_is_allowed() {
    let mut peer = Peer::new();
    peer.talk("Session-Expires: 600;refresher=uac\r\nAllow: INVITE, UPDATE\r\n");
    for _ in 0..3 {
        peer.wait(SECOND * 299);
        peer.quiet();
        peer.wait(SECOND);
        let update = peer.take("UPDATE");
        assert_eq!(value(&update, "Session-Expires"), "600;refresher=uac");
        peer.hear(&response(&update, 200, "", "Session-Expires: 600;refresher=uac\r\n", ""));
    }
    assert_eq!(peer.endpoint.dialogs(), 1);
}

#[test]
fn and_by_reinvite_with_the_same_offer_where_it_is_not() {
    let mut peer = Peer::new();
    let (_, invite) = peer.talk("Session-Expires: 600;refresher=uac\r\n");
    peer.wait(SECOND * 300);
    let again = peer.take("INVITE sip:carrier@192.0.2.2:5060");
    assert_eq!(again.split("\r\n\r\n").nth(1), invite.split("\r\n\r\n").nth(1));
    peer.hear(&response(&again, 200, "", "Session-Expires: 600;refresher=uac\r\n", "v=0\r\n"));
    peer.take("ACK");
    assert_eq!(peer.endpoint.dialogs(), 1);
}

#[test]
fn a_refresh_that_nobody_answers_ends_the_call() {
    let mut peer = Peer::new();
    peer.talk("Session-Expires: 90;refresher=uac\r\nAllow: UPDATE\r\n");
    peer.wait(SECOND * 45);
    peer.take("UPDATE");
    peer.wait(SECOND * 15);
    assert!(peer.sent.iter().any(|text| text.starts_with("BYE")));
    assert!(matches!(peer.last_event(), Event::Ended { by_remote: false, .. }));
}

#[test]
fn a_session_that_is_unknown_at_the_far_end_is_over() {
    let mut peer = Peer::new();
    peer.talk("Session-Expires: 90;refresher=uac\r\nAllow: UPDATE\r\n");
    peer.wait(SECOND * 45);
    let update = peer.take("UPDATE");
    peer.hear(&response(&update, 481, "", "", ""));
    peer.take("BYE");
    peer.last_event();
}

#[test]
fn an_interval_that_is_too_short_is_raised_and_one_asked_of_us_refused() {
    let mut peer = Peer::new();
    let (_, invite) = peer.talk("Session-Expires: 90;refresher=uac\r\nAllow: UPDATE\r\n");
    peer.wait(SECOND * 45);
    let update = peer.take("UPDATE");
    peer.hear(&response(&update, 422, "", "Min-SE: 300\r\n", ""));
    peer.wait(SignedDuration::ZERO);
    let update = peer.take("UPDATE");
    assert_eq!(value(&update, "Session-Expires"), "300;refresher=uac");
    peer.hear(&response(&update, 422, "", "Min-SE: 4294967295\r\n", ""));
    peer.wait(SECOND);
    peer.quiet();
    peer.hear(&within(&invite, "UPDATE", 1, "Session-Expires: 10\r\n", ""));
    assert_eq!(value(&peer.take("SIP/2.0 422"), "Min-SE"), "90");
}
