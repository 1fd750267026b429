//! Runs: stretches of frames that one or two steady sinusoids fill.

use super::frame::{FRAME_MS, Frame};

/// The two strongest peaks of a tone hold at least this share of its power.
const TONALITY_MIN: f32 = 0.75;
/// How far a peak may stray from its run in one frame,
const DRIFT_HZ: f32 = 25.0;
/// and in the first one, before it is known whether it glides.
const DRIFT_HZ_FIRST: f32 = 45.0;
/// A run goes on over this many frames that are none of it (codecs, CED's phase reversals).
const MISSES_MAX: u32 = 2;
/// So much quieter than its run is silence, so much louder another tone.
const SILENCE_DB: f32 = 10.0;
/// A second sinusoid holds at least this share of what the first one holds.
const SECOND_MIN: f32 = 0.15;
/// The window is full enough of a tone to show it so long after the tone has begun.
const BEGIN_LAG_MS: u32 = 38;
/// The window's middle: where one tone hands over to the next.
const SWITCH_LAG_MS: u32 = 32;
/// A tone ends in the middle of its last frame, on average.
const END_LAG_MS: u32 = 8;

/// A run of steady tone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Milliseconds since the first sample, as all times here.
    pub begun_ms: u32,
    pub ended_ms: u32,
    /// Where its peak was in its first frames, and in its last.
    pub first_hz: f32,
    pub last_hz: f32,
    /// The mean level of its frames.
    pub level_db: f32,
    /// The level before it: of the quietest of the last 100 ms.
    pub before_db: f32,
    /// The mean share of the power that its peaks hold.
    pub tonality: f32,
    low_hz: f32,
    high_hz: f32,
    /// From frame to frame: how far its peak has moved, up less down, and in all.
    moved_hz: [f32; 2],
    moved_db: f32,
    /// The same for the newest frame.
    step_hz: f32,
    step_db: f32,
    last: [f32; 2],
    frames: f32,
    doubles: f32,
    last_db: f32,
    misses: u32,
}

impl Run {
    fn begin(tone: &Tone, now_ms: u32, level_db: f32, before_db: f32) -> Self {
        Self {
            begun_ms: now_ms.saturating_sub(BEGIN_LAG_MS),
            ended_ms: now_ms,
            first_hz: tone.hz[0],
            last_hz: tone.hz[0],
            level_db,
            before_db,
            tonality: tone.tonality,
            low_hz: tone.hz[0],
            high_hz: tone.hz[0],
            moved_hz: [0.0; 2],
            moved_db: 0.0,
            step_hz: 0.0,
            step_db: 0.0,
            last: [tone.hz[0]; 2],
            frames: 1.0,
            doubles: f32::from(u8::from(tone.is_double)),
            last_db: level_db,
            misses: 0,
        }
    }

    fn extend(&mut self, tone: &Tone, near_hz: f32, now_ms: u32, level_db: f32) {
        // The window of the first two frames and of the last one is not full of it.
        if self.frames >= 3.0 {
            let weight = 1.0 / (self.frames - 2.0);
            self.low_hz += (self.last[0] - self.low_hz) * weight;
            self.high_hz += (self.last[1] - self.high_hz) * weight;
            self.moved_hz[0] += self.step_hz;
            self.moved_hz[1] += self.step_hz.abs();
            self.moved_db += self.step_db;
        }
        if self.frames > 2.0 {
            self.step_hz = near_hz - self.last_hz;
            self.step_db = (level_db - self.last_db).abs();
        }
        // A single tone is its own second.
        self.last = match tone.is_double {
            true => [tone.hz[0].min(tone.hz[1]), tone.hz[0].max(tone.hz[1])],
            false => [near_hz; 2],
        };
        self.frames += 1.0;
        let weight = 1.0 / self.frames;
        self.level_db += (level_db - self.level_db) * weight;
        self.tonality += (tone.tonality - self.tonality) * weight;
        if self.frames <= 3.0 {
            self.first_hz = near_hz;
        }
        self.last_hz = near_hz;
        self.last_db = level_db;
        self.doubles += f32::from(u8::from(tone.is_double));
        self.ended_ms = now_ms;
        self.misses = 0;
    }

    /// The same from the beginning of an earlier one on.
    pub fn since(&self, earlier: &Self) -> Self {
        Self { begun_ms: earlier.begun_ms, before_db: earlier.before_db, ..*self }
    }

    /// How far its peak moves from frame to frame on the average, in Hz: up less down, and in all.
    pub fn drift_hz(&self) -> [f32; 2] {
        self.moved_hz.map(|hz| hz / (self.frames - 3.0).max(1.0))
    }

