//! The detector of one answered call: samples in, a posterior at any moment, and a verdict.

use jiff::SignedDuration;

use super::features::{COUNT, FEATURES, MEANINGS};
use super::frame::{FRAME_MS, Framer};
use super::listener::Listener;
use super::melody::Melody;
use super::model::{CLASSES, MODEL};
use super::posterior::Posterior;
use super::rule::{Advice, Costs, Rule};
use super::signal::{Data, Progress, Signal};
use super::sound::Sound;
use super::tone::Tones;
use crate::domain::{Verdict, VerdictKind};

/// How often the model is asked.
const ASK_MS: u32 = 100;
/// A beep counts as a recorder's after this much voice.
const VOICE_BEFORE_BEEP_MS: u32 = 1_000;
/// Less voice than this by the limit is nobody.
const VOICE_MS_MIN: u32 = 80;
/// Nobody is called a machine before this much of the call.
const MACHINE_MS_MIN: u32 = 700;
/// Nor music: the cadence of a tone may need so long to be known.
const MUSIC_MS_MIN: u32 = 4_000;
/// What may be music is not decided before this much of it was heard.
const MELODY_MS_MIN: u32 = 3_000;
/// The share of right ones among such verdicts, of the labelled audio and what it is trained on.
const MELODY: f32 = 0.8;
/// A verdict is revised only by what is this certain.
const REVISED_MIN: f32 = 0.97;

/// Hears one answered call from its first sample on and says who is there. The same samples give
/// the same verdict however they are cut into frames. About 6 kB.
#[derive(Clone, Debug)]
pub struct Detector {
    limit_ms: u32,
    after_greeting_ms: u32,
    going_on_ms: u32,
    /// Added to the log-odds of a person.
    bias: f32,
    is_spoken_with: bool,
    now_ms: u32,
    framer: Framer,
    tones: Tones,
    listener: Listener,
    melody: Melody,
    rule: Rule,
    /// What the model says of the classes, since it was asked last.
    classes: [f32; CLASSES.len()],
    /// What a tone has settled.
    settled: Option<(VerdictKind, f32)>,
    /// The network's tone that was heard last.
    network: Option<Signal>,
    said: Option<Verdict>,
}

impl Detector {
    /// A detector that decides after `limit` of audio at the latest (rounded down to 20 ms). What is
    /// undecided then counts as a person. People are mostly known long before; of machines the
    /// more the longer it may listen.
    pub fn new(limit: SignedDuration) -> Self {
        Self {
            limit_ms: whole_ms(limit),
            after_greeting_ms: u32::MAX,
            going_on_ms: 0,
            bias: 0.0,
            is_spoken_with: false,
            now_ms: 0,
            framer: Framer::new(),
            tones: Tones::default(),
            listener: Listener::new(),
            melody: Melody::new(),
            rule: Rule::usual(),
            classes: [0.0; CLASSES.len()],
            settled: None,
            network: None,
            said: None,
        }
    }

    /// The same, deciding at most this long after an utterance ends.
    #[must_use]
    pub fn within(self, after_greeting: SignedDuration) -> Self {
        Self { after_greeting_ms: whole_ms(after_greeting).max(VOICE_MS_MIN), ..self }
    }

    /// The same, weighing mistakes by these costs.
    #[must_use]
    pub fn weighing(self, costs: Costs) -> Self {
        Self { rule: Rule::of(costs), ..self }
    }

    /// The same, with `bias` added to the log-odds of a person: what is known of who is called.
    #[must_use]
    pub fn biased(self, bias: f32) -> Self {
        Self { bias, ..self }
    }

    /// The same, listening on after its verdict, until `until` of audio since the answer: then
    /// [`Self::push`] gives another verdict when what it hears later proves the last one wrong.
    #[must_use]
    pub fn going_on(self, until: SignedDuration) -> Self {
        Self { going_on_ms: whole_ms(until), ..self }
    }

    /// Somebody speaks with the far end, which listens: what it says from now on is one side of a
    /// talk, and how long a person talks there says nothing. Only tones and beeps still count.
    pub fn spoken_with(&mut self) {
        self.is_spoken_with = true;
    }

