//! Legs that have agreed to SRTP.

use super::*;
use crate::domain::{Srtp, SrtpKey, SrtpSuite};
use crate::rtp::srtp::{GROWTH, Receiver, Sender};

const OURS: SrtpKey = SrtpKey([1; 30]);
const THEIRS: SrtpKey = SrtpKey([2; 30]);

fn secured(far_end: &FarEnd, suite: SrtpSuite) -> MediaTarget {
    let srtp = Some(Srtp { suite, ours: OURS, theirs: THEIRS });
    MediaTarget { srtp, ..far_end.target() }
}

fn closed(sender: &mut Sender, sequence: u16, payload_type: u8, payload: &[u8]) -> Vec<u8> {
    let timestamp = u32::from(sequence) * 160;
    let packet = Packet { payload_type, marker: false, sequence, timestamp, ssrc: 1, payload };
    let mut bytes = [0; 200 + GROWTH];
    let length = write_packet(&packet, &mut bytes).unwrap();
    let length = sender.close(&mut bytes, length).unwrap();
    bytes[..length].to_vec()
}

#[test]
fn who_has_the_key_is_heard_and_hears() {
    for suite in [SrtpSuite::AesCm128HmacSha1_32, SrtpSuite::AesCm128HmacSha1_80] {
        let mut stage = Stage::new();
        let person = FarEnd::new(Law::Mu);
        let leg = stage.engine.open().unwrap();
        stage.engine.connect(leg.id, secured(&person, suite));
        let mut sender = Sender::new(THEIRS, suite);
        let loud = [0x80; 160];
        let mut sequence = 0;
        ticks(25, || {
            let packet = closed(&mut sender, sequence, 0, &loud);
            person.rtp.send_to(&packet, leg.local).unwrap();
            sequence += 1;
        });
        let (mut heard, mut bytes) = (0, [0; 400]);
        let mut receiver = Receiver::new(OURS, suite);
        while let Ok(length) = person.rtp.recv(&mut bytes) {
            assert!(receiver.open(&bytes[..length], &mut [0; 400]).is_some());
            heard += 1;
        }
        let (told, stats, _) = stage.close(leg);
        assert!(heard > 15, "{heard}");
        assert!(matches!(told[..], [MediaEvent::Heard]), "{told:?}");
        assert_eq!((stats.received, stats.refused), (25, 0), "{stats:?}");
        // The good-bye is closed too.
        let mut goodbye = false;
        while let Ok(length) = person.rtcp.recv(&mut bytes) {
            assert!(receiver.open_report(&bytes[..length], &mut [0; 400]).is_some());
            goodbye = true;
        }
        assert!(goodbye);
    }
}

#[test]
fn what_has_not_their_tag_is_dropped_in_silence() {
    let suite = SrtpSuite::AesCm128HmacSha1_80;
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.engine.open().unwrap();
    stage.engine.connect(leg.id, secured(&person, suite));
    stage.engine.record(leg.id, "call.wav".to_owned());
    let mut sender = Sender::new(THEIRS, suite);
    let mut forger = Sender::new(SrtpKey([7; 30]), suite);
    // From the far end's own address: plain audio and keys, both with another key, and one packet again
    // and again.
    let first = closed(&mut sender, 0, 0, &[0xff; 160]);
    for sequence in 0..25 {
        person.send_tone(leg.local, 440.0);
        person.send(leg.local, 101, 7, &[9, 0x8a, 3, 32]);
        person.rtp.send_to(&closed(&mut forger, sequence, 0, &[0x80; 160]), leg.local).unwrap();
        let key = closed(&mut forger, sequence, 101, &[9, 0x8a, 3, 32]);
        person.rtp.send_to(&key, leg.local).unwrap();
        person.rtp.send_to(&first, leg.local).unwrap();
    }
    wait(SETTLED);
    let (told, stats, recording) = stage.close(leg);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!((stats.received, stats.refused, stats.audible), (1, 124, 0), "{stats:?}");
    let (left, _) = stage.recording(&recording.unwrap());
    assert!(left.iter().all(|sample| sample.unsigned_abs() < 50));
}
