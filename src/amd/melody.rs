//! Music: its notes hold their pitch where a voice glides, and it hardly pauses.

use super::frame::{FRAME_MS, Frame};

/// A pitch that moves no more than this is held (a semitone at 200 Hz is 12 Hz),
const HELD_HZ: f32 = 5.0;
/// over so many frames: 60 ms, about the window that its frequency is measured in.
const HELD_FRAMES: usize = 3;
/// Audible: this loud at all, and no further below the loudest so far.
const AUDIBLE_DB_MIN: f32 = -48.0;
const BELOW_LOUDEST_DB: f32 = 25.0;
/// Music: this share of what is audible holds its pitch, and this share of the time since the first
/// sound is audible. Voices in front of a hum hold its pitch, voices in front of music hold less.
const HELD_MIN: f32 = 0.36;
const AUDIBLE_MIN: f32 = 0.85;
/// One pitch alone is hum or a tone: of what is held the commonest note has no larger share.
const ONE_NOTE_MAX: f32 = 0.8;
/// Pitches this near to each other are one note.
const NOTE_HZ: f32 = 8.0;
/// How many notes are told apart; further ones count as others.
const NOTES: usize = 8;
/// Less says nothing yet.
const HEARD_MS_MIN: u32 = 800;

/// Follows how much of what is heard is held pitches.
#[derive(Clone, Debug)]
pub(super) struct Melody {
    /// The strongest peaks of the last frames, the newest first; 0 where nothing was audible.
    peaks_hz: [f32; HELD_FRAMES],
    loudest_db: f32,
    audible: u32,
    held: u32,
    /// The notes that were held first, in Hz, and for how many frames.
    notes: [(f32, u32); NOTES],
    /// Frames since the first audible one.
    frames: u32,
}

impl Melody {
    pub(super) fn new() -> Self {
        Self {
            peaks_hz: [0.0; HELD_FRAMES],
            loudest_db: AUDIBLE_DB_MIN,
            audible: 0,
            held: 0,
            notes: [(0.0, 0); NOTES],
            frames: 0,
        }
    }

    /// Takes the next frame.
    pub(super) fn push(&mut self, frame: &Frame) {
        self.loudest_db = self.loudest_db.max(frame.level_db);
        let least_db = AUDIBLE_DB_MIN.max(self.loudest_db - BELOW_LOUDEST_DB);
        let is_audible = frame.level_db > least_db;
        let hz = if is_audible { frame.peaks.hz[0] } else { 0.0 };
        self.frames += u32::from(is_audible || self.frames > 0);
        self.audible += u32::from(is_audible);
        let is_near = |before: f32| before > 0.0 && (hz - before).abs() < HELD_HZ;
        let is_held = is_near(self.peaks_hz[0]) && is_near(self.peaks_hz[HELD_FRAMES - 1]);
        if is_audible && is_held {
            self.hold(hz);
        }
        self.peaks_hz = [hz, self.peaks_hz[0], self.peaks_hz[1]];
    }

    fn hold(&mut self, hz: f32) {
        self.held += 1;
        let is_it = |note: &&mut (f32, u32)| note.1 == 0 || (note.0 - hz).abs() < NOTE_HZ;
        if let Some(note) = self.notes.iter_mut().find(is_it) {
            *note = (if note.1 == 0 { hz } else { note.0 }, note.1 + 1);
        }
    }

    /// How long it has been since anything was heard first.
    pub(super) fn heard_ms(&self) -> u32 {
        self.frames * FRAME_MS
    }

    /// Whether it is more likely music than voices.
    pub(super) fn is_likely(&self) -> bool {
        let share = |part: u32, whole: u32| part as f32 / whole.max(1) as f32;
        let commonest = self.notes.iter().map(|note| note.1).max().unwrap_or(0);
        self.heard_ms() >= HEARD_MS_MIN
            && share(commonest, self.held) <= ONE_NOTE_MAX
            && share(self.held, self.audible) >= HELD_MIN
            && share(self.audible, self.frames) >= AUDIBLE_MIN
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::amd::frame::Framer;

    fn heard(hz: impl Fn(f32) -> f32, audible: impl Fn(f32) -> bool) -> Melody {
        let (mut melody, mut framer, mut phase) = (Melody::new(), Framer::new(), 0.0);
        let samples: Vec<i16> = (0..24_000)
            .map(|n| {
                let t = n as f32 / 8_000.0;
                phase += TAU * hz(t) / 8_000.0;
                let voice = phase.sin() + (2.0 * phase).sin() * 0.5;
                (if audible(t) { voice * 5_000.0 } else { 0.0 }) as i16
            })
            .collect();
        for frame in samples.chunks(160) {
            if let (_, Some(frame)) = framer.fill(frame) {
                melody.push(&frame);
            }
        }
        melody
    }

    #[test]
    fn notes_are_music_and_a_gliding_voice_is_none() {
        let scale = |t: f32| 260.0 * 2_f32.powf((t * 2.0).floor() % 7.0 / 6.0);
        assert!(heard(scale, |_| true).is_likely());
        let glide = |t: f32| 200.0 + 60.0 * (t * 5.0).sin();
        assert!(!heard(glide, |_| true).is_likely());
    }

    #[test]
    fn a_hum_is_no_music() {
        assert!(!heard(|_| 300.0, |_| true).is_likely());
    }

    #[test]
    fn what_pauses_is_no_music() {
        let scale = |t: f32| 260.0 * 2_f32.powf((t * 2.0).floor() % 7.0 / 6.0);
        assert!(!heard(scale, |t| t % 1.0 < 0.6).is_likely());
    }
}