    /// How far its level moves from frame to frame on the average, in dB.
    pub fn unrest_db(&self) -> f32 {
        self.moved_db / (self.frames - 3.0).max(1.0)
    }

    /// How long it is.
    pub fn ms(&self) -> u32 {
        self.ended_ms - self.begun_ms
    }

    /// Its mean frequency; of two, the middle.
    pub fn hz(&self) -> f32 {
        (self.low_hz + self.high_hz) / 2.0
    }

    /// The lower one of its frequencies.
    pub fn low_hz(&self) -> f32 {
        self.low_hz
    }

    /// The means of its two frequencies, when it has two.
    pub fn pair(&self) -> Option<[f32; 2]> {
        (self.doubles >= self.frames * 0.6).then_some([self.low_hz, self.high_hz])
    }

    /// Whether it is one tone of that frequency.
    pub fn is_near(&self, hz: f32, tolerance_hz: f32) -> bool {
        self.pair().is_none() && (self.hz() - hz).abs() <= tolerance_hz
    }
}

/// What one frame holds of a tone.
struct Tone {
    hz: [f32; 2],
    is_double: bool,
    tonality: f32,
}

impl Tone {
    fn of(frame: &Frame) -> Option<Self> {
        let [first, second] = frame.peaks.share;
        (frame.tonality >= TONALITY_MIN).then_some(Self {
            hz: frame.peaks.hz,
            is_double: second >= first * SECOND_MIN,
            tonality: frame.tonality,
        })
    }

    /// Which of its peaks goes on with `run`. The middle counts too: of two close sinusoids the one
    /// or the other stands out.
    fn near(&self, run: &Run) -> Option<f32> {
        let peaks = &self.hz[..if self.is_double { 2 } else { 1 }];
        let drift_hz = if run.frames < 3.0 { DRIFT_HZ_FIRST } else { DRIFT_HZ };
        let expected_hz = [run.last_hz, run.last_hz + run.step_hz, run.hz()];
        let is_near = |hz: f32| expected_hz.iter().any(|it| (it - hz).abs() <= drift_hz);
        peaks.iter().copied().find(|peak| is_near(*peak))
    }
}

/// Follows the runs of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    now_ms: u32,
    current: Option<Run>,
    /// What may follow the current run: tones that are none of it.
    next: Option<Run>,
    recent_db: [f32; 5],
}

impl Runs {
    /// Takes the next frame. Gives the run that has ended with it.
    pub(super) fn push(&mut self, frame: &Frame) -> Option<Run> {
        self.now_ms += FRAME_MS;
        let level_db = frame.level_db;
        let loudest_db = self.recent_db[2..].iter().copied().fold(level_db, f32::max);
        let before_db = self.recent_db.iter().copied().fold(0.0, f32::min);
        self.recent_db.rotate_left(1);
        self.recent_db[4] = level_db;
        // What has just ended still stands in the window.
        let is_heard = level_db >= loudest_db - SILENCE_DB;
        let tone = Tone::of(frame).filter(|_| is_heard);
        let ended = self.go_on(tone.as_ref(), level_db, before_db);
        if self.current.is_none() {
            self.current = match self.next.take() {
                Some(next) => Some(next),
                None => tone.map(|it| Run::begin(&it, self.now_ms, level_db, before_db)),
            };
        }
        ended
    }

    /// The run that goes on; its end is that of its last frame so far.
    pub(super) fn current(&self) -> Option<&Run> {
        self.current.as_ref()
    }

    fn go_on(&mut self, tone: Option<&Tone>, level_db: f32, before_db: f32) -> Option<Run> {
        let run = self.current.as_mut()?;
        let is_louder = level_db > run.last_db + SILENCE_DB && run.frames > 3.0;
        if let (Some(tone), false) = (tone, is_louder)
            && let Some(near_hz) = tone.near(run)
        {
            run.extend(tone, near_hz, self.now_ms, level_db);
            self.next = None;
            return None;
        }
        if is_louder {
            return self.current.take();
        }
        if level_db < run.level_db - SILENCE_DB {
            run.ended_ms = run.ended_ms.saturating_sub(END_LAG_MS).max(run.begun_ms);
            self.next = None;
            return self.current.take();
        }
        run.misses += 1;
        if let Some(tone) = tone {
            match self.next.as_mut().and_then(|next| Some((tone.near(next)?, next))) {
                Some((near_hz, next)) => next.extend(tone, near_hz, self.now_ms, level_db),
                None => self.next = Some(Run::begin(tone, self.now_ms, level_db, before_db)),
            }
        }
        self.current.take_if(|run| run.misses > MISSES_MAX).map(|mut run| {
            run.ended_ms = run.ended_ms.saturating_sub(SWITCH_LAG_MS).max(run.begun_ms);
            run
        })
    }
}
