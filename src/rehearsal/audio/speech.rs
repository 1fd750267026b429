//! Something like speech: a buzzing larynx, four moving formants, hissing consonants, syllables at
//! the pace of talk. It says no words, and has the rhythm, the pitch and the pauses of a voice.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{SAMPLE_RATE_HZ, rms_of, samples, silence};

/// The level of a phrase, in dBov.
const LEVEL_DBOV: f32 = -21.0;
/// Formants are moved once in so many samples (5 ms).
const STEP: usize = 40;
/// No voice holds a note while it talks: the pitch swings by this share, once in so many steps
/// (200 ms), or a vowel would be a tone.
const SWING: (f32, u32) = (0.06, 40);

/// The first three formants of vowels in Hz (Peterson and Barney 1952, men).
const VOWELS: [[f32; 3]; 8] = [
    [730.0, 1_090.0, 2_440.0],
    [660.0, 1_720.0, 2_410.0],
    [530.0, 1_840.0, 2_480.0],
    [390.0, 1_990.0, 2_550.0],
    [270.0, 2_290.0, 3_010.0],
    [570.0, 840.0, 2_410.0],
    [440.0, 1_020.0, 2_240.0],
    [300.0, 870.0, 2_240.0],
];
/// The bandwidths of the four formants in Hz.
const BANDWIDTHS_HZ: [f32; 4] = [80.0, 110.0, 220.0, 400.0];

/// Someone's voice: its pitch, its size, its pace.
#[derive(Clone, Debug)]
pub struct Voice {
    chance: Pcg64Mcg,
    pitch_hz: f32,
    /// Formants against a man's: 1 to 1.2.
    scale: f32,
    syllable_ms: u32,
}

/// How a syllable begins.
#[derive(Clone, Copy, Debug)]
enum Onset {
    /// A hiss.
    Fricative,
    /// A hum.
    Nasal,
    /// A closed mouth, then a burst.
    Stop,
}

struct Syllable {
    length: usize,
    onset: Onset,
    onset_length: usize,
    formants: [f32; 4],
    pitch: f32,
    stress: f32,
}

impl Voice {
    /// A voice; the same seed, the same voice saying the same.
    pub fn new(seed: u64) -> Self {
        let mut chance = Pcg64Mcg::seed_from_u64(seed);
        let high = chance.random_bool(0.5);
        Self {
            pitch_hz: if high {
                chance.random_range(170.0..230.0)
            } else {
                chance.random_range(90.0..140.0)
            },
            scale: if high {
                chance.random_range(1.12..1.2)
            } else {
                chance.random_range(0.96..1.05)
            },
            syllable_ms: chance.random_range(190..=260),
            chance,
        }
    }

    /// So many syllables in one breath, 3.8 to 5.3 a second.
    pub fn phrase(&mut self, syllables: u32) -> Vec<i16> {
        let mut tract = Tract::new();
        let mut wave = Vec::new();
        for index in 0..syllables {
            let syllable = self.syllable(index as f32 / syllables as f32);
            tract.say(&syllable, &mut self.chance, &mut wave);
        }
        level(&wave)
    }

    /// Phrases with pauses between them, until at least `ms` are filled with speech.
    pub fn monologue(&mut self, ms: u32, pause_ms: std::ops::Range<u32>) -> Vec<i16> {
        let mut speech = self.phrase(7);
        while speech.len() < samples(ms) {
            speech.extend(silence(self.chance.random_range(pause_ms.clone())));
            let syllables = self.chance.random_range(6..=13);
            speech.extend(self.phrase(syllables));
        }
        speech
    }

    /// A syllable at `place` (0 to 1) of its phrase: pitch sinks toward the end.
    fn syllable(&mut self, place: f32) -> Syllable {
        let chance = &mut self.chance;
        let onset = [Onset::Fricative, Onset::Nasal, Onset::Stop, Onset::Stop];
        let onset = onset.choose(chance).copied().unwrap_or(Onset::Nasal);
        let [first, second, third] = VOWELS.choose(chance).copied().unwrap_or(VOWELS[0]);
        let stress = chance.random_range(0.6..1.0);
        let length = samples(self.syllable_ms) as f32 * (0.75 + 0.4 * stress);
        Syllable {
            length: length as usize,
            onset,
            onset_length: (length * chance.random_range(0.25..0.4)) as usize,
            formants: [
                first * self.scale,
                (second * self.scale).min(2_500.0),
                (third * self.scale).min(2_900.0),
                3_500.0,
            ],
            pitch: self.pitch_hz * (1.12 - 0.3 * place) * (0.9 + 0.2 * stress),
            stress,
        }
    }
}

