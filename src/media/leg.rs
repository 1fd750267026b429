//! One leg: what it takes from its far end and what it sends there.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::ports::Pair;
use super::recorder::Recording;
use super::{LegId, LegStats, MediaEvent, Repeat};
use crate::amd::Detector;
use crate::domain::{Digit, Direction, MediaTarget};
use crate::rtp::{FRAME, Frame, Packet, Playout, Reception, dtmf, g711, rtcp, write_packet};

/// Packets read from one socket in one tick: a flood costs no more than this.
const READS_MAX: usize = 16;
/// RTCP goes out this often (RFC 3550 §6.2: 5 s at least).
const REPORT_EVERY: SignedDuration = SignedDuration::from_secs(5);
/// Louder than a whisper: about -50 dBm0.
const AUDIBLE_RMS: i64 = 80;
/// Comfort noise (RFC 3389): a sign of life without audio.
const COMFORT_NOISE: u8 = 13;

/// A source that is not yet believed: its next packet must follow its first (RFC 3550 §A.1).
#[derive(Clone, Copy, Debug)]
struct Candidate {
    ssrc: u32,
    next: u16,
}

/// What is being played to the far end.
#[derive(Debug)]
struct Playing {
    samples: Arc<[i16]>,
    at: usize,
    repeat: Repeat,
}

/// One leg.
#[derive(Debug)]
pub(super) struct MediaLeg {
    pub id: LegId,
    pub port: u16,
    pub bridged: Option<LegId>,
    /// What came in this tick, for the bridged leg.
    pub heard: Frame,
    pub recording: Option<Recording>,
    pub screening: Option<Detector>,
    /// A tone laid over what is sent.
    pub over: Option<(Arc<[i16]>, usize)>,
    sockets: Pair,
    target: Option<MediaTarget>,
    /// The one address that is listened to, once its first good packet came (symmetric RTP).
    source: Option<SocketAddr>,
    reception: Option<Reception>,
    candidate: Option<Candidate>,
    playout: Playout,
    keys: dtmf::Listener,
    pressed: Option<(dtmf::Sender, u32)>,
    to_press: Vec<Digit>,
    playing: Option<Playing>,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    sent_bytes: u32,
    silent_since: Option<Timestamp>,
    report_at: Timestamp,
    heard_report: Option<(u32, Timestamp)>,
    told_heard: bool,
    stats: LegStats,
}

impl MediaLeg {
    pub(super) fn new(id: LegId, port: u16, sockets: Pair, chance: u64, now: Timestamp) -> Self {
        Self {
            id,
            port,
            bridged: None,
            heard: [0; FRAME],
            recording: None,
            screening: None,
            over: None,
            sockets,
            target: None,
            source: None,
            reception: None,
            candidate: None,
            playout: Playout::default(),
            keys: dtmf::Listener::default(),
            pressed: None,
            to_press: Vec::new(),
            playing: None,
            sequence: (chance >> 48) as u16 >> 1,
            timestamp: (chance >> 16) as u32,
            ssrc: (chance ^ (chance >> 32)) as u32,
            sent_bytes: 0,
            silent_since: None,
            report_at: now,
            heard_report: None,
            told_heard: false,
            stats: LegStats::default(),
        }
    }

    /// The far end is there, or elsewhere than before.
    pub(super) fn connect(&mut self, target: MediaTarget, now: Timestamp) {
        if self.target.is_none_or(|before| before.address != target.address) {
            self.source = None;
            self.reception = None;
            self.told_heard = false;
        }
        self.target = Some(target);
        self.silent_since = Some(now);
    }

    pub(super) fn play(&mut self, samples: Arc<[i16]>, repeat: Repeat) {
        self.playing = (!samples.is_empty()).then_some(Playing { samples, at: 0, repeat });
    }

    pub(super) fn stop(&mut self) {
        self.playing = None;
    }

    /// Keys beyond sixteen in waiting are dropped.
    pub(super) fn press(&mut self, digit: Digit) {
        if self.to_press.len() < 16 {
            self.to_press.push(digit);
        }
    }

