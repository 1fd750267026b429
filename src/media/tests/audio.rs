//! Who hears what.

use super::*;
use crate::amd::Detector;
use crate::domain::{Codec, Digit, VerdictKind};
use crate::rtp::{Decoder, Encoder, FRAME, Frame, SAMPLES_MAX};

#[test]
fn two_legs_hear_each_other_across_the_laws_and_the_recording_has_both() {
    for threads in [1, 2] {
        let mut stage = Stage::with(threads, 20);
        let (mut person, mut agent) = (FarEnd::new(Law::A), FarEnd::new(Law::Mu));
        let (call, seat) = (stage.connected(&person), stage.connected(&agent));
        stage.engine.record(call.id, "talk.wav".to_owned());
        stage.engine.bridge(call.id, seat.id);
        ticks(75, || {
            person.send_tone(call.local, 1000.0);
            agent.send_tone(seat.local, 440.0);
            person.hear();
            agent.hear();
        });
        let (_, stats, recording) = stage.close(call);
        stage.engine.shutdown();

        assert!(share_at(440.0, person.last(4_000)) > 0.9, "the person hears the agent");
        assert!(share_at(1000.0, agent.last(4_000)) > 0.9, "the agent hears the person");
        assert!(stats.received > 70 && stats.audible > 60, "{stats:?}");
        assert!((5_000..6_000).contains(&stats.rms), "a sinusoid of 8,000: {stats:?}");
        assert_eq!((stats.refused, stats.strangers, stats.lost, stats.late), (0, 0, 0, 0));

        let (left, right) = stage.recording(&recording.unwrap());
        assert!(share_at(1000.0, &left[6_000..10_000]) > 0.9, "what the person says");
        assert!(share_at(440.0, &right[6_000..10_000]) > 0.9, "what the person hears");
    }
}

#[test]
fn the_agent_hears_a_short_tone_first_and_the_person_does_not() {
    let stage = Stage::new();
    let (mut person, mut agent) = (FarEnd::new(Law::Mu), FarEnd::new(Law::Mu));
    let (call, seat) = (stage.connected(&person), stage.connected(&agent));
    wait(5);
    stage.engine.bridge(call.id, seat.id);
    ticks(25, || {
        person.hear();
        agent.hear();
    });
    let loud =
        |far_end: &FarEnd| far_end.heard.iter().copied().skip_while(is_quiet).take(1_200).collect();
    let heard: Vec<i16> = loud(&agent);
    assert!(share_at(880.0, &heard) > 0.9);
    assert!(agent.last(800).iter().all(is_quiet), "it ends");
    assert_eq!(loud(&person), [0_i16; 0]);
}

#[test]
fn legs_that_are_taken_apart_hear_silence_and_another_bridge_can_follow() {
    let stage = Stage::with(2, 20);
    let mut far_ends: Vec<FarEnd> = (0..3).map(|_| FarEnd::new(Law::Mu)).collect();
    let legs: Vec<Leg> = far_ends.iter().map(|far_end| stage.connected(far_end)).collect();
    let talk = |far_ends: &mut Vec<FarEnd>, count| {
        ticks(count, || {
            for (place, far_end) in far_ends.iter_mut().enumerate() {
                far_end.send_tone(legs[place].local, [400.0, 1000.0, 1500.0][place]);
                far_end.hear();
            }
        });
    };
    stage.engine.bridge(legs[0].id, legs[1].id);
    talk(&mut far_ends, 40);
    assert!(share_at(1000.0, far_ends[0].last(2_400)) > 0.9);
    // The second leg moves to the third without being taken from the first one before.
    stage.engine.bridge(legs[2].id, legs[1].id);
    talk(&mut far_ends, 40);
    assert!(share_at(1000.0, far_ends[2].last(2_400)) > 0.9);
    assert!(share_at(1500.0, far_ends[1].last(2_400)) > 0.9);
    assert!(far_ends[0].last(2_400).iter().all(is_quiet));
    stage.engine.unbridge(legs[2].id);
    talk(&mut far_ends, 20);
    assert!(far_ends[1].last(1_600).iter().all(is_quiet));
}

#[test]
fn a_connected_leg_sends_without_a_pause_as_far_as_the_direction_lets_it() {
    let stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.engine.open().unwrap();
    let mut counts = Vec::new();
    for direction in
        [Direction::SendReceive, Direction::ReceiveOnly, Direction::Inactive, Direction::SendOnly]
    {
        person.packets.clear();
        stage.engine.connect(leg.id, person.directed(direction));
        wait(2);
        person.hear();
        person.packets.clear();
        wait(20);
        person.hear();
        counts.push(person.packets.len());
    }
    assert!((18..=22).contains(&counts[0]) && (18..=22).contains(&counts[3]), "{counts:?}");
    assert_eq!(counts[1..3], [0, 0]);
    let timestamps: Vec<u32> = person.packets.iter().map(|packet| packet.2).collect();
    assert!(timestamps.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == 160));
}

