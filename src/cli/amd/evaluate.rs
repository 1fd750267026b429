//! `outdial amd evaluate`: labelled recordings, and how right the detector is on them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use indicatif::ProgressBar;
use serde_json::json;

use super::figures::{Figures, Judged, MOMENTS_S, Rate, by_moment, confusion};
use super::manifest::{Case, Class, Manifest};
use super::{ListeningArgs, wav};
use crate::amd::Costs;
use crate::cli::{Fault, Run, print};
use crate::domain::VerdictKind;

/// What a machine taken for a person may cost, for the cost curve.
const COSTS: [f32; 6] = [0.1, 0.2, 0.3, 0.4, 0.6, 1.0];

pub(super) fn run(
    manifest: &Path,
    app_amd: Option<&Path>,
    as_json: bool,
    listening: ListeningArgs,
) -> Run {
    let manifest = Manifest::read(manifest)?;
    let mut heard = Vec::with_capacity(manifest.cases.len());
    let bar = ProgressBar::new(manifest.cases.len() as u64);
    for case in &manifest.cases {
        heard.push(wav::read(&case.path).map_err(|fault| case.fault(&fault))?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let judge = |listening: ListeningArgs| -> Vec<Judged> {
        let cases = manifest.cases.iter().zip(&heard);
        cases.map(|(case, samples)| judged(case, samples, listening)).collect()
    };
    let all = judge(listening);
    let curve = COSTS.map(|machine_met| {
        let listening = ListeningArgs { machine_met: Some(machine_met), ..listening };
        (machine_met, Figures::of(judge(listening).iter()))
    });
    let beside = app_amd.map(|path| app_amd_figures(path, &manifest)).transpose()?;
    if as_json {
        return print::json(&document(&all, &curve, beside.as_ref(), listening.costs()));
    }
    print::text(&report(&all, &curve, beside.as_ref()))
}

/// Hears one recording up to the verdict; after its end the line is silent.
pub(super) fn judged(case: &Case, samples: &[i16], listening: ListeningArgs) -> Judged {
    let mut detector = listening.detector();
    let silence = vec![0; (listening.limit().as_millis().clamp(0, 600_000) as usize + 20) * 8];
    let mut person = [0.5; MOMENTS_S.len()];
    let mut verdict = None;
    let frames = samples.chunks(160).chain(silence.chunks(160));
    for (nth, frame) in frames.enumerate() {
        verdict = verdict.or_else(|| detector.push(frame));
        let now_s = (nth + 1) as f64 * 0.02;
        let posterior = detector.posterior();
        let (human, recorded) = (posterior.of(VerdictKind::Human), posterior.recorded());
        for (person, at_s) in person.iter_mut().zip(MOMENTS_S) {
            if now_s <= at_s + 1e-9 {
                *person = human / (human + recorded).max(1e-9);
            }
        }
        if verdict.is_some() {
            break;
        }
    }
    let undecided = crate::domain::Verdict {
        kind: VerdictKind::Human,
        probability: 0.5,
        at_ms: 0,
        greeting_end_ms: None,
    };
    Judged { case: case.clone(), verdict: verdict.unwrap_or(undecided), person }
}

fn document(
    all: &[Judged],
    curve: &[(f32, Figures)],
    beside: Option<&Figures>,
    costs: Costs,
) -> serde_json::Value {
    let curve: Vec<_> = curve
        .iter()
        .map(|(met, figures)| json!({ "machine_met": met, "figures": figures }))
        .collect();
    json!({
        "recordings": all.len(),
        "costs": { "machine_met": costs.machine_met, "waiting_s": costs.waiting_s },
        "figures": Figures::of(all.iter()),
        "others_right": others(all),
        "confusion": confusion(all),
        "by_source": parts(all, |case| &case.source),
        "by_language": parts(all, |case| &case.language),
        "by_moment": by_moment(all),
        "cost_curve": curve,
        "app_amd": beside,
    })
}

/// How often what is neither a person nor a machine is called what it is.
fn others(all: &[Judged]) -> BTreeMap<String, Rate> {
    let labels: BTreeSet<_> = all
        .iter()
        .filter(|it| it.case.class == Class::Other)
        .map(|it| it.case.label.clone())
        .collect();
    let rate = |label: &String| {
        let of_label = all.iter().filter(|it| it.case.label == *label);
        Rate::of(of_label.map(|it| it.case.is_right(it.verdict.kind)))
    };
    labels.into_iter().map(|label| (label.clone(), rate(&label))).collect()
}

fn parts(all: &[Judged], of: impl Fn(&Case) -> &String) -> BTreeMap<String, Figures> {
    let people_and_machines = || all.iter().filter(|it| it.case.class != Class::Other);
    let names: BTreeSet<_> = people_and_machines().map(|it| of(&it.case).clone()).collect();
    let figures = |name: &String| {
        let part: Vec<_> = people_and_machines().filter(|it| of(&it.case) == name).collect();
        Figures::of(part.into_iter())
    };
    names.into_iter().map(|name| (name.clone(), figures(&name))).collect()
}

fn report(all: &[Judged], curve: &[(f32, Figures)], beside: Option<&Figures>) -> String {
    let mut table = print::table([
        "",
        "people called machine",
        "machines found",
        "balanced",
        "person after utterance",
        "machine after answer",
    ]);
    table.add_row(row("all", &Figures::of(all.iter())));
    if let Some(beside) = beside {
        table.add_row(row("app_amd", beside));
    }
    for (name, figures) in parts(all, |case| &case.source) {
        table.add_row(row(&format!("source {name}"), &figures));
    }
    for (name, figures) in parts(all, |case| &case.language) {
        table.add_row(row(&format!("language {name}"), &figures));
    }
    for (met, figures) in curve {
        table.add_row(row(&format!("machine met costs {met}"), figures));
    }
    let mut text =
        format!("{} recordings; rates with 95 % intervals (Wilson)\n{table}\n", all.len());
    text += "\ntimes are medians (90th percentile); others called what they are:\n";
    for (label, rate) in others(all) {
        text += &format!("  {label:<14} {rate}\n");
    }
    text += "\naccuracy of the posterior, seconds after the answer:\n";
    text += &moments(all);
    text += "\nlabel: what it was called\n";
    for (label, verdicts) in confusion(all) {
        let verdicts: Vec<_> =
            verdicts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        text += &format!("  {label:<14} {}\n", verdicts.join(", "));
    }
    text
}

/// How right the posterior is at each moment, with 95 % intervals.
fn moments(all: &[Judged]) -> String {
    let mut table = print::table(["", "balanced", "people", "machines"]);
    for moment in by_moment(all) {
        let [balanced, low, high] =
            [moment.balanced_accuracy, moment.low, moment.high].map(|share| share * 100.0);
        table.add_row([
            format!("{:.1} s", moment.at_s),
            format!("{balanced:.1} % ({low:.1} to {high:.1})"),
            moment.people.to_string(),
            moment.machines.to_string(),
        ]);
    }
    format!("{table}\n")
}

fn row(name: &str, figures: &Figures) -> [String; 6] {
    let time = |time: Option<[f64; 2]>| {
        time.map_or("-".to_owned(), |[median, late]| format!("{median:.2} s ({late:.2})"))
    };
    let balanced = figures.balanced_accuracy;
    [
        name.to_owned(),
        figures.people_called_machine.to_string(),
        figures.machines_found.to_string(),
        balanced.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0)),
        time(figures.person_after_utterance_s),
        time(figures.machine_after_answer_s),
    ]
}