/// The vocal tract on its way from sound to sound.
struct Tract {
    formants: [f32; 4],
    resonators: [Resonator; 4],
    pitch: f32,
    steps: u32,
    loudness: f32,
    /// Of the larynx, 0 to 1.
    cycle: f32,
    hiss: f32,
    tilt: f32,
    breath: f32,
}

impl Tract {
    fn new() -> Self {
        Self {
            formants: [500.0, 1_500.0, 2_500.0, 3_400.0],
            resonators: std::array::from_fn(|_| Resonator::default()),
            pitch: 120.0,
            steps: 0,
            loudness: 0.0,
            cycle: 0.0,
            hiss: 0.0,
            tilt: 0.0,
            breath: 0.0,
        }
    }

    fn say(&mut self, syllable: &Syllable, chance: &mut Pcg64Mcg, wave: &mut Vec<f32>) {
        for n in 0..syllable.length {
            let (voiced, hissed) = drive(syllable, n);
            if n % STEP == 0 {
                self.move_toward(syllable);
            }
            // 10 ms from one loudness to the next.
            self.loudness += (voiced * syllable.stress - self.loudness) / 80.0;
            self.hiss += (hissed - self.hiss) / 60.0;
            let breath = chance.random_range(-1.0_f32..1.0);
            // What the lips radiate falls by 12 dB an octave above the first formant.
            let source = (self.larynx(chance) + 0.02 * breath) * self.loudness;
            self.tilt += (source - self.tilt) / 3.0;
            let voice = self.resonators.iter_mut().fold(self.tilt, |sound, part| part.step(sound));
            let hissed = breath - self.breath;
            self.breath = breath;
            wave.push(voice + hissed * self.hiss);
        }
    }

    /// Formants and pitch glide: 30 ms to the next sound.
    fn move_toward(&mut self, syllable: &Syllable) {
        for (now, target) in self.formants.iter_mut().zip(syllable.formants) {
            *now += (target - *now) / 6.0;
        }
        self.steps += 1;
        let turn = (self.steps % SWING.1) as f32 / SWING.1 as f32;
        let swing = 1.0 + SWING.0 * (2.0 * std::f32::consts::PI * turn).sin();
        self.pitch += (syllable.pitch * swing - self.pitch) / 8.0;
        let tuned = self.resonators.iter_mut().zip(self.formants).zip(BANDWIDTHS_HZ);
        for ((resonator, hz), bandwidth_hz) in tuned {
            resonator.tune(hz, bandwidth_hz);
        }
    }

    /// The flow's derivative over one cycle: a slow opening and a sharp closing.
    fn larynx(&mut self, chance: &mut Pcg64Mcg) -> f32 {
        let jitter = chance.random_range(0.98_f32..1.02);
        self.cycle += self.pitch * jitter / SAMPLE_RATE_HZ as f32;
        self.cycle -= self.cycle.floor();
        match self.cycle {
            open if open < 0.5 => 0.5 * (std::f32::consts::PI * open * 2.0).sin(),
            closing if closing < 0.62 => -2.0 * (closing - 0.5) / 0.12,
            _ => 0.0,
        }
    }
}

/// How loud the larynx and the hiss are to be at a sample of a syllable.
fn drive(syllable: &Syllable, n: usize) -> (f32, f32) {
    if n >= syllable.onset_length {
        return (1.0, 0.0);
    }
    match syllable.onset {
        Onset::Fricative => (0.0, 0.12),
        Onset::Nasal => (0.25, 0.0),
        Onset::Stop if n + samples(12) >= syllable.onset_length => (0.2, 0.3),
        Onset::Stop => (0.0, 0.0),
    }
}

/// A resonance: two poles.
#[derive(Default)]
struct Resonator {
    gain: f32,
    a: [f32; 2],
    y: [f32; 2],
}

