//! Tones: runs of frames that one or two steady sinusoids fill, and what a run or a sequence of
//! them means.

use super::frame::{FRAME_MS, Frame};

/// The two strongest peaks of a tone hold at least this share of its power.
const TONALITY_MIN: f32 = 0.8;
/// How far a peak may stray from its run.
const DRIFT_HZ: f32 = 22.0;
/// A run goes on over this many frames that are none of it (codecs, CED's phase reversals).
const MISSES_MAX: u32 = 1;
/// From here on a run is a steady tone; vowels seldom hold so long.
const STEADY_MS: u32 = 160;

/// What a tone says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Signal {
    /// A single steady tone in the range of recorders' beeps; it counts only after speech.
    Beep,
    /// Dial tone, ringback, busy or reorder.
    CallProgress,
    /// A fax or a modem.
    Data,
    /// Special information tones: the number or the network cannot be had.
    SpecialInformation,
}

/// A run of steady tone.
#[derive(Clone, Copy, Debug)]
struct Run {
    begun_ms: u32,
    ended_ms: u32,
    hz: f32,
    misses: u32,
}

impl Run {
    fn ms(&self) -> u32 {
        self.ended_ms - self.begun_ms
    }

    fn is_near(&self, hz: f32, tolerance_hz: f32) -> bool {
        (self.hz - hz).abs() <= tolerance_hz
    }

    fn is_within(&self, low_hz: f32, high_hz: f32) -> bool {
        (low_hz..=high_hz).contains(&self.hz)
    }
}

/// Follows the tones of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Tones {
    now_ms: u32,
    run: Option<Run>,
    /// The last two steady runs that have ended, the older one first.
    past: [Option<Run>; 2],
}

impl Tones {
    /// Takes the next frame and says what the tones up to here mean, if anything.
    pub(super) fn push(&mut self, frame: &Frame) -> Option<Signal> {
        let begun_ms = self.now_ms;
        self.now_ms += FRAME_MS;
        let tonal = frame.tonality >= TONALITY_MIN;
        let near = |run: &Run| frame.peaks_hz.into_iter().find(|hz| run.is_near(*hz, DRIFT_HZ));
        let ended = match &mut self.run {
            Some(run) => match near(run).filter(|_| tonal) {
                Some(hz) => {
                    run.hz += (hz - run.hz) / 5.0;
                    run.ended_ms = self.now_ms;
                    run.misses = 0;
                    None
                }
                None => {
                    run.misses += 1;
                    self.run.take_if(|run| run.misses > MISSES_MAX)
                }
            },
            None => None,
        };
        if self.run.is_none() && tonal {
            let hz = frame.peaks_hz[0];
            self.run = Some(Run { begun_ms, ended_ms: self.now_ms, hz, misses: 0 });
        }
        match ended.filter(|run| run.ms() >= STEADY_MS) {
            Some(run) => {
                let signal = self.ended(&run);
                self.past = [self.past[1], Some(run)];
                signal
            }
            None => self.run.as_ref().and_then(|run| self.going_on(run)),
        }
    }

    /// Whether the frame pushed last belongs to a steady tone.
    pub(super) fn is_steady(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.ms() >= STEADY_MS)
    }

    /// What a run means while it goes on.
    fn going_on(&self, run: &Run) -> Option<Signal> {
        let ms = run.ms();
        // ITU-T V.25: answering tone (CED, ANS, ANSam), 2100 Hz for 2.6 to 4 s; Bell 103: 2225 Hz.
        if ms >= 500 && (run.is_near(2_100.0, 40.0) || run.is_near(2_225.0, 30.0)) {
            return Some(Signal::Data);
        }
        if ms >= 700 && is_call_progress(run) {
            return Some(Signal::CallProgress);
        }
        // ITU-T E.180 §6: three tones of 330 ms, 950, 1400 and 1800 Hz (North America: 914 or 985,
        // 1371 or 1429, 1777 Hz, of 276 or 380 ms). The second settles it.
        let first = self.past[1].filter(|first| {
            first.is_within(880.0, 1_020.0)
                && first.ms() >= 200
                && run.begun_ms.saturating_sub(first.ended_ms) <= 200
        });
        if ms >= STEADY_MS && first.is_some() && run.is_within(1_340.0, 1_460.0) {
            return Some(Signal::SpecialInformation);
        }
        None
    }

    /// What a run means once it is over.
    fn ended(&self, run: &Run) -> Option<Signal> {
        let ms = run.ms();
        // ITU-T T.30 §4.2: CNG, 1100 Hz for 0.5 s; V.25 §3.1: calling tone, 1300 Hz for 0.5 to 0.7 s.
        if (400..=760).contains(&ms) && (run.is_near(1_100.0, 38.0) || run.is_near(1_300.0, 20.0)) {
            return Some(Signal::Data);
        }
        if self.past[1].is_some_and(|past| is_cadence(&past, run)) {
            return Some(Signal::CallProgress);
        }
        (ms >= STEADY_MS && run.is_within(680.0, 2_000.0)).then_some(Signal::Beep)
    }
}

