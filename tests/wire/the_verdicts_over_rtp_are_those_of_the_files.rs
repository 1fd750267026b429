//! What the detector says of a call does not depend on the line that brings it: recordings are played
//! over real sockets, through a network that is good, that loses packets and lets them wait, and that
//! sends nothing, or comfort noise, where nobody speaks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use outdial::amd::Detector;
use outdial::domain::{Law, Share, VerdictKind};
use outdial::rehearsal::network::{Network, Pauses};
use outdial::rehearsal::over_rtp::Listening;
use outdial::rtp::g711;

/// Every so many of the labelled recordings is played.
const EVERY: usize = 16;
/// A machine that has other things to do as well is late at times, as a network is.
const SAME_MIN: f64 = 0.85;
/// Where pauses are filled by this end: of all recordings 92 % are called the same with comfort noise and
/// 88 % with nothing, of these 79 to 94 % from run to run.
const SAME_WITHOUT_PAUSES_MIN: f64 = 0.72;

/// Recordings in mu-law after their headers; `None` when there are none beside the repository.
fn recordings() -> Option<Vec<Arc<[i16]>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/amd");
    let Ok(mut manifest) = csv::Reader::from_path(folder.join("manifest.csv")) else {
        println!("skipped: no labelled audio beside the repository");
        return None;
    };
    let rows = manifest.deserialize::<BTreeMap<String, String>>().step_by(EVERY);
    let read = |row: Result<BTreeMap<String, String>, csv::Error>| {
        let bytes = std::fs::read(folder.join(&row.unwrap()["file"])).unwrap();
        let data = bytes.windows(4).position(|word| word == b"data").unwrap() + 8;
        bytes[data..].iter().map(|byte| g711::decode(Law::Mu, *byte)).collect()
    };
    Some(rows.map(read).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdicts_over_rtp_are_those_of_the_files() {
    let Some(recordings) = recordings() else { return };
    let limit = SignedDuration::from_secs(6);
    let silence = vec![0; 50_000];
    let of_files: Vec<VerdictKind> = recordings
        .iter()
        .map(|samples| {
            let mut detector = Detector::new(limit);
            let said = detector.push(samples).or_else(|| detector.push(&silence));
            said.unwrap().kind
        })
        .collect();
    let mut listening = Listening::start(47_000..=47_399, 1).unwrap();
    let none = SignedDuration::ZERO;
    let networks = [
        ("good", 0.0, none, Pauses::Sent),
        ("2 % lost, up to 30 ms late", 0.02, SignedDuration::from_millis(30), Pauses::Sent),
        ("comfort noise in pauses", 0.0, none, Pauses::ComfortNoise),
        ("nothing in pauses", 0.0, none, Pauses::Dropped),
    ];
    for (name, loss, jitter, pauses) in networks {
        let network = Network { loss: Share::new(loss).unwrap(), jitter, pauses };
        let heard =
            listening.hear(&recordings, (&Detector::new(limit), limit), network, 7).await.unwrap();
        let pairs = heard.iter().zip(&of_files);
        let same = pairs.filter(|(heard, of_file)| {
            heard.verdict.is_some_and(|verdict| match pauses {
                Pauses::Sent => verdict.kind == **of_file,
                // Music of which the rests are gone may be a machine: what counts is who gets an agent.
                Pauses::ComfortNoise | Pauses::Dropped => {
                    (verdict.kind == VerdictKind::Human) == (**of_file == VerdictKind::Human)
                }
            })
        });
        let share = same.count() as f64 / recordings.len() as f64;
        let lost: u64 = heard.iter().map(|heard| heard.stats.lost).sum();
        let late: u64 = heard.iter().map(|heard| heard.stats.late).sum();
        println!(
            "{name}: {:.1} % of {} called the same; {lost} packets lost, {late} late",
            share * 100.0,
            recordings.len()
        );
        let least = match pauses {
            Pauses::ComfortNoise | Pauses::Dropped => SAME_WITHOUT_PAUSES_MIN,
            Pauses::Sent => SAME_MIN,
        };
        assert!(share >= least, "{name}: {share}");
        assert!(
            heard.iter().all(|heard| heard.verdict.is_some()),
            "{name}: a verdict by the limit"
        );
    }
}
