//! The engine on loopback, against far ends that are plain sockets.

use std::f64::consts::TAU;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::domain::{Direction, Law, MediaTarget};
use crate::rtp::{Packet, g711, write_packet};

/// A far end: sends a tone or keys, and keeps what it hears.
struct FarEnd {
    socket: UdpSocket,
    law: Law,
    sequence: u16,
    heard: Vec<i16>,
}

impl FarEnd {
    fn new(law: Law) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, law, sequence: 0, heard: Vec::new() }
    }

    fn target(&self) -> MediaTarget {
        MediaTarget {
            address: self.socket.local_addr().unwrap(),
            law: self.law,
            payload_type: self.law.payload_type(),
            telephone_event: Some(101),
            direction: Direction::SendReceive,
        }
    }

    fn send(&mut self, to: SocketAddr, payload_type: u8, timestamp: u32, payload: &[u8]) {
        let packet = Packet {
            payload_type,
            marker: false,
            sequence: self.sequence,
            timestamp,
            ssrc: 1,
            payload,
        };
        let mut bytes = [0; 400];
        let length = write_packet(&packet, &mut bytes).unwrap();
        self.socket.send_to(&bytes[..length], to).unwrap();
        self.sequence += 1;
    }

    fn send_tone(&mut self, to: SocketAddr, hertz: f64) {
        let at = u32::from(self.sequence) * 160;
        let payload: Vec<u8> = (at..at + 160)
            .map(|n| (8000.0 * (TAU * hertz * f64::from(n) / 8000.0).sin()) as i16)
            .map(|sample| g711::encode(self.law, sample))
            .collect();
        self.send(to, self.law.payload_type(), at, &payload);
    }

    fn hear(&mut self) {
        let mut bytes = [0; 2000];
        while let Ok(length) = self.socket.recv(&mut bytes) {
            let packet = Packet::read(&bytes[..length]).unwrap();
            if packet.payload_type == self.law.payload_type() {
                self.heard.extend(packet.payload.iter().map(|byte| g711::decode(self.law, *byte)));
            }
        }
    }
}

/// The share of the energy that lies at `hertz` (Goertzel).
fn share_at(hertz: f64, samples: &[i16]) -> f64 {
    let (mut real, mut imaginary, mut energy) = (0.0, 0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let (value, angle) = (f64::from(*sample), TAU * hertz * index as f64 / 8000.0);
        real += value * angle.cos();
        imaginary += value * angle.sin();
        energy += value * value;
    }
    2.0 * (real * real + imaginary * imaginary) / (samples.len() as f64 * energy.max(1.0))
}

fn engine(ports: RangeInclusive<u16>) -> (Engine, UnboundedReceiver<MediaFact>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (facts, heard) = unbounded_channel();
    let config = MediaConfig {
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        ports,
        silence_max: SignedDuration::from_millis(400),
        recordings: folder.path().to_owned(),
        seed: 1,
    };
    (Engine::start(config, facts).unwrap(), heard, folder)
}

fn wait() {
    std::thread::sleep(Duration::from_millis(20));
}

fn closed(facts: &mut UnboundedReceiver<MediaFact>, leg: LegId) -> (LegStats, Option<String>) {
    loop {
        let fact = facts.blocking_recv().unwrap();
        if let (true, MediaEvent::Closed { stats, recording }) = (fact.leg == leg, fact.event) {
            return (stats, recording.map(|(file, _)| file));
        }
    }
}

