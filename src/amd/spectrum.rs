//! The strongest peaks of a short window: a Fourier transform of 64 ms under a Hann window.

use std::f32::consts::PI;
use std::ops::Range;
use std::sync::LazyLock;

use super::SAMPLE_RATE_HZ;

/// Samples in the window: 64 ms, so that a bin is 15.6 Hz wide.
pub(super) const WINDOW: usize = 512;
/// The transform takes the real samples as complex numbers, two and two.
const HALF: usize = WINDOW / 2;
const BIN_HZ: f32 = SAMPLE_RATE_HZ as f32 / WINDOW as f32;
/// A sinusoid under a Hann window fills the bin of its peak and two on either side. Two sinusoids
/// that are 40 Hz apart (440 and 480 Hz) are two peaks or one between them, by turns.
const LOBE: usize = 2;
/// V.21 channel 2 (ITU-T V.21): 1650 and 1850 Hz and their first side bands, in bins.
const FSK_BINS: std::ops::RangeInclusive<usize> = 99..=125;

/// Power by bin, from 0 Hz up to (not including) half the rate.
pub(super) type Power = [f32; HALF];

struct Tables {
    hann: [f32; WINDOW],
    /// e^(-2πik/WINDOW)
    twiddle: [(f32, f32); HALF],
    reversed: [u16; HALF],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    hann: std::array::from_fn(|n| 0.5 - 0.5 * (2.0 * PI * n as f32 / WINDOW as f32).cos()),
    twiddle: std::array::from_fn(|k| {
        let angle = -2.0 * PI * k as f32 / WINDOW as f32;
        (angle.cos(), angle.sin())
    }),
    reversed: std::array::from_fn(|n| {
        (n as u16).reverse_bits() >> (u16::BITS - HALF.trailing_zeros())
    }),
});

/// What stands out of a spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Peaks {
    /// The two strongest peaks in Hz, the stronger one first.
    pub hz: [f32; 2],
    /// The share of the power that each of them holds, 0 to 1.
    pub share: [f32; 2],
    /// The share of the power in the band of V.21's answering channel.
    pub fsk: f32,
}

/// The two strongest peaks of a spectrum; nothing for digital silence.
pub(super) fn strongest(power: &Power) -> Peaks {
    let total: f32 = power.iter().sum();
    if total <= f32::MIN_POSITIVE {
        return Peaks::default();
    }
    let first = lobe(peak(power, 0..0));
    let beside = peak(power, first.clone());
    let mut second = lobe(beside);
    // What the first one fills is no part of the second one.
    if beside < first.start {
        second.end = second.end.min(first.start);
    } else {
        second.start = second.start.max(first.end);
    }
    let lobes = [first, second].map(|bins| centre(power, bins));
    Peaks {
        hz: lobes.map(|(bin, _)| bin * BIN_HZ),
        share: lobes.map(|(_, power)| (power / total).min(1.0)),
        fsk: (power[FSK_BINS].iter().sum::<f32>() / total).min(1.0),
    }
}

/// The spectrum of the window.
pub(super) fn power_of(window: &[f32; WINDOW]) -> Power {
    let tables = &*TABLES;
    let mut bins = [(0.0_f32, 0.0_f32); HALF];
    for (n, (pair, hann)) in window.chunks_exact(2).zip(tables.hann.chunks_exact(2)).enumerate() {
        bins[usize::from(tables.reversed[n])] = (pair[0] * hann[0], pair[1] * hann[1]);
    }
    transform(&mut bins, &tables.twiddle);
    // The even samples' spectrum and the odd ones', taken apart by their symmetry and joined.
    std::array::from_fn(|k| {
        let (a, b) = (bins[k], bins[(HALF - k) % HALF]);
        let even = ((a.0 + b.0) * 0.5, (a.1 - b.1) * 0.5);
        let odd = ((a.1 + b.1) * 0.5, (b.0 - a.0) * 0.5);
        let (cos, sin) = tables.twiddle[k];
        let re = even.0 + odd.0 * cos - odd.1 * sin;
        let im = even.1 + odd.0 * sin + odd.1 * cos;
        re * re + im * im
    })
}

