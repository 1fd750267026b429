//! The rhythm of a call: stretches of voice, the pauses between them, and what they add up to.

use super::frame::FRAME_MS;

/// Voice is over, for now, after this much silence; less is a closure of the lips.
const STRETCH_PAUSE_MS: u32 = 100;
/// Stretches with shorter pauses between them are one phrase.
const PHRASE_PAUSE_MS: u32 = 260;
/// Phrases with shorter pauses between them are one utterance.
const UTTERANCE_PAUSE_MS: u32 = 600;
/// Voice begins when so many of the last four frames are voice.
const FRAMES_TO_BEGIN: u32 = 3;

/// Milliseconds since the answer, from its first frame of voice to the end of its last.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Span {
    pub begun_ms: u32,
    pub ended_ms: u32,
}

impl Span {
    pub(super) fn ms(self) -> u32 {
        self.ended_ms - self.begun_ms
    }
}

/// Everything about when there was voice.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    pub now_ms: u32,
    /// The last four frames: voice or not, the newest in the lowest bit.
    recent: u8,
    pub talking: bool,
    pub first: Option<Span>,
    /// The stretch that goes on or was the last.
    pub stretch: Span,
    pub stretch_before: Span,
    pub stretches: u32,
    pub stretch_ms_max: u32,
    /// What the stretches before this one add up to.
    past_ms: u32,
    pub phrase: Span,
    pub phrase_first: Span,
    pub phrase_ms_max: u32,
    pub utterance: Span,
    pub utterance_first: Span,
    /// Pauses inside the talk: the last, the longest, their sum, and how many are at least
    /// 200, 350 and 600 ms.
    pub pause_ms: u32,
    pub pause_ms_max: u32,
    pub pauses_ms: u32,
    pub pauses_over: [u32; 3],
}

impl Talk {
    /// Takes the next frame.
    pub(super) fn push(&mut self, voice: bool) {
        self.now_ms += FRAME_MS;
        self.recent = (self.recent << 1 | u8::from(voice)) & 0b1111;
        if !self.talking && self.recent.count_ones() >= FRAMES_TO_BEGIN {
            let frames = u8::BITS - self.recent.leading_zeros();
            self.begin(self.now_ms.saturating_sub(frames * FRAME_MS));
        }
        if self.talking && voice {
            self.go_on();
        }
        if self.now_ms - self.stretch.ended_ms >= STRETCH_PAUSE_MS {
            self.talking = false;
        }
    }

    /// Time without voice since the last stretch; `None` before the first.
    pub(super) fn silent_ms(&self) -> Option<u32> {
        self.first.map(|_| if self.talking { 0 } else { self.now_ms - self.stretch.ended_ms })
    }

    /// All stretches together.
    pub(super) fn voice_ms(&self) -> u32 {
        self.past_ms + self.stretch.ms()
    }

    fn begin(&mut self, begun_ms: u32) {
        self.talking = true;
        let span = Span { begun_ms, ended_ms: begun_ms };
        if self.first.is_none() {
            self.first = Some(span);
            (self.phrase, self.phrase_first) = (span, span);
            (self.utterance, self.utterance_first) = (span, span);
        } else {
            let pause_ms = begun_ms.saturating_sub(self.stretch.ended_ms);
            self.pause(pause_ms);
            if pause_ms >= PHRASE_PAUSE_MS {
                self.phrase = span;
            }
            if pause_ms >= UTTERANCE_PAUSE_MS {
                self.utterance = span;
            }
        }
        self.past_ms += self.stretch.ms();
        (self.stretch_before, self.stretch) = (self.stretch, span);
        self.stretches += 1;
    }

    fn pause(&mut self, pause_ms: u32) {
        self.pause_ms = pause_ms;
        self.pause_ms_max = self.pause_ms_max.max(pause_ms);
        self.pauses_ms += pause_ms;
        for (count, ms) in self.pauses_over.iter_mut().zip([200, 350, 600]) {
            *count += u32::from(pause_ms >= ms);
        }
    }

    fn go_on(&mut self) {
        let now_ms = self.now_ms;
        let first = |span: &Span, first: &mut Span| {
            if first.begun_ms == span.begun_ms {
                *first = *span;
            }
        };
        self.stretch.ended_ms = now_ms;
        self.phrase.ended_ms = now_ms;
        self.utterance.ended_ms = now_ms;
        first(&self.phrase, &mut self.phrase_first);
        first(&self.utterance, &mut self.utterance_first);
        if let Some(whole) = &mut self.first {
            whole.ended_ms = now_ms;
        }
        self.stretch_ms_max = self.stretch_ms_max.max(self.stretch.ms());
        self.phrase_ms_max = self.phrase_ms_max.max(self.phrase.ms());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(stretches: &[(bool, u32)]) -> Talk {
        let mut talk = Talk::default();
        for (voice, ms) in stretches {
            (0..ms / FRAME_MS).for_each(|_| talk.push(*voice));
        }
        talk
    }

    #[test]
    fn stretches_make_phrases_and_phrases_make_utterances() {
        let talk = heard(&[
            (false, 500),
            (true, 400),
            (false, 160),
            (true, 300),
            (false, 400),
            (true, 200),
            (false, 1_000),
            (true, 600),
        ]);
        assert_eq!(talk.first, Some(Span { begun_ms: 500, ended_ms: 3_560 }));
        assert_eq!(talk.phrase_first, Span { begun_ms: 500, ended_ms: 1_360 });
        assert_eq!(talk.utterance_first, Span { begun_ms: 500, ended_ms: 1_960 });
        assert_eq!(talk.utterance, Span { begun_ms: 2_960, ended_ms: 3_560 });
        assert_eq!((talk.stretches, talk.voice_ms()), (4, 1_500));
        assert_eq!((talk.pause_ms_max, talk.pauses_over), (1_000, [2, 2, 1]));
        assert_eq!(talk.silent_ms(), Some(0));
    }

    #[test]
    fn a_click_is_no_voice() {
        let talk = heard(&[(false, 200), (true, 40), (false, 500)]);
        assert_eq!((talk.first, talk.silent_ms()), (None, None));
    }
}
