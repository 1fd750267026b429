//! What a leg sends to its far end.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::domain::{Codec, Digit, MediaTarget, Srtp};
use crate::media::playback::Playback;
use crate::media::wire::Wire;
use crate::media::{Repeat, tones};
use crate::rtp::{ComfortNoise, Encoder, FRAME, Frame, Packet, dtmf, rtcp, srtp, write_packet};

/// Keys that may wait; more are dropped.
const KEYS_MAX: usize = 32;

/// What a leg says.
#[derive(Debug)]
pub(super) struct Speaking {
    ssrc: u32,
    sequence: u16,
    /// Of the next frame. It runs on while nothing is sent (RFC 3550 §5.1).
    timestamp: u32,
    encoder: Encoder,
    playback: Option<Playback>,
    /// What is heard while nothing is said.
    noise: ComfortNoise,
    /// A tone laid over what is said.
    over: Option<Playback>,
    keys: VecDeque<Digit>,
    /// The key that is being pressed, and the timestamp of its beginning.
    pressed: Option<(dtmf::Sender, u32)>,
    /// The next packet is the first after a silence (RFC 3551 §4.1).
    is_first: bool,
    sent: u64,
    sent_bytes: u32,
    /// What was sent at the last report.
    reported: u64,
    /// What closes packets. It stays, with its key stream, while plain RTP is agreed in between.
    srtp: Option<Box<srtp::Sender>>,
    is_secure: bool,
}

impl Speaking {
    pub(super) fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            sequence,
            timestamp,
            encoder: Encoder::new(Codec::PCMU),
            playback: None,
            noise: ComfortNoise::quiet(ssrc),
            over: None,
            keys: VecDeque::new(),
            pressed: None,
            is_first: true,
            sent: 0,
            sent_bytes: 0,
            reported: 0,
            srtp: None,
            is_secure: false,
        }
    }

    /// From now on closed with our key, or plain.
    pub(super) fn secure(&mut self, agreed: Option<Srtp>) {
        self.is_secure = agreed.is_some();
        if let Some(Srtp { ours, suite, .. }) = agreed
            && self.srtp.as_ref().is_none_or(|sender| !sender.is_of(ours, suite))
        {
            self.srtp = Some(Box::new(srtp::Sender::new(ours, suite)));
        }
    }

    /// Closes a report where packets are closed.
    pub(super) fn close_report(&mut self, report: Vec<u8>) -> Vec<u8> {
        match self.srtp.as_mut().filter(|_| self.is_secure) {
            Some(sender) => sender.close_report(report),
            None => report,
        }
    }

    pub(super) fn play(&mut self, samples: Arc<[i16]>, repeat: Repeat) {
        self.playback = Some(Playback::new(samples, repeat));
    }

    pub(super) fn stop(&mut self) {
        self.playback = None;
    }

    pub(super) fn lay_over(&mut self, tone: Arc<[i16]>) {
        self.over = Some(Playback::new(tone, Repeat::Once));
    }

    pub(super) fn press(&mut self, digit: Digit) {
        if self.keys.len() < KEYS_MAX {
            self.keys.push_back(digit);
        }
    }

    /// Makes what is to be said of what the bridged leg said. Silence becomes quiet noise, so that nobody
    /// takes the line for dead. True when what was played is over.
    pub(super) fn compose(&mut self, frame: &mut Frame) -> bool {
        let is_over = self.playback.as_mut().is_some_and(|playback| playback.replace(frame));
        if is_over {
            self.playback = None;
        }
        if self.over.as_mut().is_some_and(|tone| tone.mix(frame)) {
            self.over = None;
        }
        if frame.iter().all(|sample| *sample == 0) {
            self.noise.fill(frame);
        }
        is_over
    }

    /// Sends the frame, or the key that is being pressed. Without `to` the time passes unsent.
    pub(super) fn send(
        &mut self,
        wire: &Wire,
        media: &MediaTarget,
        to: Option<SocketAddr>,
        frame: &Frame,
    ) {
        if self.encoder.codec() != media.codec {
            self.encoder = Encoder::new(media.codec);
        }
        match to {
            None => self.is_first = true,
            Some(to) => {
                if !self.send_key(wire, media, to) {
                    self.send_audio(wire, media.payload_type, to, frame);
                }
            }
        }
        self.skip(1);
    }

    fn send_audio(&mut self, wire: &Wire, kind: u8, to: SocketAddr, frame: &Frame) {
        let mut payload = [0; FRAME];
        if let Some(length) = self.encoder.encode(frame, &mut payload) {
            let marker = std::mem::replace(&mut self.is_first, false);
            self.send_packet(wire, to, kind, self.timestamp, marker, &payload[..length]);
        }
    }

    /// Lets so many frames pass.
    pub(super) fn skip(&mut self, frames: u64) {
        self.timestamp = self.timestamp.wrapping_add((frames as u32).wrapping_mul(FRAME as u32));
    }

    pub(super) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// For a report; `None` when nothing was sent since the last one (RFC 3550 §6.4).
    pub(super) fn sent_since_report(&mut self) -> Option<rtcp::Sent> {
        let before = std::mem::replace(&mut self.reported, self.sent);
        (before < self.sent).then_some(rtcp::Sent {
            timestamp: self.timestamp.wrapping_mul(self.encoder.codec().ticks()),
            packets: self.sent as u32,
            bytes: self.sent_bytes,
        })
    }

    /// True when a packet of a key was sent in place of audio. Where no telephone events were
    /// agreed, keys are heard in the band.
    fn send_key(&mut self, wire: &Wire, media: &MediaTarget, to: SocketAddr) -> bool {
        let Some(payload_type) = media.telephone_event else {
            if self.over.is_none()
                && let Some(digit) = self.keys.pop_front()
            {
                self.lay_over(tones::key(digit));
            }
            return false;
        };
        if self.pressed.is_none()
            && let Some(digit) = self.keys.pop_front()
        {
            self.pressed = Some((dtmf::Sender::new(digit), self.timestamp));
        }
        let Some((sender, began)) = &mut self.pressed else { return false };
        let began = *began;
        let Some((payload, marker)) = sender.next_payload(self.encoder.codec().ticks()) else {
            self.pressed = None;
            return false;
        };
        self.send_packet(wire, to, payload_type, began, marker, &payload);
        true
    }

    fn send_packet(
        &mut self,
        wire: &Wire,
        to: SocketAddr,
        payload_type: u8,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
    ) {
        let (sequence, ssrc) = (self.sequence, self.ssrc);
        let timestamp = timestamp.wrapping_mul(self.encoder.codec().ticks());
        let packet = Packet { payload_type, marker, sequence, timestamp, ssrc, payload };
        let mut bytes = [0; FRAME + 12 + srtp::GROWTH];
        let Some(length) = write_packet(&packet, &mut bytes) else { return };
        let length = match self.srtp.as_mut().filter(|_| self.is_secure) {
            Some(sender) => sender.close(&mut bytes, length),
            None => Some(length),
        };
        let Some(length) = length else { return };
        self.sequence = self.sequence.wrapping_add(1);
        // A full socket buffer or an ICMP error of an earlier packet: lost, as any packet may be.
        if wire.send(&bytes[..length], to).is_ok() {
            self.sent += 1;
            self.sent_bytes = self.sent_bytes.wrapping_add(payload.len() as u32);
        }
    }
}
