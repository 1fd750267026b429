//! Special information tones: three rising tones before an announcement, and what they mean.
//!
//! ITU-T E.180 §6: 950, 1400 and 1800 Hz (each ±50 Hz), 330 ±70 ms each, up to 30 ms apart, the same
//! whatever the reason. North America codes the reason in the first two tones (Telcordia GR-1162,
//! SR-504): each low or high, short or long; the third one is always 1776.7 Hz and long, to measure
//! the others by.

use super::run::Run;
use super::signal::Special;

/// The first tone, low and high, and the second, as shares of the third one's frequency.
const FIRST: [f32; 2] = [913.8 / 1_776.7, 985.2 / 1_776.7];
const SECOND: [f32; 2] = [1_370.6 / 1_776.7, 1_428.5 / 1_776.7];
/// Short and long.
const MS: [f32; 2] = [276.0, 380.0];
/// E.180's tones as shares of the third one's frequency.
const ITU: [f32; 2] = [950.0 / 1_800.0, 1_400.0 / 1_800.0];
/// How far they may be from that: less than the first one is from low and from high.
const ITU_OFF: [f32; 2] = [0.007, 0.03];
/// Silence between two tones is shorter than this.
const GAP_MS_MAX: u32 = 120;
/// So much of the third tone is enough to know it.
const THIRD_MS_MIN: u32 = 160;

/// One coded meaning: low (0) or high (1), short (0) or long (1) of the first two tones.
struct Code {
    special: Special,
    high: [usize; 2],
    long: [usize; 2],
}

#[rustfmt::skip]
const CODES: &[Code] = &[
    Code { special: Special::IneffectiveOther, high: [0, 1], long: [1, 0] },
    Code { special: Special::Intercept,        high: [0, 0], long: [0, 0] },
    // Within a LATA, and between two.
    Code { special: Special::NoCircuit,        high: [1, 1], long: [1, 1] },
    Code { special: Special::NoCircuit,        high: [0, 0], long: [1, 1] },
    Code { special: Special::Reorder,          high: [0, 1], long: [0, 1] },
    Code { special: Special::Reorder,          high: [1, 0], long: [0, 1] },
    // Reserved by GR-1162; heard of equipment that means this.
    Code { special: Special::Reorder,          high: [1, 1], long: [0, 1] },
    Code { special: Special::VacantCode,       high: [1, 0], long: [1, 0] },
];

/// What three runs mean, the last one perhaps still going on; `None` when they are no special
/// information tones.
pub(super) fn meaning(first: &Run, second: &Run, third: &Run) -> Option<Special> {
    let follows = |a: &Run, b: &Run| b.begun_ms.saturating_sub(a.ended_ms) <= GAP_MS_MAX;
    let is_triple = is_within(first, 880.0, 1_030.0)
        && is_within(second, 1_320.0, 1_480.0)
        && is_within(third, 1_700.0, 1_880.0)
        && [first, second].iter().all(|run| (180..=480).contains(&run.ms()))
        && third.ms() >= THIRD_MS_MIN
        && follows(first, second)
        && follows(second, third);
    is_triple.then(|| decode(first, second, third))
}

fn is_within(run: &Run, low_hz: f32, high_hz: f32) -> bool {
    run.pair().is_none() && (low_hz..=high_hz).contains(&run.hz())
}

fn decode(first: &Run, second: &Run, third: &Run) -> Special {
    let ratio = [first.hz() / third.hz(), second.hz() / third.hz()];
    let is_itu = (ratio[0] - ITU[0]).abs() <= ITU_OFF[0] && (ratio[1] - ITU[1]).abs() <= ITU_OFF[1];
    if is_itu {
        return Special::Unspecified;
    }
    let off = |code: &Code| {
        // In units of half the distance between low and high, short and long.
        let pitch =
            |value: f32, of: [f32; 2], at: usize| ((value - of[at]) / (of[1] - of[0])).abs();
        let ms = [first.ms() as f32, second.ms() as f32];
        pitch(ratio[0], FIRST, code.high[0]).min(1.0)
            + pitch(ratio[1], SECOND, code.high[1]).min(1.0)
            + pitch(ms[0], MS, code.long[0]).min(1.0)
            + pitch(ms[1], MS, code.long[1]).min(1.0)
    };
    let nearest = CODES.iter().min_by(|a, b| off(a).total_cmp(&off(b)));
    nearest.map_or(Special::Unspecified, |code| code.special)
}
