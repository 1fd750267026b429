//! Keys in the band: two tones at once (ITU-T Q.23), for far ends that send no telephone events.

use std::f64::consts::TAU;
use std::sync::LazyLock;

use super::{FRAME, Frame};
use crate::domain::Digit;

/// The frequencies of a key's row and column, in hertz.
const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
const KEYS: [&str; 4] = ["123A", "456B", "789C", "*0#D"];

/// It is looked every 10 ms at the 20 ms before.
const HOP: usize = FRAME / 2;
/// Looks in a row that make a key, and the pause after it. A tone of 40 ms fills three windows to two
/// thirds, one of 23 ms two at most (Q.24 table A-1: 40 ms are a key, 23 ms are none).
const LOOKS: u8 = 3;
/// The mean square of the weaker tone: -32 dBm0 (Q.24: -29 is a key, -36 is none).
const POWER_MIN: f32 = 164_000.0;
/// How much stronger one tone may be: 8 dB.
const TWIST_MAX: f32 = 6.3;
/// The next frequency of the same group is this much weaker: 6 dB.
const APART_MIN: f32 = 4.0;
/// Of all that is heard the two tones are at least so much: speech is more than two tones.
const SHARE_MIN: f32 = 0.68;

/// Twice the cosine of each frequency's step, rows first.
static STEPS: LazyLock<[f32; 8]> = LazyLock::new(|| {
    let mut steps = [0.0; 8];
    for (step, hertz) in steps.iter_mut().zip(ROWS.iter().chain(&COLUMNS)) {
        *step = 2.0 * (TAU * hertz / 8000.0).cos() as f32;
    }
    steps
});

/// The tones of a key in hertz: its row's, then its column's.
pub fn tones(digit: Digit) -> [f64; 2] {
    let place = KEYS.iter().enumerate().find_map(|(row, keys)| {
        keys.find(digit.as_char()).map(|column| [ROWS[row], COLUMNS[column]])
    });
    place.unwrap_or_default()
}

/// Hears keys in audio: each once, however long it is held.
#[derive(Clone, Debug)]
pub struct Listener {
    /// The second half of the last frame.
    before: [i16; HOP],
    /// What the last look saw, and how many in a row saw it.
    seen: (Option<Digit>, u8),
    /// The key that is down.
    held: Option<Digit>,
}

impl Default for Listener {
    fn default() -> Self {
        Self { before: [0; HOP], seen: (None, 0), held: None }
    }
}

impl Listener {
    /// The key that this frame makes certain.
    pub fn hear(&mut self, frame: &Frame) -> Option<Digit> {
        let mut window = [0; FRAME];
        window[..HOP].copy_from_slice(&self.before);
        window[HOP..].copy_from_slice(&frame[..HOP]);
        self.before.copy_from_slice(&frame[HOP..]);
        let first = self.look(key_of(&window));
        let second = self.look(key_of(frame));
        first.or(second)
    }

    fn look(&mut self, key: Option<Digit>) -> Option<Digit> {
        let (last, times) = &mut self.seen;
        *times = if *last == key { times.saturating_add(1) } else { 1 };
        *last = key;
        if *times < LOOKS || self.held == key {
            return None;
        }
        self.held = key;
        key
    }
}

/// The key whose two tones these samples are.
fn key_of(window: &Frame) -> Option<Digit> {
    let total: f32 = window.iter().map(|sample| f32::from(*sample).powi(2)).sum();
    let total = total / FRAME as f32;
    if total < 2.0 * POWER_MIN {
        return None;
    }
    let mut powers = [0.0; 8];
    for (power, step) in powers.iter_mut().zip(*STEPS) {
        *power = tone(window, step);
    }
    let (row, low) = strongest(&powers[..4])?;
    let (column, high) = strongest(&powers[4..])?;
    let is_key = low.min(high) >= POWER_MIN
        && low.max(high) <= TWIST_MAX * low.min(high)
        && low + high >= SHARE_MIN * total;
    let key = KEYS.get(row)?.chars().nth(column).filter(|_| is_key)?;
    Digit::new(key)
}

