//! The detector of a leg, and what is told of its mind: its word and what that is made of, later ones
//! of another kind, and before the first how likely a person is.

use jiff::SignedDuration;

use crate::amd::Detector;
use crate::domain::{Feature, Share, Verdict, VerdictKind};
use crate::media::MediaEvent;
use crate::rtp::Frame;

/// The detector's mind is looked into every so many frames: 100 ms.
const LOOK_EVERY: u32 = 5;

/// So often it may change before its word; then it is no longer told.
const CHANGES_MAX: u8 = 10;

/// We have spoken so long while the far end was silent: it listens.
const LISTENS_MS: u32 = 400;

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
    is_person: bool,
    /// For so long we have spoken and the far end was silent.
    listens_ms: u32,
    greeting_max: Option<SignedDuration>,
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
            is_person: false,
            listens_ms: 0,
            greeting_max: None,
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

    /// The same, following what may be a machine's greeting to its end, this long at most.
    #[must_use]
    pub fn following_greeting(self, limit: Option<SignedDuration>) -> Self {
        Self { greeting_max: limit, ..self }
    }

    /// The longest greeting that is followed; `None`: none is.
    pub(super) fn greeting_max(&self) -> Option<SignedDuration> {
        self.greeting_max
    }

    /// Whether its last word was a person.
    pub(super) fn is_person(&self) -> bool {
        self.is_person
    }

    /// Whether in this tick we were heard by the far end, and it by us.
    pub(super) fn notice(&mut self, we_speak: bool, they_speak: bool) {
        self.listens_ms = match (we_speak, they_speak) {
            (_, true) => 0,
            (true, false) => self.listens_ms + FRAME_MS,
            (false, false) => self.listens_ms,
        };
        if self.listens_ms >= LISTENS_MS {
            self.detector.spoken_with();
        }
    }

    /// Takes 20 ms; true while it wants more.
    pub(super) fn hear(&mut self, said: &Frame, tell: &mut impl FnMut(MediaEvent)) -> bool {
        self.now_ms += FRAME_MS;
        if let Some(verdict) = self.detector.push(said) {
            self.has_spoken = true;
            self.is_person = verdict.kind == VerdictKind::Human;
            tell(MediaEvent::Features(self.features()));
            tell(MediaEvent::Screened(verdict));
            if let (VerdictKind::Tone, Some(signal)) = (verdict.kind, self.detector.tone()) {
                tell(MediaEvent::Tone(signal));
            }
        } else if !self.has_spoken && (self.now_ms / FRAME_MS).is_multiple_of(LOOK_EVERY) {
            self.look(tell);
        }
        !self.has_spoken || self.now_ms < self.on_ms
    }

    /// How likely each kind is, and what was measured.
    fn features(&self) -> Vec<Feature> {
        let posterior = self.detector.posterior();
        let likely = VerdictKind::ALL.into_iter().map(|kind| Feature {
            name: format!("likely_{kind}"),
            value: rounded(posterior.of(kind)),
        });
        let measured = self.detector.features().map(|(name, _, value)| Feature {
            name: name.to_owned(),
            value: rounded(f64::from(value)),
        });
        likely.chain(measured).collect()
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

/// To a thousandth: what is written down is read by people.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
