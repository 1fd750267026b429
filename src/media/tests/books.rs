//! Recordings, reports, ports and ends.

use super::*;

#[test]
fn a_gap_is_silence_in_the_recording_and_both_sides_stay_in_time() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    stage.engine.record(leg.id, "gap.wav".to_owned());
    stage.engine.play(leg.id, tones::CONNECT.clone(), Repeat::Forever);
    let mut tick = 0;
    ticks(100, || {
        if !(20..70).contains(&tick) {
            person.send_tone(leg.local, 1000.0);
        } else {
            person.sequence += 1;
        }
        tick += 1;
    });
    let (_, _, recording) = stage.close(leg);
    let (left, right) = stage.recording(&recording.unwrap());
    assert_eq!(left.len(), right.len());
    let frames = left.len() / 160;
    assert!((103..=110).contains(&frames), "{frames}");
    assert!(share_at(1000.0, &left[800..2_400]) > 0.9);
    assert!(left[5_000..10_400].iter().all(|sample| *sample == 0));
    assert!(share_at(1000.0, &left[12_800..15_200]) > 0.9);
    assert!(right[5_000..10_400].iter().any(|sample| *sample != 0));
}

#[test]
fn a_recording_that_is_there_is_not_written_over_and_no_name_leaves_the_folder() {
    let mut stage = Stage::new();
    let taken = stage.folder.path().join("taken.wav");
    std::fs::write(&taken, "someone's").unwrap();
    for name in ["taken.wav", "../escape.wav", "/tmp/x.wav", ".hidden", "", "a\0b"] {
        let leg = stage.connected(&FarEnd::new(Law::Mu));
        stage.engine.record(leg.id, name.to_owned());
        wait(30);
        let (_, stats, recording) = stage.close(leg);
        assert_eq!(recording, None, "{name:?}");
        assert!(stats.sent > 20, "the call goes on without");
    }
    assert_eq!(std::fs::read(&taken).unwrap(), b"someone's");
    assert_eq!(std::fs::read_dir(stage.folder.path()).unwrap().count(), 1);
}

#[test]
fn a_disk_that_is_away_costs_the_recording_and_not_the_call() {
    let mut stage = Stage::new();
    std::fs::remove_dir(stage.folder.path()).unwrap();
    let leg = stage.connected(&FarEnd::new(Law::Mu));
    stage.engine.record(leg.id, "call.wav".to_owned());
    wait(60);
    let (_, stats, recording) = stage.close(leg);
    assert_eq!(recording, None);
    assert!(stats.sent >= 55, "{stats:?}");
}

#[test]
fn the_header_is_right_while_the_call_is_still_up() {
    let stage = Stage::new();
    let leg = stage.connected(&FarEnd::new(Law::Mu));
    stage.engine.record(leg.id, "call.wav".to_owned());
    wait(115);
    let (left, _) = stage.recording("call.wav");
    assert!(left.len() >= 12_000, "no more than 2 s would be lost: {}", left.len());
}

#[test]
fn ports_are_bounded_and_come_back() {
    let mut stage = Stage::with(2, 4);
    let legs = [stage.engine.open().unwrap(), stage.engine.open().unwrap()];
    assert!(legs.iter().all(|leg| leg.local.port().is_multiple_of(2)));
    assert!(matches!(stage.engine.open(), Err(MediaError::PortsTaken { pairs: 2, .. })));
    stage.close(legs[1]);
    let again = stage.engine.open().unwrap();
    assert_eq!(again.local, legs[1].local);
    assert_ne!(again.id, legs[1].id, "no name is used twice");
}

#[test]
fn what_is_asked_of_a_leg_that_is_gone_is_ignored() {
    let mut stage = Stage::with(2, 20);
    let (gone, here) = (stage.engine.open().unwrap(), stage.connected(&FarEnd::new(Law::Mu)));
    stage.close(gone);
    stage.engine.connect(gone.id, FarEnd::new(Law::Mu).target());
    stage.engine.bridge(gone.id, here.id);
    stage.engine.bridge(here.id, gone.id);
    stage.engine.bridge(here.id, here.id);
    stage.engine.close(gone.id);
    wait(3);
    let (told, stats, _) = stage.close(here);
    assert!(told.is_empty() && stats.sent > 0, "{told:?}");
    assert!(stage.facts.try_recv().is_err(), "one last fact a leg");
}

