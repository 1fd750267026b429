//! Strangers, liars and floods.

use std::path::Path;

use super::*;

const STRANGER: [u8; 4] = [127, 0, 0, 66];

/// SR-less BYE and APP, as an attacker would send them.
fn goodbye(ssrc: u32) -> Vec<u8> {
    let ssrc = ssrc.to_be_bytes();
    let report = [&[0x80, 201, 0, 1][..], &ssrc].concat();
    [&report[..], &[0x81, 203, 0, 1], &ssrc].concat()
}

#[test]
fn nothing_is_taken_from_a_stranger_and_nothing_is_sent_to_one() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let mut strangers = [FarEnd::at(STRANGER, Law::Mu), FarEnd::new(Law::Mu), FarEnd::new(Law::Mu)];
    // A stranger that knows the SSRC is a stranger still.
    strangers[1].ssrc = person.ssrc;
    strangers[2].ssrc = 99;
    let leg = stage.connected(&person);
    let reports = SocketAddr::new(leg.local.ip(), leg.local.port() + 1);
    stage.engine.record(leg.id, "call.wav".to_owned());
    ticks(60, || {
        person.send_tone(leg.local, 1000.0);
        if person.sequence > 5 {
            for stranger in &mut strangers {
                stranger.send_tone(leg.local, 440.0);
                stranger.send(leg.local, 101, 7, &[9, 0x8a, 3, 32]);
                stranger.rtcp.send_to(&goodbye(person.ssrc), reports).unwrap();
            }
        }
    });
    person.hear();
    let heard_by_strangers: usize = strangers
        .iter_mut()
        .map(|stranger| {
            stranger.hear();
            stranger.packets.len()
        })
        .sum();
    let (told, stats, recording) = stage.close(leg);
    assert_eq!(heard_by_strangers, 0, "not one packet goes to a stranger");
    assert!(matches!(told[..], [MediaEvent::Heard]), "no key of a stranger: {told:?}");
    assert_eq!((stats.received, stats.refused, stats.lost), (60, 0, 0), "{stats:?}");
    assert!(stats.strangers >= 55 * 6, "{stats:?}");
    assert!(person.packets.len() > 50, "the call goes on after a stranger's BYE");
    let (left, _) = stage.recording(&recording.unwrap());
    assert!(share_at(440.0, &left) < 0.001);
}

#[test]
fn before_the_first_packet_only_the_address_of_the_sdp_is_believed() {
    let mut stage = Stage::new();
    let (mut person, mut elsewhere) = (FarEnd::new(Law::Mu), FarEnd::at(STRANGER, Law::Mu));
    let leg = stage.engine.open().unwrap();
    person.send_tone(leg.local, 1000.0);
    wait(SETTLED);
    stage.engine.connect(leg.id, person.target());
    wait(SETTLED);
    ticks(10, || elsewhere.send_tone(leg.local, 440.0));
    // Behind a port-changing NAT: the same address, another port.
    let mut behind_nat = FarEnd::new(Law::Mu);
    ticks(10, || behind_nat.send_tone(leg.local, 1000.0));
    wait(SETTLED);
    behind_nat.hear();
    person.hear();
    let to_sdp = person.packets.len();
    ticks(10, || behind_nat.send_tone(leg.local, 1000.0));
    behind_nat.hear();
    person.hear();
    let (_, stats, _) = stage.close(leg);
    assert_eq!((stats.received, stats.strangers), (20, 11), "{stats:?}");
    assert!(behind_nat.packets.len() > 10, "RTP goes to where it comes from");
    assert!(person.packets.len() <= to_sdp + 1);
}

#[test]
fn a_connecting_elsewhere_locks_out_the_source_before() {
    let mut stage = Stage::new();
    let (mut before, mut after) = (FarEnd::new(Law::Mu), FarEnd::at([127, 0, 0, 7], Law::A));
    after.ssrc = 5;
    let leg = stage.connected(&before);
    ticks(10, || before.send_tone(leg.local, 1000.0));
    wait(SETTLED);
    stage.engine.connect(leg.id, after.target());
    wait(SETTLED);
    ticks(10, || {
        before.send_tone(leg.local, 1000.0);
        after.send_tone(leg.local, 440.0);
    });
    after.hear();
    let (_, stats, _) = stage.close(leg);
    assert_eq!((stats.received, stats.strangers, stats.refused), (20, 10, 0), "{stats:?}");
    assert!(after.packets.len() >= 8);
}

