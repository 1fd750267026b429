//! What a person said before the agent was there, played faster than it was said until the agent is
//! at the present.
//!
//! The voice keeps its pitch: now and then one of its periods is left out, where what follows is most
//! like what goes before (SOLA: Roucos and Wilgus, ICASSP 1985). Pauses are cut short.

use std::collections::VecDeque;

use crate::rtp::{FRAME, Frame};

/// Samples left out of each frame on average: 1.3 times as fast as it was said.
const FASTER: usize = 48;
/// Periods of a voice, samples: 200 Hz to 50 Hz.
const PERIOD_MIN: usize = 40;
const PERIOD_MAX: usize = 160;
/// Over so many samples one place fades into the other.
const FADE: usize = 80;
/// What is quieter is a pause: -46 dBov.
const PAUSE_RMS: i64 = 164;
/// A pause is no longer than this, frames.
const PAUSE_MAX: usize = 5;
/// What may wait: ten seconds of first words, and what is said meanwhile.
const SAMPLES_MAX: usize = 20 * 8_000;

/// An agent who is behind the person's voice.
#[derive(Debug)]
pub(super) struct CatchUp {
    waiting: VecDeque<i16>,
    /// Frames of silence before it begins, in which the tone is heard.
    before: usize,
    /// How much may be left out by now.
    credit: usize,
    /// Frames of the pause so far.
    pause: usize,
}

impl CatchUp {
    /// Begins with these words, after so many frames; `None` when nothing is audible in them.
    pub(super) fn new(words: Vec<i16>, before: usize) -> Option<Self> {
        let first = words.chunks(FRAME).position(|frame| !is_pause(frame))?;
        let waiting = words[first * FRAME..].to_vec().into();
        Some(Self { waiting, before, credit: 0, pause: 0 })
    }

    /// Takes what is said now and puts what the agent hears in its place. True when that is the present.
    pub(super) fn replace(&mut self, frame: &mut Frame) -> bool {
        if self.waiting.len() + FRAME > SAMPLES_MAX {
            return true;
        }
        self.waiting.extend(frame.iter());
        if self.before > 0 {
            self.before -= 1;
            *frame = [0; FRAME];
            return false;
        }
        self.cut_pause();
        self.credit = (self.credit + FASTER).min(PERIOD_MAX);
        let behind = self.waiting.len() - FRAME;
        if behind <= PERIOD_MIN {
            self.leave_out(behind);
        } else if self.credit >= PERIOD_MAX - FASTER {
            self.leave_out_period(behind);
        }
        for (sample, waited) in frame.iter_mut().zip(self.waiting.drain(..FRAME)) {
            *sample = waited;
        }
        self.waiting.is_empty()
    }

    fn cut_pause(&mut self) {
        let waiting = self.waiting.make_contiguous();
        let mut cut = 0;
        while waiting.len() - cut >= 2 * FRAME && is_pause(&waiting[cut..cut + FRAME]) {
            if self.pause < PAUSE_MAX {
                self.pause += 1;
                break;
            }
            cut += FRAME;
        }
        if waiting.get(cut..cut + FRAME).is_some_and(|frame| !is_pause(frame)) {
            self.pause = 0;
        }
        self.waiting.drain(..cut);
    }

    /// Leaves a period out at the beginning of what waits.
    fn leave_out_period(&mut self, behind: usize) {
        let waiting = self.waiting.make_contiguous();
        let longest = behind.min(self.credit).min(PERIOD_MAX);
        let best = (PERIOD_MIN..=longest)
            .filter(|period| period + FADE <= waiting.len())
            .max_by(|one, other| likeness(waiting, *one).total_cmp(&likeness(waiting, *other)));
        if let Some(period) = best {
            self.credit -= period;
            self.leave_out(period);
        }
    }

    /// Fades from the beginning to what comes so many samples later.
    fn leave_out(&mut self, count: usize) {
        for place in 0..FADE.min(self.waiting.len() - count) {
            let (from, to) =
                (i64::from(self.waiting[place]), i64::from(self.waiting[place + count]));
            let (at, all) = (place as i64, FADE as i64);
            self.waiting[place + count] = ((from * (all - at) + to * at) / all) as i16;
        }
        self.waiting.drain(..count);
    }
}

