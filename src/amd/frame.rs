//! Samples to frames of 20 ms, and what one frame measures: its level and its strongest tones.

use super::SAMPLE_RATE_HZ;
use super::spectrum::{Peaks, WINDOW, power_of, strongest};

/// Samples in a frame: 20 ms.
pub(super) const FRAME: usize = SAMPLE_RATE_HZ as usize / 50;
/// Milliseconds in a frame.
pub(super) const FRAME_MS: u32 = 20;
/// Where levels end: digital silence.
pub(super) const LEVEL_DB_MIN: f32 = -90.0;
/// Below this no tone is looked for.
const TONE_DB_MIN: f32 = -58.0;

/// What one frame measures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Power above 200 Hz in dBov (0 dB: a full-scale square wave, ITU-T G.100.1).
    pub level_db: f32,
    /// The strongest spectral peaks of the last 64 ms; nothing in a frame too quiet to tell.
    pub peaks: Peaks,
    /// The share of the power that the two strongest hold, 0 to 1. Near 1: one or two sinusoids and
    /// nothing else.
    pub tonality: f32,
}

/// Cuts whatever comes into frames of [`FRAME`] samples.
#[derive(Clone, Debug)]
pub(super) struct Framer {
    /// The last [`WINDOW`] samples, high-passed, oldest first.
    window: [f32; WINDOW],
    filled: usize,
    high_pass: HighPass,
}

impl Framer {
    pub(super) fn new() -> Self {
        Self { window: [0.0; WINDOW], filled: 0, high_pass: HighPass::default() }
    }

    /// Takes samples up to the end of the frame in hand. Gives what is left of them, and the frame
    /// once it is full.
    pub(super) fn fill<'a>(&mut self, samples: &'a [i16]) -> (&'a [i16], Option<Frame>) {
        if self.filled == 0 {
            self.window.copy_within(FRAME.., 0);
        }
        let (taken, rest) = samples.split_at(samples.len().min(FRAME - self.filled));
        for sample in taken {
            let filtered = self.high_pass.step(f32::from(*sample) / 32_768.0);
            self.window[WINDOW - FRAME + self.filled] = filtered;
            self.filled += 1;
        }
        if self.filled < FRAME {
            return (rest, None);
        }
        self.filled = 0;
        (rest, Some(self.measure()))
    }

    /// The last [`WINDOW`] samples, high-passed, the oldest first; right after a frame was given they
    /// end with it.
    pub(super) fn window(&self) -> &[f32; WINDOW] {
        &self.window
    }

    fn measure(&self) -> Frame {
        let newest = &self.window[WINDOW - FRAME..];
        let power = newest.iter().map(|sample| sample * sample).sum::<f32>() / FRAME as f32;
        let level_db = (10.0 * power.max(1e-12).log10()).max(LEVEL_DB_MIN);
        let peaks = if level_db < TONE_DB_MIN {
            Peaks::default()
        } else {
            strongest(&power_of(&self.window))
        };
        let tonality = peaks.share.iter().sum::<f32>().min(1.0);
        Frame { level_db, peaks, tonality }
    }
}

/// A second-order Butterworth high-pass at 200 Hz: mains hum and rumble are not voice.
#[derive(Clone, Debug, Default)]
struct HighPass {
    x: [f32; 2],
    y: [f32; 2],
}

impl HighPass {
    const B: [f32; 3] = [0.894_858_6, -1.789_717_3, 0.894_858_6];
    const A: [f32; 2] = [-1.778_631_8, 0.800_802_65];

    fn step(&mut self, x: f32) -> f32 {
        let y = Self::B[0] * x + Self::B[1] * self.x[0] + Self::B[2] * self.x[1]
            - Self::A[0] * self.y[0]
            - Self::A[1] * self.y[1];
        self.x = [x, self.x[0]];
        self.y = [y, self.y[0]];
        y
    }
}
