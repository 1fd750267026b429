//! How likely a frame is voice: its level over a noise floor that follows the line, and its
//! periodicity, weighed by a small trained network.

use super::frame::LEVEL_DB_MIN;
use super::model::Network;
use super::sound::Sound;

/// The floor is the quietest stretch of the last two seconds, kept as minima of a fifth of a second.
const BLOCK_FRAMES: u32 = 10;
const BLOCKS: usize = 10;
/// The floor is never thought louder than this: speech that begins with the answer is no noise.
const FLOOR_DB_MAX: f32 = -38.0;
/// The loudest so far fades by this much a frame.
const PEAK_FADE_DB: f32 = 0.04;
/// How many numbers the network weighs.
pub(super) const INPUTS: usize = 9;

/// Follows the level of a line.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    frame: u32,
    recent_db: [f32; 4],
    blocks_db: [f32; BLOCKS],
    peak_db: f32,
    past: [(f32, f32); 3],
    /// Something has come: before, digital silence is no line's noise.
    has_begun: bool,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self {
            frame: 0,
            recent_db: [FLOOR_DB_MAX; 4],
            blocks_db: [FLOOR_DB_MAX; BLOCKS],
            peak_db: FLOOR_DB_MAX,
            past: [(0.0, 0.0); 3],
            has_begun: false,
        }
    }

    /// What the network weighs of the next frame.
    pub(super) fn inputs(&mut self, sound: &Sound) -> [f32; INPUTS] {
        let level_db = sound.level_db;
        let floor_db = self.follow(level_db);
        let before_db = self.recent_db[(self.frame.wrapping_add(2) % 4) as usize];
        let over = (level_db - floor_db).clamp(-5.0, 40.0) / 10.0;
        let average = |of: fn(&(f32, f32)) -> f32| self.past.iter().map(of).sum::<f32>() / 3.0;
        let inputs = [
            over,
            (self.peak_db - level_db).clamp(0.0, 50.0) / 10.0,
            (self.peak_db - floor_db).clamp(0.0, 60.0) / 10.0,
            sound.periodicity * 2.0,
            sound.tilt_db.clamp(-30.0, 6.0) / 10.0,
            average(|past| past.0),
            average(|past| past.1) * 2.0,
            (level_db - before_db).clamp(-30.0, 30.0) / 10.0,
            (level_db.clamp(-80.0, 0.0) + 40.0) / 20.0,
        ];
        self.past = [self.past[1], self.past[2], (over, sound.periodicity)];
        inputs
    }

    /// How likely the next frame is voice, 0 to 1.
    pub(super) fn push(&mut self, sound: &Sound, network: &Network) -> f32 {
        let inputs = self.inputs(sound);
        let mut says = [0.0];
        network.run(&inputs, &mut says);
        1.0 / (1.0 + (-says[0]).exp())
    }

    /// The noise floor in dBov.
    pub(super) fn floor_db(&self) -> f32 {
        self.blocks_db.iter().copied().fold(FLOOR_DB_MAX, f32::min)
    }

    /// Keeps the level and gives the floor.
    fn follow(&mut self, level_db: f32) -> f32 {
        self.has_begun |= level_db > LEVEL_DB_MIN;
        if !self.has_begun {
            return self.floor_db();
        }
        self.recent_db[(self.frame % 4) as usize] = level_db;
        let smooth_db = self.recent_db.iter().sum::<f32>() / 4.0;
        let block = (self.frame / BLOCK_FRAMES) as usize % BLOCKS;
        if self.frame.is_multiple_of(BLOCK_FRAMES) {
            self.blocks_db[block] = smooth_db;
        }
        self.blocks_db[block] = self.blocks_db[block].min(smooth_db);
        self.peak_db = (self.peak_db - PEAK_FADE_DB).max(level_db);
        self.frame = self.frame.wrapping_add(1);
        self.floor_db()
    }
}
