//! How the voice moves: pitch, loudness, syllables and what lies behind them.

use super::sound::Sound;
use super::talk::Talk;

/// A frame this periodic is voiced.
const VOICED_MIN: f32 = 0.55;
/// A syllable's peak stands out by this much from the dips beside it.
const SYLLABLE_DB: f32 = 3.0;
/// Voice this much below the loudest is somebody else's, behind.
const NEAR_DB: f32 = 10.0;
/// A voice this much louder than the loudest before is the one that matters.
const LOUDER_DB: f32 = 6.0;

/// A mean and a spread, kept as sums.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    count: f32,
    sum: f32,
    squares: f32,
}

impl Moments {
    pub(super) fn add(&mut self, value: f32) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    pub(super) fn count(&self) -> f32 {
        self.count
    }

    /// The mean; `otherwise` of nothing.
    pub(super) fn mean(&self, otherwise: f32) -> f32 {
        if self.count > 0.0 { self.sum / self.count } else { otherwise }
    }

    /// The standard deviation; 0 of nothing.
    pub(super) fn deviation(&self) -> f32 {
        let mean = self.mean(0.0);
        (self.squares / self.count.max(1.0) - mean * mean).max(0.0).sqrt()
    }
}

/// Everything about how it sounds.
#[derive(Clone, Debug)]
pub(super) struct Prosody {
    /// Over the frames of voice.
    pub level_db: Moments,
    pub level_step_db: Moments,
    pub tilt_db: Moments,
    pub periodicity: Moments,
    /// Over the voiced ones, in octaves above 100 Hz.
    pub pitch: Moments,
    /// Of the stretch that goes on.
    pub stretch_pitch: Moments,
    stretches: u32,
    /// Slow means over about 200 ms.
    pub late_pitch: f32,
    pub late_level_db: f32,
    /// The voice that is near: its frames, and when it was first and last heard.
    pub near: f32,
    pub near_first_ms: u32,
    pub near_last_ms: u32,
    slow_db: f32,
    loudest_db: f32,
    /// The level of the stretch that goes on.
    pub stretch_level_db: Moments,
    /// Frames taken for voice that belong to a steady tone.
    pub steady: f32,
    pub syllables: f32,
    peak_db: f32,
    dip_db: f32,
    smooth_db: f32,
    before_db: f32,
    /// Over the frames without voice: before the first, and after it.
    pub background_before_db: Moments,
    pub background_after_db: Moments,
    /// How likely voice was, slowly averaged.
    pub likely: f32,
}

impl Prosody {
    pub(super) fn new() -> Self {
        Self {
            level_db: Moments::default(),
            level_step_db: Moments::default(),
            tilt_db: Moments::default(),
            periodicity: Moments::default(),
            pitch: Moments::default(),
            stretch_pitch: Moments::default(),
            stretches: 0,
            late_pitch: 0.5,
            late_level_db: -40.0,
            near: 0.0,
            near_first_ms: 0,
            near_last_ms: 0,
            slow_db: -60.0,
            loudest_db: -60.0,
            stretch_level_db: Moments::default(),
            steady: 0.0,
            syllables: 0.0,
            peak_db: -90.0,
            dip_db: -90.0,
            smooth_db: -60.0,
            before_db: -60.0,
            background_before_db: Moments::default(),
            background_after_db: Moments::default(),
            likely: 0.0,
        }
    }

    /// Takes the next frame, after the talk has taken it.
    pub(super) fn push(&mut self, sound: &Sound, likely: f32, talk: &Talk) {
        self.likely += (likely - self.likely) * 0.2;
        self.smooth_db += (sound.level_db - self.smooth_db) * 0.5;
        if talk.talking && likely > 0.5 {
            self.voice(sound, talk);
        } else if likely < 0.3 {
            let background = match talk.first {
                None => &mut self.background_before_db,
                Some(_) => &mut self.background_after_db,
            };
            background.add(sound.level_db.max(-75.0));
        }
        self.syllable(talk.talking);
        self.before_db = sound.level_db;
    }

    fn voice(&mut self, sound: &Sound, talk: &Talk) {
        if talk.stretches != self.stretches {
            self.stretches = talk.stretches;
            self.stretch_pitch = Moments::default();
            self.stretch_level_db = Moments::default();
        }
        self.near(sound.level_db, talk);
        self.stretch_level_db.add(sound.level_db);
        self.level_db.add(sound.level_db);
        self.level_step_db.add((sound.level_db - self.before_db).abs().min(20.0));
        self.late_level_db += (sound.level_db - self.late_level_db) * 0.2;
        self.tilt_db.add(sound.tilt_db);
        self.periodicity.add(sound.periodicity);
        if sound.is_steady {
            self.steady += 1.0;
        }
        if sound.periodicity >= VOICED_MIN && sound.pitch_hz > 0.0 {
            let pitch = (sound.pitch_hz / 100.0).log2();
            self.pitch.add(pitch);
            self.stretch_pitch.add(pitch);
            let weight = if self.pitch.count() < 2.0 { 1.0 } else { 0.2 };
            self.late_pitch += (pitch - self.late_pitch) * weight;
        }
    }

    /// Follows the voice that is loudest, beside others behind it.
    fn near(&mut self, level_db: f32, talk: &Talk) {
        self.slow_db += (level_db - self.slow_db) * 0.25;
        if self.slow_db > self.loudest_db + LOUDER_DB {
            self.near = 0.0;
        }
        self.loudest_db = self.loudest_db.max(self.slow_db);
        if level_db > self.loudest_db - NEAR_DB {
            if self.near == 0.0 {
                self.near_first_ms = talk.now_ms;
            }
            self.near += 1.0;
            self.near_last_ms = talk.now_ms;
        }
    }

    /// How much louder or softer the latest stretch is than the loudest voice.
    pub(super) fn stretch_against_loudest_db(&self) -> f32 {
        self.stretch_level_db.mean(self.loudest_db) - self.loudest_db
    }

    /// Counts a peak once the level has fallen from it.
    fn syllable(&mut self, talking: bool) {
        if !talking {
            (self.peak_db, self.dip_db) = (-90.0, self.smooth_db);
            return;
        }
        self.dip_db = self.dip_db.min(self.smooth_db);
        if self.smooth_db > self.dip_db + SYLLABLE_DB {
            self.peak_db = self.peak_db.max(self.smooth_db);
        }
        if self.smooth_db < self.peak_db - SYLLABLE_DB {
            self.syllables += 1.0;
            (self.peak_db, self.dip_db) = (-90.0, self.smooth_db);
        }
    }
}
