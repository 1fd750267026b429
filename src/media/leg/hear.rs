//! What a leg takes from its far end.

use jiff::{SignedDuration, Timestamp};

use super::greeting::Greeting;
use super::{Screening, Target};
use crate::amd::EarlyMedia;
use crate::domain::{Codec, MediaTarget, Srtp};
use crate::media::batch::{Datagram, LENGTH_MAX};
use crate::media::first_words::FirstWords;
use crate::media::{LegStats, MediaEvent};
use crate::rtp::{Admission, ComfortNoise, FRAME, Frame, Packet, Playout, Reception, Source};
use crate::rtp::{Decoder, SAMPLES_MAX, dtmf, in_band, rtcp, srtp};

/// Louder than a whisper: -50 dBov.
const AUDIBLE_RMS: u64 = 104;
/// The playout buffer holds no more frames than this.
const SKIP_MAX: u64 = 25;
/// Comfort noise (RFC 3551 table 4).
const COMFORT_NOISE: u8 = 13;

/// What a leg hears.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    source: Source,
    decoder: Decoder,
    playout: Playout,
    /// The far end's line while it sends no audio.
    noise: Option<ComfortNoise>,
    keys: dtmf::Listener,
    /// Listens for keys in the band, where the far end sends no telephone events.
    in_band: Option<Box<in_band::Listener>>,
    screening: Option<Box<Screening>>,
    /// What listens for the network's tones before the answer.
    tones: Option<Box<EarlyMedia>>,
    /// A machine's greeting that is listened to for its end.
    greeting: Option<Box<Greeting>>,
    first_words: Option<FirstWords>,
    /// An agent has had them.
    are_words_told: bool,
    heard_at: Option<Timestamp>,
    /// Of the audible frames, the sum of the mean squares.
    power: u64,
    /// Since when nothing has come; `None` once that was told.
    silent_since: Option<Timestamp>,
    /// The NTP time of the far end's last report, and when it came.
    last_report: Option<(u32, Timestamp)>,
    /// What opens packets, where plain ones are not taken.
    srtp: Option<Box<srtp::Receiver>>,
    stats: LegStats,
}

/// What a payload is.
enum Payload {
    Audio(Codec),
    ComfortNoise,
    Key,
}

impl Hearing {
    pub(super) fn connect(&mut self, media: &MediaTarget, now: Timestamp) {
        let listens = media.telephone_event.is_none();
        self.in_band = listens.then(|| self.in_band.take().unwrap_or_default());
        self.heard_at = None;
        self.silent_since = Some(now);
        self.srtp = media.srtp.map(|Srtp { theirs, suite, .. }| {
            let same = self.srtp.take().filter(|receiver| receiver.is_of(theirs, suite));
            same.unwrap_or_else(|| Box::new(srtp::Receiver::new(theirs, suite)))
        });
    }

    /// The far end is elsewhere: whoever speaks next is another source.
    pub(super) fn forget_source(&mut self) {
        self.source.forget();
    }

    pub(super) fn screen(&mut self, screening: Box<Screening>) {
        if let Some(limit) = screening.greeting_max() {
            self.greeting = Some(Box::new(Greeting::followed(limit)));
        }
        self.screening = Some(screening);
    }

    pub(super) fn await_greeting_end(&mut self, limit: SignedDuration) {
        let greeting = self.greeting.take().map_or_else(|| Greeting::followed(limit), |it| *it);
        self.greeting = Some(Box::new(greeting.awaited()));
    }

    pub(super) fn keep_first_words(&mut self, words: FirstWords) {
        self.first_words = Some(words);
    }

    /// What was said so far, for the first agent who comes; `None` for others, and when that was more
    /// than is kept.
    pub(super) fn take_first_words(&mut self) -> Option<Vec<i16>> {
        let words = self.first_words.as_ref().filter(|_| !self.are_words_told)?;
        self.are_words_told = true;
        words.are_all().then(|| words.samples())
    }

