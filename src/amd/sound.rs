//! What one frame sounds like beyond its level: whether it is periodic, at what pitch, and how its
//! power leans.

use super::SAMPLE_RATE_HZ;
use super::frame::{FRAME, Frame};
use super::spectrum::WINDOW;

/// The window at half the rate, so that a lag costs half as much.
const HALF: usize = WINDOW / 2;
const HALF_RATE_HZ: f32 = SAMPLE_RATE_HZ as f32 / 2.0;
/// The stretch that is compared with itself: 32 ms, two periods of the deepest voice.
const STRETCH: usize = 128;
/// Pitch periods of voices, 400 Hz down to 70 Hz, in samples at half the rate.
const LAG_MIN: usize = 10;
const LAG_MAX: usize = 57;
const LAGS: usize = LAG_MAX - LAG_MIN + 1;
/// Below this no period is looked for.
const PERIOD_DB_MIN: f32 = -62.0;

/// What one frame sounds like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sound {
    /// The frame's level, see [`Frame::level_db`].
    pub level_db: f32,
    /// How much the frame repeats itself at its best period, 0 to 1: 0.3 in noise, over 0.7 in
    /// a vowel.
    pub periodicity: f32,
    /// One over that period; 0 where none was looked for.
    pub pitch_hz: f32,
    /// Power of the first difference over the power itself: low for vowels and hum, high for hiss.
    pub tilt_db: f32,
    /// Whether it belongs to a steady tone.
    pub is_steady: bool,
}

impl Sound {
    /// Of a frame and the [`WINDOW`] samples up to its end.
    pub(super) fn of(frame: &Frame, window: &[f32; WINDOW], is_steady: bool) -> Self {
        let level_db = frame.level_db;
        let newest = &window[WINDOW - FRAME - 1..];
        let power: f32 = newest[1..].iter().map(|x| x * x).sum();
        let steps = newest.windows(2).map(|pair| pair[1] - pair[0]);
        let slope: f32 = steps.map(|x| x * x).sum();
        let tilt_db = 10.0 * ((slope + 1e-9) / (power + 1e-9)).log10();
        let (periodicity, pitch_hz) =
            if level_db < PERIOD_DB_MIN { (0.0, 0.0) } else { period(window) };
        Self { level_db, periodicity, pitch_hz, tilt_db, is_steady }
    }
}

/// The normalised correlation at the best lag, and the pitch that is.
fn period(window: &[f32; WINDOW]) -> (f32, f32) {
    let half: [f32; HALF] = std::array::from_fn(|n| window[2 * n] + window[2 * n + 1]);
    let newest = &half[HALF - STRETCH..];
    let own = dot(newest, newest);
    let mut correlation = [0.0_f32; LAGS];
    let oldest = HALF - STRETCH - LAG_MIN;
    let mut other = dot(&half[oldest..oldest + STRETCH], &half[oldest..oldest + STRETCH]);
    for (nth, correlation) in correlation.iter_mut().enumerate() {
        let begin = oldest - nth;
        if nth > 0 {
            let (come, gone) = (half[begin], half[begin + STRETCH]);
            other += come * come - gone * gone;
        }
        let scale = (own * other.max(0.0)).sqrt() + 1e-7;
        *correlation = dot(newest, &half[begin..begin + STRETCH]) / scale;
    }
    let best = correlation.iter().copied().fold(0.0, f32::max);
    // A multiple of the period repeats as well: the shortest lag that is about as good is the period.
    let peak = |nth: &usize| {
        let value = correlation[*nth];
        let before = nth.checked_sub(1).map_or(f32::MIN, |nth| correlation[nth]);
        let after = correlation.get(nth + 1).copied().unwrap_or(f32::MIN);
        value >= best * 0.9 && value >= before && value >= after
    };
    let lag = LAG_MIN + (0..LAGS).find(peak).unwrap_or(0);
    (best.clamp(0.0, 1.0), HALF_RATE_HZ / lag as f32)
}

/// In eight sums at once: a single one would have to wait for itself.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(sample: impl Fn(f32) -> f32) -> [f32; WINDOW] {
        std::array::from_fn(|n| sample(n as f32 / SAMPLE_RATE_HZ as f32))
    }

    #[test]
    fn a_buzz_has_its_pitch_and_hiss_has_none() {
        for hz in [80.0_f32, 125.0, 210.0, 250.0] {
            let buzz = window(|t| {
                (2..12).map(|k| (2.0 * std::f32::consts::PI * hz * k as f32 * t).sin()).sum()
            });
            let (periodicity, pitch_hz) = period(&buzz);
            assert!(periodicity > 0.85, "{hz}: {periodicity}");
            assert!((pitch_hz / hz - 1.0).abs() < 0.06, "{hz}: {pitch_hz}");
        }
        let mut state = 1_u32;
        let hiss: [f32; WINDOW] = std::array::from_fn(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as f32 / 65_536.0 - 0.5
        });
        assert!(period(&hiss).0 < 0.5, "{}", period(&hiss).0);
    }
}
