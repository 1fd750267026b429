//! What the far end said first, kept while its leg is up: so that an agent who comes a second later
//! can hear the hello, and an auditor what the detector heard.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::Law;
use crate::rtp::{FRAME, Frame, g711};

/// At most this is kept of a leg: ten seconds, at a byte a sample.
const SAMPLES_MAX: usize = 10 * 8_000;

/// The first ten seconds of a far end.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstWords(Arc<Mutex<Vec<u8>>>);

impl FirstWords {
    /// Takes 20 ms; false when it has enough.
    pub(super) fn hear(&self, said: &Frame) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() + FRAME > SAMPLES_MAX {
            return false;
        }
        kept.extend(said.iter().map(|sample| g711::encode(Law::Mu, *sample)));
        true
    }

    /// Whether they go to the present: no more was said than is kept.
    pub(super) fn are_all(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len() + FRAME <= SAMPLES_MAX
    }

    /// What is kept so far, 8 kHz.
    pub(super) fn samples(&self) -> Vec<i16> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(|byte| g711::decode(Law::Mu, *byte)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ten_seconds_are_kept_and_nothing_after() {
        let words = FirstWords::default();
        let heard = (0..1_000).filter(|_| words.hear(&[1_000; FRAME])).count();
        assert_eq!(heard, 500);
        let samples = words.samples();
        assert_eq!(samples.len(), SAMPLES_MAX);
        assert!(samples.iter().all(|sample| (980..=1_020).contains(sample)), "{}", samples[0]);
    }
}