#[test]
fn the_marker_is_set_where_sending_begins_and_again_after_a_hold() {
    let stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.engine.open().unwrap();
    for direction in [Direction::SendReceive, Direction::Inactive, Direction::SendReceive] {
        stage.engine.connect(leg.id, person.directed(direction));
        wait(10);
        person.hear();
    }
    let marked: Vec<usize> = person
        .packets
        .iter()
        .enumerate()
        .filter_map(|(place, (_, marker, ..))| marker.then_some(place))
        .collect();
    assert_eq!(marked.len(), 2);
    assert_eq!(marked[0], 0);
    let pause = person.packets[marked[1]].2.wrapping_sub(person.packets[marked[1] - 1].2);
    assert!(pause > 5 * 160, "the timestamp ran on through the hold: {pause}");
}

#[test]
fn a_message_is_played_once_and_then_told_of() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    let message: Vec<i16> =
        (0..2000).map(|n| (9000.0 * (TAU * 700.0 * f64::from(n) / 8000.0).sin()) as i16).collect();
    stage.engine.play(leg.id, message.into(), Repeat::Once);
    let fact = stage.facts.blocking_recv().unwrap();
    assert!(matches!(fact.event, MediaEvent::Played), "{fact:?}");
    wait(2);
    person.hear();
    let loud: Vec<i16> =
        person.heard.iter().copied().skip_while(|sample| sample.abs() < 100).take(1900).collect();
    assert!(loud.len() >= 1900 && share_at(700.0, &loud) > 0.9);
    assert!(person.last(160).iter().all(is_quiet), "silence after it");
}

#[test]
fn a_playback_begins_when_the_leg_is_connected_and_ends_when_it_is_stopped() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.engine.open().unwrap();
    stage.engine.play(leg.id, tones::CONNECT.clone(), Repeat::Forever);
    wait(20);
    stage.engine.connect(leg.id, person.target());
    wait(30);
    stage.engine.stop(leg.id);
    wait(5);
    person.hear();
    assert!(share_at(880.0, &person.heard[..1_280]) > 0.9, "from its first sample on");
    assert!(person.last(160).iter().all(is_quiet));
    let (told, ..) = stage.close(leg);
    assert!(!told.iter().any(|event| matches!(event, MediaEvent::Played)));
}

#[test]
fn keys_are_sent_as_events_or_in_the_band_where_events_are_not_taken() {
    let stage = Stage::new();
    let (mut person, mut old) = (FarEnd::new(Law::Mu), FarEnd::new(Law::A));
    old.telephone_event = None;
    let legs = [stage.connected(&person), stage.connected(&old)];
    for key in ['1', '#'] {
        for leg in &legs {
            stage.engine.send_digit(leg.id, Digit::new(key).unwrap());
        }
    }
    wait(40);
    person.hear();
    old.hear();
    let events: Vec<_> = person.packets.iter().filter(|packet| packet.0 == 101).collect();
    let keys: Vec<u8> = events.iter().map(|packet| packet.3[0]).collect();
    assert_eq!(keys, [[1; 7], [11; 7]].concat());
    assert_eq!(events[0].2, events[6].2, "one timestamp an event");
    assert_ne!(events[0].2, events[7].2);
    assert_eq!(events.iter().filter(|packet| packet.3[1] & 0x80 != 0).count(), 6, "3 ends each");
    assert!(events[0].1 && !events[1].1, "the marker is on the first");

    let loud: Vec<i16> = old.heard.iter().copied().skip_while(|sample| sample.abs() < 20).collect();
    for (from, hertz) in [(100, 697.0), (100, 1209.0), (1_700, 941.0), (1_700, 1477.0)] {
        assert!(share_at(hertz, &loud[from..from + 600]) > 0.4, "{hertz}");
    }
}

#[test]
fn a_key_is_told_once_and_silence_is_told_once() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    for duration in [160_u16, 320, 480, 480, 480] {
        let [high, low] = duration.to_be_bytes();
        person.send(leg.local, 101, 8000, &[9, if duration == 480 { 0x8a } else { 10 }, high, low]);
        wait(1);
    }
    wait(45);
    let (told, ..) = stage.close(leg);
    assert!(
        matches!(told[..], [MediaEvent::Digit(digit), MediaEvent::Silent] if digit.as_char() == '9'),
        "{told:?}"
    );
}

