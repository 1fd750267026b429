//! Where speech begins and ends: activity over a noise floor that follows the line, and the talk
//! and the pauses that it makes.

use super::frame::{FRAME_MS, Frame};

/// The quietest two seconds' worth of frames bound the noise.
const FLOOR_FRAMES: usize = 100;
/// The floor is never thought louder than this: speech that begins with the answer is no noise.
const FLOOR_DB_MAX: f32 = -40.0;
/// Active: this far above the floor,
const ABOVE_FLOOR_DB: f32 = 12.0;
/// and at most this far below the loudest so far (far voices behind the person are not theirs),
const BELOW_PEAK_DB: f32 = 20.0;
/// and louder than this at all.
const ACTIVE_DB_MIN: f32 = -45.0;
/// The loudest so far fades by this much a frame.
const PEAK_FADE_DB: f32 = 0.05;
/// Talk goes on over silences up to this.
const PAUSE_MS: u32 = 640;

/// A stretch of talk: activity without a pause of [`PAUSE_MS`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Talk {
    /// Milliseconds after the first sample: the end of the last active frame so far.
    pub ended_ms: u32,
}

/// Follows the line frame by frame.
#[derive(Clone, Debug)]
pub(super) struct Speech {
    now_ms: u32,
    levels_db: [f32; FLOOR_FRAMES],
    recent_db: [f32; 4],
    peak_db: f32,
    talk: Option<Talk>,
    voice_ms: u32,
}

impl Speech {
    pub(super) fn new() -> Self {
        Self {
            now_ms: 0,
            levels_db: [FLOOR_DB_MAX; FLOOR_FRAMES],
            recent_db: [FLOOR_DB_MAX; 4],
            peak_db: f32::MIN,
            talk: None,
            voice_ms: 0,
        }
    }

    /// Takes the next frame; `steady` when it belongs to a steady tone.
    pub(super) fn push(&mut self, frame: &Frame, steady: bool) {
        let active = self.is_active(frame.level_db);
        self.now_ms += FRAME_MS;
        if active {
            self.talk = Some(Talk { ended_ms: self.now_ms });
            if !steady {
                self.voice_ms += FRAME_MS;
            }
        }
        self.talk.take_if(|talk| self.now_ms - talk.ended_ms >= PAUSE_MS);
    }

    /// The talk that goes on.
    pub(super) fn talk(&self) -> Option<&Talk> {
        self.talk.as_ref()
    }

    /// Active time since the answer that was no steady tone.
    pub(super) fn voice_ms(&self) -> u32 {
        self.voice_ms
    }

    fn is_active(&mut self, level_db: f32) -> bool {
        let frame = (self.now_ms / FRAME_MS) as usize;
        self.recent_db[frame % self.recent_db.len()] = level_db;
        let smooth_db = self.recent_db.iter().sum::<f32>() / self.recent_db.len() as f32;
        self.levels_db[frame % FLOOR_FRAMES] = smooth_db;
        let floor_db = self.levels_db.iter().copied().fold(FLOOR_DB_MAX, f32::min);
        self.peak_db = (self.peak_db - PEAK_FADE_DB).max(level_db);
        level_db > ACTIVE_DB_MIN
            && level_db > floor_db + ABOVE_FLOOR_DB
            && level_db > self.peak_db - BELOW_PEAK_DB
    }
}