#[test]
fn another_ssrc_of_the_same_source_is_believed_at_its_second_packet() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    ticks(10, || person.send_tone(leg.local, 1000.0));
    person.ssrc = 2;
    person.sequence = 40_000;
    ticks(10, || person.send(leg.local, 0, 7, &[0xff; 160]));
    let (_, stats, _) = stage.close(leg);
    assert_eq!((stats.received, stats.refused, stats.lost), (19, 1, 0), "{stats:?}");
}

#[test]
fn malformed_packets_of_the_far_end_are_counted_and_the_call_goes_on() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    ticks(5, || person.send_tone(leg.local, 1000.0));
    let bad: [&[u8]; 6] = [&[], &[0x80], &[0; 172], &[0xff; 11], &[0xa0; 40], &[0x90; 14]];
    for bytes in bad {
        person.rtp.send_to(bytes, leg.local).unwrap();
    }
    person.send(leg.local, 127, 0, &[0xff; 160]);
    person.send(leg.local, 100, 0, &[9, 0x8a, 3, 32]);
    wait(2);
    ticks(5, || person.send_tone(leg.local, 1000.0));
    let (told, stats, _) = stage.close(leg);
    assert_eq!((stats.received, stats.refused), (10, 8), "{stats:?}");
    assert!(matches!(told[..], [MediaEvent::Heard]), "{told:?}");
}

#[test]
fn a_call_whose_packets_come_back_to_it_does_not_hear_itself() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    let mut bytes = [0; 400];
    ticks(20, || {
        while let Ok(length) = person.rtp.recv(&mut bytes) {
            person.rtp.send_to(&bytes[..length], leg.local).unwrap();
        }
    });
    person.hear();
    let (_, stats, _) = stage.close(leg);
    assert_eq!(stats.received, 0, "{stats:?}");
    assert!(stats.refused > 10);
}

#[test]
fn a_stranger_who_floods_the_port_does_not_displace_the_person() {
    let mut stage = Stage::new();
    let (mut person, mut stranger) = (FarEnd::new(Law::Mu), FarEnd::at(STRANGER, Law::Mu));
    let leg = stage.connected(&person);
    ticks(50, || {
        person.send_tone(leg.local, 1000.0);
        for _ in 0..100 {
            stranger.send_tone(leg.local, 440.0);
        }
    });
    let (_, stats, _) = stage.close(leg);
    assert!(stats.received >= 48 && stats.late == 0, "{stats:?}");
    assert!(stats.strangers > 4_000, "{stats:?}");
}

#[test]
fn the_hostile_corpus_at_both_ports_leaves_the_call_up() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/dev/rtp-malformed");
    let Ok(files) = std::fs::read_dir(corpus) else {
        return println!("skipped: no corpus beside the repository");
    };
    let files: Vec<Vec<u8>> =
        files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    let reports = SocketAddr::new(leg.local.ip(), leg.local.port() + 1);
    let mut place = 0;
    ticks(files.len() as u64 * 2, || {
        person.rtp.send_to(&files[place % files.len()], leg.local).unwrap();
        person.rtcp.send_to(&files[place % files.len()], reports).unwrap();
        place += 1;
    });
    // The corpus speaks for other sources; the person is believed again at the second packet.
    ticks(10, || person.send_tone(leg.local, 1000.0));
    person.hear();
    let (_, stats, _) = stage.close(leg);
    println!("{stats:?}");
    assert!(person.packets.len() as u64 + 5 >= files.len() as u64 * 2 + 10);
    assert!(stats.audible >= 8, "{stats:?}");
    assert!(stats.round_trip.is_none_or(|trip| trip < 65_536), "no lie is believed: {stats:?}");
}
