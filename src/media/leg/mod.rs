//! One leg: its wire, what it hears and what it is told.

mod greeting;
mod hear;
mod screening;
mod speak;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::batch::Batch;
use super::catch_up::CatchUp;
use super::far_end::FarEnd;
use super::first_words::FirstWords;
use super::recorder::{Recorder, Recording};
use super::wire::Wire;
use super::{LegId, LegStats, MediaEvent, Repeat, tones};
use crate::amd::EarlyMedia;
use crate::domain::{Digit, Direction, MediaTarget};
use crate::rtp::{FRAME, Frame, rtcp};
use hear::Hearing;
pub use screening::Screening;
use speak::Speaking;

/// One leg.
#[derive(Debug)]
pub(super) struct MediaLeg {
    pub id: LegId,
    /// What the far end said in this tick.
    pub said: Frame,
    /// What the bridged leg said in this tick, until it is passed on.
    pub from_peer: Option<Frame>,
    /// What the far end was told in this tick.
    told: Frame,
    wire: Wire,
    target: Option<Target>,
    hearing: Hearing,
    speaking: Speaking,
    /// What the far end has missed of the bridged leg's voice, and is told now.
    behind: Option<Box<CatchUp>>,
    recording: Option<Recording>,
    report_at: Timestamp,
    chance: Pcg64Mcg,
}

/// Where the far end is, and what was agreed with it.
#[derive(Clone, Copy, Debug)]
struct Target {
    media: MediaTarget,
    far_end: FarEnd,
}

impl MediaLeg {
    pub(super) fn new(id: LegId, wire: Wire, seed: u64, now: Timestamp) -> Self {
        let mut chance = Pcg64Mcg::seed_from_u64(seed);
        Self {
            id,
            said: [0; FRAME],
            from_peer: None,
            told: [0; FRAME],
            wire,
            target: None,
            hearing: Hearing::default(),
            // The upper half of the numbers is left out at the beginning, so that packets lost before the
            // first turn are not taken for a turn (RFC 3711 §3.3.1).
            speaking: Speaking::new(chance.random(), chance.random::<u16>() >> 1, chance.random()),
            behind: None,
            recording: None,
            report_at: now,
            chance,
        }
    }

    /// The far end is there, or elsewhere than before.
    pub(super) fn connect(&mut self, media: MediaTarget, now: Timestamp) {
        let known = self.target.filter(|target| target.far_end.is_at(media.address));
        let far_end = match known {
            Some(target) => target.far_end,
            None => {
                self.hearing.forget_source();
                FarEnd::new(media.address, media.behind)
            }
        };
        if self.target.is_none() {
            self.report_at = now + self.until_next_report();
        }
        self.target = Some(Target { media, far_end });
        self.hearing.connect(&media, now);
        self.speaking.secure(media.srtp);
    }

    pub(super) fn play(&mut self, samples: Arc<[i16]>, repeat: Repeat) {
        self.speaking.play(samples, repeat);
    }

    pub(super) fn stop(&mut self) {
        self.speaking.stop();
    }

    /// A tone over whatever is said.
    pub(super) fn lay_over(&mut self, tone: Arc<[i16]>) {
        self.speaking.lay_over(tone);
    }

    /// What the far end said so far, for the first agent who comes.
    pub(super) fn take_first_words(&mut self) -> Option<Vec<i16>> {
        self.hearing.take_first_words()
    }

    /// The far end has come late: it hears these words first, and faster, from behind the tone that is
    /// laid over.
    pub(super) fn catch_up(&mut self, words: Vec<i16>) {
        self.behind = CatchUp::new(words, tones::CONNECT.len() / FRAME).map(Box::new);
    }

    /// Whoever is heard from now on is heard as they are.
    pub(super) fn be_present(&mut self) {
        self.behind = None;
    }

    pub(super) fn press(&mut self, digit: Digit) {
        self.speaking.press(digit);
    }

    pub(super) fn screen(&mut self, screening: Box<Screening>) {
        self.hearing.screen(screening);
    }

    /// Listens for the end of a machine's greeting.
    pub(super) fn await_greeting_end(&mut self, limit: SignedDuration) {
        self.hearing.await_greeting_end(limit);
    }

    /// Keeps what the far end says first, from now on.
    pub(super) fn keep_first_words(&mut self, words: FirstWords) {
        self.hearing.keep_first_words(words);
    }

    pub(super) fn hear_tones(&mut self, ear: Option<Box<EarlyMedia>>) {
        self.hearing.hear_tones(ear);
    }

