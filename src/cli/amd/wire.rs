//! `outdial amd wire`: labelled recordings over RTP, and whether the detector says the same of them
//! as of the files.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::evaluate::judged;
use super::figures::{Figures, Judged, MOMENTS_S, median_and_p90};
use super::manifest::Manifest;
use super::{ListeningArgs, WireArgs, wav};
use crate::cli::{Run, print};
use crate::domain::{Verdict, VerdictKind};
use crate::rehearsal::over_rtp::{Heard, Listening};

/// What is printed.
#[derive(Serialize)]
struct Report {
    recordings: usize,
    /// The same kind as of the file.
    same: usize,
    /// How much later the verdict came than from the file, in milliseconds: median, 90th percentile.
    later_ms: Option<[f64; 2]>,
    packets: u64,
    lost: u64,
    late: u64,
    files: Figures,
    over_rtp: Figures,
    /// What was called otherwise: file, of the file, over RTP.
    others: Vec<(String, &'static str, &'static str)>,
}

pub(super) fn run(manifest: &Path, wire: &WireArgs, as_json: bool, how: ListeningArgs) -> Run {
    let manifest = Manifest::read(manifest)?;
    let mut heard: Vec<Arc<[i16]>> = Vec::with_capacity(manifest.cases.len());
    for case in &manifest.cases {
        heard.push(wav::read(&case.path).map_err(|fault| case.fault(&fault))?.into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let over_rtp = runtime.block_on(async {
        let mut listening = Listening::start(wire.ports.0..=wire.ports.1, wire.seed)?;
        let how = (&how.detector(), how.limit());
        listening
            .hear(&heard, how, wire.network(), wire.seed)
            .await
            .map_err(crate::cli::Fault::from)
    })?;
    let files: Vec<Judged> = manifest
        .cases
        .iter()
        .zip(&heard)
        .map(|(case, samples)| judged(case, samples, how))
        .collect();
    let report = report(&files, &over_rtp);
    if as_json { print::json(&report) } else { print::text(&text(&report)) }
}

fn report(files: &[Judged], over_rtp: &[Heard]) -> Report {
    let said = |it: &Heard| it.verdict.unwrap_or(UNDECIDED);
    let wired: Vec<Judged> = files
        .iter()
        .zip(over_rtp)
        .map(|(file, heard)| Judged {
            case: file.case.clone(),
            verdict: said(heard),
            person: [0.5; MOMENTS_S.len()],
        })
        .collect();
    let pairs = || files.iter().zip(&wired);
    let is_same = |(file, wired): &(&Judged, &Judged)| file.verdict.kind == wired.verdict.kind;
    let later = pairs()
        .filter(is_same)
        .map(|(file, wired)| f64::from(wired.verdict.at_ms) - f64::from(file.verdict.at_ms));
    let sum = |of: fn(&Heard) -> u64| over_rtp.iter().map(of).sum();
    Report {
        recordings: files.len(),
        same: pairs().filter(is_same).count(),
        later_ms: median_and_p90(later.collect()),
        packets: sum(|it| it.stats.received),
        lost: sum(|it| it.stats.lost),
        late: sum(|it| it.stats.late),
        files: Figures::of(files.iter()),
        over_rtp: Figures::of(wired.iter()),
        others: pairs()
            .filter(|pair| !is_same(pair))
            .map(|(file, wired)| {
                let kinds = (file.verdict.kind.as_str(), wired.verdict.kind.as_str());
                (file.case.file.clone(), kinds.0, kinds.1)
            })
            .collect(),
    }
}

/// What counts for a recording of which nothing was said.
const UNDECIDED: Verdict =
    Verdict { kind: VerdictKind::Human, probability: 0.5, at_ms: 0, greeting_end_ms: None };

fn text(report: &Report) -> String {
    let mut table = print::table(["", "people called machine", "machines found", "balanced"]);
    for (name, figures) in [("of the files", &report.files), ("over RTP", &report.over_rtp)] {
        let balanced = figures.balanced_accuracy;
        table.add_row([
            name.to_owned(),
            figures.people_called_machine.to_string(),
            figures.machines_found.to_string(),
            balanced.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0)),
        ]);
    }
    let mut text = format!(
        "{} recordings, {} called the same; {} packets came, {} lost, {} late\n{table}",
        report.recordings, report.same, report.packets, report.lost, report.late
    );
    if let Some([median, p90]) = report.later_ms {
        text += &format!("\nknown {median:.0} ms later than in the file (median; {p90:.0} ms)");
    }
    for (file, of_file, over_rtp) in &report.others {
        text += &format!("\n  {file}: {of_file} of the file, {over_rtp} over RTP");
    }
    text
}
