//! `outdial amd classify`: what one recording is, how sure, when and why.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::picture::{Moment, svg};
use super::{ListeningArgs, wav};
use crate::cli::{Fault, Run, print};
use crate::domain::{Verdict, VerdictKind};

/// So many features are told as reasons.
const REASONS: usize = 5;

pub(super) fn run(files: &[PathBuf], plot: Option<&Path>, listening: ListeningArgs) -> Run {
    for (nth, file) in files.iter().enumerate() {
        let samples = wav::read(file).map_err(|fault| Fault::failed(fault.to_string()))?;
        let (text, verdict, course) = heard(&samples, listening);
        print::text(&format!("{}: {text}", file.display()))?;
        if let Some(plot) = plot.filter(|_| nth == 0) {
            let title = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            std::fs::write(plot, svg(&title, &samples, &course, verdict.as_ref())?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What is said of it, and how the posterior went.
fn heard(samples: &[i16], listening: ListeningArgs) -> (String, Option<Verdict>, Vec<Moment>) {
    let mut detector = listening.detector();
    let silence = vec![0; (listening.limit().as_millis().clamp(0, 600_000) as usize + 20) * 8];
    let (mut course, mut verdict) = (Vec::new(), None);
    for (nth, frame) in samples.chunks(160).chain(silence.chunks(160)).enumerate() {
        verdict = detector.push(frame);
        let posterior = detector.posterior();
        course.push(Moment {
            at_s: (nth + 1) as f64 * 0.02,
            person: posterior.of(VerdictKind::Human),
            recorded: posterior.recorded(),
        });
        if verdict.is_some() {
            break;
        }
    }
    let Some(said) = verdict else { return ("undecided".to_owned(), None, course) };
    let mut text = format!(
        "{} ({:.0} %), known {:.2} s after the answer",
        said.kind,
        said.probability * 100.0,
        f64::from(said.at_ms) / 1_000.0
    );
    if let Some(end_ms) = said.greeting_end_ms {
        text += &format!("; the greeting ended at {:.2} s", f64::from(end_ms) / 1_000.0);
    }
    let posterior = detector.posterior();
    let likely = VerdictKind::ALL.into_iter().filter(|kind| posterior.of(*kind) >= 0.01);
    let likely: Vec<_> =
        likely.map(|kind| format!("{kind} {:.0} %", posterior.of(kind) * 100.0)).collect();
    text += &format!("\n  likely: {}", likely.join(", "));
    for (meaning, odds) in detector.reasons().into_iter().take(REASONS) {
        let towards = if odds > 0.0 { "a person" } else { "a recording" };
        text += &format!("\n  {meaning}: {:.1} towards {towards} (log-odds)", odds.abs());
    }
    (text, Some(said), course)
}