#[test]
fn two_legs_hear_each_other_across_the_laws_and_the_recording_has_both() {
    let (engine, mut facts, folder) = engine(42_000..=42_019);
    let (mut person, mut agent) = (FarEnd::new(Law::A), FarEnd::new(Law::Mu));
    let (call, seat) = (engine.open().unwrap(), engine.open().unwrap());
    engine.connect(call.id, person.target());
    engine.connect(seat.id, agent.target());
    engine.record(call.id, "talk.wav".to_owned());
    engine.bridge(call.id, seat.id);
    for _ in 0..75 {
        person.send_tone(call.local, 1000.0);
        agent.send_tone(seat.local, 440.0);
        wait();
        person.hear();
        agent.hear();
    }
    engine.close(call.id);
    let (stats, recording) = closed(&mut facts, call.id);
    engine.shutdown();

    let tail = |heard: &[i16]| heard[heard.len() - 4000..].to_vec();
    assert!(share_at(440.0, &tail(&person.heard)) > 0.9, "the person hears the agent");
    assert!(share_at(1000.0, &tail(&agent.heard)) > 0.9, "the agent hears the person");
    assert!(stats.received > 60 && stats.audible > 50, "{stats:?}");
    assert_eq!(stats.refused, 0);

    let path = folder.path().join(recording.unwrap());
    let samples: Vec<i16> =
        hound::WavReader::open(path).unwrap().samples().map(Result::unwrap).collect();
    let side = |offset: usize| -> Vec<i16> {
        samples[samples.len() - 8000..].iter().skip(offset).step_by(2).copied().collect()
    };
    assert!(share_at(1000.0, &side(0)) > 0.9, "customer left");
    assert!(share_at(440.0, &side(1)) > 0.9, "agent right");
}

#[test]
fn nothing_is_taken_from_a_stranger() {
    let (engine, mut facts, _folder) = engine(42_020..=42_039);
    let (mut person, mut stranger) = (FarEnd::new(Law::Mu), FarEnd::new(Law::Mu));
    let leg = engine.open().unwrap();
    engine.connect(leg.id, person.target());
    for _ in 0..3 {
        person.send_tone(leg.local, 1000.0);
        wait();
    }
    for _ in 0..10 {
        stranger.send_tone(leg.local, 440.0);
        stranger.send(leg.local, 101, 7, &[9, 0x8a, 3, 32]);
        wait();
    }
    stranger.hear();
    engine.close(leg.id);
    let mut keys = 0;
    let stats = loop {
        match facts.blocking_recv().unwrap().event {
            MediaEvent::Closed { stats, .. } => break stats,
            MediaEvent::Digit(_) => keys += 1,
            _ => {}
        }
    };
    assert_eq!((stats.received, stats.refused, keys), (3, 20, 0));
    assert!(stranger.heard.is_empty(), "not one packet goes to a stranger");
}

#[test]
fn a_key_is_told_once_and_silence_is_told_once() {
    let (engine, mut facts, _folder) = engine(42_040..=42_059);
    let mut person = FarEnd::new(Law::Mu);
    let leg = engine.open().unwrap();
    engine.connect(leg.id, person.target());
    for duration in [160_u16, 320, 480, 480, 480] {
        let [high, low] = duration.to_be_bytes();
        person.send(leg.local, 101, 8000, &[9, if duration == 480 { 0x8a } else { 10 }, high, low]);
        wait();
    }
    std::thread::sleep(Duration::from_millis(900));
    engine.close(leg.id);
    let mut told = Vec::new();
    loop {
        match facts.blocking_recv().unwrap().event {
            MediaEvent::Closed { .. } => break,
            MediaEvent::Digit(digit) => told.push(digit.as_char()),
            MediaEvent::Silent => told.push('-'),
            _ => {}
        }
    }
    assert_eq!(told, ['9', '-']);
}

#[test]
fn a_message_is_played_once_and_then_told_of() {
    let (engine, mut facts, _folder) = engine(42_060..=42_079);
    let mut person = FarEnd::new(Law::Mu);
    let leg = engine.open().unwrap();
    engine.connect(leg.id, person.target());
    let message: Vec<i16> =
        (0..2000).map(|n| (9000.0 * (TAU * 700.0 * f64::from(n) / 8000.0).sin()) as i16).collect();
    engine.play(leg.id, message.into(), Repeat::Once);
    let fact = facts.blocking_recv().unwrap();
    assert!(matches!(fact.event, MediaEvent::Played), "{fact:?}");
    person.hear();
    let loud: Vec<i16> =
        person.heard.iter().copied().skip_while(|sample| sample.abs() < 100).take(1900).collect();
    assert!(loud.len() >= 1900 && share_at(700.0, &loud) > 0.9);
    let other = engine.open().unwrap();
    assert_ne!(other.local, leg.local);
    engine.shutdown();
}
