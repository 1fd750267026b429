//! Tones: by which an agent hears that a person is theirs, and keys for a far end that takes no
//! telephone events.

use std::f64::consts::TAU;
use std::sync::{Arc, LazyLock};

use crate::domain::{Country, Digit};
use crate::rtp::{FRAME, in_band};

const RATE: f64 = 8000.0;
/// 160 ms of 880 Hz, soft at both ends, quiet enough to speak over.
pub static CONNECT: LazyLock<Arc<[i16]>> = LazyLock::new(|| {
    let tone = beep(&[880.0], 8 * FRAME, 3000.0);
    tone.collect()
});

/// A key in the band: 100 ms of its two tones and 100 ms of silence (ITU-T Q.24 takes 40 ms each).
pub fn key(digit: Digit) -> Arc<[i16]> {
    beep(&in_band::tones(digit), 5 * FRAME, 8000.0)
        .chain(std::iter::repeat_n(0, 5 * FRAME))
        .collect()
}

/// One period of the ringing tone that callers know from home (ITU-T E.180, supplement 2), to be
/// played over and over.
pub fn ringing(country: Country) -> Arc<[i16]> {
    const SECOND: f64 = 50.0;
    let (tones, cadence): (&[f64], &[(f64, f64)]) = match country.as_str() {
        "US" | "CA" => (&[440.0, 480.0], &[(2.0, 4.0)]),
        "AU" | "GB" | "IE" | "NZ" => (&[400.0, 450.0], &[(0.4, 0.2), (0.4, 2.0)]),
        _ => (&[425.0], &[(1.0, 4.0)]),
    };
    let samples = |seconds: f64| (seconds * SECOND) as usize * FRAME;
    let peak = 4000.0 / tones.len() as f64;
    let bursts = cadence.iter().flat_map(|(on_s, off_s)| {
        beep(tones, samples(*on_s), peak).chain(std::iter::repeat_n(0, samples(*off_s)))
    });
    bursts.collect()
}

/// Sinusoids of this peak each, with edges of 10 ms.
fn beep(hertz: &[f64], length: usize, peak: f64) -> impl Iterator<Item = i16> {
    let edge = 80.0;
    (0..length).map(move |index| {
        let (at, left) = (index as f64, (length - index) as f64);
        let shape = (at / edge).min(left / edge).min(1.0);
        let sum: f64 = hertz.iter().map(|hertz| (TAU * hertz * at / RATE).sin()).sum();
        (peak * shape * sum) as i16
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::tests::share_at;

    #[test]
    fn every_key_has_its_two_tones() {
        for (digit, low, high) in
            [('1', 697.0, 1209.0), ('5', 770.0, 1336.0), ('#', 941.0, 1477.0), ('D', 941.0, 1633.0)]
        {
            let samples = key(Digit::new(digit).unwrap());
            for hertz in [low, high] {
                let share = share_at(hertz, &samples[..800]);
                assert!((0.4..0.6).contains(&share), "{digit} {hertz} {share}");
            }
        }
    }

    #[test]
    fn a_caller_hears_the_ringing_tone_of_home() {
        let us = ringing(Country::US);
        assert_eq!(us.len(), 6 * 8_000);
        assert!(share_at(440.0, &us[..16_000]) > 0.4 && share_at(480.0, &us[..16_000]) > 0.4);
        assert!(us[16_000..].iter().all(|sample| *sample == 0));
        let spain = ringing(Country::new("ES").unwrap());
        assert!(share_at(425.0, &spain[..8_000]) > 0.9 && spain.len() == 5 * 8_000);
    }

    #[test]
    fn the_tone_for_an_agent_is_short_and_leaves_room_for_a_voice() {
        assert!(CONNECT.len() <= 1_600);
        assert!(share_at(880.0, &CONNECT) > 0.9);
        assert!(CONNECT.iter().all(|sample| sample.abs() <= 3_000));
    }
}
