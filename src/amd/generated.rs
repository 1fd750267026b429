//! A line that plays tones, for tests: at any level, off pitch, off rhythm, in noise, through
//! G.711.

use std::f64::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// 0 dBm0 in units of a 16-bit sample's root mean square (ITU-T G.711 table 5: 3.17 dB below a
/// sine of full scale).
const RMS_0_DBM0: f64 = 32_768.0 * std::f64::consts::FRAC_1_SQRT_2 * 0.694;

/// What a line does to what it carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub level_dbm0: f64,
    /// White noise, below the tones.
    pub snr_db: f64,
    /// Frequencies are multiplied by this.
    pub pitch: f64,
    /// How far each duration is off at most, as a share of it.
    pub jitter: f64,
}

impl Line {
    pub(super) const CLEAN: Self =
        Self { level_dbm0: -13.0, snr_db: 60.0, pitch: 1.0, jitter: 0.0 };

    /// Any line that E.180's tolerances and a bad connection allow.
    pub(super) fn any(chance: &mut Pcg64Mcg) -> Self {
        Self {
            level_dbm0: chance.random_range(-40.0..-3.0),
            snr_db: chance.random_range(12.0..40.0),
            pitch: chance.random_range(0.985..1.015),
            jitter: 0.1,
        }
    }

    /// What is heard of bursts of (frequencies, milliseconds); no frequency: silence.
    pub(super) fn play(&self, bursts: &[(&[f32], f64)], chance: &mut Pcg64Mcg) -> Vec<i16> {
        let rms = RMS_0_DBM0 * 10_f64.powf(self.level_dbm0 / 20.0);
        let noise = rms * 10_f64.powf(-self.snr_db / 20.0) * 3_f64.sqrt();
        let mut heard = Vec::new();
        for (hz, ms) in bursts {
            let ms = ms * (1.0 + self.jitter * chance.random_range(-1.0..1.0));
            let amplitude = rms * (2.0 / hz.len().max(1) as f64).sqrt();
            let phase = chance.random_range(0.0..TAU);
            for n in 0..(ms * 8.0) as usize {
                let turn = TAU * self.pitch * n as f64 / 8_000.0;
                let tone: f64 = hz.iter().map(|hz| (turn * f64::from(*hz) + phase).sin()).sum();
                let sample = tone * amplitude + noise * chance.random_range(-1.0..1.0);
                heard.push(through_g711(sample));
            }
        }
        heard
    }
}

