//! The detector of a leg, and what is told of its mind: its word, later ones of another kind, and
//! before the first how likely a person is; then the end of a machine's greeting, once that is
//! waited for.

use jiff::SignedDuration;

use crate::amd::Detector;
use crate::domain::{Share, Verdict, VerdictKind};
use crate::media::MediaEvent;
use crate::rtp::Frame;

/// The detector's mind is looked into every so many frames: 100 ms.
const LOOK_EVERY: u32 = 5;

/// So often it may change before its word; then it is no longer told.
const CHANGES_MAX: u8 = 10;

/// Milliseconds of a frame.
const FRAME_MS: u32 = 20;

/// How a leg is screened.
#[derive(Clone, Debug)]
pub struct Screening {
    detector: Box<Detector>,
    likely: Option<Share>,
    on_ms: u32,
    now_ms: u32,
    is_likely: bool,
    changes: u8,
    has_spoken: bool,
}

impl From<Detector> for Screening {
    fn from(detector: Detector) -> Self {
        Self {
            detector: Box::new(detector),
            likely: None,
            on_ms: 0,
            now_ms: 0,
            is_likely: false,
            changes: 0,
            has_spoken: false,
        }
    }
}

impl Screening {
    /// The same, telling when a person has become this likely, and when no longer.
    #[must_use]
    pub fn telling(self, likely: Option<Share>) -> Self {
        Self { likely, ..self }
    }

    /// The same, listening on until this long after its beginning, also after its word.
    #[must_use]
    pub fn going_on(self, until: SignedDuration) -> Self {
        let on_ms = u32::try_from(until.as_millis().max(0)).unwrap_or(u32::MAX);
        let detector = Box::new(self.detector.going_on(until));
        Self { detector, on_ms, ..self }
    }

    /// Takes 20 ms; true while it wants more.
    pub(super) fn hear(&mut self, said: &Frame, tell: &mut impl FnMut(MediaEvent)) -> bool {
        self.now_ms += FRAME_MS;
        if let Some(verdict) = self.detector.push(said) {
            self.has_spoken = true;
            tell(MediaEvent::Screened(verdict));
        } else if !self.has_spoken && (self.now_ms / FRAME_MS).is_multiple_of(LOOK_EVERY) {
            self.look(tell);
        }
        !self.has_spoken || self.now_ms < self.on_ms
    }

    /// Tells when a person has become likely enough, and when no longer.
    fn look(&mut self, tell: &mut impl FnMut(MediaEvent)) {
        let Some(least) = self.likely.filter(|_| self.changes < CHANGES_MAX) else { return };
        let probability = self.detector.posterior().of(VerdictKind::Human);
        let is_likely = probability >= least.get();
        if is_likely != self.is_likely {
            self.is_likely = is_likely;
            self.changes += 1;
            let (kind, at_ms) = (VerdictKind::Human, self.now_ms);
            tell(MediaEvent::Likely(Verdict { kind, probability, at_ms, greeting_end_ms: None }));
        }
    }
}
