//! What a call has sounded like up to now, as the numbers that the model weighs.
//!
//! They say how somebody talks (when, how long, with which pauses, how the pitch moves), not who: nothing
//! here is the timbre of a voice, so that another voice and another language give the same numbers.

use super::prosody::Prosody;
use super::talk::{Span, Talk};

macro_rules! features {
    ($($name:ident $text:literal,)*) => {
        /// The names of the features, in their order.
        pub const FEATURES: &[&str] = &[$(stringify!($name)),*];
        /// What each of them says, for a reason given to a person.
        pub(super) const MEANINGS: &[&str] = &[$($text),*];
        /// How many there are.
        pub(super) const COUNT: usize = FEATURES.len();

        #[derive(Clone, Copy, Debug, Default)]
        struct Named { $($name: f32,)* }

        impl Named {
            fn values(self) -> [f32; COUNT] {
                [$(self.$name),*]
            }
        }
    };
}

features! {
    now_s "time since the answer",
    heard "whether anybody has spoken",
    onset_s "silence before the first word",
    since_onset_s "time since the first word",
    talking "whether somebody speaks now",
    silent_s "silence since the last word",
    talk_s "speech in all",
    talk_share "share of speech since the first word",
    first_phrase_s "length of the first phrase",
    first_utterance_s "length of the first utterance",
    phrase_s "length of the latest phrase",
    utterance_s "length of the latest utterance",
    phrase_max_s "length of the longest phrase",
    stretch_max_s "longest speech without any pause",
    stretch_s "latest speech without any pause",
    stretch_before_s "the one before it",
    stretches "how often speech began",
    pauses_200 "pauses of 0.2 s or more",
    pauses_350 "pauses of 0.35 s or more",
    pauses_600 "pauses of 0.6 s or more",
    pause_s "the latest pause",
    pause_max_s "the longest pause",
    pause_mean_s "the mean pause",
    syllables "syllables",
    syllable_rate "syllables a second",
    voiced_share "share of voiced speech",
    pitch_spread "how far the pitch ranges",
    pitch_late "pitch at the end against the mean",
    pitch_stretch "pitch of the latest stretch against the mean",
    pitch_stretch_spread "how far the pitch ranges in it",
    level_spread "how far the loudness ranges",
    level_steps "how fast the loudness changes",
    level_late "loudness at the end against the mean",
    tilt_spread "how far the brightness ranges",
    periodicity "how periodic the speech is",
    periodicity_spread "how far that ranges",
    over_floor "loudness over the noise",
    background_spread "how unsteady the background is",
    background_step "background after the first word against before",
    likely "voice in the last 0.2 s",
    steady_share "share of steady tones",
    near_s "speech of the nearest voice",
    near_span_s "from its first word to its last",
    near_silent_s "silence since its last word",
    stretch_level "loudness of the latest stretch against the loudest",
}

/// The features of a moment.
pub(super) fn features(talk: &Talk, prosody: &Prosody, floor_db: f32) -> [f32; COUNT] {
    let mut named = Named { now_s: s(talk.now_ms), likely: prosody.likely, ..Named::default() };
    named.onset_s = named.now_s;
    if let Some(first) = talk.first {
        rhythm(&mut named, talk, first);
        sound(&mut named, prosody, floor_db);
        nearness(&mut named, talk, prosody);
    }
    named.background_spread = prosody.background_before_db.deviation().min(12.0);
    named.values()
}

fn s(ms: u32) -> f32 {
    ms as f32 / 1_000.0
}

fn rhythm(named: &mut Named, talk: &Talk, first: Span) {
    let pauses = talk.stretches.saturating_sub(1).max(1);
    named.heard = 1.0;
    named.onset_s = s(first.begun_ms);
    named.since_onset_s = s(talk.now_ms - first.begun_ms);
    named.talking = f32::from(u8::from(talk.talking));
    named.silent_s = s(talk.silent_ms().unwrap_or(0)).min(3.0);
    named.talk_s = s(talk.voice_ms());
    named.talk_share = named.talk_s / s(first.ms()).max(0.1);
    named.first_phrase_s = s(talk.phrase_first.ms());
    named.first_utterance_s = s(talk.utterance_first.ms());
    named.phrase_s = s(talk.phrase.ms());
    named.utterance_s = s(talk.utterance.ms());
    named.phrase_max_s = s(talk.phrase_ms_max);
    named.stretch_max_s = s(talk.stretch_ms_max);
    named.stretch_s = s(talk.stretch.ms());
    named.stretch_before_s = s(talk.stretch_before.ms());
    named.stretches = talk.stretches.min(12) as f32;
    let counts = talk.pauses_over.map(|count| count.min(8) as f32);
    [named.pauses_200, named.pauses_350, named.pauses_600] = counts;
    named.pause_s = s(talk.pause_ms).min(3.0);
    named.pause_max_s = s(talk.pause_ms_max).min(3.0);
    named.pause_mean_s = (s(talk.pauses_ms) / pauses as f32).min(3.0);
}

fn nearness(named: &mut Named, talk: &Talk, prosody: &Prosody) {
    if prosody.near > 0.0 {
        named.near_s = prosody.near * 0.02;
        named.near_span_s = s(prosody.near_last_ms - prosody.near_first_ms);
        named.near_silent_s = s(talk.now_ms - prosody.near_last_ms).min(3.0);
    }
    named.stretch_level = prosody.stretch_against_loudest_db();
}

fn sound(named: &mut Named, prosody: &Prosody, floor_db: f32) {
    let frames = prosody.level_db.count().max(1.0);
    let pitch = prosody.pitch.mean(0.5);
    named.syllables = prosody.syllables.min(30.0);
    named.syllable_rate = prosody.syllables / named.talk_s.max(0.2);
    named.voiced_share = prosody.pitch.count() / frames;
    named.pitch_spread = prosody.pitch.deviation();
    named.pitch_late = prosody.late_pitch - pitch;
    named.pitch_stretch = prosody.stretch_pitch.mean(pitch) - pitch;
    named.pitch_stretch_spread = prosody.stretch_pitch.deviation();
    let level_db = prosody.level_db.mean(-40.0);
    named.level_spread = prosody.level_db.deviation();
    named.level_steps = prosody.level_step_db.mean(0.0);
    named.level_late = prosody.late_level_db - level_db;
    named.tilt_spread = prosody.tilt_db.deviation();
    named.periodicity = prosody.periodicity.mean(0.0);
    named.periodicity_spread = prosody.periodicity.deviation();
    named.over_floor = (level_db - floor_db).clamp(0.0, 40.0);
    let before_db = prosody.background_before_db.mean(floor_db);
    named.background_step = prosody.background_after_db.mean(before_db) - before_db;
    named.steady_share = prosody.steady / frames;
}