    pub(super) fn hear_tones(&mut self, ear: Option<Box<EarlyMedia>>) {
        self.tones = ear;
    }

    /// Takes one datagram of the RTP port in.
    pub(super) fn take(
        &mut self,
        datagram: &Datagram<'_>,
        target: Option<&mut Target>,
        ours: u32,
        now: Timestamp,
    ) -> Option<MediaEvent> {
        let Some(target) = target.filter(|target| target.far_end.may_be(datagram.from)) else {
            self.stats.strangers += 1;
            return None;
        };
        let mut room;
        let opened = match &mut self.srtp {
            None => Some(datagram.bytes),
            Some(srtp) => {
                room = [0; LENGTH_MAX];
                srtp.open(datagram.bytes, &mut room)
            }
        };
        let admitted = opened.and_then(|bytes| self.admit(bytes, &target.media, ours));
        let Some((packet, payload)) = admitted else {
            self.stats.refused += 1;
            return None;
        };
        target.far_end.heard(datagram.from);
        self.stats.received += 1;
        self.silent_since = Some(now);
        match payload {
            Payload::Audio(codec) => {
                if self.decoder.codec() != codec {
                    self.decoder = Decoder::new(codec);
                }
                let mut samples = [0; SAMPLES_MAX];
                let count = self.decoder.decode(packet.payload, &mut samples);
                let timestamp = self.decoder.timestamp(packet.timestamp);
                let arrived = datagram.arrived.unwrap_or(now);
                if let Some(reception) = self.source.reception_mut() {
                    reception.measure_jitter(timestamp, arrived);
                }
                self.playout.push(timestamp, samples[..count].iter().copied());
                self.noise = None;
                None
            }
            Payload::ComfortNoise => {
                self.noise = ComfortNoise::read(packet.payload);
                None
            }
            Payload::Key => self
                .keys
                .hear(packet.marker, packet.timestamp, packet.payload)
                .map(MediaEvent::Digit),
        }
    }

    /// Takes one datagram of the RTCP port in. A BYE changes nothing: only SIP ends a call.
    pub(super) fn take_report(
        &mut self,
        datagram: &Datagram<'_>,
        target: Option<&Target>,
        ours: u32,
        now: Timestamp,
    ) {
        if target.is_none_or(|target| !target.far_end.may_report(datagram.from.ip())) {
            self.stats.strangers += 1;
            return;
        }
        let mut room;
        let opened = match &mut self.srtp {
            None => Some(datagram.bytes),
            Some(srtp) => {
                room = [0; LENGTH_MAX];
                srtp.open_report(datagram.bytes, &mut room)
            }
        };
        let Some(heard) = opened.and_then(|bytes| rtcp::read(bytes, ours)) else {
            self.stats.refused += 1;
            return;
        };
        if let Some(report) = heard.report {
            self.last_report = Some((report, now));
        }
        self.stats.far_lost = heard.fraction_lost.or(self.stats.far_lost);
        self.stats.round_trip = rtcp::round_trip(&heard, now).or(self.stats.round_trip);
    }

    /// The next 20 ms of the far end, which was told these in the last tick, and what they mean.
    pub(super) fn listen(
        &mut self,
        said: &mut Frame,
        told: &Frame,
        now: Timestamp,
        tell: &mut impl FnMut(MediaEvent),
    ) {
        let mut is_audible = false;
        if self.playout.pull(said) {
            let power = power(said);
            is_audible = power >= AUDIBLE_RMS * AUDIBLE_RMS;
            if is_audible {
                self.stats.audible += 1;
                self.power += power;
                if self.heard_at.is_none() {
                    self.heard_at = Some(now);
                    tell(MediaEvent::Heard);
                }
            }
        } else if let Some(noise) = &mut self.noise {
            noise.fill(said);
        }
        if let Some(key) = self.in_band.as_mut().and_then(|it| it.hear(said)) {
            tell(MediaEvent::Digit(key));
        }
        if let Some(signal) = self.tones.as_mut().and_then(|it| it.push(said)) {
            tell(MediaEvent::Tone(signal));
        }
        if let Some(screening) = &mut self.screening {
            screening.notice(power(told) >= AUDIBLE_RMS * AUDIBLE_RMS, is_audible);
        }
        // The detector's clock runs on whether packets come or not.
        if let Some(over) = self.screening.take_if(|it| !it.hear(said, tell))
            && over.is_person()
        {
            self.greeting.take_if(|it| !it.is_awaited());
        }
        if let Some(over) = self.greeting.as_mut().and_then(|it| it.hear(said)) {
            self.greeting = None;
            tell(MediaEvent::GreetingOver(over));
        }
        if self.first_words.as_ref().is_some_and(|words| !words.hear(said)) {
            self.first_words = None;
        }
    }

