//! The detector of one answered call: frames in, one verdict out.

use jiff::SignedDuration;

use super::frame::{FRAME_MS, Framer};
use super::posterior::Posterior;
use super::signal::{Data, Progress, Signal};
use super::speech::{Speech, Talk};
use super::tone::Tones;
use crate::domain::{Verdict, VerdictKind};

/// Talk longer than this without a pause is a greeting, not a hello. With little time to listen
/// less must do: what began within the first second and goes on until the limit is a greeting too.
const HELLO_MS_MAX: u32 = 3_400;
/// See [`HELLO_MS_MAX`]; less than this never is.
const HELLO_MS_MAX_SHORTEST: u32 = 2_000;
/// A beep counts as a recorder's after this much voice.
const VOICE_BEFORE_BEEP_MS: u32 = 1_000;
/// Less voice than this by the limit is nobody.
const VOICE_MS_MIN: u32 = 80;

/// Hears one answered call from its first sample on and says once who is there. The same samples
/// give the same verdict however they are cut into frames. About 3 kB.
#[derive(Clone, Debug)]
pub struct Detector {
    limit_ms: u32,
    hello_ms_max: u32,
    now_ms: u32,
    framer: Framer,
    tones: Tones,
    speech: Speech,
    /// The last verdict, and until when another may follow it.
    said: Option<Verdict>,
    going_on_ms: u32,
}

impl Detector {
    /// A detector that decides after `limit` of audio at the latest (rounded down to 20 ms). What is
    /// undecided then counts as a person. Most machines are found with 6 s; below 3 s none is that
    /// only talks.
    pub fn new(limit: SignedDuration) -> Self {
        let limit_ms = u32::try_from(limit.as_millis().max(0)).unwrap_or(u32::MAX - FRAME_MS);
        let first_second = limit_ms.saturating_sub(1_000);
        Self {
            limit_ms,
            hello_ms_max: first_second.clamp(HELLO_MS_MAX_SHORTEST, HELLO_MS_MAX),
            now_ms: 0,
            framer: Framer::new(),
            tones: Tones::default(),
            speech: Speech::new(),
            said: None,
            going_on_ms: 0,
        }
    }

    /// The same, deciding at most this long after the end of a greeting: then a shorter pause must
    /// do for an end.
    #[must_use]
    pub fn within(self, after_greeting: SignedDuration) -> Self {
        let pause_ms = u32::try_from(after_greeting.as_millis().max(0)).unwrap_or(u32::MAX);
        Self { speech: self.speech.with_pause(pause_ms), ..self }
    }

    /// The same, listening on after its verdict, until `until` of audio since the answer: then
    /// [`Self::push`] gives another verdict when what it hears later proves the last one wrong.
    #[must_use]
    pub fn going_on(self, until: SignedDuration) -> Self {
        let going_on_ms = u32::try_from(until.as_millis().max(0)).unwrap_or(u32::MAX - FRAME_MS);
        Self { going_on_ms, ..self }
    }

    /// How likely each kind is by what has been heard so far.
    pub fn posterior(&self) -> Posterior {
        let said = self.said;
        let voice = self.speech.voice_ms() >= VOICE_MS_MIN;
        Posterior::from_weights(|kind| match (said, kind) {
            (Some(said), kind) if said.kind == kind => said.probability as f32,
            (Some(said), _) => (1.0 - said.probability as f32) / 7.0,
            (None, VerdictKind::Human | VerdictKind::Machine) if voice => 0.45,
            (None, VerdictKind::Silence) if !voice => 0.3,
            (None, _) => 0.1,
        })
    }

