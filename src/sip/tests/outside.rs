//! What strangers send, and requests outside any dialog.

use jiff::SignedDuration;

use super::peer::{Peer, address, response, value, within};
use super::wire::{CALLEE, CALLER, Wire, invite};
use crate::sip::digest::{self, Verdict, Verifier};
use crate::sip::{Credentials, EndpointConfig, Event, Register};

fn request(method: &str, extra: &str) -> String {
    format!(
        "{method} sip:7@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK{method}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:c@h>;tag=t1\r\nTo: <sip:7@h>\r\nCall-ID: c1\r\n\
         CSeq: 1 {method}\r\n{extra}Content-Length: 0\r\n\r\n"
    )
}

#[test]
fn each_stranger_gets_its_refusal_and_nothing_is_kept() {
    for (text, status) in [
        (request("OPTIONS", ""), "200"),
        (request("BYE", ""), "481"),
        (request("CANCEL", ""), "481"),
        (request("INFO", ""), "481"),
        (request("UPDATE", ""), "481"),
        (request("MESSAGE", ""), "405"),
        (request("REFER", "Refer-To: <sip:evil@h>\r\n"), "405"),
        (request("SUBSCRIBE", "Event: presence\r\n"), "405"),
        (request("WHATEVER", ""), "501"),
        (request("invite", ""), "501"),
        (request("INVITE", "Replaces: c1;to-tag=1;from-tag=2\r\n"), "481"),
        (request("INVITE", "Require: replaces\r\n"), "420"),
        (request("INVITE", "Require: 100rel\r\n"), "420"),
        (request("INVITE", "Accept: text/plain\r\n"), "406"),
        (request("INVITE", "Session-Expires: 30\r\n"), "422"),
        (request("OPTIONS", "").replace("sip:7@192.0.2.1 ", "isbn:1 "), "416"),
        (request("OPTIONS", "").replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia"), "505"),
        (request("BYE", "").replace("To: <sip:7@h>", "To: <sip:7@h>;tag=0123456789abcdef"), "481"),
        (request("INVITE", "").replace("To: <sip:7@h>", "To: <sip:7@h>;tag=x"), "481"),
        (request("OPTIONS", "").replace("CSeq: 1", "CSeq: x"), "400"),
        (request("OPTIONS", "").replace("Call-ID: c1\r\n", ""), "400"),
    ] {
        let mut peer = Peer::new();
        peer.hear(&text);
        let first = peer.take(&format!("SIP/2.0 {status} "));
        peer.hear(&text);
        assert_eq!(peer.take("SIP/2.0"), first, "the same again");
        peer.quiet();
        assert!(peer.events.is_empty(), "{text}");
        assert_eq!((peer.endpoint.dialogs(), peer.endpoint.poll_timeout()), (0, None), "{text}");
    }
}

#[test]
fn who_takes_no_calls_and_registers_nobody_says_405() {
    let config = EndpointConfig::new("192.0.2.1:5060".parse().unwrap(), 7);
    let mut peer = Peer::with(EndpointConfig { takes_calls: false, ..config });
    for method in ["INVITE", "REGISTER"] {
        peer.hear(&request(method, ""));
        assert!(value(&peer.take("SIP/2.0 405"), "Allow").contains("INVITE"));
    }
}

#[test]
fn an_ack_and_a_malformed_ack_are_never_answered() {
    let mut peer = Peer::new();
    peer.hear(&request("ACK", ""));
    peer.hear(&request("ACK", "").replace("CSeq: 1", "CSeq: x"));
    peer.quiet();
}

#[test]
fn a_call_is_not_touched_by_requests_with_wrong_tags() {
    let mut peer = Peer::new();
    let (_, invite) = peer.talk("");
    let bye = within(&invite, "BYE", 1, "", "");
    for wrong in [
        bye.replace(";tag=t1", ""),
        bye.replace(";tag=t1", ";tag=t2"),
        bye.replace(&format!("To: {}", value(&invite, "From")), "To: <sip:a@h>"),
        bye.replace(value(&invite, "Call-ID"), "another"),
        within(&invite, "CANCEL", 1, "", ""),
        within(&invite, "PRACK", 1, "RAck: 1 1 INVITE\r\n", ""),
    ] {
        peer.hear(&wrong);
        peer.take("SIP/2.0 481");
    }
    assert_eq!(peer.endpoint.dialogs(), 1);
    peer.hear(&within(&invite, "REFER", 9, "Refer-To: <sip:evil@h>\r\n", ""));
    peer.take("SIP/2.0 405");
    peer.hear(&bye.replace("CSeq: 1 ", "CSeq: 10 ").replace("peerBYE1", "peerBYE10"));
    peer.take("SIP/2.0 200");
}

#[test]
fn a_response_goes_to_the_source_and_says_so() {
    let mut peer = Peer::new();
    let poisoned = request("OPTIONS", "").replace(
        "Via: SIP/2.0/UDP 192.0.2.2;",
        "Via: SIP/2.0/UDP 203.0.113.9:5060;received=203.0.113.9;maddr=203.0.113.9;rport;",
    );
    peer.hear(&poisoned);
    // The harness fails on a packet to anybody else.
    let via = value(&peer.take("SIP/2.0 200"), "Via").to_owned();
    assert!(via.contains(";rport=5060") && via.ends_with(";received=192.0.2.2"), "{via}");
}

#[test]
fn an_options_of_ours_is_answered_or_times_out() {
    let mut peer = Peer::new();
    let id = peer.endpoint.options(address(), "sip:192.0.2.2".into(), peer.now);
    let options = peer.take("OPTIONS sip:192.0.2.2 SIP/2.0");
    peer.hear(&response(&options, 503, "t1", "", ""));
    let Some(Event::Response { id: answered, status, .. }) = peer.events.pop() else { panic!() };
    assert_eq!((answered, status), (id, Some(503)));
    let id = peer.endpoint.options(address(), "sip:192.0.2.2".into(), peer.now);
    peer.wait(SignedDuration::from_secs(32));
    let Some(Event::Response { id: answered, status, .. }) = peer.events.pop() else { panic!() };
    assert_eq!((answered, status), (id, None));
}

fn register(password: &str) -> Register {
    let (username, realm) = ("agent7".to_owned(), None);
    Register {
        next_hop: super::wire::address(CALLEE),
        aor: "sip:agent7@dialer.example".into(),
        expires_s: 120,
        credentials: Some(Credentials { username, password: password.into(), realm }),
    }
}

/// Lets the callee be the registrar until nothing more happens.
fn serve(wire: &mut Wire, verifier: &mut Verifier) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for _ in 0..8 {
        wire.run(SignedDuration::from_secs(1));
        for event in std::mem::take(&mut wire.events[CALLEE]) {
            let Event::Request { id, request, .. } = event else { panic!("{event:?}") };
            let stored =
                |_: &str, algorithm| Some(digest::ha1(algorithm, "agent7", "outdial", "secret"));
            let verdict = verifier.verify(&request, stored, wire.now);
            let (status, headers) = match verdict {
                Verdict::Granted => (200, vec![("Expires".to_owned(), "60".to_owned())]),
                Verdict::Refused => (403, Vec::new()),
                Verdict::Missing => (401, verifier.challenge(false, wire.now)),
                Verdict::Stale => (401, verifier.challenge(true, wire.now)),
            };
            wire.ends[CALLEE].respond(id, status, headers, None, wire.now);
            verdicts.push(verdict);
        }
    }
    verdicts
}

