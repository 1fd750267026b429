//! When a machine's greeting is over and its recorder listens: a message left then is heard from
//! its first word.

use jiff::SignedDuration;

use super::beep::Beep;
use super::frame::{FRAME_MS, Framer};
use super::speech::Speech;
use super::tone::Tones;

/// A recorder without a beep listens at the latest after so much silence: greetings pause for less.
const SILENCE_MS: u32 = 3_000;
/// Machines are silent for longer before they say their first word.
const SILENCE_MS_BEFORE: u32 = 6_000;
/// Less voice than this is a click.
const VOICE_MS_MIN: u32 = 200;

/// How a greeting was heard to end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EndedBy {
    /// With a beep.
    Beep(Beep),
    /// Not within the time given for it.
    Limit,
    /// In silence.
    Silence,
}

/// The end of a greeting: now the message may begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GreetingEnded {
    /// How.
    pub by: EndedBy,
    /// When that was known, in milliseconds since the first sample: 60 ms after a beep's end.
    pub at_ms: u32,
}

/// Waits for the end of a machine's greeting. The same samples give the same end however they are
/// cut into frames. About 4 kB.
#[derive(Clone, Debug)]
pub struct GreetingEnd {
    limit_ms: u32,
    now_ms: u32,
    framer: Framer,
    tones: Tones,
    speech: Speech,
    /// When voice was last heard.
    voice_ms: u32,
    is_over: bool,
}

impl GreetingEnd {
    /// Waits for `limit` of audio at the longest (rounded down to 20 ms). It may be fed from the
    /// answer on, or from the verdict on in the middle of the greeting.
    pub fn new(limit: SignedDuration) -> Self {
        Self {
            limit_ms: u32::try_from(limit.as_millis().max(0)).unwrap_or(u32::MAX - FRAME_MS),
            now_ms: 0,
            framer: Framer::new(),
            tones: Tones::default(),
            speech: Speech::new(),
            voice_ms: 0,
            is_over: false,
        }
    }

    /// Takes the next samples (8 kHz, any number of them). `Some` once, when the greeting is over.
    pub fn push(&mut self, mut samples: &[i16]) -> Option<GreetingEnded> {
        while !self.is_over && !samples.is_empty() {
            let (rest, frame) = self.framer.fill(samples);
            samples = rest;
            let Some(frame) = frame else { continue };
            self.now_ms += FRAME_MS;
            let known = self.tones.beep();
            self.tones.push(&frame);
            self.speech.push(&frame, self.tones.is_steady());
            if let Some(talk) = self.speech.talk() {
                self.voice_ms = talk.ended_ms;
            }
            let beep = self.tones.beep().filter(|beep| Some(*beep) != known);
            if let Some(by) = beep.map(EndedBy::Beep).or_else(|| self.run_out()) {
                self.is_over = true;
                return Some(GreetingEnded { by, at_ms: self.now_ms });
            }
        }
        None
    }

    /// How much voice there was in it so far, in milliseconds.
    pub fn voice_ms(&self) -> u32 {
        self.speech.voice_ms()
    }