    /// A second recording of one leg would take the first one's place: it is not begun.
    pub(super) fn record(&mut self, file: String) {
        if self.recording.is_some() {
            return tracing::error!(leg = %self.id, "already recorded");
        }
        self.recording = Some(Recording::new(self.id, file));
    }

    /// Takes what came to the RTP port.
    pub(super) fn receive(
        &mut self,
        batch: &mut Batch,
        now: Timestamp,
        mut tell: impl FnMut(MediaEvent),
    ) {
        let Self { wire, hearing, speaking, target, .. } = self;
        wire.read(batch, |datagram| {
            if let Some(event) = hearing.take(&datagram, target.as_mut(), speaking.ssrc(), now) {
                tell(event);
            }
        });
    }

    /// Takes what came to the RTCP port.
    pub(super) fn receive_reports(&mut self, batch: &mut Batch, now: Timestamp) {
        let Self { wire, hearing, speaking, target, .. } = self;
        wire.read_reports(batch, |datagram| {
            hearing.take_report(&datagram, target.as_ref(), speaking.ssrc(), now);
        });
    }

    /// The next 20 ms of the far end, and what they mean.
    pub(super) fn listen(
        &mut self,
        silence_max: SignedDuration,
        now: Timestamp,
        mut tell: impl FnMut(MediaEvent),
    ) {
        // Nobody is heard before the leg is connected, and no detector's time runs.
        let Some(target) = &self.target else { return };
        self.hearing.listen(&mut self.said, &self.told, now, &mut tell);
        if self.hearing.fell_silent(expects(target.media.direction), silence_max, now) {
            tell(MediaEvent::Silent);
        }
    }

    /// Sends 20 ms: a key, what is played, what the bridged leg said, or silence.
    pub(super) fn speak(&mut self, now: Timestamp, mut tell: impl FnMut(MediaEvent)) {
        self.told = self.from_peer.take().unwrap_or([0; FRAME]);
        if self.behind.as_mut().is_some_and(|behind| behind.replace(&mut self.told)) {
            self.behind = None;
        }
        let Some(target) = self.target else { return };
        if self.speaking.compose(&mut self.told) {
            tell(MediaEvent::Played);
        }
        let to = target.far_end.to(self.wire.local()).filter(|_| sends(target.media.direction));
        self.speaking.send(&self.wire, &target.media, to, &self.told);
        if now >= self.report_at {
            self.report_at = now + self.until_next_report();
            self.report(now, false);
        }
    }

    /// Records what was said and told in this tick.
    pub(super) fn keep(&mut self, recorder: &Recorder) {
        if let Some(recording) = &mut self.recording {
            recording.take(self.id, &self.said, &self.told, recorder);
        }
    }

    /// Lets so many ticks pass that the thread has missed.
    pub(super) fn skip(&mut self, ticks: u64, recorder: &Recorder) {
        if self.target.is_some() {
            self.hearing.skip(ticks);
            self.speaking.skip(ticks);
        }
        if let Some(recording) = &mut self.recording {
            recording.skip(self.id, ticks, recorder);
        }
    }

    /// The end: says good-bye (RFC 3550 §6.3.7) and closes the wire.
    pub(super) fn close(mut self, now: Timestamp) -> (LegStats, Option<Recording>) {
        self.report(now, true);
        let mut stats = self.hearing.stats();
        stats.sent = self.speaking.sent();
        (stats, self.recording)
    }

    fn report(&mut self, now: Timestamp, is_goodbye: bool) {
        let Some(to) = self.target.and_then(|it| it.far_end.reports_to(self.wire.local())) else {
            return;
        };
        let sent = self.speaking.sent_since_report();
        let last_report = self.hearing.last_report();
        let reception = self.hearing.reception();
        let ssrc = self.speaking.ssrc();
        let report = rtcp::Report { ssrc, sent, reception, last_report, is_goodbye };
        let bytes = self.speaking.close_report(rtcp::write(report, now));
        // A report that is not sent is lost, as any packet may be.
        let _ = self.wire.send_report(&bytes, to);
    }

    /// 5 s, made uneven so that not every leg reports at once (RFC 3550 §6.2, §6.3.1).
    fn until_next_report(&mut self) -> SignedDuration {
        SignedDuration::from_millis(self.chance.random_range(2_500..7_500))
    }
}

fn expects(direction: Direction) -> bool {
    matches!(direction, Direction::ReceiveOnly | Direction::SendReceive)
}

fn sends(direction: Direction) -> bool {
    matches!(direction, Direction::SendOnly | Direction::SendReceive)
}
