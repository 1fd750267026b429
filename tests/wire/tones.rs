//! Tones that are spoken, and how long each is heard in a recording.

use std::f64::consts::TAU;
use std::sync::Arc;

/// What is looked at at a time, samples: 0.25 s.
const WINDOW: usize = 2_000;

/// A second of a tone, whose beginning fits its end.
pub fn tone(hertz: f64) -> Arc<[i16]> {
    let sample = |n: u32| (6_000.0 * (TAU * hertz * f64::from(n) / 8_000.0).sin()) as i16;
    (0..8_000).map(sample).collect()
}

/// How long the tone is heard.
pub fn seconds(hertz: f64, samples: &[i16]) -> f64 {
    let is_heard = |window: &&[i16]| power_at(hertz, window) > 1_000.0 * 1_000.0;
    samples.chunks_exact(WINDOW).filter(is_heard).count() as f64 * 0.25
}

/// Who heard whom for how many seconds, and what is expected: the first `exact` of them within so much,
/// the others at least.
pub fn judge(said: &[(&str, &str, f64, f64)], exact: usize, within: f64) {
    for (listener, speaker, seconds, expected) in said {
        println!("{listener} heard {speaker} for {seconds} s; expected {expected}");
    }
    for (listener, speaker, seconds, expected) in &said[..exact] {
        assert!((seconds - expected).abs() <= within, "{listener}, {speaker}: {seconds}");
    }
    for (listener, speaker, seconds, least) in &said[exact..] {
        assert!(seconds >= least, "{listener}, {speaker}: {seconds}");
    }
}

/// How long anything is heard beside these tones.
pub fn others(tones: &[f64], samples: &[i16]) -> f64 {
    let is_heard = |window: &&[i16]| {
        let all = window.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
        let known: f64 = tones.iter().map(|hertz| power_at(*hertz, window) / 2.0).sum();
        all / WINDOW as f64 - known > 200.0 * 200.0
    };
    samples.chunks_exact(WINDOW).filter(is_heard).count() as f64 * 0.25
}

/// The square of the tone's amplitude.
fn power_at(hertz: f64, samples: &[i16]) -> f64 {
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let angle = TAU * hertz * n as f64 / 8_000.0;
        real += f64::from(*sample) * angle.cos();
        imaginary += f64::from(*sample) * angle.sin();
    }
    (real * real + imaginary * imaginary) * (2.0 / samples.len() as f64).powi(2)
}