    /// Passes over what should have been heard in so many ticks: it is late, and would make all
    /// that follows late.
    pub(super) fn skip(&mut self, ticks: u64) {
        let mut passed_over = [0; FRAME];
        for _ in 0..ticks.min(SKIP_MAX) {
            self.playout.pull(&mut passed_over);
        }
    }

    /// Whether nothing has come for `silence_max`; true once for each silence. Who is told to send
    /// nothing (hold) is not missed.
    pub(super) fn fell_silent(
        &mut self,
        is_expected: bool,
        silence_max: SignedDuration,
        now: Timestamp,
    ) -> bool {
        if !is_expected {
            self.silent_since = Some(now);
        }
        let is_over =
            self.silent_since.is_some_and(|since| now.duration_since(since) >= silence_max);
        if is_over {
            self.silent_since = None;
        }
        is_over
    }

    /// The source that is heard, to report of it.
    pub(super) fn reception(&mut self) -> Option<&mut Reception> {
        self.source.reception_mut()
    }

    pub(super) fn last_report(&self) -> Option<(u32, Timestamp)> {
        self.last_report
    }

    /// All but what was sent.
    pub(super) fn stats(&self) -> LegStats {
        let mean = self.power.checked_div(self.stats.audible).unwrap_or(0);
        LegStats {
            lost: self.source.lost(),
            late: self.playout.late(),
            rms: mean.isqrt() as u16,
            heard_at: self.heard_at,
            jitter: self.source.reception().map_or(0, Reception::jitter),
            ..self.stats
        }
    }

    /// The packet, when it is one that was agreed, of the source that is heard.
    fn admit<'a>(
        &mut self,
        bytes: &'a [u8],
        media: &MediaTarget,
        ours: u32,
    ) -> Option<(Packet<'a>, Payload)> {
        let packet = Packet::read(bytes)?;
        let payload = payload(packet.payload_type, media)?;
        // Our own SSRC is a loop or a collision (RFC 3550 §8.2); a loop would feed on itself.
        if packet.ssrc == ours {
            return None;
        }
        match self.source.admit(packet.ssrc, packet.sequence) {
            Admission::Begins => {
                self.playout.restart();
                self.decoder = Decoder::new(self.decoder.codec());
                self.keys = dtmf::Listener::default();
            }
            Admission::Continues => {}
            Admission::Refused => return None,
        }
        Some((packet, payload))
    }
}

/// What this payload type means. Either law is taken by its static type, whichever we send in: the
/// far end may use any format of its answer (RFC 3264 §6.1).
fn payload(payload_type: u8, media: &MediaTarget) -> Option<Payload> {
    if payload_type == media.payload_type {
        return Some(Payload::Audio(media.codec));
    }
    if media.telephone_event == Some(payload_type) {
        return Some(Payload::Key);
    }
    match Codec::LAWS.into_iter().find(|law| law.payload_type() == payload_type) {
        Some(law) => Some(Payload::Audio(law)),
        None => (payload_type == COMFORT_NOISE).then_some(Payload::ComfortNoise),
    }
}

/// The mean square of the samples.
fn power(frame: &Frame) -> u64 {
    let sum: i64 = frame.iter().map(|sample| i64::from(i32::from(*sample).pow(2))).sum();
    sum as u64 / FRAME as u64
}