#[test]
fn a_phone_registers_with_the_right_password_and_not_with_a_wrong_one() {
    let mut wire = Wire::new();
    let mut verifier = Verifier::new("outdial", 3);
    let now = wire.now;
    let id = wire.ends[CALLER].register(register("secret"), now);
    assert_eq!(serve(&mut wire, &mut verifier), [Verdict::Missing, Verdict::Granted]);
    let Some(Event::Response { id: answered, status, expires_s }) = wire.events[CALLER].pop()
    else {
        panic!()
    };
    assert_eq!((answered, status, expires_s), (id, Some(200), Some(60)));
    let now = wire.now;
    wire.ends[CALLER].register(register("wrong"), now);
    assert_eq!(serve(&mut wire, &mut verifier), [Verdict::Missing, Verdict::Refused]);
    assert!(matches!(wire.events[CALLER].pop(), Some(Event::Response { status: Some(403), .. })));
}

#[test]
fn a_phone_registers_at_an_ipv6_address() {
    let mut wire = Wire::new();
    let mut verifier = Verifier::new("outdial", 3);
    let now = wire.now;
    let aor = "sip:agent7@[2001:db8::1]:5070".to_owned();
    wire.ends[CALLER].register(Register { aor, ..register("secret") }, now);
    assert_eq!(serve(&mut wire, &mut verifier), [Verdict::Missing, Verdict::Granted]);
}

#[test]
fn an_invite_from_outside_is_told_once_however_often_it_comes() {
    let mut peer = Peer::new();
    let invite = {
        let mut other = Peer::new();
        other.call(invite()).1.replace("192.0.2.1", "192.0.2.2")
    };
    peer.hear(&invite);
    peer.hear(&invite);
    assert_eq!(peer.events.len(), 1);
}
