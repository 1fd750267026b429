//! The end of a machine's greeting, as a leg hears it: from then on the machine records.
//!
//! A greeting may be over before anybody knows that it is one: it is followed from the answer on,
//! and its end told when it is asked for.

use jiff::SignedDuration;

use crate::amd::{EndedBy, GreetingEnd};
use crate::domain::GreetingOver;
use crate::rtp::Frame;

/// So much voice after an end says that it was none.
const VOICE_MS_MAX: u32 = 600;

/// A greeting that is listened to for its end.
#[derive(Clone, Debug)]
pub(super) struct Greeting {
    limit: SignedDuration,
    end: GreetingEnd,
    over: Option<GreetingOver>,
    is_awaited: bool,
}

impl Greeting {
    /// Follows what may be a greeting, for `limit` at the longest.
    pub(super) fn followed(limit: SignedDuration) -> Self {
        Self { limit, end: GreetingEnd::new(limit), over: None, is_awaited: false }
    }

    /// It is one, and its end wanted.
    pub(super) fn awaited(self) -> Self {
        Self { is_awaited: true, ..self }
    }

    /// Whether anybody wants its end.
    pub(super) fn is_awaited(&self) -> bool {
        self.is_awaited
    }

    /// Takes 20 ms; how it ended, once that is wanted. Nothing where it has no end within its limit:
    /// the dialer has that limit, too.
    pub(super) fn hear(&mut self, said: &Frame) -> Option<GreetingOver> {
        let ended = self.end.push(said).and_then(|ended| match ended.by {
            EndedBy::Beep(_) => Some(GreetingOver::Beep),
            EndedBy::Limit => None,
            EndedBy::Silence => Some(GreetingOver::Silence),
        });
        if ended.is_some() {
            self.end = GreetingEnd::new(self.limit);
            self.over = self.over.or(ended);
        } else if self.end.voice_ms() >= VOICE_MS_MAX {
            self.over = None;
        }
        if self.is_awaited { self.over.take() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many milliseconds of a voice of sorts: harmonics under a rhythm of syllables.
    fn voice(ms: u32) -> Vec<i16> {
        let sample = |n: u32| {
            let t = f64::from(n) / 8_000.0;
            let glide = 120.0 * (t + 0.03 * (5.0 * t).sin()) * std::f64::consts::TAU;
            let buzz: f64 = (1..16).map(|k| (glide * f64::from(k)).sin() / f64::from(k)).sum();
            (buzz * (13.0 * t).sin().abs() * 3_000.0) as i16
        };
        (0..ms * 8).map(sample).collect()
    }

    fn silence(ms: usize) -> Vec<i16> {
        vec![0; ms * 8]
    }

    fn beep() -> Vec<i16> {
        let sample = |n: u32| ((f64::from(n) * 0.785).sin() * 6_000.0) as i16;
        (0..3_200).map(sample).collect()
    }

    /// What is told of a greeting of three seconds with a beep, asked for when `awaited_ms` of it
    /// have passed: when, and how.
    fn told(awaited_ms: usize, after: &[i16]) -> Option<(usize, GreetingOver)> {
        let mut greeting = Greeting::followed(SignedDuration::from_secs(30));
        let line = [&voice(3_000), &silence(500), &beep(), after].concat();
        for (nth, frame) in line.as_chunks().0.iter().enumerate() {
            if nth * 20 >= awaited_ms {
                greeting = greeting.awaited();
            }
            if let Some(over) = greeting.hear(frame) {
                return Some((nth * 20, over));
            }
        }
        None
    }

    #[test]
    fn a_beep_before_the_word_is_told_with_the_word() {
        let silence = silence(8_000);
        let (at_ms, over) = told(0, &silence).unwrap();
        assert_eq!(over, GreetingOver::Beep);
        assert!((3_500..6_500).contains(&at_ms), "{at_ms}");
        assert_eq!(told(at_ms + 1_000, &silence), Some((at_ms + 1_000, GreetingOver::Beep)));
    }

    #[test]
    fn a_beep_after_which_somebody_speaks_on_ended_nothing() {
        let (at_ms, _) = told(0, &silence(1_000)).unwrap();
        let more = [silence(500), voice(3_000), silence(8_000)].concat();
        let (later_ms, over) = told(at_ms + 3_000, &more).unwrap();
        assert_eq!(over, GreetingOver::Silence);
        assert!(later_ms > at_ms + 5_000, "{later_ms} after {at_ms}");
    }
}
