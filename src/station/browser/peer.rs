//! One browser's connection: ICE (RFC 8445, the lite half), DTLS-SRTP (RFC 5764), and RTP out and in.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use str0m::change::SdpOffer;
use str0m::format::Codec as Format;
use str0m::media::{Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};

use super::config::OfferFault;
use crate::clock;
use crate::domain::{Codec, Direction, MediaTarget};
use crate::rtp::{Packet, write_packet};
use crate::transport::pipe;

/// A connection that is not there this long after its offer never will be.
const CONNECT_MAX: SignedDuration = SignedDuration::from_secs(15);
/// A browser sends every 20 ms, a muted one too: when nothing has come for so long it is gone.
const SILENCE_MAX: SignedDuration = SignedDuration::from_millis(1_500);
/// The longest RTP packet that is taken from a browser; Opus at 510 kbit/s fits.
const PACKET_MAX: usize = 1_500;

/// What a connection wants done, or tells.
#[derive(Debug)]
pub(super) enum Told {
    /// The browser is there: audio flows from here on.
    Connected,
    /// The browser said an RTP packet.
    Said(Bytes),
    /// Send a datagram.
    Transmit(SocketAddr, Vec<u8>),
}

/// What writes to the browser, so that one stream goes on when another source takes over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Source {
    Echo,
    Leg,
}

/// One browser's connection.
pub(super) struct Peer {
    rtc: Rtc,
    mid: Mid,
    codec: Codec,
    payload_type: u8,
    is_connected: bool,
    is_over: bool,
    /// Since when nothing has come from the browser.
    silent_since: Timestamp,
    wake_at: Timestamp,
    /// Of the next packet toward the browser.
    sequence: u64,
    /// The last packet toward the browser: from whom, its timestamp, and when.
    last: Option<(Source, u32, Timestamp)>,
    /// What is added to the source's timestamps.
    shift: u32,
}

