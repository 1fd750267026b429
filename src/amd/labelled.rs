//! Tones and beeps on labelled calls: what is said of each label, false signals in speech, and how
//! soon a beep's end is known. The thresholds were chosen on the same calls.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::SignedDuration;

use super::early::EarlyMedia;
use super::greeting::{EndedBy, GreetingEnd, GreetingEnded};
use super::signal::{Progress, Signal};

const VOICES: [&str; 5] = ["announcement", "human", "ivr", "screening", "voicemail"];

struct Call {
    label: String,
    /// Where its beep begins and ends, in milliseconds.
    beep: Option<[f64; 2]>,
    samples: Vec<i16>,
}

/// Every labelled call, with a second of silence after it; `None` when there are none.
fn calls() -> Option<Vec<Call>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/amd");
    let Ok(mut manifest) = csv::Reader::from_path(folder.join("manifest.csv")) else {
        println!("skipped: no labelled audio beside the repository");
        return None;
    };
    let rows = manifest.deserialize::<BTreeMap<String, String>>();
    Some(rows.map(|row| read(&folder, row.unwrap())).collect())
}

fn read(folder: &Path, mut row: BTreeMap<String, String>) -> Call {
    let bytes = std::fs::read(folder.join(&row["file"])).unwrap();
    let data = bytes.windows(4).position(|word| word == b"data").unwrap() + 8;
    let mut samples: Vec<i16> = bytes[data..].iter().map(|code| expand(*code)).collect();
    samples.resize(samples.len() + 8_000, 0);
    let ms = |column: &str| row[column].parse::<f64>().ok().map(|seconds| seconds * 1_000.0);
    let beep = ms("beep_start_s").zip(ms("beep_end_s")).map(|(begun, ended)| [begun, ended]);
    Call { label: row.remove("label").unwrap(), beep, samples }
}

/// ITU-T G.711 mu-law.
fn expand(code: u8) -> i16 {
    let code = !code;
    let magnitude = ((i16::from(code & 15) << 3) + 0x84) << ((code >> 4) & 7);
    if code & 0x80 == 0 { magnitude - 0x84 } else { 0x84 - magnitude }
}

#[test]
fn networks_faxes_and_modems_are_told_apart_and_voices_say_nothing() {
    let Some(calls) = calls() else { return };
    let mut said: BTreeMap<(&str, String), u32> = BTreeMap::new();
    let (mut right, mut all, mut false_signals, mut voice_s) = (0, 0, 0, 0);
    for call in &calls {
        let mut ear = EarlyMedia::new(None);
        let first = call.samples.chunks(160).find_map(|frame| ear.push(frame));
        let word = first.map_or_else(|| "-".to_owned(), |signal| signal.to_string());
        *said.entry((&call.label, word)).or_default() += 1;
        if VOICES.contains(&call.label.as_str()) {
            voice_s += call.samples.len() / 8_000;
            false_signals += u32::from(first.is_some());
        } else if let Some(expected) = expected(&call.label) {
            all += 1;
            right += u32::from(first.is_some_and(expected));
        }
    }
    for ((label, word), count) in &said {
        println!("{label:>12} {count:4} {word}");
    }
    println!("{right} of {all} right; {false_signals} false signals in {voice_s} s of voices");
    assert!(f64::from(right) >= f64::from(all) * 0.96);
    // Recorders' beeps that are at 1100 and 1300 Hz, and one as long as a ring.
    assert!(false_signals <= 3);
}

/// What a label's tones should be said to be.
fn expected(label: &str) -> Option<fn(Signal) -> bool> {
    match label {
        "busy" => Some(|signal| signal == Signal::Progress(Progress::Busy)),
        "dialtone" => Some(|signal| signal == Signal::Progress(Progress::DialTone)),
        "fax" | "modem" => Some(|signal| matches!(signal, Signal::Data(_))),
        "reorder" => Some(|signal| signal == Signal::Progress(Progress::Reorder)),
        "ringback" => Some(|signal| signal == Signal::Progress(Progress::Ringback)),
        "sit" => Some(|signal| matches!(signal, Signal::Special(_))),
        _ => None,
    }
}

#[test]
fn a_recorders_beep_is_known_within_300_ms_of_its_end() {
    let Some(calls) = calls() else { return };
    let (mut late_ms, mut beeps, mut false_beeps, mut voice_s) = (Vec::new(), 0, 0, 0);
    for call in calls.iter().filter(|call| VOICES.contains(&call.label.as_str())) {
        voice_s += call.samples.len() / 8_000;
        beeps += usize::from(call.beep.is_some());
        let end = GreetingEnd::new(SignedDuration::from_mins(1)).push(&call.samples);
        let Some(GreetingEnded { by: EndedBy::Beep(heard), at_ms }) = end else { continue };
        match call.beep.filter(|[begun, ended]| {
            (f64::from(heard.began_ms) - begun).abs() <= 300.0
                && (f64::from(heard.ended_ms) - ended).abs() <= 300.0
        }) {
            Some([_, ended]) => late_ms.push((f64::from(at_ms) - ended) as i64),
            None => false_beeps += 1,
        }
    }
    late_ms.sort_unstable();
    let (median, last) = (late_ms[late_ms.len() / 2], late_ms[late_ms.len() - 1]);
    println!(
        "{} of {beeps} beeps found, known {median} ms after their end (median), {last} ms at most; \
         {false_beeps} false ones in {voice_s} s of voices",
        late_ms.len()
    );
    assert!(late_ms.len() * 100 >= beeps * 95 && last <= 300);
    assert!(false_beeps * 1_000 <= voice_s);
}
