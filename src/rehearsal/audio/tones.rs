//! Tones of networks and machines.

use super::{Voice, phase, rms_of, samples, silence};

/// Clicks are rounded off over so many milliseconds at either end of a tone.
const RAMP_MS: u32 = 4;

/// Sinusoids together, each at `dbov`.
fn tone(hz: &[f32], ms: u32, dbov: f32) -> Vec<i16> {
    let amplitude = rms_of(dbov) * std::f32::consts::SQRT_2;
    let (length, ramp) = (samples(ms), samples(RAMP_MS) as f32);
    let sample = |n: usize| {
        let edge = (n.min(length - 1 - n) as f32 / ramp).min(1.0);
        let sum: f32 = hz.iter().map(|hz| phase(*hz, n).sin()).sum();
        (sum * amplitude * edge) as i16
    };
    (0..length).map(sample).collect()
}

/// One cycle of North American ringback: 440 and 480 Hz, 2 s of 6 (ITU-T E.180).
pub fn ringback() -> Vec<i16> {
    [tone(&[440.0, 480.0], 2_000, -24.0), silence(4_000)].concat()
}

/// Special information tones "vacant code" (Telcordia GR-1162: 985.2 Hz for 380 ms, 1370.6 Hz for
/// 274 ms, 1776.7 Hz for 380 ms).
pub fn special_information() -> Vec<i16> {
    [(985.2, 380), (1_370.6, 274), (1_776.7, 380)].map(|(hz, ms)| tone(&[hz], ms, -21.0)).concat()
}

/// What a network plays of a number that nobody has: the tones, and a voice that says so in a word.
pub fn vacant_number(seed: u64) -> Vec<i16> {
    let mut voice = Voice::new(seed);
    [special_information(), silence(200), voice.phrase(4)].concat()
}

/// A recorder's beep: 1000 Hz, 400 ms.
pub fn beep() -> Vec<i16> {
    tone(&[1_000.0], 400, -16.0)
}

/// A fax that answers (ITU-T T.30 §4.2): after 0.2 s CED, 2100 Hz for 3.3 s, its phase reversed
/// every 450 ms against echo suppressors (V.25 §3.3); then 75 ms of silence.
pub fn fax_answer() -> Vec<i16> {
    let reversal = samples(450);
    let mut answer = tone(&[2_100.0], 3_300, -16.0);
    for (n, sample) in answer.iter_mut().enumerate() {
        if (n / reversal) % 2 == 1 {
            *sample = -*sample;
        }
    }
    [silence(200), answer, silence(75)].concat()
}

/// A second of the tone by which lines are measured, 1004 Hz (the test tone of
/// North American trunks, IEEE Std 743): 1,004 whole cycles, so that it can be repeated without a click.
pub fn test_tone() -> Vec<i16> {
    tone(&[1_004.0], 1_000, -16.0)
}

/// Three rising notes, for a message that has no recording: recognisably no speech.
pub fn message() -> Vec<i16> {
    [(523.3, 250), (659.3, 250), (784.0, 500)].map(|(hz, ms)| tone(&[hz], ms, -20.0)).concat()
}

#[cfg(test)]
mod tests {
    use super::super::SAMPLE_RATE_HZ;
    use super::*;

    fn power(samples: &[i16]) -> f64 {
        let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        sum / samples.len() as f64
    }

    #[test]
    fn levels_are_as_said() {
        let level = |samples: &[i16]| 10.0 * (power(samples) / 32_767.0_f64.powi(2)).log10();
        assert!((level(&tone(&[1_000.0], 500, -16.0)) + 16.0).abs() < 0.2);
        assert!((level(&tone(&[440.0, 480.0], 2_000, -24.0)) + 21.0).abs() < 0.2);
    }

    #[test]
    fn ringback_is_two_seconds_of_six() {
        let cycle = ringback();
        assert_eq!(cycle.len(), 6 * SAMPLE_RATE_HZ as usize);
        assert!(power(&cycle[..15_900]) > 0.0 && power(&cycle[16_000..]) == 0.0);
    }
}