impl Peer {
    /// Answers an offer; the browser reaches us at `shown`.
    pub(super) fn answer(
        offer: &str,
        shown: SocketAddr,
        now: Timestamp,
        told: &mut Vec<Told>,
    ) -> Result<(Self, String), OfferFault> {
        let media: Vec<&str> = offer.lines().filter(|line| line.starts_with("m=")).collect();
        if !matches!(media[..], [line] if line.starts_with("m=audio ")) {
            return Err(OfferFault::NotOneAudio);
        }
        let fault = |error: &dyn std::fmt::Display| OfferFault::Sdp(error.to_string());
        let offer = SdpOffer::from_sdp_string(offer).map_err(|error| fault(&error))?;
        let mut rtc = RtcConfig::new()
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_pcmu(true, false)
            .enable_pcma(true, false)
            .build(clock::instant(now));
        let candidate = Candidate::host(shown, "udp").map_err(|error| fault(&error))?;
        rtc.add_local_candidate(candidate);
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| fault(&error))?;
        let answer = answer.to_sdp_string();
        // RFC 8843 §10.1; str0m tells of the line itself only when audio flows.
        let mid = answer.lines().find_map(|line| line.strip_prefix("a=mid:"));
        let mut peer = Self {
            rtc,
            mid: Mid::from(mid.unwrap_or_default().trim()),
            codec: Codec::PCMU,
            payload_type: 0,
            is_connected: false,
            is_over: false,
            silent_since: now,
            wake_at: now,
            sequence: 0,
            last: None,
            shift: 0,
        };
        peer.drain(now, told);
        let (codec, payload_type) = peer.spoken().ok_or(OfferFault::NoCodec)?;
        (peer.codec, peer.payload_type) = (codec, payload_type);
        Ok((peer, answer))
    }

    /// The first codec of the offer that we speak too.
    fn spoken(&self) -> Option<(Codec, u8)> {
        let wanted = self.rtc.media(self.mid)?.remote_pts();
        wanted.iter().find_map(|wanted| {
            let known = self.rtc.codec_config().find(|known| known.pt() == *wanted)?;
            let codec = match known.spec().codec {
                Format::Opus => Codec::Opus,
                Format::PCMA => Codec::PCMA,
                Format::PCMU => Codec::PCMU,
                _ => return None,
            };
            Some((codec, **wanted))
        })
    }

    /// What its leg is to be connected to.
    pub(super) fn target(&self) -> MediaTarget {
        MediaTarget {
            address: pipe::FAR_END,
            behind: None,
            codec: self.codec,
            payload_type: self.payload_type,
            telephone_event: None,
            direction: Direction::SendReceive,
            srtp: None,
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.is_connected && !self.is_over
    }

    /// Whether it ever was there.
    pub(super) fn is_known(&self) -> bool {
        self.is_connected
    }

    /// Whether the browser is gone for good; another offer makes another connection.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.is_over || self.deadline() <= now
    }

    /// When it has to be looked at again.
    pub(super) fn wake_at(&self) -> Timestamp {
        self.wake_at.min(self.deadline())
    }

    fn deadline(&self) -> Timestamp {
        let limit = if self.is_connected { SILENCE_MAX } else { CONNECT_MAX };
        self.silent_since.saturating_add(limit).unwrap_or(Timestamp::MAX)
    }

    /// Takes a datagram of the socket that is reached at `shown`; false when it is not this browser's.
    pub(super) fn receive(
        &mut self,
        from: SocketAddr,
        shown: SocketAddr,
        bytes: &[u8],
        now: Timestamp,
        told: &mut Vec<Told>,
    ) -> bool {
        let Ok(received) = Receive::new(Protocol::Udp, from, shown, bytes) else { return false };
        let input = Input::Receive(clock::instant(now), received);
        if !self.rtc.accepts(&input) {
            return false;
        }
        self.hear(input, now, told);
        true
    }

    /// Lets its time pass.
    pub(super) fn pass_time(&mut self, now: Timestamp, told: &mut Vec<Told>) {
        self.hear(Input::Timeout(clock::instant(now)), now, told);
    }

    fn hear(&mut self, input: Input<'_>, now: Timestamp, told: &mut Vec<Told>) {
        if let Err(error) = self.rtc.handle_input(input) {
            // What a stranger sends is not to end a call: what matters ends by silence.
            tracing::debug!(%error, "a browser's packet is not understood");
        }
        self.drain(now, told);
    }

    /// Sends RTP of the leg, or its own echo.
    pub(super) fn say(
        &mut self,
        source: Source,
        packet: &Packet<'_>,
        now: Timestamp,
        told: &mut Vec<Told>,
    ) {
        if !self.is_connected() || packet.payload_type != self.payload_type {
            return;
        }
        let timestamp = self.place(source, packet.timestamp, now);
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(self.mid, None) else { return };
        let (number, at) = (self.sequence.into(), clock::instant(now));
        let kind = Pt::from(packet.payload_type);
        let write = RtpWrite::new(kind, number, timestamp, at, packet.payload);
        stream.write_rtp(write.marker(packet.marker));
        self.sequence += 1;
        self.pass_time(now, told);
    }

    /// The source's timestamp on the one clock that the browser sees.
    fn place(&mut self, source: Source, timestamp: u32, now: Timestamp) -> u32 {
        if let Some((before, last, at)) = self.last
            && before != source
        {
            let passed = now.duration_since(at).as_millis().clamp(20, 3_600_000) as u32;
            let ticks = passed.wrapping_mul(8 * self.codec.ticks());
            self.shift = last.wrapping_add(ticks).wrapping_sub(timestamp);
        }
        let placed = timestamp.wrapping_add(self.shift);
        self.last = Some((source, placed, now));
        placed
    }

    /// Says good-bye.
    pub(super) fn close(&mut self, now: Timestamp, told: &mut Vec<Told>) {
        if self.rtc.close().is_ok() {
            self.drain(now, told);
        }
        self.is_over = true;
    }

    /// Polls until there is nothing more to do now.
    fn drain(&mut self, now: Timestamp, told: &mut Vec<Told>) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Event(event)) => self.event(event, now, told),
                Ok(Output::Timeout(at)) => {
                    self.wake_at = clock::of_instant(at);
                    break;
                }
                Ok(Output::Transmit(sent)) => {
                    told.push(Told::Transmit(sent.destination, sent.contents.to_vec()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a browser's connection has failed");
                    self.is_over = true;
                    break;
                }
            }
        }
        self.is_over |= !self.rtc.is_alive();
    }

    fn event(&mut self, event: Event, now: Timestamp, told: &mut Vec<Told>) {
        match event {
            Event::Connected => {
                self.is_connected = true;
                self.silent_since = now;
                told.push(Told::Connected);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) | Event::Closed => {
                self.is_over = true;
            }
            Event::RtpPacket(packet) => {
                self.silent_since = now;
                if let Some(bytes) = written(&packet.header, &packet.payload) {
                    told.push(Told::Said(bytes));
                }
            }
            // Of video, data channels and statistics there are none.
            _ => {}
        }
    }
}

/// The packet as it would be on the wire, without extensions; `None` of one that says nothing.
fn written(header: &str0m::rtp::RtpHeader, payload: &[u8]) -> Option<Bytes> {
    let packet = Packet {
        payload_type: *header.payload_type,
        marker: header.marker,
        sequence: header.sequence_number,
        timestamp: header.timestamp,
        ssrc: *header.ssrc,
        payload,
    };
    let mut bytes = [0; PACKET_MAX];
    let length = write_packet(&packet, &mut bytes).filter(|_| !payload.is_empty())?;
    Some(Bytes::copy_from_slice(&bytes[..length]))
}