#[test]
fn reports_are_read_and_the_last_one_says_good_bye() {
    let mut stage = Stage::new();
    let mut person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    ticks(10, || person.send_tone(leg.local, 1000.0));
    person.sequence += 10;
    person.send_tone(leg.local, 1000.0);
    person.hear();
    // The SSRC of the leg, as its packets say it; a quarter is lost.
    let ours = {
        wait(2);
        let mut bytes = [0; 200];
        let length = person.rtp.recv(&mut bytes).unwrap();
        Packet::read(&bytes[..length]).unwrap().ssrc
    };
    let mut report = vec![0x81, 201, 0, 7, 0, 0, 0, 1];
    report.extend(ours.to_be_bytes());
    report.extend([64, 0, 0, 9]);
    report.extend([0; 16]);
    let reports = SocketAddr::new(leg.local.ip(), leg.local.port() + 1);
    person.rtcp.send_to(&report, reports).unwrap();
    wait(30);
    let (_, stats, _) = stage.close(leg);
    assert_eq!((stats.far_lost, stats.lost), (Some(64), 10), "{stats:?}");

    let mut last = Vec::new();
    let mut bytes = [0; 500];
    while let Ok((length, from)) = person.rtcp.recv_from(&mut bytes) {
        assert_eq!(from, reports);
        last = bytes[..length].to_vec();
    }
    assert_eq!(last[1], 200, "a sender report");
    assert_eq!(last[32] as usize, 256 * 10 / 21, "the share that was lost");
    let goodbye = last.len() - 8;
    assert_eq!(last[goodbye + 1], 203);
    assert_eq!(last[goodbye + 4..], ours.to_be_bytes());
}

#[test]
fn at_a_shutdown_every_leg_is_closed_and_its_recording_is_whole() {
    let mut stage = Stage::with(2, 20);
    let legs: Vec<Leg> = (0..6).map(|_| stage.connected(&FarEnd::new(Law::Mu))).collect();
    for leg in &legs {
        stage.engine.record(leg.id, format!("{}.wav", leg.id));
    }
    wait(10);
    let clone = stage.engine.clone();
    stage.engine.shutdown();
    let mut closed = 0;
    while let Ok(fact) = stage.facts.try_recv() {
        if let MediaEvent::Closed { recording, .. } = fact.event {
            let (file, length) = recording.unwrap();
            let (left, _) = stage.recording(&file);
            assert_eq!(length.as_millis(), left.len() as i128 / 8);
            closed += 1;
        }
    }
    assert_eq!(closed, 6);
    assert!(matches!(clone.open(), Err(MediaError::Down)));
    clone.shutdown();
}

#[test]
fn the_threads_end_when_the_last_clone_is_dropped() {
    let stage = Stage::new();
    let leg = stage.connected(&FarEnd::new(Law::Mu));
    let Stage { engine, mut facts, .. } = stage;
    drop(engine);
    let fact = facts.blocking_recv().unwrap();
    assert!(fact.leg == leg.id && matches!(fact.event, MediaEvent::Closed { .. }), "{fact:?}");
    assert!(facts.blocking_recv().is_none(), "nobody is left to tell anything");
}

#[test]
fn an_engine_without_time_says_so_and_takes_it_back() {
    use std::sync::atomic::Ordering;

    let mut stage = Stage::loaded(0.0);
    let strained = stage.engine.strained();
    assert_eq!(strained.load(Ordering::Relaxed), 0);
    let person = FarEnd::new(Law::Mu);
    let leg = stage.connected(&person);
    wait(5);
    assert_eq!(strained.load(Ordering::Relaxed), 1, "any work is more than none");
    let (_, stats, _) = stage.close(leg);
    assert!(stats.sent >= 4, "what is up goes on: {stats:?}");
    wait(10);
    assert_eq!(strained.load(Ordering::Relaxed), 0);
}
