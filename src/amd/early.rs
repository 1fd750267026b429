//! What the network says before the answer.
//!
//! A network may play its tones and announcements in early media (RFC 3960) and never send a final
//! response of its own: what they say is heard here, so that a number that nobody has is known while
//! the call still costs nothing.

use super::frame::Framer;
use super::plan;
use super::signal::Signal;
use super::tone::Tones;
use crate::domain::PhoneNumber;

/// Hears one call from its first early media on, until the answer. The same samples say the same
/// however they are cut into frames. About 3 kB.
#[derive(Clone, Debug)]
pub struct EarlyMedia {
    framer: Framer,
    tones: Tones,
}

impl EarlyMedia {
    /// For a call to the country with that calling code (ITU-T E.164): where two networks mean
    /// different things by the same tone, as Spain by its busy tone and Italy by congestion, that
    /// country's meaning decides. Without it the meaning that more countries have.
    pub fn new(calling_code: Option<u16>) -> Self {
        Self { framer: Framer::new(), tones: Tones::at(calling_code) }
    }

    /// For a call to that number.
    pub fn to(number: PhoneNumber) -> Self {
        Self::new(plan::calling_code(number))
    }

    /// Takes the next samples (8 kHz, any number of them) and says what tone they bring: each once,
    /// and again when more of it changes its meaning. Of several within the same samples the first.
    pub fn push(&mut self, mut samples: &[i16]) -> Option<Signal> {
        let mut first = None;
        while !samples.is_empty() {
            let (rest, frame) = self.framer.fill(samples);
            samples = rest;
            let signal = frame.and_then(|frame| self.tones.push(&frame));
            // A beep before the answer is the first burst of something else.
            first = first.or(signal.filter(|signal| *signal != Signal::Beep));
        }
        first
    }
}