/// ITU-T E.180 §3 to §5 and its supplement: 400 to 450 Hz in most countries; North America 350,
/// 440, 480 and 620 Hz in pairs.
fn is_call_progress(run: &Run) -> bool {
    run.is_within(340.0, 640.0)
}

/// Two like bursts of call-progress tone with a like gap: busy, reorder, a double ring.
fn is_cadence(first: &Run, second: &Run) -> bool {
    let gap_ms = second.begun_ms.saturating_sub(first.ended_ms);
    is_call_progress(first)
        && is_call_progress(second)
        && first.is_near(second.hz, 20.0)
        && first.ms().min(second.ms()) >= 180
        && first.ms().abs_diff(second.ms()) <= 60
        && (100..=800).contains(&gap_ms)
}

#[cfg(test)]
mod tests {
    use super::super::frame::{FRAME, Framer};
    use super::*;

    /// What bursts of (frequencies, ms) say in the end; no frequency: silence.
    fn heard(bursts: &[(&[f32], u32)]) -> Option<Signal> {
        let (mut framer, mut tones) = (Framer::new(), Tones::default());
        let (mut phase, mut said) = (0_u32, None);
        for (hz, ms) in bursts {
            for _ in 0..ms / FRAME_MS {
                let frame: [i16; FRAME] = std::array::from_fn(|_| {
                    phase += 1;
                    let turn = 2.0 * std::f32::consts::PI * phase as f32 / 8_000.0;
                    hz.iter().map(|hz| (turn * hz).sin() * 3_000.0).sum::<f32>() as i16
                });
                let measured = framer.fill(&frame).1.unwrap();
                said = tones.push(&measured).or(said);
            }
        }
        said
    }

    #[test]
    fn call_progress_is_known_by_its_cadence_or_its_length() {
        for (name, bursts) in [
            (
                "us busy",
                [(&[480.0, 620.0][..], 500), (&[], 500), (&[480.0, 620.0], 500), (&[], 500)],
            ),
            (
                "us reorder",
                [(&[480.0, 620.0], 260), (&[], 240), (&[480.0, 620.0], 260), (&[], 240)],
            ),
            ("us ringback", [(&[440.0, 480.0], 2_000), (&[], 4_000), (&[], 0), (&[], 0)]),
            ("us dial tone", [(&[350.0, 440.0], 2_000), (&[], 0), (&[], 0), (&[], 0)]),
            ("es busy", [(&[425.0], 200), (&[], 200), (&[425.0], 200), (&[], 200)]),
            (
                "uk ringback",
                [(&[400.0, 450.0], 400), (&[], 200), (&[400.0, 450.0], 400), (&[], 200)],
            ),
        ] {
            assert_eq!(heard(&bursts), Some(Signal::CallProgress), "{name}");
        }
        assert_eq!(heard(&[(&[425.0], 200), (&[], 1_000)]), None);
    }

    #[test]
    fn special_information_is_known_by_its_second_tone() {
        let vacant = [(&[985.2][..], 380), (&[1_370.6], 276), (&[], 0), (&[], 0)];
        assert_eq!(heard(&vacant), Some(Signal::SpecialInformation));
        let itu = [(&[950.0][..], 340), (&[], 20), (&[1_400.0], 340), (&[], 20)];
        assert_eq!(heard(&itu), Some(Signal::SpecialInformation));
        let backwards = [(&[1_400.0][..], 340), (&[950.0], 340), (&[], 100)];
        assert_eq!(heard(&backwards), Some(Signal::Beep));
    }

    #[test]
    fn fax_answers_and_calls_and_a_recorder_beeps() {
        assert_eq!(heard(&[(&[2_100.0], 600)]), Some(Signal::Data));
        assert_eq!(heard(&[(&[1_100.0], 500), (&[], 3_000)]), Some(Signal::Data));
        assert_eq!(heard(&[(&[1_000.0], 300), (&[], 100)]), Some(Signal::Beep));
    }
}
