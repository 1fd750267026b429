//! Beeps: short pure tones that stand alone, as recorders give them before they record.
//!
//! A voice is told from a beep by what it cannot do: hold a pitch within a few hertz and a level
//! within a decibel, hold one or two frequencies only, and begin and end at once. The shorter a
//! tone is, the purer it must be.

use super::run::Run;

/// Below this voices hum; above, no recorder beeps.
const HZ: std::ops::RangeInclusive<f32> = 395.0..=2_050.0;
/// Longer tones are a network's.
const MS_MAX: u32 = 2_200;
/// After so many quiet frames a tone stands alone: special information tones follow each other
/// sooner.
const QUIET_FRAMES: u32 = 3;
/// A tone that breaks off goes on when it is back within this.
const BREAK_MS_MAX: u32 = 120;
/// and either piece is at least so long.
const PIECE_MS_MIN: u32 = 100;
/// Quieter is what stands behind the caller.
const LEVEL_DB_MIN: f32 = -46.0;
/// DTMF's frequencies (ITU-T Q.23).
const KEYS_HZ: [[f32; 4]; 2] = [[697.0, 770.0, 852.0, 941.0], [1_209.0, 1_336.0, 1_477.0, 1_633.0]];

/// A recorder's beep.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Beep {
    /// Its frequency, the lower one of two.
    pub hz: u16,
    /// Milliseconds since the first sample.
    pub began_ms: u32,
    /// The same, of its end.
    pub ended_ms: u32,
}

/// How pure a tone must be that is at least so long.
struct Grade {
    ms_min: u32,
    /// The lower one of its frequencies, unless the other one is far above it.
    hz_min: f32,
    tonality_min: f32,
    /// From frame to frame.
    wander_hz_max: f32,
    /// Over what is before it, and over what follows.
    alone_db_min: [f32; 2],
}

#[rustfmt::skip]
const GRADES: &[Grade] = &[
    Grade { ms_min: 350, hz_min: 395.0, tonality_min: 0.80, wander_hz_max: 3.0, alone_db_min: [3.0, 5.0] },
    Grade { ms_min: 220, hz_min: 395.0, tonality_min: 0.82, wander_hz_max: 2.5, alone_db_min: [5.0, 6.0] },
    Grade { ms_min: 125, hz_min: 470.0, tonality_min: 0.93, wander_hz_max: 1.2, alone_db_min: [6.0, 6.0] },
    Grade { ms_min: 125, hz_min: 470.0, tonality_min: 0.84, wander_hz_max: 0.65, alone_db_min: [6.0, 6.0] },
    Grade { ms_min: 125, hz_min: 395.0, tonality_min: 0.84, wander_hz_max: 0.25, alone_db_min: [6.0, 6.0] },
    Grade { ms_min: 75, hz_min: 600.0, tonality_min: 0.97, wander_hz_max: 0.6, alone_db_min: [15.0, 15.0] },
];
/// A glide goes one way, and never as low as a voice.
const GLIDE: Grade = Grade {
    ms_min: 180,
    hz_min: 500.0,
    tonality_min: 0.9,
    wander_hz_max: 60.0,
    alone_db_min: [10.0, 10.0],
};
/// In Hz a frame: slower is a voice's.
const GLIDE_HZ_MIN: f32 = 6.0;
/// The level's steps from frame to frame; what is shorter than 200 ms is mostly edge.
const UNREST_DB_MAX: f32 = 1.5;
const UNREST_DB_MAX_SHORT: f32 = 2.5;

/// Finds the beeps among the runs of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Beeps {
    /// What has ended and may be one, with the frames since and the loudest of the last two.
    waiting: Option<(Run, u32, f32)>,
    /// What has broken off.
    broken: Option<Run>,
}

impl Beeps {
    /// Takes the run that has ended with this frame, if one has, and the frame's level. Gives a
    /// beep once it has been quiet after it.
    pub(super) fn push(&mut self, ended: Option<&Run>, level_db: f32) -> Option<Beep> {
        if let Some(run) = ended {
            let run = self.joined(run);
            self.broken = Some(run);
            self.waiting = Some((run, 0, level_db));
        }
        let (run, frames, after_db) = self.waiting.as_mut()?;
        // Its last echo may still be in the first frame after it.
        *after_db = if *frames < 2 { level_db } else { after_db.max(level_db) };
        *frames += 1;
        if *frames < QUIET_FRAMES {
            return None;
        }
        let alone_db = [run.level_db - run.before_db, run.level_db - *after_db];
        let beep = is_beep(run, alone_db).then(|| Beep {
            hz: run.low_hz() as u16,
            began_ms: run.begun_ms,
            ended_ms: run.ended_ms,
        });
        self.waiting = None;
        beep
    }

    /// The run, and with it the one that has broken off shortly before at the same pitch.
    fn joined(&self, run: &Run) -> Run {
        let goes_on = |broken: &&Run| {
            run.begun_ms.saturating_sub(broken.ended_ms) <= BREAK_MS_MAX
                && run.ms().min(broken.ms()) >= PIECE_MS_MIN
                && (run.low_hz() - broken.low_hz()).abs() <= 4.0
                && (run.level_db - broken.level_db).abs() <= 2.0
        };
        match self.broken.as_ref().filter(goes_on) {
            Some(broken) => run.since(broken),
            None => *run,
        }
    }
}

fn is_beep(run: &Run, alone_db: [f32; 2]) -> bool {
    let [net_hz, wander_hz] = run.drift_hz();
    let fits = |grade: &Grade| {
        run.ms() >= grade.ms_min
            && (run.low_hz() >= grade.hz_min || is_wide(run))
            && run.tonality >= grade.tonality_min
            && wander_hz <= grade.wander_hz_max
            && alone_db.iter().zip(grade.alone_db_min).all(|(db, min)| *db >= min)
    };
    let unrest_db_max = if run.ms() < 200 { UNREST_DB_MAX_SHORT } else { UNREST_DB_MAX };
    let glides = net_hz.abs() >= GLIDE_HZ_MIN
        && net_hz.abs() >= wander_hz * 0.9
        && run.first_hz.min(run.last_hz) >= GLIDE.hz_min;
    run.ms() <= MS_MAX
        && run.level_db >= LEVEL_DB_MIN
        && HZ.contains(&run.low_hz())
        && (run.pair().is_some() || HZ.contains(&run.first_hz))
        && run.unrest_db() <= unrest_db_max
        && !is_key(run)
        && !is_hum(run)
        && (GRADES.iter().any(fits) || (glides && fits(&GLIDE)))
}

/// Voices have their second harmonic nearer.
fn is_wide(run: &Run) -> bool {
    run.pair().is_some_and(|[low, high]| high > low * 2.5)
}

fn is_key(run: &Run) -> bool {
    let is_of = |hz: f32, group: &[f32; 4]| group.iter().any(|it| (hz - it).abs() <= it * 0.018);
    run.pair().is_some_and(|[low, high]| is_of(low, &KEYS_HZ[0]) && is_of(high, &KEYS_HZ[1]))
}

/// Two neighbouring harmonics of a high voice, and no more of it: short, and not quite pure.
fn is_hum(run: &Run) -> bool {
    let is_harmonic = |[low, high]: [f32; 2]| {
        let ratio = high / low;
        low < 650.0 && ((ratio - 1.5).abs() < 0.03 || (ratio - 2.0).abs() < 0.03)
    };
    run.ms() < 220 && run.tonality < 0.95 && run.pair().is_some_and(is_harmonic)
}