/// The mean square of a tone (Goertzel).
fn tone(window: &Frame, step: f32) -> f32 {
    let (mut last, mut before) = (0.0_f32, 0.0_f32);
    for sample in window {
        (last, before) = (f32::from(*sample) + step * last - before, last);
    }
    let length = FRAME as f32;
    2.0 * (last * last + before * before - step * last * before) / (length * length)
}

/// Which of a group stands out, and its power.
fn strongest(powers: &[f32]) -> Option<(usize, f32)> {
    let (place, power) =
        powers.iter().copied().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let others = powers.iter().enumerate().filter(|(other, _)| *other != place);
    others.into_iter().all(|(_, other)| power >= APART_MIN * other).then_some((place, power))
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    const ALL: &str = "123A456B789C*0#D";

    /// Two tones for so many samples after so many of silence, in noise of this peak.
    fn pressed(
        digit: char,
        (after, length): (usize, usize),
        [low, high]: [f64; 2],
        noise: i16,
    ) -> Vec<i16> {
        let mut chance = Pcg64Mcg::seed_from_u64(7);
        let [row, column] = tones(Digit::new(digit).unwrap());
        let at = |hertz: f64, index: usize| (TAU * hertz * index as f64 / 8000.0).sin();
        let sample = |index: usize| {
            let is_down = (after..after + length).contains(&index);
            let tone = if is_down { low * at(row, index) + high * at(column, index) } else { 0.0 };
            tone as i16 + if noise == 0 { 0 } else { chance.random_range(-noise..=noise) }
        };
        (0..(after + length + 800)).map(sample).collect()
    }

    fn heard(samples: &[i16]) -> String {
        let mut listener = Listener::default();
        let frames = samples.as_chunks::<FRAME>().0;
        frames.iter().filter_map(|frame| listener.hear(frame)).map(Digit::as_char).collect()
    }

    #[test]
    fn every_key_of_40_ms_is_heard_once_wherever_it_begins() {
        for digit in ALL.chars() {
            for after in (0..320).step_by(37) {
                for length in [320, 800, 8_000] {
                    let said = heard(&pressed(digit, (after, length), [4000.0, 4000.0], 300));
                    assert_eq!(said, digit.to_string(), "{after} {length}");
                }
            }
        }
    }

    #[test]
    fn what_is_too_short_too_quiet_or_too_uneven_is_no_key() {
        for after in 0..160 {
            assert_eq!(heard(&pressed('5', (after, 184), [4000.0, 4000.0], 0)), "", "23 ms");
        }
        // -36 dBm0 a tone, and 12 dB between them.
        assert_eq!(heard(&pressed('5', (0, 800), [360.0, 360.0], 0)), "");
        assert_eq!(heard(&pressed('5', (0, 800), [8000.0, 2000.0], 0)), "");
        // -29 dBm0, and 6 dB.
        assert_eq!(heard(&pressed('5', (0, 800), [810.0, 810.0], 0)), "5");
        assert_eq!(heard(&pressed('5', (0, 800), [4000.0, 8000.0], 0)), "5");
    }

    #[test]
    fn a_key_pressed_again_after_40_ms_is_another() {
        let mut samples = Vec::new();
        for digit in "9910".chars() {
            samples.extend_from_slice(&pressed(digit, (0, 320), [4000.0, 4000.0], 0)[..640]);
        }
        assert_eq!(heard(&samples), "9910");
    }

    #[test]
    fn noise_and_single_tones_are_no_keys() {
        let mut chance = Pcg64Mcg::seed_from_u64(3);
        let noise: Vec<i16> = (0..80_000).map(|_| chance.random_range(-9_000..9_000)).collect();
        assert_eq!(heard(&noise), "");
        for hertz in (300..3_400).step_by(10) {
            let tone =
                |index| (8000.0 * (TAU * f64::from(hertz) * index as f64 / 8000.0).sin()) as i16;
            assert_eq!(heard(&(0..3_200).map(tone).collect::<Vec<_>>()), "", "{hertz} Hz");
        }
    }
}
