//! The engine on loopback, against far ends that are plain sockets.

mod audio;
mod books;
mod conference;
mod hostile;
mod in_band;
mod srtp;

use std::f64::consts::TAU;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

use jiff::SignedDuration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::grid::Grid;
use super::*;
use crate::domain::{Codec, Direction, Law, MediaTarget};
use crate::rtp::{Packet, g711, write_packet};

/// Ticks after which an engine has surely read what was sent, on a busy machine too.
const SETTLED: u64 = 5;
const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// An engine, what it tells, and where it records.
struct Stage {
    engine: Engine,
    facts: UnboundedReceiver<MediaFact>,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        Self::with(1, 20)
    }

    fn with(threads: usize, ports: u16) -> Self {
        Self::of(threads, ports, 1.0)
    }

    /// Strained above this load.
    fn loaded(load_max: f64) -> Self {
        Self::of(1, 20, load_max)
    }

    /// Every stage has ports of its own: tests run side by side.
    fn of(threads: usize, ports: u16, load_max: f64) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(42_000);
        let first = NEXT.fetch_add(ports, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        let (told, facts) = unbounded_channel();
        let config = MediaConfig {
            ip: LOCALHOST,
            ports: first..=first + ports - 1,
            threads,
            silence_max: SignedDuration::from_millis(400),
            load_max,
            recordings: folder.path().to_owned(),
            seed: 1,
        };
        Self { engine: Engine::start(config, told).unwrap(), facts, folder }
    }

    fn connected(&self, far_end: &FarEnd) -> Leg {
        let leg = self.engine.open().unwrap();
        self.engine.connect(leg.id, far_end.target());
        leg
    }

    /// Lets what is on its way arrive and closes the leg: what was told of it, and its end.
    fn close(&mut self, leg: Leg) -> (Vec<MediaEvent>, LegStats, Option<String>) {
        wait(SETTLED);
        self.engine.close(leg.id);
        let mut told = Vec::new();
        loop {
            let fact = self.facts.blocking_recv().unwrap();
            match fact.event {
                _ if fact.leg != leg.id => {}
                MediaEvent::Closed { stats, recording } => {
                    return (told, stats, recording.map(|(file, _)| file));
                }
                event => told.push(event),
            }
        }
    }

    /// Both sides of a recording.
    fn recording(&self, file: &str) -> (Vec<i16>, Vec<i16>) {
        let mut reader = hound::WavReader::open(self.folder.path().join(file)).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 8_000, 16));
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        let side = |offset| samples.iter().skip(offset).step_by(2).copied().collect();
        (side(0), side(1))
    }
}

/// A far end: sends a tone or keys, and keeps what it hears.
struct FarEnd {
    rtp: UdpSocket,
    rtcp: UdpSocket,
    law: Law,
    ssrc: u32,
    sequence: u16,
    telephone_event: Option<u8>,
    heard: Vec<i16>,
    /// Payload type, marker, timestamp and payload of every packet.
    packets: Vec<(u8, bool, u32, Vec<u8>)>,
}

impl FarEnd {
    fn new(law: Law) -> Self {
        Self::at([127, 0, 0, 1], law)
    }

    fn at(ip: [u8; 4], law: Law) -> Self {
        let (rtp, rtcp) = loop {
            let rtp = UdpSocket::bind((Ipv4Addr::from(ip), 0)).unwrap();
            let next = rtp.local_addr().unwrap().port().checked_add(1);
            let rtcp = next.map(|port| UdpSocket::bind((Ipv4Addr::from(ip), port)));
            if let Some(Ok(rtcp)) = rtcp {
                break (rtp, rtcp);
            }
        };
        rtp.set_nonblocking(true).unwrap();
        rtcp.set_nonblocking(true).unwrap();
        Self {
            rtp,
            rtcp,
            law,
            ssrc: 1,
            sequence: 0,
            telephone_event: Some(101),
            heard: Vec::new(),
            packets: Vec::new(),
        }
    }

    fn target(&self) -> MediaTarget {
        MediaTarget {
            behind: None,
            address: self.rtp.local_addr().unwrap(),
            codec: Codec::G711(self.law),
            payload_type: self.law.payload_type(),
            telephone_event: self.telephone_event,
            direction: Direction::SendReceive,
            srtp: None,
        }
    }

    fn directed(&self, direction: Direction) -> MediaTarget {
        MediaTarget { direction, ..self.target() }
    }

    fn send(&mut self, to: SocketAddr, payload_type: u8, timestamp: u32, payload: &[u8]) {
        let bytes = self.packet(payload_type, timestamp, payload);
        self.rtp.send_to(&bytes, to).unwrap();
    }

    fn packet(&mut self, payload_type: u8, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        let packet = Packet {
            payload_type,
            marker: false,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
            payload,
        };
        let mut bytes = [0; 400];
        let length = write_packet(&packet, &mut bytes).unwrap();
        self.sequence = self.sequence.wrapping_add(1);
        bytes[..length].to_vec()
    }

    fn send_tone(&mut self, to: SocketAddr, hertz: f64) {
        let bytes = self.tone_packet(hertz);
        self.rtp.send_to(&bytes, to).unwrap();
    }

    fn tone_packet(&mut self, hertz: f64) -> Vec<u8> {
        let at = u32::from(self.sequence) * 160;
        let payload: Vec<u8> = (at..at + 160)
            .map(|n| (8000.0 * (TAU * hertz * f64::from(n) / 8000.0).sin()) as i16)
            .map(|sample| g711::encode(self.law, sample))
            .collect();
        self.packet(self.law.payload_type(), at, &payload)
    }

    fn hear(&mut self) {
        let mut bytes = [0; 2000];
        while let Ok(length) = self.rtp.recv(&mut bytes) {
            let packet = Packet::read(&bytes[..length]).unwrap();
            if packet.payload_type == self.law.payload_type() {
                self.heard.extend(packet.payload.iter().map(|byte| g711::decode(self.law, *byte)));
            }
            let payload = packet.payload.to_vec();
            self.packets.push((packet.payload_type, packet.marker, packet.timestamp, payload));
        }
    }

    fn last(&self, samples: usize) -> &[i16] {
        &self.heard[self.heard.len() - samples..]
    }
}

/// Whether that is no louder than comfort noise.
fn is_quiet(sample: &i16) -> bool {
    sample.unsigned_abs() < 50
}

/// Lets so many ticks of 20 ms pass, and makes up for those that the machine was late for.
fn ticks(count: u64, mut tick: impl FnMut()) {
    let grid = Grid::new().unwrap();
    grid.restart().unwrap();
    let mut passed = 0;
    while passed < count {
        for _ in 0..grid.wait().min(count - passed) {
            tick();
            passed += 1;
        }
    }
}

fn wait(count: u64) {
    ticks(count, || {});
}

/// The share of the energy that lies at `hertz` (Goertzel).
pub(super) fn share_at(hertz: f64, samples: &[i16]) -> f64 {
    let (mut real, mut imaginary, mut energy) = (0.0, 0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let (value, angle) = (f64::from(*sample), TAU * hertz * index as f64 / 8000.0);
        real += value * angle.cos();
        imaginary += value * angle.sin();
        energy += value * value;
    }
    2.0 * (real * real + imaginary * imaginary) / (samples.len() as f64 * energy.max(1.0))
}
