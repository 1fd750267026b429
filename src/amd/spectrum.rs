//! The strongest peaks of a short window: a radix-2 Fourier transform of 64 ms under a Hann window.

use std::f32::consts::PI;
use std::sync::LazyLock;

use super::SAMPLE_RATE_HZ;

/// Samples in the window: 64 ms, so that a bin is 15.6 Hz wide.
pub(super) const WINDOW: usize = 512;
const BIN_HZ: f32 = SAMPLE_RATE_HZ as f32 / WINDOW as f32;
/// A sinusoid under a Hann window fills the bin of its peak and two on either side.
const LOBE: usize = 2;

struct Tables {
    hann: [f32; WINDOW],
    /// e^(-2πik/WINDOW)
    twiddle: [(f32, f32); WINDOW / 2],
    reversed: [u16; WINDOW],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    hann: std::array::from_fn(|n| 0.5 - 0.5 * (2.0 * PI * n as f32 / WINDOW as f32).cos()),
    twiddle: std::array::from_fn(|k| {
        let angle = -2.0 * PI * k as f32 / WINDOW as f32;
        (angle.cos(), angle.sin())
    }),
    reversed: std::array::from_fn(|n| {
        (n as u16).reverse_bits() >> (u16::BITS - WINDOW.trailing_zeros())
    }),
});

/// The two strongest peaks of the window in Hz, the stronger one first, and the share of the
/// window's power that they hold together (0 to 1; 0 for digital silence).
pub(super) fn strongest(window: &[f32; WINDOW]) -> ([f32; 2], f32) {
    let power = power(window);
    let total: f32 = power.iter().sum();
    if total <= f32::MIN_POSITIVE {
        return ([0.0; 2], 0.0);
    }
    let first = peak(&power, None);
    let second = peak(&power, Some(first));
    let share = (lobe(&power, first) + lobe(&power, second)) / total;
    let peaks_hz = [first, second].map(|peak| centre(&power, peak) * BIN_HZ);
    (peaks_hz, share.min(1.0))
}

/// Power by bin, from 0 Hz up to (not including) half the rate.
fn power(window: &[f32; WINDOW]) -> [f32; WINDOW / 2] {
    let tables = &*TABLES;
    let mut bins = [(0.0_f32, 0.0_f32); WINDOW];
    for (n, sample) in window.iter().enumerate() {
        bins[usize::from(tables.reversed[n])] = (sample * tables.hann[n], 0.0);
    }
    let mut half = 1;
    while half < WINDOW {
        let stride = WINDOW / (2 * half);
        for block in bins.chunks_exact_mut(2 * half) {
            let (even, odd) = block.split_at_mut(half);
            for (k, (a, b)) in even.iter_mut().zip(odd).enumerate() {
                let (cos, sin) = tables.twiddle[k * stride];
                let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                *b = (a.0 - turned.0, a.1 - turned.1);
                *a = (a.0 + turned.0, a.1 + turned.1);
            }
        }
        half *= 2;
    }
    std::array::from_fn(|k| bins[k].0 * bins[k].0 + bins[k].1 * bins[k].1)
}

/// The strongest bin, outside the lobe of `but`.
fn peak(power: &[f32], but: Option<usize>) -> usize {
    let free = |k: &usize| but.is_none_or(|taken| k.abs_diff(taken) > 2 * LOBE);
    (0..power.len()).filter(free).max_by(|a, b| power[*a].total_cmp(&power[*b])).unwrap_or(0)
}

fn lobe(power: &[f32], peak: usize) -> f32 {
    power[peak.saturating_sub(LOBE)..=(peak + LOBE).min(power.len() - 1)].iter().sum()
}

/// The centre of gravity of the peak's bins: its frequency in bins.
fn centre(power: &[f32], peak: usize) -> f32 {
    let bins = peak.saturating_sub(1)..=(peak + 1).min(power.len() - 1);
    let weight: f32 = bins.clone().map(|k| power[k]).sum();
    bins.map(|k| k as f32 * power[k]).sum::<f32>() / weight
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sines(hz: &[f32]) -> [f32; WINDOW] {
        std::array::from_fn(|n| {
            let phase = 2.0 * PI * n as f32 / SAMPLE_RATE_HZ as f32;
            hz.iter().map(|hz| (phase * hz).sin() * 0.2).sum()
        })
    }

    #[test]
    fn one_or_two_sinusoids_hold_all_the_power() {
        for hz in [[425.0, 425.0], [480.0, 620.0], [440.0, 480.0], [2_100.0, 2_100.0]] {
            let ([peak_hz, _], tonality) = strongest(&sines(&hz));
            assert!(tonality > 0.97, "{hz:?}: {tonality}");
            assert!(hz.iter().any(|hz| (hz - peak_hz).abs() < 25.0), "{hz:?}: {peak_hz}");
        }
    }

    #[test]
    fn many_harmonics_do_not() {
        let voice: Vec<f32> = (1..20).map(|n| n as f32 * 120.0).collect();
        assert!(strongest(&sines(&voice)).1 < 0.5);
        assert_eq!(strongest(&[0.0; WINDOW]), ([0.0; 2], 0.0));
    }
}