    fn run_out(&self) -> Option<EndedBy> {
        if self.now_ms + FRAME_MS > self.limit_ms {
            return Some(EndedBy::Limit);
        }
        let was_voice = self.speech.voice_ms() >= VOICE_MS_MIN;
        let silence_ms = if was_voice { SILENCE_MS } else { SILENCE_MS_BEFORE };
        // A beep that has begun is waited for.
        let is_silent = self.now_ms - self.voice_ms >= silence_ms && !self.tones.is_steady();
        is_silent.then_some(EndedBy::Silence)
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::super::generated::{Line, chance};
    use super::*;

    /// Lines on which a beep is heard.
    const ROUNDS: u64 = 60;

    /// So many seconds of a voice of sorts: harmonics under a rhythm of syllables, with breaths.
    fn voice(seconds: usize, pitch_hz: f64) -> Vec<i16> {
        let sample = |n: usize| {
            let t = n as f64 / 8_000.0;
            let glide = pitch_hz * (t + 0.03 * (5.0 * t).sin()) * std::f64::consts::TAU;
            let buzz: f64 = (1..16).map(|k| (glide * f64::from(k)).sin() / f64::from(k)).sum();
            let breath = if t % 2.0 < 1.6 { 1.0 } else { 0.0 };
            (buzz * (13.0 * t).sin().abs() * breath * 3_000.0) as i16
        };
        (0..seconds * 8_000).map(sample).collect()
    }

    fn ended(samples: &[i16]) -> GreetingEnded {
        GreetingEnd::new(SignedDuration::from_secs(30)).push(samples).unwrap()
    }

    #[test]
    fn a_beep_of_any_kind_is_found_on_any_line_and_nothing_else() {
        let (mut found, mut in_time, mut all) = (0, 0, 0);
        for round in 0..ROUNDS {
            let chance = &mut chance(round);
            let line = Line {
                level_dbm0: RngExt::random_range(chance, -35.0..-6.0),
                snr_db: RngExt::random_range(chance, 12.0..40.0),
                ..Line::CLEAN
            };
            let hz = RngExt::random_range(chance, 420.0..1_900.0_f32);
            let ms = RngExt::random_range(chance, 100.0..1_900.0);
            let beep: &[f32] = if round % 4 == 0 { &[hz, hz * 1.33] } else { &[hz] };
            let greeting = voice(4, 100.0 + round as f64 * 2.0);
            let tail = line.play(&[(&[], 500.0), (beep, ms), (&[], 5_000.0)], chance);
            let beep_end_ms = (4_500.0 + ms) as u32;
            all += 1;
            if let GreetingEnded { by: EndedBy::Beep(beep), at_ms } =
                ended(&[greeting, tail].concat())
            {
                found += u32::from(beep.ended_ms.abs_diff(beep_end_ms) <= 100);
                in_time += u32::from(at_ms.abs_diff(beep_end_ms) <= 300);
            }
        }
        println!("{all} beeps: {found} found, {in_time} within 300 ms of their end");
        assert!(found >= all * 95 / 100 && in_time >= all * 95 / 100);
    }

    #[test]
    fn a_sweep_is_a_beep_and_keys_are_not() {
        let mut sweep: Vec<i16> = voice(2, 120.0);
        sweep.resize(sweep.len() + 4_000, 0);
        let mut phase = 0.0_f64;
        for n in 0..3_200 {
            phase += std::f64::consts::TAU * (800.0 + f64::from(n) * 0.125) / 8_000.0;
            sweep.push((phase.sin() * 6_000.0) as i16);
        }
        sweep.resize(sweep.len() + 40_000, 0);
        assert!(matches!(ended(&sweep).by, EndedBy::Beep(_)), "{:?}", ended(&sweep));
        let key = Line::CLEAN
            .play(&[(&[], 500.0), (&[770.0, 1_336.0], 200.0), (&[], 9_000.0)], &mut chance(1));
        assert_eq!(ended(&[voice(2, 120.0), key].concat()).by, EndedBy::Silence);
    }

    #[test]
    fn without_a_beep_it_is_over_in_silence_or_at_the_limit() {
        let mut quiet = voice(4, 110.0);
        quiet.resize(20 * 8_000, 0);
        let end = ended(&quiet);
        assert_eq!(end.by, EndedBy::Silence);
        assert!((6_600..=6_900).contains(&end.at_ms), "{end:?}");
        let end = ended(&voice(40, 110.0));
        assert_eq!((end.by, end.at_ms), (EndedBy::Limit, 30_000));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(16))]

        #[test]
        fn any_samples_give_one_end_whatever_the_cuts(
            seconds in proptest::collection::vec((0_i32..=32_767, 1_i32..400), 1..5),
            cut in 1_usize..700,
        ) {
            let wave = |(loudest, period): &(i32, i32)| {
                let (loudest, period) = (*loudest, *period);
                (0..8_000).map(move |n: i32| ((n * n % period * 65_537) % (loudest + 1)) as i16)
            };
            let call: Vec<i16> = seconds.iter().flat_map(wave).collect();
            let mut cuts = GreetingEnd::new(SignedDuration::from_secs(3));
            let mut whole = cuts.clone();
            let ends: Vec<_> = call.chunks(cut).filter_map(|some| cuts.push(some)).collect();
            proptest::prop_assert_eq!(ends, Vec::from_iter(whole.push(&call)));
        }
    }
}