    /// Whether it needs no more audio.
    fn is_done(&self) -> bool {
        self.said.is_some() && self.now_ms >= self.going_on_ms
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
            let ended = self.speech.push(&frame, self.tones.is_steady());
            let at_limit = |detector: &Self| match detector.said {
                Some(_) => None,
                None => detector.at_limit(),
            };
            let verdict = self.decide(signal, ended).or_else(|| at_limit(self));
            let news = verdict.filter(|now| self.said.is_none_or(|said| said.kind != now.kind));
            if news.is_some() {
                self.said = news;
                last = news;
            }
        }
        last
    }

    // The probabilities are the shares of right verdicts on the labelled audio that the tests read,
    // where persons and machines are half and half.
    fn decide(&self, signal: Option<Signal>, ended: Option<Talk>) -> Option<Verdict> {
        match signal {
            // A recorder's beep may sound like a calling tone or the first ring, not the other way.
            Some(
                Signal::Beep
                | Signal::Data(Data::FaxCalling | Data::ModemCalling)
                | Signal::Progress(Progress::Ringback),
            ) if self.speech.voice_ms() >= VOICE_BEFORE_BEEP_MS => {
                return Some(self.verdict(VerdictKind::Machine, 0.95));
            }
            Some(Signal::Data(_)) => return Some(self.verdict(VerdictKind::Fax, 0.97)),
            Some(Signal::Progress(_)) => return Some(self.verdict(VerdictKind::Tone, 0.95)),
            Some(Signal::Special(_)) => return Some(self.verdict(VerdictKind::Tone, 0.99)),
            Some(Signal::Beep) | None => {}
        }
        if let Some(talk) = ended.filter(Talk::is_voice) {
            return Some(Verdict {
                greeting_end_ms: Some(talk.ended_ms),
                ..self.verdict(VerdictKind::Human, 0.81)
            });
        }
        let talk = self.speech.talk().filter(|talk| talk.is_voice())?;
        (talk.span_ms() > self.hello_ms_max).then(|| self.verdict(VerdictKind::Machine, 0.91))
    }

    fn at_limit(&self) -> Option<Verdict> {
        if self.now_ms + FRAME_MS <= self.limit_ms {
            return None;
        }
        if self.speech.voice_ms() < VOICE_MS_MIN {
            return Some(self.verdict(VerdictKind::Silence, 0.9));
        }
        let silent = |talk: &&Talk| talk.ended_ms < self.now_ms;
        let greeting_end_ms = self.speech.talk().filter(silent).map(|talk| talk.ended_ms);
        Some(Verdict { greeting_end_ms, ..self.verdict(VerdictKind::Human, 0.5) })
    }

    fn verdict(&self, kind: VerdictKind, probability: f64) -> Verdict {
        Verdict { kind, probability, at_ms: self.now_ms, greeting_end_ms: None }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::f32::consts::PI;
    use std::path::Path;

    use super::*;

    /// ITU-T G.711 mu-law.
    fn expand(code: u8) -> i16 {
        let code = !code;
        let magnitude = ((i16::from(code & 15) << 3) + 0x84) << ((code >> 4) & 7);
        if code & 0x80 == 0 { magnitude - 0x84 } else { 0x84 - magnitude }
    }

    fn read_mu_law(path: &Path) -> Vec<i16> {
        let bytes = std::fs::read(path).unwrap();
        let data = bytes.windows(4).position(|word| word == b"data").unwrap() + 8;
        bytes[data..].iter().map(|code| expand(*code)).collect()
    }

    /// (label, class, verdict) of every labelled file; `None` when there are none.
    fn labelled(limit: SignedDuration) -> Option<Vec<(String, String, Verdict)>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/amd");
        let mut manifest = csv::Reader::from_path(folder.join("manifest.csv")).ok()?;
        let cases = manifest.deserialize::<BTreeMap<String, String>>().map(|row| {
            let mut row = row.unwrap();
            let mut samples = read_mu_law(&folder.join(&row["file"]));
            samples.resize(samples.len() + limit.as_millis() as usize * 8, 0);
            let verdict = Detector::new(limit).push(&samples).unwrap();
            (row.remove("label").unwrap(), row.remove("cls").unwrap(), verdict)
        });
        Some(cases.collect())
    }

    /// Stock Asterisk's detector says machine of 56 % of the same persons.
    #[test]
    fn on_labelled_audio_it_loses_few_people_and_finds_most_machines() {
        evaluate(SignedDuration::from_secs(6), 0.10, 0.75);
    }

    #[test]
    fn with_three_seconds_to_listen_it_still_finds_half_of_the_machines() {
        evaluate(SignedDuration::from_secs(3), 0.15, 0.50);
    }

    fn evaluate(limit: SignedDuration, persons_lost_max: f64, machines_found_min: f64) {
        let Some(cases) = labelled(limit) else {
            println!("skipped: no labelled audio beside the repository");
            return;
        };
        let mut confusion: BTreeMap<(&str, VerdictKind), u32> = BTreeMap::new();
        for (label, _, verdict) in &cases {
            *confusion.entry((label, verdict.kind)).or_default() += 1;
        }
        for ((label, kind), count) in &confusion {
            println!("{label:>12} {count:4} {kind:?}");
        }
        let share = |of: &dyn Fn(&str, &str) -> bool, kind| {
            let all = cases.iter().filter(|(label, class, _)| of(label, class));
            let (hits, others): (Vec<_>, Vec<_>) = all.partition(|case| case.2.kind == kind);
            hits.len() as f64 / (hits.len() + others.len()) as f64
        };
        let persons_lost = share(&|_, class| class == "human", VerdictKind::Machine);
        let machines_found = share(&|_, class| class == "machine", VerdictKind::Machine);
        let is_tone =
            |label: &str, _: &str| ["busy", "dialtone", "reorder", "sit"].contains(&label);
        let tones_found = share(&is_tone, VerdictKind::Tone);
        let is_data = |label: &str, _: &str| ["fax", "modem"].contains(&label);
        let data_found = share(&is_data, VerdictKind::Fax);
        println!(
            "persons called machine {persons_lost:.3}, machines found {machines_found:.3}, \
             tones found {tones_found:.3}, fax and modem found {data_found:.3}"
        );
        assert!(persons_lost <= persons_lost_max);
        assert!(machines_found >= machines_found_min);
        assert!(tones_found >= 0.95);
        assert!(data_found >= 0.95);
    }

    /// A voice of sorts: harmonics of 120 Hz under a rhythm of 4 syllables a second.
    fn voice(ms: usize) -> Vec<i16> {
        let sample = |n: usize| {
            let t = n as f32 / 8_000.0;
            let buzz: f32 =
                (1..20).map(|k| (2.0 * PI * 120.0 * k as f32 * t).sin() / k as f32).sum();
            (buzz * (PI * 4.0 * t).sin().abs() * 4_000.0) as i16
        };
        (0..ms * 8).map(sample).collect()
    }

    fn silence(ms: usize) -> Vec<i16> {
        vec![0; ms * 8]
    }

    fn verdict(samples: &[i16]) -> Verdict {
        Detector::new(SignedDuration::from_secs(5)).push(samples).unwrap()
    }

    #[test]
    fn a_hello_and_a_pause_is_a_person_and_the_greeting_has_an_end() {
        let heard = verdict(&[silence(500), voice(700), silence(4_000)].concat());
        assert_eq!(heard.kind, VerdictKind::Human);
        let end_ms = heard.greeting_end_ms.unwrap();
        assert!((1_100..=1_240).contains(&end_ms), "{end_ms}");
        assert_eq!(heard.at_ms, end_ms + 640);
    }

    #[test]
    fn with_little_time_after_the_greeting_a_shorter_pause_ends_it() {
        let call = [silence(500), voice(700), silence(4_000)].concat();
        let heard_within = |ms| {
            let detector = Detector::new(SignedDuration::from_secs(5));
            let heard = detector.within(SignedDuration::from_millis(ms)).push(&call).unwrap();
            assert_eq!(heard.kind, VerdictKind::Human);
            heard.at_ms - heard.greeting_end_ms.unwrap()
        };
        assert_eq!([1_750, 640, 350, 0].map(heard_within), [640, 640, 360, 200]);
    }

    #[test]
    fn talk_without_end_is_a_machine_and_nothing_is_silence() {
        assert_eq!(verdict(&[silence(300), voice(5_000)].concat()).kind, VerdictKind::Machine);
        assert_eq!(verdict(&silence(5_000)).kind, VerdictKind::Silence);
        assert_eq!(verdict(&silence(5_000)).at_ms, 5_000);
    }

    #[test]
    fn undecided_at_the_limit_is_a_person() {
        let heard = verdict(&[silence(3_000), voice(3_000)].concat());
        assert_eq!((heard.kind, heard.at_ms), (VerdictKind::Human, 5_000));
    }

    #[test]
    fn the_verdict_is_the_same_however_the_audio_is_cut_and_comes_once() {
        let call = [silence(300), voice(900), silence(300), voice(200), silence(3_000)].concat();
        let whole = verdict(&call);
        for frame in [1, 7, 80, 160, 161, 1_000] {
            let mut detector = Detector::new(SignedDuration::from_secs(5));
            let verdicts: Vec<Verdict> =
                call.chunks(frame).filter_map(|cut| detector.push(cut)).collect();
            assert_eq!(verdicts, [whole], "cut into {frame}");
        }
    }

    #[test]
    fn listening_on_it_takes_a_person_back_at_a_recorders_beep() {
        let beep = |n: usize| ((n as f32 * 2.0 * PI / 8.0).sin() * 6_000.0) as i16;
        let beep: Vec<i16> = (0..300 * 8).map(beep).collect();
        let call = [silence(300), voice(1_500), silence(1_000), beep, silence(1_000)].concat();
        let heard = |detector: Detector| -> Vec<VerdictKind> {
            let mut detector = detector;
            let verdicts = call.chunks(160).filter_map(|frame| detector.push(frame));
            verdicts.map(|verdict| verdict.kind).collect()
        };
        let detector = Detector::new(SignedDuration::from_secs(5));
        assert_eq!(heard(detector.clone()), [VerdictKind::Human]);
        let going_on = detector.going_on(SignedDuration::from_secs(15));
        assert_eq!(heard(going_on), [VerdictKind::Human, VerdictKind::Machine]);
    }

    #[test]
    fn a_detector_fits_into_16_kilobytes() {
        assert!(size_of::<Detector>() <= 16 * 1_024, "{}", size_of::<Detector>());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

        #[test]
        fn any_samples_give_one_verdict_whatever_the_cuts(
            seconds in proptest::collection::vec((0_u16..=32_767, 1_u16..400), 1..4),
            cuts in proptest::collection::vec(1_usize..700, 1..8),
        ) {
            let wave = |(loudest, period): &(u16, u16)| {
                let (loudest, period) = (i32::from(*loudest), i32::from(*period));
                (0..8_000).map(move |n: i32| ((n * n % period * 65_537) % (loudest + 1)) as i16)
            };
            let call: Vec<i16> = seconds.iter().flat_map(wave).collect();
            let mut whole = Detector::new(SignedDuration::from_secs(1));
            let mut cut = whole.clone();
            let (mut rest, mut verdicts) = (&call[..], Vec::new());
            for length in cuts.iter().cycle() {
                let (frame, after) = rest.split_at(rest.len().min(*length));
                verdicts.extend(cut.push(frame));
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            proptest::prop_assert_eq!(verdicts, Vec::from_iter(whole.push(&call)));
        }
    }

    #[test]
    fn no_limit_and_no_audio_is_too_little_to_panic_at() {
        for limit in [SignedDuration::MIN, SignedDuration::ZERO, SignedDuration::MAX] {
            let mut detector = Detector::new(limit);
            assert_eq!(detector.push(&[]), None);
            detector.push(&[i16::MIN; 170]);
            detector.push(&[i16::MAX; 170]);
        }
    }
}
