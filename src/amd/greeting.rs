//! When a machine's greeting is over and its recorder listens: a message left then is heard from
//! its first word.

use jiff::SignedDuration;

use super::beep::Beep;
use super::frame::{FRAME_MS, Framer};
use super::speech::Speech;
use super::tone::Tones;

/// A recorder without a beep listens at the latest after so much silence: greetings pause for less.
const SILENCE_MS: u32 = 3_000;
/// Machines are silent for longer before they say their first word.
const SILENCE_MS_BEFORE: u32 = 6_000;
/// Less voice than this is a click.
const VOICE_MS_MIN: u32 = 200;

/// How a greeting was heard to end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EndedBy {
    /// With a beep.
    Beep(Beep),
    /// Not within the time given for it.
    Limit,
    /// In silence.
    Silence,
}

/// The end of a greeting: now the message may begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GreetingEnded {
    /// How.
    pub by: EndedBy,
    /// When that was known, in milliseconds since the first sample: 60 ms after a beep's end.
    pub at_ms: u32,
}

/// Waits for the end of a machine's greeting. The same samples give the same end however they are
/// cut into frames. About 4 kB.
#[derive(Clone, Debug)]
pub struct GreetingEnd {
    limit_ms: u32,
    now_ms: u32,
    framer: Framer,
    tones: Tones,
    speech: Speech,
    /// When voice was last heard.
    voice_ms: u32,
    is_over: bool,
}

impl GreetingEnd {
    /// Waits for `limit` of audio at the longest (rounded down to 20 ms). It may be fed from the
    /// answer on, or from the verdict on in the middle of the greeting.
    pub fn new(limit: SignedDuration) -> Self {
        Self {
            limit_ms: u32::try_from(limit.as_millis().max(0)).unwrap_or(u32::MAX - FRAME_MS),
            now_ms: 0,
            framer: Framer::new(),
            tones: Tones::default(),
            speech: Speech::new(),
            voice_ms: 0,
            is_over: false,
        }
    }

    /// Takes the next samples (8 kHz, any number of them). `Some` once, when the greeting is over.
    pub fn push(&mut self, mut samples: &[i16]) -> Option<GreetingEnded> {
        while !self.is_over && !samples.is_empty() {
            let (rest, frame) = self.framer.fill(samples);
            samples = rest;
            let Some(frame) = frame else { continue };
            self.now_ms += FRAME_MS;
            let known = self.tones.beep();
            self.tones.push(&frame);
            self.speech.push(&frame, self.tones.is_steady());
            if let Some(talk) = self.speech.talk() {
                self.voice_ms = talk.ended_ms;
            }
            let beep = self.tones.beep().filter(|beep| Some(*beep) != known);
            if let Some(by) = beep.map(EndedBy::Beep).or_else(|| self.run_out()) {
                self.is_over = true;
                return Some(GreetingEnded { by, at_ms: self.now_ms });
            }
        }
        None
    }

    fn run_out(&self) -> Option<EndedBy> {
        if self.now_ms + FRAME_MS > self.limit_ms {
            return Some(EndedBy::Limit);
        }
        let was_voice = self.speech.voice_ms() >= VOICE_MS_MIN;
        let silence_ms = if was_voice { SILENCE_MS } else { SILENCE_MS_BEFORE };
        // A beep that has begun is waited for.
        let is_silent = self.now_ms - self.voice_ms >= silence_ms && !self.tones.is_steady();
        is_silent.then_some(EndedBy::Silence)
    }
}
