//! Comfort noise (RFC 3389): what is heard while a far end sends nothing since nobody speaks there. A
//! line that falls dead between words makes people ask whether anybody is there, and hides from a
//! detector where words begin.
//!
//! The noise is white: the spectrum of §3.2, which few send, is left out.

use super::Frame;

/// So quiet that nobody hears words in it, and louder than G.711's smallest step: -66 dBov.
const QUIET: u8 = 66;

/// The noise of a far end's line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComfortNoise {
    /// Its loudest sample.
    amplitude: f32,
    /// What the next sample is drawn from (Marsaglia's xorshift): any noise will do.
    state: u32,
}

impl ComfortNoise {
    /// Of a packet's payload, whose first byte is the level in -dBov (§3.1), 0 dBov being a square
    /// wave of full scale; `None` of an empty one, or one whose first bit is set.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let level = payload.first().filter(|level| **level <= 127)?;
        Some(Self::at(*level, 0x9e37_79b9))
    }

    /// What a far end hears while nobody speaks to it. The seed makes two of them differ.
    pub fn quiet(seed: u32) -> Self {
        Self::at(QUIET, seed | 1)
    }

    fn at(level: u8, state: u32) -> Self {
        let rms = 32_767.0 * 10.0_f32.powf(-f32::from(level) / 20.0);
        // Even chances between two limits have their root mean square at 1/√3 of them.
        Self { amplitude: rms * 3.0_f32.sqrt(), state }
    }

    /// The next 20 ms.
    pub fn fill(&mut self, frame: &mut Frame) {
        for sample in frame {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 17;
            self.state ^= self.state << 5;
            let drawn = self.state as f32 / u32::MAX as f32 * 2.0 - 1.0;
            *sample = (drawn * self.amplitude) as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::FRAME;

    #[test]
    fn the_noise_is_as_loud_as_the_packet_says() {
        for level in [20_u8, 45, 60] {
            let mut noise = ComfortNoise::read(&[level, 127]).unwrap();
            let mut power = 0.0;
            for _ in 0..50 {
                let mut frame = [0; FRAME];
                noise.fill(&mut frame);
                power += frame.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
            }
            let dbov = 10.0 * (power / (50.0 * FRAME as f64) / 32_767.0_f64.powi(2)).log10();
            assert!((dbov + f64::from(level)).abs() < 0.5, "{dbov} dBov for -{level}");
        }
    }

    #[test]
    fn the_quiet_is_still_there_after_g711_and_is_no_sound() {
        use crate::domain::Law;
        use crate::rtp::g711::{decode, encode};
        for law in [Law::A, Law::Mu] {
            let mut frame = [0; FRAME];
            ComfortNoise::quiet(3).fill(&mut frame);
            let heard = frame.map(|sample| decode(law, encode(law, sample)));
            assert!(heard.iter().all(|sample| sample.unsigned_abs() < 50));
            assert!(heard.iter().filter(|sample| sample.unsigned_abs() > 7).count() > 60);
        }
    }

    #[test]
    fn what_says_no_level_is_none() {
        assert_eq!(ComfortNoise::read(&[]), None);
        assert_eq!(ComfortNoise::read(&[128]), None);
    }
}
