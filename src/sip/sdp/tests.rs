//! Offers and answers of the field, and hostile ones.

use super::*;
use crate::domain::{SrtpKey, SrtpSuite};

fn local() -> LocalMedia {
    LocalMedia {
        address: "192.0.2.9:40000".parse().unwrap(),
        codecs: Codec::LAWS.to_vec(),
        srtp: None,
    }
}

fn body(middle: &str) -> String {
    format!("v=0\r\no=c 1 1 IN IP4 198.51.100.1\r\ns=-\r\n{middle}")
}

#[test]
fn an_offer_is_answered_and_both_ends_agree() {
    let offered = offer(&local(), 1);
    let peer = LocalMedia {
        address: "198.51.100.1:6000".parse().unwrap(),
        codecs: vec![Codec::PCMA],
        srtp: None,
    };
    let (answered, callee) = answer(&offered, &peer, 1).unwrap();
    let caller = read_answer(&answered, &local()).unwrap();
    assert_eq!((caller.address, callee.address), (peer.address, local().address));
    assert_eq!((caller.codec, caller.payload_type), (Codec::PCMA, 8));
    assert_eq!((callee.codec, callee.telephone_event), (Codec::PCMA, Some(101)));
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

const KEY: &str = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";

fn secure(required: bool) -> LocalMedia {
    let srtp = LocalSrtp::new(required, [SrtpKey([1; 30]), SrtpKey([2; 30])]);
    LocalMedia { srtp: Some(srtp), ..local() }
}

fn audio(protocol: &str, lines: &str) -> String {
    body(&format!("c=IN IP4 198.51.100.1\r\nm=audio 6000 {protocol} 0\r\n{lines}"))
}

#[test]
fn two_ends_with_keys_agree_each_to_its_own() {
    for required in [false, true] {
        let offered = offer(&secure(required), 1);
        assert_eq!(offered.contains("RTP/SAVP"), required, "{offered}");
        let keys = [SrtpKey([3; 30]), SrtpKey([4; 30])];
        let peer = LocalMedia { srtp: Some(LocalSrtp::new(true, keys)), ..local() };
        let (answered, callee) = answer(&offered, &peer, 1).unwrap();
        let caller = read_answer(&answered, &secure(required)).unwrap();
        let (caller, callee) = (caller.srtp.unwrap(), callee.srtp.unwrap());
        assert_eq!((caller.ours, caller.theirs), (SrtpKey([1; 30]), SrtpKey([3; 30])));
        assert_eq!((callee.ours, callee.theirs), (caller.theirs, caller.ours));
        assert_eq!(caller.suite, SrtpSuite::AesCm128HmacSha1_80);
    }
}

#[test]
fn an_answer_with_short_tags_is_taken_with_the_key_for_them() {
    let lines = format!("a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}|2^20\r\n");
    let agreed = read_answer(&audio("RTP/SAVP", &lines), &secure(true)).unwrap().srtp.unwrap();
    assert_eq!((agreed.suite, agreed.ours), (SrtpSuite::AesCm128HmacSha1_32, SrtpKey([2; 30])));
}

#[test]
fn plain_rtp_is_refused_where_srtp_is_required_and_taken_where_it_is_not() {
    let plain = audio("RTP/AVP", "");
    assert_eq!(read_answer(&plain, &secure(true)), Err(SdpFault::Plain));
    assert_eq!(answer(&plain, &secure(true), 1), Err(SdpFault::Plain));
    assert_eq!(read_answer(&plain, &secure(false)).unwrap().srtp, None);
    // Keys that nobody asked for are passed over (pjsua's 301_srtp0_recv_avp).
    let lines = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n");
    let (answered, target) = answer(&audio("RTP/AVP", &lines), &local(), 1).unwrap();
    assert!(target.srtp.is_none() && !answered.contains("crypto"), "{answered}");
    assert_eq!(answer(&audio("RTP/SAVP", &lines), &local(), 1), Err(SdpFault::NoAudio));
}

#[test]
fn an_offer_of_both_kinds_is_answered_with_the_one_that_has_keys() {
    let lines =
        format!("m=audio 6002 RTP/SAVP 0\r\na=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n");
    let offered = audio("RTP/AVP", &lines);
    let (answered, target) = answer(&offered, &secure(false), 1).unwrap();
    assert_eq!((target.address.port(), target.srtp.is_some()), (6002, true));
    assert!(answered.contains("m=audio 0 RTP/AVP 0\r\nm=audio 40000 RTP/SAVP 0"), "{answered}");
    assert!(answered.contains("a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:"), "{answered}");
    assert_eq!(answer(&offered, &local(), 1).unwrap().1.address.port(), 6000);
}

#[test]
fn keys_that_cannot_be_used_are_none() {
    let long = "AES_CM_128_HMAC_SHA1_80";
    for line in [
        format!("1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}"),
        format!("1 {long} inline:{}", &KEY[..39]),
        format!("1 {long} inline:"),
        format!("1 {long}"),
        format!("1 {long} inline:{KEY}|1:4"),
        format!("1 {long} inline:{KEY};inline:{KEY}"),
        format!("1 {long} inline:{KEY} UNENCRYPTED_SRTP"),
        format!("1 {long} inline:{KEY} KDR=1"),
        format!("1x {long} inline:{KEY}"),
        format!("12345678901 {long} inline:{KEY}"),
        format!("1 {long} uri:{KEY}"),
    ] {
        let text = audio("RTP/SAVP", &format!("a=crypto:{line}\r\n"));
        assert_eq!(answer(&text, &secure(true), 1), Err(SdpFault::Crypto), "{line}");
    }
    let text =
        audio("RTP/SAVP", &format!("a=cRyPtO:1 aes_cm_128_hmac_sha1_80 Inline:{KEY} WSH=64\r\n"));
    assert!(answer(&text, &secure(true), 1).is_ok(), "upper and lower case alike");
    let text = audio("RTP/SAVP", &format!("a=crypto:3 {long} inline:{KEY}\r\n"));
    assert_eq!(read_answer(&text, &secure(true)), Err(SdpFault::Crypto), "a tag not offered");
}

#[test]
fn who_has_no_g711_is_answered_in_what_both_understand() {
    let offers = [
        ("111 101", "a=rtpmap:111 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"),
        ("9", ""),
        ("3 98", "a=rtpmap:98 g722/8000\r\n"),
    ];
    let wanted = [(Codec::Opus, 111), (Codec::G722, 9), (Codec::G722, 98)];
    for ((formats, rtpmaps), wanted) in offers.into_iter().zip(wanted) {
        let middle =
            format!("c=IN IP4 198.51.100.1\r\nm=audio 6000 RTP/AVP {formats}\r\n{rtpmaps}");
        let (answered, target) = answer(&body(&middle), &local(), 1).unwrap();
        assert_eq!((target.codec, target.payload_type), wanted, "{answered}");
        assert!(answered.contains(&format!("RTP/AVP {}", wanted.1)), "{answered}");
    }
    let g729 = body("c=IN IP4 198.51.100.1\r\nm=audio 6000 RTP/AVP 18\r\n");
    assert_eq!(answer(&g729, &local(), 1).unwrap_err(), SdpFault::Codec);
    // What was not offered is no answer.
    let unasked = body("c=IN IP4 198.51.100.1\r\nm=audio 6000 RTP/AVP 9\r\n");
    assert_eq!(read_answer(&unasked, &local()).unwrap_err(), SdpFault::Codec);
}

#[test]
fn opus_is_offered_with_keys_of_its_own_clock_and_agreed_with_them() {
    let codecs = vec![Codec::Opus, Codec::G722, Codec::PCMU];
    let wide = LocalMedia { codecs, ..local() };
    let offered = offer(&wide, 1);
    assert!(offered.contains("m=audio 40000 RTP/AVP 111 9 0 101 110\r\n"), "{offered}");
    assert!(offered.contains("a=rtpmap:111 opus/48000/2\r\n"), "{offered}");
    let (answered, callee) = answer(&offered, &wide, 1).unwrap();
    let caller = read_answer(&answered, &wide).unwrap();
    assert_eq!((callee.codec, callee.telephone_event), (Codec::Opus, Some(110)));
    assert_eq!((caller.codec, caller.telephone_event), (Codec::Opus, Some(110)));
    assert!(answered.contains("a=rtpmap:110 telephone-event/48000\r\n"), "{answered}");
    // Who has G.711 alone gets it.
    let (_, plain) = answer(&offered, &local(), 1).unwrap();
    assert_eq!((plain.codec, plain.telephone_event), (Codec::PCMU, Some(101)));
}