/// A radix-2 transform of bins that stand in bit-reversed order.
fn transform(bins: &mut [(f32, f32); HALF], twiddle: &[(f32, f32); HALF]) {
    for pair in bins.chunks_exact_mut(2) {
        let (a, b) = (pair[0], pair[1]);
        pair[0] = (a.0 + b.0, a.1 + b.1);
        pair[1] = (a.0 - b.0, a.1 - b.1);
    }
    let mut half = 2;
    while half < HALF {
        let stride = WINDOW / (2 * half);
        for block in bins.chunks_exact_mut(2 * half) {
            let (even, odd) = block.split_at_mut(half);
            let turns = twiddle.iter().step_by(stride);
            for ((a, b), (cos, sin)) in even.iter_mut().zip(odd).zip(turns) {
                let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                *b = (a.0 - turned.0, a.1 - turned.1);
                *a = (a.0 + turned.0, a.1 + turned.1);
            }
        }
        half *= 2;
    }
}

/// The strongest bin that is none of `taken`.
fn peak(power: &Power, taken: Range<usize>) -> usize {
    let (mut best, mut most) = (0, -1.0);
    for (k, power) in power.iter().enumerate() {
        if *power > most && !taken.contains(&k) {
            (best, most) = (k, *power);
        }
    }
    best
}

fn lobe(peak: usize) -> Range<usize> {
    peak.saturating_sub(LOBE)..(peak + LOBE + 1).min(HALF)
}

/// The centre of gravity of these bins, in bins, and their power.
fn centre(power: &Power, bins: Range<usize>) -> (f32, f32) {
    let (mut sum, mut weight) = (0.0, f32::MIN_POSITIVE);
    for (k, power) in bins.clone().zip(&power[bins]) {
        sum += k as f32 * power;
        weight += power;
    }
    (sum / weight, weight)
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
    fn the_spectrum_is_what_the_definition_of_the_transform_gives() {
        let window = sines(&[321.0, 1_777.0, 3_990.0]);
        let power = power_of(&window);
        for (k, power) in power.iter().enumerate() {
            let (mut re, mut im) = (0.0_f64, 0.0_f64);
            for (n, sample) in window.iter().enumerate() {
                let turn = std::f64::consts::TAU / WINDOW as f64;
                let hann = 0.5 - 0.5 * (turn * n as f64).cos();
                let angle = turn * (k * n) as f64;
                re += f64::from(*sample) * hann * angle.cos();
                im -= f64::from(*sample) * hann * angle.sin();
            }
            let exact = re * re + im * im;
            assert!(
                (f64::from(*power) - exact).abs() < 1e-3 + exact * 1e-3,
                "{k}: {power} {exact}"
            );
        }
    }

    #[test]
    fn one_or_two_sinusoids_hold_all_the_power() {
        for hz in [[425.0, 425.0], [480.0, 620.0], [350.0, 440.0], [2_100.0, 2_100.0]] {
            let peaks = strongest(&power_of(&sines(&hz)));
            assert!(peaks.share.iter().sum::<f32>() > 0.97, "{hz:?}: {peaks:?}");
            assert!(hz.iter().any(|hz| (hz - peaks.hz[0]).abs() < 2.0), "{hz:?}: {peaks:?}");
        }
    }

    #[test]
    fn two_close_sinusoids_hold_all_the_power_too() {
        let peaks = strongest(&power_of(&sines(&[440.0, 480.0])));
        assert!(peaks.share.iter().sum::<f32>() > 0.97, "{peaks:?}");
        assert!(peaks.hz.iter().all(|hz| (425.0..495.0).contains(hz)), "{peaks:?}");
    }

    #[test]
    fn many_harmonics_do_not_and_silence_has_no_peak() {
        let voice: Vec<f32> = (1..20).map(|n| n as f32 * 120.0).collect();
        assert!(strongest(&power_of(&sines(&voice))).share.iter().sum::<f32>() < 0.5);
        assert_eq!(strongest(&power_of(&[0.0; WINDOW])), Peaks::default());
    }
}
