//! Tones: what the runs of one or two steady sinusoids on a line say.

use super::beep::{Beep, Beeps};
use super::cadence::Cadence;
use super::data::DataTones;
use super::frame::{FRAME_MS, Frame};
use super::run::{Run, Runs};
use super::signal::Signal;
use super::special;

/// From here on a run is a steady tone; vowels seldom hold so long.
const STEADY_MS: u32 = 160;
/// Shorter runs are nothing.
const RUN_MS_MIN: u32 = 60;

/// Follows the tones of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Tones {
    now_ms: u32,
    runs: Runs,
    /// The last two runs that have ended, the older one first.
    past: [Option<Run>; 2],
    is_special: bool,
    beeps: Beeps,
    beep: Option<Beep>,
    cadence: Cadence,
    data: DataTones,
}

impl Tones {
    /// For the networks of the country with that calling code (ITU-T E.164): where two networks
    /// mean different things by the same tone, its meaning decides.
    pub(super) fn at(code: Option<u16>) -> Self {
        Self { cadence: Cadence::at(code), ..Self::default() }
    }

    /// Takes the next frame and says what the tones up to here mean, if anything new.
    pub(super) fn push(&mut self, frame: &Frame) -> Option<Signal> {
        self.now_ms += FRAME_MS;
        let ended = self.runs.push(frame).filter(|run| run.ms() >= RUN_MS_MIN);
        let (ended, now_ms) = (ended.as_ref(), self.now_ms);
        let current = self.runs.current();
        let beep = self.beeps.push(ended, frame.level_db);
        let data = self.data.push(frame, ended, current, now_ms);
        let progress = self.cadence.push(frame, ended, current, now_ms);
        let special = self.special();
        if let Some(run) = ended {
            self.past = [self.past[1], Some(*run)];
            self.is_special = false;
        }
        self.beep = beep.or(self.beep);
        special
            .or(data.map(Signal::Data))
            .or(progress.map(Signal::Progress))
            .or(beep.map(|_| Signal::Beep))
    }

    /// The last beep so far.
    pub(super) fn beep(&self) -> Option<Beep> {
        self.beep
    }

    /// Whether the frame pushed last belongs to a steady tone.
    pub(super) fn is_steady(&self) -> bool {
        self.runs.current().is_some_and(|run| run.ms() >= STEADY_MS)
    }

    /// Said once, in the third tone.
    fn special(&mut self) -> Option<Signal> {
        let (Some(first), Some(second)) = (&self.past[0], &self.past[1]) else { return None };
        let special = special::meaning(first, second, self.runs.current()?)?;
        (!std::mem::replace(&mut self.is_special, true)).then_some(Signal::Special(special))
    }
}
