//! Sounds made from nothing, 8 kHz mono: what people, machines and networks let a caller hear.

mod speech;
mod tones;

use std::f32::consts::PI;

pub use speech::{Voice, greeting, hello, talk};
pub use tones::{
    beep, fax_answer, message, ringback, special_information, test_tone, vacant_number,
};

/// Samples a second.
pub const SAMPLE_RATE_HZ: u32 = 8_000;

/// Samples in so many milliseconds.
fn samples(ms: u32) -> usize {
    (ms * (SAMPLE_RATE_HZ / 1_000)) as usize
}

/// Digital silence.
pub fn silence(ms: u32) -> Vec<i16> {
    vec![0; samples(ms)]
}

/// A level in dBov (0 dB: a full-scale square wave, ITU-T G.100.1) as a root mean square of
/// samples.
fn rms_of(dbov: f32) -> f32 {
    32_767.0 * 10.0_f32.powf(dbov / 20.0)
}

/// The phase of a frequency at a sample, in radians.
fn phase(hz: f32, sample: usize) -> f32 {
    let turns = f64::from(hz) * sample as f64 / f64::from(SAMPLE_RATE_HZ);
    2.0 * PI * turns.fract() as f32
}
