//! Faxes and modems: their answering and calling tones.

use super::frame::{FRAME_MS, Frame};
use super::run::Run;
use super::signal::Data;

/// So much of an answering tone is enough: it goes on for 2.6 to 4 s (ITU-T V.25 §3.2), and no
/// voice and few instruments hold that pitch as long.
const ANSWER_MS: u32 = 600;
const TONALITY_MIN: f32 = 0.85;
/// Reversals come every 450 ±25 ms (V.25 §3.3), here on a grid of 20 ms.
const REVERSAL_MS: std::ops::RangeInclusive<u32> = 400..=500;
/// At a reversal the peak loses so much of its power to its sides.
const REVERSAL_DIP: f32 = 0.012;
/// V.21's preamble lasts 1 s ±15 % (T.30 §5.3.1); this much of it is enough.
const FLAGS_MS: u32 = 500;
const FLAGS_SHARE_MIN: f32 = 0.85;

/// Listens for data tones.
#[derive(Clone, Debug, Default)]
pub(super) struct DataTones {
    told: Option<Data>,
    flags_ms: u32,
    /// The mean share of an answering tone's peak, when its last dip was, and how many there were.
    share: f32,
    dipped_ms: u32,
    reversals: u32,
}

impl DataTones {
    /// Takes the next frame, the run that has ended with it and the one that goes on. Says each
    /// tone once.
    pub(super) fn push(
        &mut self,
        frame: &Frame,
        ended: Option<&Run>,
        current: Option<&Run>,
        now_ms: u32,
    ) -> Option<Data> {
        let data = ended
            .and_then(calling)
            .or_else(|| current.and_then(|run| self.answering(run, frame, now_ms)))
            .or_else(|| self.flags(frame));
        data.filter(|data| self.told.replace(*data) != Some(*data))
    }

    fn answering(&mut self, run: &Run, frame: &Frame, now_ms: u32) -> Option<Data> {
        let is_steady = run.tonality >= TONALITY_MIN && run.ms() >= ANSWER_MS;
        if run.is_near(2_100.0, 36.0) {
            self.watch(run, frame, now_ms);
            let tone = if self.reversals >= 2 { Data::AnswerReversed } else { Data::Answer };
            return is_steady.then_some(tone);
        }
        // 2225 Hz ±10 Hz and V.22's 2250 Hz, each with 1.5 % besides.
        (is_steady && run.is_near(2_237.0, 46.0)).then_some(Data::BellAnswer)
    }

    /// Counts the reversals of an answering tone.
    fn watch(&mut self, run: &Run, frame: &Frame, now_ms: u32) {
        let share = frame.peaks.share[0];
        if run.ms() < 150 {
            *self = Self { told: self.told, flags_ms: self.flags_ms, share, ..Self::default() };
            return;
        }
        if share >= self.share - REVERSAL_DIP {
            self.share += (share - self.share) * 0.1;
            return;
        }
        let since_ms = now_ms - self.dipped_ms;
        if REVERSAL_MS.contains(&since_ms) {
            self.reversals += 1;
        }
        // The frames of one dip.
        if since_ms > 100 {
            self.dipped_ms = now_ms;
        }
    }

    fn flags(&mut self, frame: &Frame) -> Option<Data> {
        let is_flag = frame.peaks.fsk >= FLAGS_SHARE_MIN && frame.peaks.share[0] < 0.97;
        self.flags_ms = if is_flag { self.flags_ms + FRAME_MS } else { 0 };
        (self.flags_ms >= FLAGS_MS).then_some(Data::Flags)
    }
}

/// CNG: 1100 ±38 Hz for 0.5 s ±15 % (T.30 §4.2.2); V.25's calling tone: 1300 ±20 Hz, 0.5 to 0.7 s.
fn calling(run: &Run) -> Option<Data> {
    if run.tonality < TONALITY_MIN {
        return None;
    }
    if run.is_near(1_100.0, 40.0) && (405..=610).contains(&run.ms()) {
        return Some(Data::FaxCalling);
    }
    (run.is_near(1_300.0, 28.0) && (440..=780).contains(&run.ms())).then_some(Data::ModemCalling)
}
