//! How bursts and gaps fit a cadence, and whether they are enough to say so.

use super::plan::Plan;
use super::signal::Progress;

/// Bursts and the gaps between them.
pub(super) const ELEMENTS: usize = 12;
/// How far a burst or a gap may be off: a share of it, and the grid of 20 ms.
const OFF: f32 = 0.15;
const OFF_MS: f32 = 25.0;
/// Single bursts of ringback are at least this long, and followed by as much silence.
const RING_MS_MIN: u32 = 650;
const RING_GAP_MS_MIN: u32 = 1_100;
/// So many bursts and gaps of no plan must be alike.
const UNLISTED_MIN: usize = 6;
/// A tone of this length has no end.
const ENDLESS_MS: u32 = 2_340;

/// The bursts and gaps of a cadence in milliseconds, oldest first; the last one goes on.
#[derive(Clone)]
pub(super) struct Heard {
    pub ms: [u32; ELEMENTS],
    pub count: usize,
    /// Whether the first one is only the end of it.
    pub is_cut: bool,
    /// Whether the last one is a burst.
    pub is_on: bool,
}

impl Heard {
    /// The bursts and gaps that are whole.
    fn whole(&self) -> &[u32] {
        &self.ms[usize::from(self.is_cut).min(self.count - 1)..self.count - 1]
    }

    /// How far the bursts and gaps are off this cadence on average, in shares of what they should
    /// be; `None` when they are none of it.
    pub(super) fn off(&self, cadence: &[u16]) -> Option<f32> {
        if cadence.is_empty() {
            return (self.count == 1 && self.is_on).then_some(0.0);
        }
        let phases = (usize::from(!self.is_on)..cadence.len()).step_by(2);
        phases.filter_map(|phase| self.off_at(cadence, phase)).min_by(f32::total_cmp)
    }

    /// The same with the last element at `phase` of the cadence.
    fn off_at(&self, cadence: &[u16], phase: usize) -> Option<f32> {
        let (mut sum, last) = (0.0, self.count - 1);
        for (back, ms) in self.ms[..self.count].iter().rev().enumerate() {
            let at = (phase + cadence.len() * ELEMENTS - back) % cadence.len();
            let expected = f32::from(cadence[at]);
            let (off, allowed) = (*ms as f32 - expected, expected * OFF + OFF_MS);
            let is_part = back == 0 || (back == last && self.is_cut);
            if off > allowed || (!is_part && off < -allowed) {
                return None;
            }
            if !is_part {
                sum += off.abs() / expected;
            }
        }
        Some(sum / last.max(1) as f32)
    }

    /// Whether enough was heard to say that it is this plan's; `is_sure` when nothing that fits
    /// says anything else.
    pub(super) fn is_enough_for(&self, plan: &Plan, is_sure: bool) -> bool {
        let whole = self.whole().len();
        let now_ms = self.ms[self.count - 1];
        let bursts = self.ms[..self.count]
            .iter()
            .skip(usize::from(self.count.is_multiple_of(2) == self.is_on));
        let longest_ms = bursts.step_by(2).copied().max().unwrap_or(0);
        match plan.progress {
            Progress::Ringback if whole >= 3 => is_sure,
            Progress::Ringback if self.count == 1 => is_sure && now_ms >= RING_MS_MIN,
            Progress::Ringback => {
                let is_long = longest_ms >= RING_MS_MIN;
                is_sure && is_long && (self.is_on || now_ms >= RING_GAP_MS_MIN)
            }
            Progress::DialTone | Progress::Unobtainable if self.count == 1 => now_ms >= ENDLESS_MS,
            Progress::DialTone | Progress::Unobtainable => is_sure && whole >= 4,
            // Where two plans differ in a gap that comes every third time, three are awaited.
            Progress::Busy | Progress::Reorder => whole >= if is_sure { 3 } else { 6 },
        }
    }

    /// Regular bursts of no plan: E.180 §5 has congestion faster than busy.
    pub(super) fn unlisted(&self) -> Option<Progress> {
        let whole = self.whole();
        if whole.len() < UNLISTED_MIN {
            return None;
        }
        let is_regular = whole
            .windows(3)
            .all(|three| three[0].abs_diff(three[2]) as f32 <= three[0] as f32 * OFF + OFF_MS);
        let period_ms = whole[0] + whole[1];
        let is_even = whole[0].max(whole[1]) <= 3 * whole[0].min(whole[1]);
        let progress = if period_ms < 560 { Progress::Reorder } else { Progress::Busy };
        (is_regular && is_even && (300..=1_600).contains(&period_ms)).then_some(progress)
    }
}