/// How alike the beginning and what comes a period later are: 1 where they are the same.
fn likeness(waiting: &[i16], period: usize) -> f64 {
    let (mut both, mut one, mut other) = (0.0, 1.0, 1.0);
    for (a, b) in waiting[..FADE].iter().zip(&waiting[period..period + FADE]) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        (both, one, other) = (both + a * b, one + a * a, other + b * b);
    }
    both / f64::sqrt(one * other)
}

fn is_pause(frame: &[i16]) -> bool {
    let energy: i64 = frame.iter().map(|sample| i64::from(*sample).pow(2)).sum();
    energy < PAUSE_RMS * PAUSE_RMS * frame.len() as i64
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;

    use super::*;
    use crate::media::tests::share_at;

    fn tone(hertz: f64, from: usize, count: usize) -> Vec<i16> {
        let sample = |at: usize| (8_000.0 * (TAU * hertz * at as f64 / 8_000.0).sin()) as i16;
        (from..from + count).map(sample).collect()
    }

    /// What is heard of these words with this said meanwhile, until the present is reached.
    fn heard(words: Vec<i16>, before: usize, mut now: impl FnMut(usize) -> Frame) -> Vec<i16> {
        let mut catch_up = CatchUp::new(words, before).unwrap();
        let mut heard = Vec::new();
        for tick in 0..2_000 {
            let mut frame = now(tick);
            let is_over = catch_up.replace(&mut frame);
            heard.extend(frame);
            if is_over {
                return heard;
            }
        }
        panic!("never at the present");
    }

    fn voice(hertz: f64) -> impl FnMut(usize) -> Frame {
        move |tick| tone(hertz, tick * FRAME, FRAME).try_into().unwrap()
    }

    #[test]
    fn two_seconds_are_caught_up_within_seven_while_the_person_talks_on_and_keep_their_pitch() {
        let heard = heard(tone(200.0, 0, 16_000), 0, voice(200.0));
        assert!((5 * 8_000..7 * 8_000).contains(&heard.len()), "{}", heard.len());
        assert!(share_at(200.0, &heard) > 0.9, "{}", share_at(200.0, &heard));
        let quick = tone(200.0, 0, 16_001);
        let steepest = |samples: &[i16]| {
            samples.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max()
        };
        assert!(steepest(&heard) < steepest(&quick).map(|step| 2 * step), "no clicks");
    }

    #[test]
    fn a_pause_after_the_first_words_is_left_out() {
        let mut words = tone(200.0, 0, 8_000);
        words.extend([0; 24_000]);
        let heard = heard(words, 0, |_| [0; FRAME]);
        assert!(heard.len() < 9_000, "a second is said in less than a second: {}", heard.len());
        assert!(heard[..160].iter().any(|sample| *sample > 1_000), "at once");
    }

    #[test]
    fn the_tone_goes_before_and_nothing_is_lost_under_it() {
        let heard = heard(tone(200.0, 0, 1_600), 8, |_| [0; FRAME]);
        assert!(heard[..8 * FRAME].iter().all(|sample| *sample == 0));
        assert!(heard[8 * FRAME..9 * FRAME].iter().any(|sample| *sample > 1_000));
    }

    #[test]
    fn who_said_nothing_is_heard_as_they_are() {
        assert!(CatchUp::new(vec![0; 16_000], 8).is_none());
        assert!(CatchUp::new(Vec::new(), 8).is_none());
    }

    proptest! {
        #[test]
        fn no_words_break_it(
            words in proptest::collection::vec(any::<i16>(), 1..4_000),
            now in any::<i16>(),
            before in 0_usize..10,
        ) {
            if let Some(mut catch_up) = CatchUp::new(words, before) {
                let mut frames = 0;
                while !catch_up.replace(&mut [now; FRAME]) {
                    frames += 1;
                    prop_assert!(frames < 2_000);
                }
            }
        }
    }
}