    /// Takes the next samples (8 kHz, any number of them). `Some` once, when it has decided, and
    /// where it is [`Self::going_on`] again whenever it comes to another kind. Of several verdicts
    /// within the same samples it gives the last.
    pub fn push(&mut self, mut samples: &[i16]) -> Option<Verdict> {
        let mut last = None;
        while !self.is_done() && !samples.is_empty() {
            let (rest, frame) = self.framer.fill(samples);
            samples = rest;
            let Some(frame) = frame else { continue };
            self.now_ms += FRAME_MS;
            let signal = self.tones.push(&frame);
            let sound = Sound::of(&frame, self.framer.window(), self.tones.is_steady());
            self.listener.push(&sound, &MODEL.voice);
            self.melody.push(&frame);
            if let Some(verdict) = self.news(signal) {
                self.said = Some(verdict);
                last = Some(verdict);
            }
        }
        last
    }

    /// How likely each kind is by what has been heard so far.
    pub fn posterior(&self) -> Posterior {
        if let Some((kind, probability)) = self.settled {
            let other = (1.0 - probability) / 7.0;
            return Posterior::from_weights(|of| if of == kind { probability } else { other });
        }
        let heard = self.listener.talk().first.is_some() && self.classes.iter().sum::<f32>() > 0.0;
        let nobody = (self.now_ms as f32 / self.limit_ms.max(1) as f32).min(0.9);
        Posterior::from_weights(|kind| match CLASSES.iter().position(|class| *class == kind) {
            Some(nth) if heard => self.classes[nth],
            None if heard => 0.002,
            _ if kind == VerdictKind::Silence => nobody,
            _ => (1.0 - nobody) / 7.0,
        })
    }

    /// The network's tone that its verdict is of, if it is one.
    pub fn tone(&self) -> Option<Signal> {
        self.network
    }

    /// What the model weighs now, by name, with what it means in words.
    pub fn features(&self) -> impl Iterator<Item = (&'static str, &'static str, f32)> {
        let names = FEATURES.iter().zip(MEANINGS).zip(self.listener.features());
        names.map(|((name, meaning), value)| (*name, *meaning, value))
    }

    /// The features that spoke loudest for or against a person: each with the log-odds that it
    /// adds against its ordinary value, the strongest first.
    pub fn reasons(&self) -> Vec<(&'static str, f32)> {
        let features = self.listener.features();
        let now = MODEL.person_odds(&features);
        let mut reasons: Vec<_> = (0..COUNT)
            .map(|nth| {
                let mut other = features;
                other[nth] = MODEL.ordinary(nth);
                (MEANINGS[nth], now - MODEL.person_odds(&other))
            })
            .collect();
        reasons.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        reasons
    }

    /// Whether it needs no more audio.
    fn is_done(&self) -> bool {
        self.said.is_some() && self.now_ms >= self.going_on_ms
    }

    /// The verdict of this frame, if it is one and another than before.
    fn news(&mut self, signal: Option<Signal>) -> Option<Verdict> {
        if let Some((signal, settled)) = signal.and_then(|it| Some((it, self.settles(it)?))) {
            self.network = (settled.0 == VerdictKind::Tone).then_some(signal);
            self.settled = Some(settled);
        }
        if self.now_ms.is_multiple_of(ASK_MS) && self.listener.talk().first.is_some() {
            self.classes = biased(MODEL.classes(&self.listener.features()), self.bias);
        }
        match (self.said, self.settled) {
            (Some(said), Some((kind, _))) if said.kind == kind => None,
            (_, Some((kind, probability))) => Some(self.verdict(kind, probability)),
            (Some(said), None) => self.revised(&said),
            (None, None) => self.decided().or_else(|| self.at_limit()),
        }
    }

    /// What a tone says for certain. The probabilities are the shares of right verdicts on the
    /// labelled audio that the tests read.
    fn settles(&self, signal: Signal) -> Option<(VerdictKind, f32)> {
        let after_voice = self.listener.talk().voice_ms() >= VOICE_BEFORE_BEEP_MS;
        match signal {
            // A recorder's beep may sound like a calling tone or the first ring, not the other way.
            Signal::Beep
            | Signal::Data(Data::FaxCalling | Data::ModemCalling)
            | Signal::Progress(Progress::Ringback)
                if after_voice && !self.listener.is_tone() =>
            {
                Some((VerdictKind::Machine, 0.97))
            }
            Signal::Beep => None,
            Signal::Data(_) => Some((VerdictKind::Fax, 0.97)),
            Signal::Progress(_) => Some((VerdictKind::Tone, 0.95)),
            Signal::Special(_) => Some((VerdictKind::Tone, 0.99)),
        }
    }

