//! Samples that are played to a leg.

use std::sync::Arc;

use super::Repeat;
use crate::rtp::Frame;

/// What is being played, and how far it has come.
#[derive(Clone, Debug)]
pub(super) struct Playback {
    samples: Arc<[i16]>,
    at: usize,
    repeat: Repeat,
}

impl Playback {
    pub(super) fn new(samples: Arc<[i16]>, repeat: Repeat) -> Self {
        Self { samples, at: 0, repeat }
    }

    /// Lays 20 ms into the frame in place of what was there. True when it is over.
    pub(super) fn replace(&mut self, frame: &mut Frame) -> bool {
        self.lay(frame, |_, played| played)
    }

    /// Lays 20 ms over what is in the frame. True when it is over.
    pub(super) fn mix(&mut self, frame: &mut Frame) -> bool {
        self.lay(frame, i16::saturating_add)
    }

    fn lay(&mut self, frame: &mut Frame, how: impl Fn(i16, i16) -> i16) -> bool {
        for sample in frame.iter_mut() {
            if self.at == self.samples.len() && self.repeat == Repeat::Forever {
                self.at = 0;
            }
            let played = self.samples.get(self.at).copied();
            self.at += usize::from(played.is_some());
            *sample = how(*sample, played.unwrap_or(0));
        }
        // An empty playback is over at once, however often it is repeated.
        self.at == self.samples.len() && (self.repeat == Repeat::Once || self.samples.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::FRAME;

    fn ramp(length: i16) -> Arc<[i16]> {
        (1..=length).collect()
    }

    #[test]
    fn once_ends_with_its_last_sample_and_silence_fills_the_frame() {
        let mut playback = Playback::new(ramp(200), Repeat::Once);
        let mut frame = [9; FRAME];
        assert!(!playback.replace(&mut frame));
        assert_eq!((frame[0], frame[159]), (1, 160));
        assert!(playback.replace(&mut frame));
        assert_eq!((frame[39], frame[40]), (200, 0));
        assert!(Playback::new(ramp(160), Repeat::Once).replace(&mut frame), "no frame too many");
    }

    #[test]
    fn forever_begins_again_without_a_gap() {
        let mut playback = Playback::new(ramp(100), Repeat::Forever);
        let mut frame = [0; FRAME];
        for _ in 0..5 {
            assert!(!playback.replace(&mut frame));
        }
        assert_eq!((frame[59], frame[60]), (100, 1));
    }

    #[test]
    fn nothing_is_over_at_once() {
        for repeat in [Repeat::Forever, Repeat::Once] {
            let mut frame = [9; FRAME];
            assert!(Playback::new(Arc::new([]), repeat).replace(&mut frame));
            assert_eq!(frame, [0; FRAME]);
        }
    }

    #[test]
    fn what_is_mixed_in_leaves_what_was_there() {
        let mut frame = [i16::MAX; FRAME];
        frame[1] = 40;
        Playback::new(ramp(2), Repeat::Once).mix(&mut frame);
        assert_eq!(frame[..3], [i16::MAX, 42, i16::MAX]);
    }
}