    /// Takes what the sockets hold and the next 20 ms of it.
    pub(super) fn receive(
        &mut self,
        now: Timestamp,
        buffer: &mut [u8],
        mut tell: impl FnMut(MediaEvent),
    ) {
        for _ in 0..READS_MAX {
            let Ok((length, from)) = self.sockets.rtp.recv_from(buffer) else { break };
            if let Some(event) = self.take(&buffer[..length], from, now) {
                tell(event);
            }
        }
        self.receive_reports(now, buffer);
        let frame = self.playout.pull();
        self.heard = frame.unwrap_or([0; FRAME]);
        let energy: i64 = self.heard.iter().map(|s| i64::from(*s) * i64::from(*s)).sum();
        if energy > AUDIBLE_RMS * AUDIBLE_RMS * FRAME as i64 {
            self.stats.audible += 1;
            if !std::mem::replace(&mut self.told_heard, true) {
                tell(MediaEvent::Heard);
            }
        }
        // The detector's clock runs from the answer on, whether packets come or not.
        if let Some(verdict) = self.screening.as_mut().and_then(|it| it.push(&self.heard)) {
            self.screening = None;
            tell(MediaEvent::Screened(verdict));
        }
    }

    /// Whether the far end has been silent for `silence_max`; true once for each silence.
    pub(super) fn fell_silent(&mut self, silence_max: SignedDuration, now: Timestamp) -> bool {
        // Who is told to send nothing (hold) is not missed.
        let expected = self.target.is_some_and(|target| {
            matches!(target.direction, Direction::SendReceive | Direction::ReceiveOnly)
        });
        if !expected {
            self.silent_since = self.silent_since.map(|_| now);
            return false;
        }
        let over = self.silent_since.is_some_and(|since| now.duration_since(since) >= silence_max);
        if over {
            self.silent_since = None;
        }
        over
    }

    /// Sends 20 ms: a key, what is played, what the bridged leg heard, or silence. Returns what
    /// went out, and whether playing has just ended.
    pub(super) fn send(&mut self, bridged: Option<&Frame>, now: Timestamp) -> (Frame, bool) {
        let mut frame = bridged.copied().unwrap_or([0; FRAME]);
        let played = self.mix_in(&mut frame);
        let Some(target) = self.target else { return (frame, played) };
        if matches!(target.direction, Direction::SendOnly | Direction::SendReceive) {
            let to = self.source.unwrap_or(target.address);
            if !self.send_key(&target, to) {
                let bytes = frame.map(|sample| g711::encode(target.law, sample));
                self.send_packet(target.payload_type, self.timestamp, false, &bytes, to);
            }
        }
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        self.report(&target, now);
        (frame, played)
    }

    /// What went over it, at its end.
    pub(super) fn stats(&self) -> LegStats {
        let reception = self.reception.as_ref();
        LegStats {
            lost: reception.map_or(0, |reception| u64::from(reception.lost())),
            jitter: reception.map_or(0, Reception::jitter),
            late: u64::from(self.playout.late()),
            ..self.stats
        }
    }

    fn take(&mut self, bytes: &[u8], from: SocketAddr, now: Timestamp) -> Option<MediaEvent> {
        let packet = Packet::read(bytes);
        let target = self.target?;
        let (Some(packet), true) = (packet, self.is_far_end(from, &target)) else {
            self.stats.refused += 1;
            return None;
        };
        let known = packet.payload_type == target.payload_type
            || target.telephone_event == Some(packet.payload_type)
            || packet.payload_type == COMFORT_NOISE;
        if !known || packet.ssrc == self.ssrc || !self.is_current(&packet) {
            self.stats.refused += 1;
            return None;
        }
        let reception =
            self.reception.get_or_insert_with(|| Reception::new(packet.ssrc, packet.sequence));
        if !reception.take(packet.sequence, packet.timestamp, now) {
            self.stats.refused += 1;
            return None;
        }
        self.source = Some(from);
        self.silent_since = Some(now);
        self.stats.received += 1;
        if target.telephone_event == Some(packet.payload_type) {
            return self.keys.hear(packet.timestamp, packet.payload).map(MediaEvent::Digit);
        }
        if packet.payload_type == target.payload_type {
            let samples = packet.payload.iter().map(|byte| g711::decode(target.law, *byte));
            self.playout.push(packet.timestamp, samples);
        }
        None
    }

    /// The address of the SDP with any port until its first good packet, and that one source from
    /// there on: nothing is accepted from a stranger.
    fn is_far_end(&self, from: SocketAddr, target: &MediaTarget) -> bool {
        match self.source {
            Some(source) => from == source,
            None => from.ip() == target.address.ip(),
        }
    }

