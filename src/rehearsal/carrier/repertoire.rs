//! The sounds of the test carrier's numbers, made once: some voices, each with all it says.

use std::sync::Arc;

use jiff::SignedDuration;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::super::audio;
use super::super::chance::chance_for;
use super::config::CarrierConfig;

/// How many different voices pick up.
const VOICES: u64 = 8;

/// Something to play.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Clip {
    /// A fax that answers. Once.
    Fax,
    /// A machine's greeting and beep. Once.
    Greeting,
    /// A person's hello, and once more after a while. Once.
    Hello,
    /// A person's side of a talk. Over and over.
    Talk,
    /// Special information tones and an announcement. Once.
    Vacant,
}

#[derive(Debug)]
struct Sounds {
    greeting: Arc<[i16]>,
    hello: Arc<[i16]>,
    talk: Arc<[i16]>,
    vacant: Arc<[i16]>,
}

/// Every sound.
#[derive(Debug)]
pub(super) struct Repertoire {
    fax: Arc<[i16]>,
    voices: Vec<Sounds>,
}

impl Repertoire {
    /// Makes them; takes a while (a second without optimisation).
    pub(super) fn new(config: &CarrierConfig, seed: u64) -> Self {
        let sounds = |voice: u64| {
            let mut chance = chance_for(seed, &format!("voice {voice}"));
            let seed = chance.random();
            let greeting_ms = config.machine.greeting_s.draw(&mut chance).as_millis();
            let greeting_ms = u32::try_from(greeting_ms).unwrap_or(0).min(60_000);
            Sounds {
                greeting: [audio::greeting(seed, greeting_ms), audio::beep()].concat().into(),
                hello: audio::hello(seed).into(),
                talk: audio::talk(seed).into(),
                vacant: audio::vacant_number(seed).into(),
            }
        };
        Self { fax: audio::fax_answer().into(), voices: (0..VOICES).map(sounds).collect() }
    }

    /// One of the voices.
    pub(super) fn any_voice(&self, chance: &mut Pcg64Mcg) -> usize {
        chance.random_range(0..self.voices.len())
    }

    /// What a voice says there.
    pub(super) fn clip(&self, clip: Clip, voice: usize) -> Arc<[i16]> {
        let sounds = &self.voices[voice % self.voices.len()];
        let samples = match clip {
            Clip::Fax => &self.fax,
            Clip::Greeting => &sounds.greeting,
            Clip::Hello => &sounds.hello,
            Clip::Talk => &sounds.talk,
            Clip::Vacant => &sounds.vacant,
        };
        Arc::clone(samples)
    }

    /// How long that is.
    pub(super) fn length(&self, clip: Clip, voice: usize) -> SignedDuration {
        let samples = self.clip(clip, voice).len() as i64;
        SignedDuration::from_millis(samples * 1_000 / i64::from(audio::SAMPLE_RATE_HZ))
    }
}