#[test]
fn silence_is_not_missed_on_hold_nor_before_connecting_and_is_told_again_after_a_packet() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.engine.open().unwrap();
    wait(25);
    stage.engine.connect(leg.id, person.directed(Direction::SendOnly));
    wait(25);
    assert!(stage.facts.try_recv().is_err());
    stage.engine.connect(leg.id, person.target());
    wait(25);
    person.send_tone(leg.local, 0.0);
    wait(25);
    let (told, ..) = stage.close(leg);
    assert!(matches!(told[..], [MediaEvent::Silent, MediaEvent::Silent]), "{told:?}");
}

#[test]
fn the_first_audible_frame_is_told_and_again_after_another_connecting() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    ticks(10, || person.send_tone(leg.local, 0.0));
    assert!(stage.facts.try_recv().is_err(), "silence is not audible");
    for _ in 0..2 {
        ticks(10, || person.send_tone(leg.local, 500.0));
        let fact = stage.facts.blocking_recv().unwrap();
        assert!(matches!(fact.event, MediaEvent::Heard), "{fact:?}");
        stage.engine.connect(leg.id, person.target());
    }
    let (_, stats, _) = stage.close(leg);
    assert!(stats.audible >= 15 && stats.refused == 0, "{stats:?}");
}

#[test]
fn the_detectors_time_runs_from_screening_on_even_when_nothing_comes() {
    let mut stage = Stage::new();
    let leg = stage.connected(&FarEnd::new(Law::Mu));
    stage.engine.screen(leg.id, Detector::new(SignedDuration::from_millis(300)));
    let fact = stage.facts.blocking_recv().unwrap();
    let MediaEvent::Features(features) = fact.event else { panic!("{fact:?}") };
    let silence = features.iter().find(|feature| feature.name == "likely_silence").unwrap();
    assert!(silence.value > 0.5 && features.len() > 20, "{features:?}");
    let fact = stage.facts.blocking_recv().unwrap();
    assert!(
        matches!(fact.event, MediaEvent::Screened(it) if it.kind == VerdictKind::Silence),
        "{fact:?}"
    );
}

#[test]
fn what_comes_late_or_in_other_packets_is_heard_all_the_same() {
    let mut stage = Stage::new();
    let (mut person, mut agent) = (FarEnd::new(Law::Mu), FarEnd::new(Law::Mu));
    let (call, seat) = (stage.connected(&person), stage.connected(&agent));
    stage.engine.bridge(call.id, seat.id);
    let mut tick = 0;
    ticks(100, || {
        // Two packets every 40 ms, the second one first.
        if tick % 2 == 1 {
            let sequence = person.sequence;
            person.sequence += 1;
            person.send_tone(call.local, 1000.0);
            person.sequence = sequence;
            person.send_tone(call.local, 1000.0);
            person.sequence = sequence + 2;
        }
        tick += 1;
        agent.hear();
    });
    assert!(share_at(1000.0, agent.last(8_000)) > 0.9);
    let (_, stats, _) = stage.close(call);
    assert_eq!((stats.lost, stats.late), (0, 0), "{stats:?}");
}

#[test]
fn who_hears_nobody_hears_quiet_noise_and_no_dead_line() {
    let stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let _leg = stage.connected(&person);
    wait(30);
    person.hear();
    let heard = person.last(3_200);
    assert!(heard.iter().all(is_quiet));
    assert!(heard.iter().filter(|sample| **sample != 0).count() > 1_600, "not all of it is zero");
}

