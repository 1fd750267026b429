//! What training reads: the same numbers that the detector weighs, of a whole recording at once.

use super::features::COUNT;
use super::frame::Framer;
use super::listener::{Listener, activity_inputs};
use super::model::MODEL;
use super::sound::Sound;
use super::tone::Tones;
use super::{activity, frame};

/// What the voice network weighs, one row for each whole frame of 20 ms.
pub fn voice_rows(samples: &[i16]) -> Vec<[f32; activity::INPUTS]> {
    activity_inputs(&sounds(samples))
}

/// What the call network weighs ([`super::FEATURES`]), one row for each `every_ms` of audio.
pub fn call_rows(samples: &[i16], every_ms: u32) -> Vec<[f32; COUNT]> {
    let mut listener = Listener::new();
    let every = (every_ms / frame::FRAME_MS).max(1) as usize;
    let mut rows = Vec::new();
    for (nth, sound) in sounds(samples).iter().enumerate() {
        listener.push(sound, &MODEL.voice);
        if (nth + 1).is_multiple_of(every) {
            rows.push(listener.features());
        }
    }
    rows
}

fn sounds(mut samples: &[i16]) -> Vec<Sound> {
    let (mut framer, mut tones, mut sounds) = (Framer::new(), Tones::default(), Vec::new());
    while !samples.is_empty() {
        let (rest, frame) = framer.fill(samples);
        samples = rest;
        let Some(frame) = frame else { continue };
        tones.push(&frame);
        sounds.push(Sound::of(&frame, framer.window(), tones.is_steady()));
    }
    sounds
}