    /// The source that is heard, or a new one at its second packet in sequence.
    fn is_current(&mut self, packet: &Packet<'_>) -> bool {
        if self.reception.as_ref().is_none_or(|reception| reception.ssrc == packet.ssrc) {
            return true;
        }
        let believed = self.candidate.is_some_and(|candidate| {
            candidate.ssrc == packet.ssrc && candidate.next == packet.sequence
        });
        self.candidate =
            Some(Candidate { ssrc: packet.ssrc, next: packet.sequence.wrapping_add(1) });
        if believed {
            self.candidate = None;
            self.reception = None;
            self.playout = Playout::default();
        }
        believed
    }

    fn receive_reports(&mut self, now: Timestamp, buffer: &mut [u8]) {
        for _ in 0..READS_MAX {
            let Ok((length, from)) = self.sockets.rtcp.recv_from(buffer) else { return };
            let known = self.source.is_some_and(|source| source.ip() == from.ip());
            let Some(heard) = rtcp::read(&buffer[..length], self.ssrc).filter(|_| known) else {
                self.stats.refused += 1;
                continue;
            };
            if let Some(report) = heard.report {
                self.heard_report = Some((report, now));
            }
            self.stats.far_lost = heard.fraction_lost.or(self.stats.far_lost);
            self.stats.round_trip = rtcp::round_trip(&heard, now).or(self.stats.round_trip);
        }
    }

    fn mix_in(&mut self, frame: &mut Frame) -> bool {
        let mut played = false;
        if let Some(playing) = &mut self.playing {
            played = playing.fill(frame);
            if played {
                self.playing = None;
            }
        }
        if let Some((tone, at)) = &mut self.over {
            for (sample, over) in frame.iter_mut().zip(&tone[*at..]) {
                *sample = sample.saturating_add(*over);
            }
            *at += FRAME;
            if *at >= tone.len() {
                self.over = None;
            }
        }
        played
    }

    fn send_key(&mut self, target: &MediaTarget, to: SocketAddr) -> bool {
        let Some(payload_type) = target.telephone_event else {
            self.to_press.clear();
            return false;
        };
        if self.pressed.is_none() && !self.to_press.is_empty() {
            let digit = self.to_press.remove(0);
            self.pressed = Some((dtmf::Sender::new(digit), self.timestamp));
        }
        let Some((sender, began)) = &mut self.pressed else { return false };
        let began = *began;
        let Some((payload, first)) = sender.next_payload() else {
            self.pressed = None;
            return false;
        };
        self.send_packet(payload_type, began, first, &payload, to);
        true
    }

    fn send_packet(
        &mut self,
        kind: u8,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
        to: SocketAddr,
    ) {
        let packet = Packet {
            payload_type: kind,
            marker: marker || self.stats.sent == 0,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
            payload,
        };
        let mut bytes = [0; FRAME + 12];
        let Some(length) = write_packet(&packet, &mut bytes) else { return };
        self.sequence = self.sequence.wrapping_add(1);
        // A full socket buffer or an ICMP error of an earlier packet: lost, as any packet may be.
        if self.sockets.rtp.send_to(&bytes[..length], to).is_ok() {
            self.stats.sent += 1;
            self.sent_bytes = self.sent_bytes.wrapping_add(payload.len() as u32);
        }
    }

    fn report(&mut self, target: &MediaTarget, now: Timestamp) {
        if now < self.report_at {
            return;
        }
        self.report_at = now + REPORT_EVERY;
        let Some(port) = target.address.port().checked_add(1) else { return };
        let sent = rtcp::Sent {
            ssrc: self.ssrc,
            timestamp: self.timestamp,
            packets: self.stats.sent as u32,
            bytes: self.sent_bytes,
        };
        let bytes = rtcp::write_report(sent, self.reception.as_mut(), self.heard_report, now);
        send_quietly(&self.sockets.rtcp, &bytes, SocketAddr::new(target.address.ip(), port));
    }
}

impl Playing {
    /// Lays 20 ms into the frame in place of what was there. True when it is over.
    fn fill(&mut self, frame: &mut Frame) -> bool {
        for sample in frame.iter_mut() {
            if self.at == self.samples.len() {
                match self.repeat {
                    Repeat::Forever => self.at = 0,
                    Repeat::Once => {
                        *sample = 0;
                        continue;
                    }
                }
            }
            *sample = self.samples[self.at];
            self.at += 1;
        }
        self.at == self.samples.len() && self.repeat == Repeat::Once
    }
}

fn send_quietly(socket: &UdpSocket, bytes: &[u8], to: SocketAddr) {
    let _ = socket.send_to(bytes, to);
}