#[test]
fn who_speaks_another_codec_is_bridged_all_the_same() {
    for codec in [Codec::G722, Codec::Opus] {
        let mut stage = Stage::new();
        let (mut person, mut agent) = (FarEnd::new(Law::Mu), FarEnd::new(Law::Mu));
        let call = stage.connected(&person);
        let seat = stage.engine.open().unwrap();
        let kind = codec.payload_type();
        let target = MediaTarget { codec, payload_type: kind, ..agent.target() };
        stage.engine.connect(seat.id, target);
        stage.engine.bridge(call.id, seat.id);
        let (mut encoder, mut at) = (Encoder::new(codec), 0_u32);
        ticks(75, || {
            person.send_tone(call.local, 1000.0);
            let angle = |n| TAU * 440.0 * (f64::from(at) + n as f64) / 8000.0;
            let said: Frame = std::array::from_fn(|n| (8000.0 * angle(n).sin()) as i16);
            let mut payload = [0; FRAME];
            let length = encoder.encode(&said, &mut payload).unwrap();
            agent.send(seat.local, kind, at * codec.ticks(), &payload[..length]);
            at += FRAME as u32;
            person.hear();
            agent.hear();
        });
        let (_, stats, _) = stage.close(seat);
        assert_eq!((stats.refused, stats.lost, stats.late), (0, 0, 0), "{codec:?}: {stats:?}");
        assert!(share_at(440.0, person.last(4_000)) > 0.9, "{codec:?}: the person hears");
        let mut decoder = Decoder::new(codec);
        let (mut heard, mut samples) = (Vec::new(), [0; SAMPLES_MAX]);
        for (_, _, _, payload) in agent.packets.iter().filter(|packet| packet.0 == kind) {
            let count = decoder.decode(payload, &mut samples);
            heard.extend_from_slice(&samples[..count]);
        }
        let last = &heard[heard.len() - 4_000..];
        assert!(share_at(1000.0, last) > 0.9, "{codec:?}: the agent hears");
        let steps = agent.packets.windows(2).map(|pair| pair[1].2.wrapping_sub(pair[0].2));
        assert!(steps.into_iter().all(|step| step == 160 * codec.ticks()), "{codec:?}");
    }
}

#[test]
fn an_agent_hears_the_first_words_of_a_person_who_said_them_before_and_then_the_present() {
    let stage = Stage::new();
    let (mut person, mut agent) = (FarEnd::new(Law::Mu), FarEnd::new(Law::Mu));
    let (call, seat) = (stage.connected(&person), stage.connected(&agent));
    stage.engine.keep_first_words(call.id);
    ticks(25, || {
        person.send_tone(call.local, 600.0);
        agent.hear();
    });
    wait(SETTLED);
    assert!(agent.heard.iter().all(is_quiet), "nobody is bridged yet");
    agent.heard.clear();
    stage.engine.bridge(call.id, seat.id);
    ticks(75, || {
        person.send_tone(call.local, 1200.0);
        agent.hear();
    });
    let heard: Vec<i16> = agent.heard.iter().copied().skip_while(is_quiet).collect();
    assert!(share_at(880.0, &heard[..1_000]) > 0.9, "the tone, with nothing under it");
    assert!(share_at(600.0, &heard[1_600..3_200]) > 0.9, "what was said before");
    assert!(share_at(1200.0, agent.last(1_600)) > 0.9, "what is said now");

    // The next one hears the person as they are.
    stage.engine.unbridge(call.id);
    wait(SETTLED);
    agent.hear();
    agent.heard.clear();
    stage.engine.bridge(call.id, seat.id);
    ticks(40, || {
        person.send_tone(call.local, 1200.0);
        agent.hear();
    });
    assert!(share_at(600.0, agent.last(4_800)) < 0.05);
    assert!(share_at(1200.0, agent.last(4_800)) > 0.9);
}

#[test]
fn a_leg_on_a_pipe_is_a_leg_like_another() {
    use crate::transport::pipe::{FAR_END, pipe};

    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let call = stage.connected(&person);
    let (out, mut said) = tokio::sync::mpsc::channel(1_000);
    let (end, toward) = pipe(9, out);
    let seat = stage.engine.open_on(end).unwrap();
    let target = MediaTarget { address: FAR_END, ..person.target() };
    stage.engine.connect(seat.id, target);
    stage.engine.record(call.id, "pipe.wav".to_owned());
    stage.engine.bridge(call.id, seat.id);
    let mut browser = FarEnd::new(Law::Mu);
    ticks(75, || {
        person.send_tone(call.local, 1000.0);
        person.hear();
        let packet = browser.tone_packet(440.0);
        assert!(toward.send(crate::clock::now(), packet.into()));
        while let Ok((9, packet)) = said.try_recv() {
            let packet = Packet::read(&packet).unwrap();
            browser.heard.extend(packet.payload.iter().map(|byte| g711::decode(Law::Mu, *byte)));
        }
    });
    assert!(share_at(1000.0, browser.last(4_000)) > 0.9, "the browser hears the person");
    assert!(share_at(440.0, person.last(4_000)) > 0.9, "the person hears the browser");
    let (_, stats, _) = stage.close(seat);
    assert!(stats.received > 70 && stats.sent > 70, "{stats:?}");
    assert_eq!((stats.refused, stats.strangers, stats.lost), (0, 0, 0));
    let (_, _, recording) = stage.close(call);
    stage.engine.shutdown();
    let (_, right) = stage.recording(&recording.unwrap());
    assert!(share_at(440.0, &right[6_000..10_000]) > 0.9, "and is recorded");
}
