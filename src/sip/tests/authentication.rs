//! Challenges to requests of ours (RFC 3261 §22): answered once, for one realm.

use super::peer::{CONTACT, Peer, SDP, address, response, value, within};
use super::wire::invite;
use crate::sip::{Credentials, Event, FailureKind, Invite};

fn with_credentials(realm: Option<&str>) -> Invite {
    let credentials = Credentials {
        username: "dialer".into(),
        password: "s3cret".into(),
        realm: realm.map(str::to_owned),
    };
    Invite { next_hop: address(), credentials: Some(credentials), ..invite() }
}

fn challenge(realm: &str, more: &str) -> String {
    format!("WWW-Authenticate: Digest realm=\"{realm}\", nonce=\"n1\", qop=\"auth\"{more}\r\n")
}

#[test]
fn a_401_is_answered_within_the_same_call() {
    let mut peer = Peer::new();
    let (_, first) = peer.call(with_credentials(None));
    peer.hear(&response(&first, 401, "t0", &challenge("carrier", ", opaque=\"o\""), ""));
    let ack = peer.take("ACK");
    assert_eq!(value(&ack, "Via"), value(&first, "Via"));
    let second = peer.take("INVITE");
    for same in ["From", "To", "Call-ID", "Contact", "P-Asserted-Identity"] {
        assert_eq!(value(&second, same), value(&first, same), "{same}");
    }
    assert_eq!(value(&second, "CSeq"), "2 INVITE");
    assert_ne!(value(&second, "Via"), value(&first, "Via"));
    assert_eq!(second.split("\r\n\r\n").nth(1), first.split("\r\n\r\n").nth(1));
    let answer = value(&second, "Authorization");
    for part in ["Digest username=\"dialer\"", "realm=\"carrier\"", "nc=00000001", "opaque=\"o\""] {
        assert!(answer.contains(part), "{answer}");
    }
    assert!(!answer.contains("s3cret"));
    peer.hear(&response(&second, 200, "t1", CONTACT, SDP));
    let ack = peer.take("ACK");
    assert_eq!(value(&ack, "Authorization"), answer, "RFC 3261 §13.2.2.4");
    assert!(matches!(peer.events[..], [Event::Answered { .. }]), "{:?}", peer.events);
}

fn fails_with(peer: &mut Peer, status: u16) {
    let Event::Failed { failure, .. } = peer.last_event() else { panic!() };
    assert_eq!(failure.status, Some(status));
    assert_eq!(failure.kind, FailureKind::AuthenticationRefused);
}

#[test]
fn credentials_that_are_refused_are_not_sent_again() {
    let mut peer = Peer::new();
    let (_, first) = peer.call(with_credentials(None));
    peer.hear(&response(&first, 407, "t0", &challenge("r", "").replace("WWW", "Proxy"), ""));
    peer.take("ACK");
    let second = peer.take("INVITE");
    assert!(value(&second, "Proxy-Authorization").contains("nonce=\"n1\""));
    let again = challenge("r", "").replace("n1", "n2").replace("WWW", "Proxy");
    peer.hear(&response(&second, 407, "t0", &again, ""));
    peer.take("ACK");
    peer.quiet();
    fails_with(&mut peer, 407);
}

#[test]
fn a_stale_nonce_is_another_try_but_not_for_ever() {
    let mut peer = Peer::new();
    let (_, mut sent) = peer.call(with_credentials(None));
    for _ in 0..3 {
        peer.hear(&response(&sent, 401, "t0", &challenge("r", ", stale=TRUE"), ""));
        peer.take("ACK");
        sent = peer.take("INVITE");
    }
    peer.hear(&response(&sent, 401, "t0", &challenge("r", ", stale=true"), ""));
    peer.take("ACK");
    peer.quiet();
    fails_with(&mut peer, 401);
}

#[test]
fn without_credentials_or_for_another_realm_a_challenge_is_the_end() {
    for (invite, challenge) in [
        (invite(), challenge("carrier", "")),
        (with_credentials(Some("carrier")), challenge("bank.example", "")),
        (with_credentials(None), "WWW-Authenticate: Basic realm=\"carrier\"\r\n".to_owned()),
        (with_credentials(None), String::new()),
    ] {
        let mut peer = Peer::new();
        let (_, sent) = peer.call(invite);
        peer.hear(&response(&sent, 401, "t0", &challenge, ""));
        peer.take("ACK");
        peer.quiet();
        fails_with(&mut peer, 401);
    }
}

#[test]
fn a_bye_is_never_answered_for_for_another_realm() {
    // The SIP digest leak: a callee challenges the BYE to collect a digest.
    for realm in [None, Some("carrier")] {
        let mut peer = Peer::new();
        let (dialog, first) = peer.call(with_credentials(realm));
        peer.hear(&response(&first, 401, "t0", &challenge("carrier", ""), ""));
        peer.take("ACK");
        let second = peer.take("INVITE");
        peer.hear(&response(&second, 200, "t1", CONTACT, SDP));
        peer.take("ACK");
        peer.endpoint.hang_up(dialog, peer.now);
        let bye = peer.take("BYE");
        peer.hear(&response(&bye, 407, "", &challenge("evil", "").replace("WWW", "Proxy"), ""));
        peer.quiet();
        assert!(matches!(peer.last_event(), Event::Ended { by_remote: false, .. }));
        assert_eq!(peer.endpoint.dialogs(), 0);
    }
}

#[test]
fn a_bye_whose_realm_was_never_bound_is_not_answered_for() {
    let mut peer = Peer::new();
    let (dialog, first) = peer.call(with_credentials(None));
    peer.hear(&response(&first, 200, "t1", CONTACT, SDP));
    peer.take("ACK");
    peer.endpoint.hang_up(dialog, peer.now);
    let bye = peer.take("BYE");
    peer.hear(&response(&bye, 401, "", &challenge("evil", ""), ""));
    peer.quiet();
}

#[test]
fn a_bye_in_the_trunks_own_realm_is_answered_for_once() {
    let mut peer = Peer::new();
    let (dialog, first) = peer.call(with_credentials(Some("carrier")));
    peer.hear(&response(&first, 200, "t1", CONTACT, SDP));
    peer.take("ACK");
    peer.endpoint.hang_up(dialog, peer.now);
    let bye = peer.take("BYE");
    peer.hear(&response(&bye, 401, "", &challenge("carrier", ""), ""));
    let again = peer.take("BYE");
    assert_eq!(value(&again, "CSeq"), "3 BYE");
    assert!(value(&again, "Authorization").contains("realm=\"carrier\""));
    peer.hear(&within(&first, "BYE", 1, "", ""));
    peer.take("SIP/2.0 200");
    peer.hear(&response(&again, 401, "", &challenge("carrier", ""), ""));
    peer.quiet();
    peer.last_event();
    assert_eq!(peer.endpoint.dialogs(), 0);
}