/// Asterisk's verdicts on the same files.
fn app_amd_figures(path: &Path, manifest: &Manifest) -> Result<Figures, Fault> {
    let unreadable = |error: csv::Error| Fault::failed(format!("{}: {error}", path.display()));
    let mut said = BTreeMap::new();
    for (nth, row) in csv::Reader::from_path(path).map_err(unreadable)?.deserialize().enumerate() {
        let row: BTreeMap<String, String> = row.map_err(unreadable)?;
        let wrong = || Fault::failed(format!("{}: row {}: no verdict", path.display(), nth + 2));
        let field = |name: &str| row.get(name).cloned().ok_or_else(wrong);
        let seconds: f64 = field("seconds")?.parse().map_err(|_| wrong())?;
        said.insert(field("file")?, (field("status")?, seconds));
    }
    let judged: Vec<_> = manifest
        .cases
        .iter()
        .filter_map(|case| {
            let (status, seconds) = said.get(&case.file)?;
            let machine = status == "MACHINE";
            let kind = if machine { VerdictKind::Machine } else { VerdictKind::Human };
            let at_ms = (seconds * 1_000.0) as u32;
            let verdict =
                crate::domain::Verdict { kind, probability: 0.5, at_ms, greeting_end_ms: None };
            Some(Judged { case: case.clone(), verdict, person: [0.5; MOMENTS_S.len()] })
        })
        .collect();
    Ok(Figures::of(judged.iter()))
}
