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
pub(super) const PAUSE_MS: u32 = 640;
/// The shortest silence that is believed to be an end: a closure of the lips is shorter.
const PAUSE_MS_MIN: u32 = 200;
/// Less voice than this is a click.
const VOICE_MS_MIN: u32 = 80;

/// A stretch of talk: activity without a pause of [`PAUSE_MS`] or what is left of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Talk {
    /// Milliseconds after the answer.
    pub begun_ms: u32,
    /// The end of the last active frame so far.
    pub ended_ms: u32,
    /// Active time in it.
    active_ms: u32,
    /// Active time of it that was a steady tone.
    steady_ms: u32,
}

impl Talk {
    /// From its first active frame to its last.
    pub(super) fn span_ms(&self) -> u32 {
        self.ended_ms - self.begun_ms
    }

    /// Whether it is a voice: long enough, and not a tone.
    pub(super) fn is_voice(&self) -> bool {
        self.active_ms >= VOICE_MS_MIN && self.steady_ms * 2 < self.active_ms
    }
}

/// Follows the line frame by frame.
#[derive(Clone, Debug)]
pub(super) struct Speech {
    now_ms: u32,
    pause_ms: u32,
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
            pause_ms: PAUSE_MS,
            levels_db: [FLOOR_DB_MAX; FLOOR_FRAMES],
            recent_db: [FLOOR_DB_MAX; 4],
            peak_db: f32::MIN,
            talk: None,
            voice_ms: 0,
        }
    }

    /// Talk is over after this pause, [`PAUSE_MS`] at most.
    pub(super) fn with_pause(self, pause_ms: u32) -> Self {
        Self { pause_ms: pause_ms.clamp(PAUSE_MS_MIN, PAUSE_MS), ..self }
    }

    /// Takes the next frame; `steady` when it belongs to a steady tone. Gives the talk that a
    /// pause has just ended.
    pub(super) fn push(&mut self, frame: &Frame, steady: bool) -> Option<Talk> {
        let active = self.is_active(frame.level_db);
        let begun_ms = self.now_ms;
        self.now_ms += FRAME_MS;
        if active {
            let fresh = Talk { begun_ms, ended_ms: begun_ms, active_ms: 0, steady_ms: 0 };
            let talk = self.talk.get_or_insert(fresh);
            talk.ended_ms = self.now_ms;
            talk.active_ms += FRAME_MS;
            if steady {
                talk.steady_ms += FRAME_MS;
            } else {
                self.voice_ms += FRAME_MS;
            }
        }
        self.talk.take_if(|talk| self.now_ms - talk.ended_ms >= self.pause_ms)
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