    /// What the rule says, at the moments at which the model is asked.
    fn decided(&self) -> Option<Verdict> {
        if self.is_spoken_with {
            return None;
        }
        let silent_ms = self.listener.talk().silent_ms();
        let overdue = silent_ms.is_some_and(|ms| ms >= self.after_greeting_ms);
        if !self.now_ms.is_multiple_of(ASK_MS) && !overdue {
            return None;
        }
        if self.melody.is_likely() && !overdue {
            let enough = self.melody.heard_ms() >= MELODY_MS_MIN && self.now_ms >= MUSIC_MS_MIN;
            return enough.then(|| self.verdict(VerdictKind::Music, MELODY));
        }
        let silent_ms = silent_ms?;
        if self.listener.is_tone() && !overdue {
            return None;
        }
        let person = self.classes[0];
        match self.rule.advice(silent_ms as f32 / 1_000.0, person) {
            Advice::Machine if self.now_ms >= MACHINE_MS_MIN => {
                let verdict = self.recorded(1.0 - person);
                let early = verdict.kind == VerdictKind::Music && self.now_ms < MUSIC_MS_MIN;
                (!early).then_some(verdict)
            }
            Advice::Person => Some(self.person(person)),
            Advice::Listen | Advice::Machine if overdue => Some(self.person(person.max(0.5))),
            Advice::Listen | Advice::Machine => None,
        }
    }

    fn at_limit(&self) -> Option<Verdict> {
        if self.now_ms.saturating_add(FRAME_MS) <= self.limit_ms {
            return None;
        }
        if self.listener.talk().voice_ms() < VOICE_MS_MIN {
            return Some(self.verdict(VerdictKind::Silence, 0.9));
        }
        Some(self.person(self.classes[0].max(0.5)))
    }

    /// After the verdict: only what is nearly certain makes another.
    fn revised(&self, said: &Verdict) -> Option<Verdict> {
        if self.is_spoken_with || !self.now_ms.is_multiple_of(ASK_MS) {
            return None;
        }
        let person = self.classes[0];
        match said.kind {
            VerdictKind::Human if 1.0 - person >= REVISED_MIN => Some(self.recorded(1.0 - person)),
            VerdictKind::Announcement
            | VerdictKind::Fax
            | VerdictKind::Human
            | VerdictKind::Machine
            | VerdictKind::Music
            | VerdictKind::Screener
            | VerdictKind::Silence
            | VerdictKind::Tone => None,
        }
    }

    /// The likeliest kind of recording.
    fn recorded(&self, probability: f32) -> Verdict {
        let likeliest = (1..CLASSES.len())
            .max_by(|a, b| self.classes[*a].total_cmp(&self.classes[*b]))
            .map_or(VerdictKind::Machine, |nth| CLASSES[nth]);
        self.verdict(likeliest, probability)
    }

    fn person(&self, probability: f32) -> Verdict {
        let talk = self.listener.talk();
        let ended = talk.silent_ms().is_some_and(|ms| ms > 0);
        let greeting_end_ms = ended.then_some(talk.stretch.ended_ms);
        Verdict { greeting_end_ms, ..self.verdict(VerdictKind::Human, probability) }
    }

    fn verdict(&self, kind: VerdictKind, probability: f32) -> Verdict {
        let probability = f64::from(probability);
        Verdict { kind, probability, at_ms: self.now_ms, greeting_end_ms: None }
    }
}

/// The classes with the odds of a person, the first of them, multiplied by e to the power of `bias`.
fn biased(mut classes: [f32; CLASSES.len()], bias: f32) -> [f32; CLASSES.len()] {
    classes[0] *= bias.exp();
    let sum: f32 = classes.iter().sum();
    if sum > 0.0 { classes.map(|class| class / sum) } else { classes }
}

/// Whole milliseconds, from none up to what a detector can count.
fn whole_ms(duration: SignedDuration) -> u32 {
    u32::try_from(duration.as_millis().max(0)).unwrap_or(u32::MAX - FRAME_MS)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
