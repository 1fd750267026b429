//! Vectors of the RFC and of another stack, and what an attacker may send.

use proptest::prelude::*;

use super::keys::Keys;
use super::*;
use crate::domain::{SrtpKey, SrtpSuite};

const LONG: SrtpSuite = SrtpSuite::AesCm128HmacSha1_80;

fn bytes(hex: &str) -> Vec<u8> {
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The master key of RFC 3711 §B.3.
fn key() -> SrtpKey {
    let key = "e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6";
    SrtpKey(bytes(key).try_into().unwrap())
}

fn packet(sequence: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7];
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet.extend([0x55; 160]);
    packet
}

fn closed(sender: &mut Sender, packet: &[u8]) -> Vec<u8> {
    let mut buffer = packet.to_vec();
    buffer.extend([0; GROWTH]);
    let length = sender.close(&mut buffer, packet.len()).unwrap();
    buffer.truncate(length);
    buffer
}

fn opens(receiver: &mut Receiver, closed: &[u8]) -> Option<Vec<u8>> {
    receiver.open(closed, &mut [0; 400]).map(<[u8]>::to_vec)
}

#[test]
fn a_packet_is_closed_as_another_stack_closes_it() {
    // libsrtp, test/srtp_driver.c, srtp_validate().
    let plain = bytes("800f1234decafbadcafebabe abababababababababababababababab");
    let expected =
        bytes("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb");
    let made = closed(&mut Sender::new(key(), LONG), &plain);
    assert_eq!(made, expected);
    assert_eq!(opens(&mut Receiver::new(key(), LONG), &made), Some(plain));
}

#[test]
fn a_report_of_another_stack_is_opened() {
    let closed =
        bytes("81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798");
    let plain = bytes("81c8000bcafebabe abababababababababababababababab");
    let mut receiver = Receiver::new(key(), LONG);
    assert_eq!(receiver.open_report(&closed, &mut [0; 64]), Some(&plain[..]));
    assert_eq!(receiver.open_report(&closed, &mut [0; 64]), None, "again");
}

#[test]
fn session_keys_and_key_stream_are_the_rfcs() {
    // RFC 3711 §B.3: the cipher key, the salt and the authentication key of RTP, told by what they do.
    let keys = Keys::of_packets(&key(), LONG);
    let mut stream = [0; 16];
    keys.apply(0, 0, &mut stream);
    // AES-128 of the salt 30CBBC08863D8C85D49DB34A9AE1 0000 with C61E7A93744F39EE10734AFE3FF7A087.
    assert_eq!(stream[..], bytes("fa63bc4668685b65f8fa1ce3909cead5")[..]);
    assert_eq!(keys.sign(b"", b"").as_ref(), bytes("0b008d40f18e9e1cef189c30077b813cc4b96a9c"));
}

#[test]
fn the_short_suite_has_short_tags_in_packets_and_long_ones_in_reports() {
    let short = SrtpSuite::AesCm128HmacSha1_32;
    let (mut sender, mut receiver) = (Sender::new(key(), short), Receiver::new(key(), short));
    let made = closed(&mut sender, &packet(1));
    assert_eq!(made.len(), 172 + 4);
    assert_eq!(opens(&mut receiver, &made), Some(packet(1)));
    let report = bytes("80c900010000000781cb000100000007");
    let made = sender.close_report(report.clone());
    assert_eq!(made.len(), report.len() + 14);
    assert_eq!(receiver.open_report(&made, &mut [0; 64]), Some(&report[..]));
}

#[test]
fn numbers_that_begin_again_are_followed_and_nothing_is_heard_twice() {
    let (mut sender, mut receiver) = (Sender::new(key(), LONG), Receiver::new(key(), LONG));
    let mut made: Vec<_> = [65_533, 65_534, 65_535, 0, 1, 2]
        .map(|sequence| (sequence, closed(&mut sender, &packet(sequence))))
        .into();
    made.swap(2, 4);
    for (sequence, closed) in &made {
        assert_eq!(opens(&mut receiver, closed), Some(packet(*sequence)), "{sequence}");
    }
    for (sequence, closed) in &made {
        assert_eq!(opens(&mut receiver, closed), None, "{sequence} again");
    }
}

#[test]
fn what_is_too_old_or_another_keys_or_changed_is_dropped_and_changes_nothing() {
    let (mut sender, mut receiver) = (Sender::new(key(), LONG), Receiver::new(key(), LONG));
    let old = closed(&mut sender, &packet(1));
    for sequence in 2..=66 {
        let made = closed(&mut sender, &packet(sequence));
        assert!(opens(&mut receiver, &made).is_some());
    }
    assert_eq!(opens(&mut receiver, &old), None, "65 behind");
    let stranger = closed(&mut Sender::new(SrtpKey([9; 30]), LONG), &packet(30_000));
    assert_eq!(opens(&mut receiver, &stranger), None);
    assert_eq!(opens(&mut receiver, &packet(67)), None, "not closed at all");
    let made = closed(&mut sender, &packet(67));
    for at in 0..made.len() {
        let mut changed = made.clone();
        changed[at] ^= 1;
        assert_eq!(opens(&mut receiver, &changed), None, "byte {at}");
    }
    assert_eq!(opens(&mut receiver, &made), Some(packet(67)));
}

#[test]
fn sources_without_end_take_no_room_without_end() {
    let (mut sender, mut receiver) = (Sender::new(key(), LONG), Receiver::new(key(), LONG));
    for ssrc in 0..100_u8 {
        let mut packet = packet(u16::from(ssrc));
        packet[11] = ssrc;
        let made = closed(&mut sender, &packet);
        assert_eq!(opens(&mut receiver, &made), Some(packet));
    }
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut receiver = Receiver::new(key(), LONG);
        prop_assert_eq!(opens(&mut receiver, &bytes), None);
        prop_assert!(receiver.open_report(&bytes, &mut [0; 400]).is_none());
        let mut buffer = bytes.clone();
        prop_assert_eq!(Sender::new(key(), LONG).close(&mut buffer, bytes.len()), None);
        Sender::new(key(), LONG).close_report(bytes);
    }
}