impl Resonator {
    fn tune(&mut self, hz: f32, bandwidth_hz: f32) {
        let turn = 2.0 * std::f32::consts::PI / SAMPLE_RATE_HZ as f32;
        let radius = (-turn * bandwidth_hz / 2.0).exp();
        self.a = [2.0 * radius * (turn * hz).cos(), -radius * radius];
        self.gain = 1.0 - self.a[0] - self.a[1];
    }

    fn step(&mut self, x: f32) -> f32 {
        let y = self.gain * x + self.a[0] * self.y[0] + self.a[1] * self.y[1];
        self.y = [y, self.y[0]];
        y
    }
}

/// Brings a phrase to its level; what would clip is bent.
fn level(wave: &[f32]) -> Vec<i16> {
    let power = wave.iter().map(|sample| sample * sample).sum::<f32>() / wave.len().max(1) as f32;
    let gain = rms_of(LEVEL_DBOV) / power.sqrt().max(f32::MIN_POSITIVE);
    let bent = |sample: &f32| (32_000.0 * (sample * gain / 32_000.0).tanh()) as i16;
    wave.iter().map(bent).collect()
}

/// A person who picks up: a breath, "hello?", and, hearing nothing for a while, once more.
pub fn hello(seed: u64) -> Vec<i16> {
    let mut voice = Voice::new(seed);
    let before_ms = voice.chance.random_range(250..900);
    let syllables = voice.chance.random_range(2..=4);
    let first = voice.phrase(syllables);
    [silence(before_ms), first, silence(2_600), voice.phrase(2)].concat()
}

/// A machine's greeting, `ms` long or a little longer, with the pauses of someone who reads; the
/// beep is the caller's to add.
pub fn greeting(seed: u64, ms: u32) -> Vec<i16> {
    let mut voice = Voice::new(seed);
    let before_ms = voice.chance.random_range(200..900);
    [silence(before_ms), voice.monologue(ms, 200..420), silence(500)].concat()
}

/// A conversation's one side, to be played over and over: listening, since whoever is spoken to hears
/// the other out, then a turn.
pub fn talk(seed: u64) -> Vec<i16> {
    let mut voice = Voice::new(seed);
    let mut turns = Vec::new();
    for _ in 0..3 {
        turns.extend(silence(voice.chance.random_range(800..2_500)));
        let turn_ms = voice.chance.random_range(1_200..3_500);
        turns.extend(voice.monologue(turn_ms, 150..400));
    }
    turns
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::{beep, fax_answer, ringback, vacant_number};
    use super::*;
    use crate::amd::Detector;
    use crate::domain::VerdictKind;

    fn verdict(clip: &[i16]) -> VerdictKind {
        let mut detector = Detector::new(SignedDuration::from_secs(6));
        let padded = [clip, &silence(6_000)].concat();
        detector.push(&padded).unwrap().kind
    }

    /// How many of 50 seeds are heard as `kind`.
    fn heard_as(kind: VerdictKind, clip: impl Fn(u64) -> Vec<i16>) -> usize {
        (0..50).filter(|seed| verdict(&clip(*seed)) == kind).count()
    }

    #[test]
    fn the_detector_takes_persons_for_persons_and_machines_for_machines() {
        assert_eq!(heard_as(VerdictKind::Human, hello), 50);
        let machine = |seed| [greeting(seed, 5_000), beep(), silence(3_000)].concat();
        assert_eq!(heard_as(VerdictKind::Machine, machine), 50);
    }

    #[test]
    fn the_detector_knows_the_networks_tones() {
        assert_eq!(heard_as(VerdictKind::Tone, vacant_number), 50);
        assert_eq!(verdict(&ringback()), VerdictKind::Tone);
        assert_eq!(verdict(&fax_answer()), VerdictKind::Fax);
    }

    #[test]
    fn a_hello_is_short_and_talk_fills_its_time() {
        for seed in 0..50 {
            let hello_s = hello(seed).len() as f32 / SAMPLE_RATE_HZ as f32;
            assert!((3.5..6.0).contains(&hello_s), "seed {seed}: {hello_s} s");
            let speech = talk(seed);
            let loud = speech.iter().filter(|sample| sample.abs() > 200).count();
            assert!(loud * 4 > speech.len(), "seed {seed}: {loud} of {}", speech.len());
        }
    }

    #[test]
    fn two_seeds_are_two_voices() {
        assert_eq!(hello(1), hello(1));
        assert_ne!(hello(1), hello(2));
    }
}