pub(super) fn chance(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

/// There and back by the mu law.
fn through_g711(sample: f64) -> i16 {
    let x = (sample / 32_768.0).clamp(-1.0, 1.0);
    let code = ((1.0 + 255.0 * x.abs()).ln() / 256_f64.ln() * 127.0).round();
    ((((code / 127.0 * 256_f64.ln()).exp() - 1.0) / 255.0).copysign(x) * 32_767.0) as i16
}

mod tests {
    use super::super::early::EarlyMedia;
    use super::super::plan::PLANS;
    use super::super::signal::{Data, Progress, Signal, Special};
    use super::*;

    /// Lines on which each tone is heard.
    const ROUNDS: u64 = 4;

    /// What was said last of all.
    fn last(samples: &[i16], code: Option<u16>) -> Option<Signal> {
        let mut ear = EarlyMedia::new(code);
        samples.chunks(160).filter_map(|frame| ear.push(frame)).last()
    }

    /// So many seconds of a cadence, from anywhere in it.
    fn cadence(
        hz: &'static [f32],
        ms: &[u16],
        chance: &mut Pcg64Mcg,
    ) -> Vec<(&'static [f32], f64)> {
        if ms.is_empty() {
            return vec![(&[], 200.0), (hz, 4_000.0)];
        }
        let period_ms: u32 = ms.iter().map(|ms| u32::from(*ms)).sum();
        let elements = ms.len() * (8_000_usize.div_ceil(period_ms as usize)).max(2);
        let from = chance.random_range(0..ms.len());
        let mut bursts: Vec<(&[f32], f64)> = (from..from + elements)
            .map(|n| (if n % 2 == 0 { hz } else { &[][..] }, f64::from(ms[n % ms.len()])))
            .collect();
        bursts[0].1 *= chance.random_range(0.2..1.0);
        bursts
    }

    #[test]
    fn every_countrys_tones_are_known_on_any_line() {
        let (mut at_home, mut abroad, mut all) = (0, 0, 0);
        for (number, plan) in PLANS.iter().enumerate() {
            let mut wrong = Vec::new();
            for round in 0..ROUNDS {
                let chance = &mut chance(number as u64 * 1_000 + round);
                let line = Line::any(chance);
                let heard = line.play(&cadence(plan.hz, plan.cadence, chance), chance);
                let code = plan.codes[chance.random_range(0..plan.codes.len())];
                let said = last(&heard, Some(code));
                // Mexico has one cadence for both.
                let twin = PLANS.iter().any(|other| {
                    other.codes.contains(&code)
                        && other.cadence == plan.cadence
                        && other.hz == plan.hz
                        && said == Some(Signal::Progress(other.progress))
                });
                all += 1;
                if said == Some(Signal::Progress(plan.progress)) || twin {
                    at_home += 1;
                } else {
                    wrong.push((code, said, line));
                }
                abroad += u32::from(last(&heard, None) == Some(Signal::Progress(plan.progress)));
            }
            if wrong.len() > 1 {
                println!("{plan:?}: {} wrong, as {:?}", wrong.len(), wrong[0]);
            }
        }
        let share = |right: u32| f64::from(right) / f64::from(all);
        println!(
            "{all} tones: {:.1} % right where the country is known, {:.1} % where not",
            share(at_home) * 100.0,
            share(abroad) * 100.0
        );
        assert!(share(at_home) >= 0.985);
        assert!(share(abroad) >= 0.8);
    }

    const LOW: [f32; 2] = [913.8, 1_370.6];
    const HIGH: [f32; 2] = [985.2, 1_428.5];

    #[test]
    fn special_information_tones_are_known_with_their_meaning_on_any_line() {
        // (meaning, first and second frequency, first and second duration)
        let triples = [
            (Special::IneffectiveOther, [LOW[0], HIGH[1]], [380.0, 276.0]),
            (Special::Intercept, LOW, [276.0, 276.0]),
            (Special::NoCircuit, HIGH, [380.0, 380.0]),
            (Special::NoCircuit, LOW, [380.0, 380.0]),
            (Special::Reorder, [LOW[0], HIGH[1]], [276.0, 380.0]),
            (Special::Reorder, [HIGH[0], LOW[1]], [276.0, 380.0]),
            (Special::VacantCode, [HIGH[0], LOW[1]], [380.0, 276.0]),
        ];
        let (mut known, mut meant, mut all) = (0, 0, 0);
        for (number, (special, hz, ms)) in triples.into_iter().enumerate() {
            for round in 0..ROUNDS * 5 {
                let chance = &mut chance(number as u64 * 1_000 + round);
                // GR-1162 holds durations within 5 %.
                let line = Line { jitter: 0.05, ..Line::any(chance) };
                let bursts: [(&[f32], f64); 6] = [
                    (&[], chance.random_range(0.0..900.0)),
                    (&[hz[0]], ms[0]),
                    (&[], chance.random_range(0.0..30.0)),
                    (&[hz[1]], ms[1]),
                    (&[], 4.0),
                    (&[1_776.7], 380.0),
                ];
                let said = last(&line.play(&bursts, chance), None);
                all += 1;
                known += u32::from(matches!(said, Some(Signal::Special(_))));
                meant += u32::from(said == Some(Signal::Special(special)));
            }
        }
        println!("{all} special information tones: {known} known, {meant} with their meaning");
        assert!(f64::from(known) >= f64::from(all) * 0.985);
        assert!(f64::from(meant) >= f64::from(all) * 0.97);
    }

    #[test]
    fn outside_north_america_special_information_has_no_meaning_of_its_own() {
        for round in 0..ROUNDS * 5 {
            let chance = &mut chance(round);
            let line = Line { jitter: 0.05, ..Line::any(chance) };
            let gap = (&[][..], 20.0);
            let triple =
                [(&[950.0][..], 330.0), gap, (&[1_400.0], 330.0), gap, (&[1_800.0], 330.0)];
            let said = last(&line.play(&triple, chance), Some(34));
            assert_eq!(said, Some(Signal::Special(Special::Unspecified)), "{round}: {line:?}");
        }
    }

    #[test]
    fn faxes_and_modems_are_known_on_any_line() {
        let (mut right, mut all) = (0, 0);
        for round in 0..ROUNDS * 5 {
            let chance = &mut chance(round);
            let line = Line { jitter: 0.05, ..Line::any(chance) };
            let silence = (&[][..], 400.0);
            for (data, hz, ms) in [
                (Data::Answer, 2_100.0, 3_000.0),
                (Data::BellAnswer, 2_225.0, 2_500.0),
                (Data::FaxCalling, 1_100.0, 500.0),
                (Data::ModemCalling, 1_300.0, 600.0),
            ] {
                let said = last(&line.play(&[silence, (&[hz], ms), silence], chance), None);
                all += 1;
                right += u32::from(said == Some(Signal::Data(data)));
            }
        }
        println!("{all} data tones: {right} right");
        assert!(f64::from(right) >= f64::from(all) * 0.985);
    }

    #[test]
    fn a_modem_that_wants_no_echo_canceller_reverses_its_phase() {
        let chance = &mut chance(1);
        let mut tone = Line::CLEAN.play(&[(&[2_100.0], 3_000.0)], chance);
        for (n, sample) in tone.iter_mut().enumerate() {
            if (n / 3_600) % 2 == 1 {
                *sample = -*sample;
            }
        }
        assert_eq!(last(&tone, None), Some(Signal::Data(Data::AnswerReversed)));
    }

    #[test]
    fn two_networks_mean_different_things_by_one_tone() {
        let chance = &mut chance(1);
        let bursts: Vec<(&[f32], f64)> =
            (0..12).map(|n| (if n % 2 == 0 { &[425.0][..] } else { &[] }, 200.0)).collect();
        let heard = Line::CLEAN.play(&bursts, chance);
        assert_eq!(last(&heard, Some(34)), Some(Signal::Progress(Progress::Busy)), "Spain");
        assert_eq!(last(&heard, Some(39)), Some(Signal::Progress(Progress::Reorder)), "Italy");
    }

    #[test]
    fn one_burst_a_backward_triple_and_noise_say_nothing() {
        let chance = &mut chance(1);
        let gap = (&[][..], 20.0);
        for bursts in [
            &[(&[425.0][..], 200.0), (&[], 3_000.0)][..],
            &[(&[1_800.0], 330.0), gap, (&[1_400.0], 330.0), gap, (&[950.0], 330.0)],
            &[(&[], 10_000.0)],
        ] {
            assert_eq!(last(&Line::CLEAN.play(bursts, chance), None), None, "{bursts:?}");
        }
        let loud = Line { level_dbm0: -10.0, snr_db: 0.0, ..Line::CLEAN };
        assert_eq!(last(&loud.play(&[(&[], 60_000.0)], chance), None), None);
    }
}
