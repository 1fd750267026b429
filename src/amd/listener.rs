//! Frames to features: what the detector and the training have in common.

use super::activity::{self, Activity};
use super::features::{self, features};
use super::model::Network;
use super::prosody::Prosody;
use super::sound::Sound;
use super::talk::Talk;

/// Voice has no more steady frames than this.
const TONE_SHARE: f32 = 0.25;

/// Follows one call.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    activity: Activity,
    talk: Talk,
    prosody: Prosody,
}

impl Listener {
    pub(super) fn new() -> Self {
        Self { activity: Activity::new(), talk: Talk::default(), prosody: Prosody::new() }
    }

    /// Takes the next frame; `network` tells voice.
    pub(super) fn push(&mut self, sound: &Sound, network: &Network) {
        let likely = self.activity.push(sound, network);
        self.talk.push(likely > 0.5);
        self.prosody.push(sound, likely, &self.talk);
    }

    pub(super) fn talk(&self) -> &Talk {
        &self.talk
    }

    /// Whether what was taken for voice is mostly a steady tone, whose meaning is for others to tell.
    pub(super) fn is_tone(&self) -> bool {
        self.prosody.steady > self.prosody.level_db.count() * TONE_SHARE
    }

    /// What the model weighs now.
    pub(super) fn features(&self) -> [f32; features::COUNT] {
        features(&self.talk, &self.prosody, self.activity.floor_db())
    }
}

/// What the voice network weighs of the frames, for its training.
pub(super) fn activity_inputs(sounds: &[Sound]) -> Vec<[f32; activity::INPUTS]> {
    let mut activity = Activity::new();
    sounds.iter().map(|sound| activity.inputs(sound)).collect()
}
