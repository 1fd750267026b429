//! No bytes panic, and none cost more than their length.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::peer::{CONTACT, Peer, SDP, response, within};
use crate::domain::Codec;
use crate::sip::message::{Head, Message};
use crate::sip::sdp::{self, LocalMedia};
use crate::sip::uri::Uri;

/// An endpoint in the middle of things, and messages that fit it.
fn busy() -> (Peer, Vec<String>) {
    let mut peer = Peer::new();
    peer.strangers = true;
    let (_, invite) = peer.talk("Session-Expires: 90\r\n");
    let (_, ringing) = peer.call(super::wire::invite());
    let messages = vec![
        within(&invite, "BYE", 3, "Reason: Q.850;cause=16\r\n", ""),
        within(&invite, "INVITE", 2, CONTACT, SDP),
        within(&invite, "UPDATE", 1, "Session-Expires: 90;refresher=uac\r\n", ""),
        response(&ringing, 183, "a", "Require: 100rel\r\nRSeq: 1\r\n", SDP),
        response(&ringing, 200, "b", CONTACT, SDP),
        response(&ringing, 401, "c", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n", ""),
        response(&ringing, 503, "c", "Retry-After: 30 (later)\r\n", ""),
        response(&invite, 200, "d", CONTACT, SDP),
    ];
    (peer, messages)
}

fn bend(text: &str, changes: &[(usize, u8, u8)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, kind, byte) in changes {
        let at = at % bytes.len().max(1);
        match kind % 3 {
            0 if !bytes.is_empty() => bytes[at] = *byte,
            1 => bytes.insert(at, *byte),
            2 if !bytes.is_empty() => drop(bytes.remove(at)),
            _ => {}
        }
    }
    bytes
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        Peer::new().hear_bytes(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let address = "192.0.2.1:4000".parse().unwrap();
        let local = LocalMedia { address, codecs: vec![Codec::PCMU], srtp: None };
        let _ = sdp::answer(&text, &local, 1);
        let _ = sdp::answer(&format!("v=0\r\n{text}"), &local, 1);
        let _ = Uri::parse(&text);
    }

    #[test]
    fn no_bent_message_panics_or_leaves_a_call_with_two_ends(
        which in any::<usize>(),
        changes in proptest::collection::vec((any::<usize>(), any::<u8>(), any::<u8>()), 1..6),
    ) {
        let (mut peer, messages) = busy();
        let bytes = bend(&messages[which % messages.len()], &changes);
        if let Some(head) = Head::read(&bytes) {
            let _ = Message::parse(&head.text, head.rest);
        }
        peer.hear_bytes(&bytes);
        for message in &messages {
            peer.hear(message);
        }
        peer.wait(SignedDuration::from_secs(300));
        let mut ends: Vec<_> = peer.events.iter().filter_map(|event| match event {
            crate::sip::Event::Ended { dialog, .. } | crate::sip::Event::Failed { dialog, .. } => {
                Some(*dialog)
            }
            _ => None,
        }).collect();
        let told = ends.len();
        ends.sort();
        ends.dedup();
        prop_assert_eq!(told, ends.len());
    }
}

#[test]
fn long_values_take_time_in_proportion() {
    // Each of these is 60 kB of what tempts a parser to look again or to go deeper.
    for value in ["(", "\"", "\\\"", "<", ",", ";", "%", " ;a", "a="] {
        let value = value.repeat(60_000 / value.len());
        let mut peer = Peer::new();
        for name in ["To", "Via", "Contact", "Subject", "Retry-After", "Route"] {
            peer.hear(&format!(
                "OPTIONS sip:7@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n\
                 From: <sip:c@h>;tag=1\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n{name}: {value}\r\n\r\n"
            ));
        }
    }
}
