//! Offers and answers of the field, and hostile ones.

use super::*;

fn local() -> LocalMedia {
    LocalMedia { address: "192.0.2.9:40000".parse().unwrap(), laws: vec![Law::Mu, Law::A] }
}

fn body(middle: &str) -> String {
    format!("v=0\r\no=c 1 1 IN IP4 198.51.100.1\r\ns=-\r\n{middle}")
}

#[test]
fn an_offer_is_answered_and_both_ends_agree() {
    let offered = offer(&local(), 1);
    let peer = LocalMedia { address: "198.51.100.1:6000".parse().unwrap(), laws: vec![Law::A] };
    let (answered, callee) = answer(&offered, &peer, 1).unwrap();
    let caller = read_answer(&answered, &local()).unwrap();
    assert_eq!((caller.address, callee.address), (peer.address, local().address));
    assert_eq!((caller.law, caller.payload_type), (Law::A, 8));
    assert_eq!((callee.law, callee.telephone_event), (Law::A, Some(101)));
    assert_eq!(caller.direction, Direction::SendReceive);
}

#[test]
fn a_payload_type_is_the_far_ends_own() {
    // RFC 3264 §6.1: each side sends with the numbers of the other.
    let answer = body(
        "c=IN IP4 198.51.100.1\nt=0 0\nm=audio 6000 RTP/AVP 97 96\n\
                       a=rtpmap:96 telephone-event/8000\na=rtpmap:97 PCMU/8000/1\n",
    );
    let target = read_answer(&answer, &local()).unwrap();
    assert_eq!((target.payload_type, target.telephone_event), (97, Some(96)));
}

#[test]
fn a_stream_may_have_its_own_address() {
    let answer =
        body("c=IN IP4 198.51.100.1\r\nm=audio 6000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n");
    assert_eq!(read_answer(&answer, &local()).unwrap().address.to_string(), "[2001:db8::1]:6000");
}

#[test]
fn what_cannot_be_used_is_refused_with_its_reason() {
    let c = "c=IN IP4 198.51.100.1\r\n";
    for (middle, fault) in [
        (format!("{c}m=audio 0 RTP/AVP 0\r\n"), SdpFault::Refused),
        (format!("{c}m=audio 99999 RTP/AVP 0\r\n"), SdpFault::Malformed('m')),
        (format!("{c}m=audio -6000 RTP/AVP 0\r\n"), SdpFault::Malformed('m')),
        (format!("{c}m=audio +6000 RTP/AVP 0\r\n"), SdpFault::Malformed('m')),
        (format!("{c}m=audio6000 RTP/AVP 0\r\n"), SdpFault::Malformed('m')),
        (format!("{c}m=audio 6000 RTP/AVP 9 18\r\n"), SdpFault::Codec),
        (
            format!("{c}m=audio 6000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n"),
            SdpFault::Codec,
        ),
        (format!("{c}m=audio 6000 RTP/SAVP 0\r\n"), SdpFault::NoAudio),
        (format!("{c}m=image 6000 udptl t38\r\n"), SdpFault::NoAudio),
        ("m=audio 6000 RTP/AVP 0\r\n".to_owned(), SdpFault::Address),
        ("c=IN IP4 224.1.2.3/127\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(), SdpFault::Address),
        ("c=IN IP4 224.1.2.3\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(), SdpFault::Address),
        ("c=IN IP4 255.255.255.255\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(), SdpFault::Address),
        ("c=IN IP4 0x7f000001\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(), SdpFault::Address),
        ("c=IN IP4 media.example\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(), SdpFault::Address),
        ("c=IN IP4 ::1\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(), SdpFault::Address),
        ("c=IN IP4 0.0.0.0\r\nm=audio 6000 RTP/AVP 0\r\n".to_owned(), SdpFault::Address),
    ] {
        assert_eq!(read_answer(&body(&middle), &local()), Err(fault), "{middle}");
    }
    assert_eq!(read_answer("", &local()), Err(SdpFault::Malformed('v')));
}

#[test]
fn a_hold_is_answered_by_listening_only() {
    let held = |line: &str| {
        let offer = body(&format!("{line}\r\nm=audio 6000 RTP/AVP 0\r\na=sendonly\r\n"));
        answer(&offer, &local(), 2).unwrap()
    };
    for connection in ["c=IN IP4 198.51.100.1", "c=IN IP4 0.0.0.0"] {
        let (text, target) = held(connection);
        assert!(text.contains("a=recvonly\r\n"), "{text}");
        assert!(text.contains("o=- 40000 2 IN IP4 192.0.2.9\r\n"), "{text}");
        assert_eq!(target.direction, Direction::ReceiveOnly);
    }
}

#[test]
fn the_old_hold_never_sends() {
    let offer = body("c=IN IP4 0.0.0.0\r\nm=audio 6000 RTP/AVP 0\r\n");
    assert_eq!(answer(&offer, &local(), 2).unwrap().1.direction, Direction::ReceiveOnly);
}

#[test]
fn further_streams_are_refused_in_place() {
    // RFC 3264 §6: an answer has as many streams as its offer.
    let offer = body(
        "c=IN IP4 198.51.100.1\r\nm=video 7000 RTP/AVP 31\r\n\
                      m=audio 6000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n\
                      m=image 7002 udptl t38\r\n",
    );
    let (text, _) = answer(&offer, &local(), 1).unwrap();
    let streams: Vec<_> = text.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(
        streams,
        ["m=video 0 RTP/AVP 31", "m=audio 40000 RTP/AVP 8 96", "m=image 0 udptl t38"]
    );
}
