//! Logs that are told again, cut, changed, full and missing.

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::write::Writer;
use super::*;
use crate::compliance::Gate;
use crate::dialer::{Decided, Dialer, DialerConfig, Input, Output, Record};
use crate::domain::{CallId, PhoneNumber};
use crate::sim::{Scenario, World};

const LIMITS: Limits = Limits { bytes_max: 1 << 30, age_max: SignedDuration::from_hours(24) };

/// The facts of an hour on a floor of ten, and its numbers.
fn facts() -> (Vec<(Timestamp, Input)>, Vec<PhoneNumber>) {
    let mut world = World::new(Scenario::default());
    world.record();
    assert_eq!(world.run(), Vec::<String>::new());
    let facts = world.take_record();
    let mut numbers = Vec::new();
    for (_, input) in &facts {
        if let Input::Leads { leads, .. } = input {
            numbers.extend(leads.iter().map(|lead| lead.number));
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    (facts, numbers)
}

/// Tells the facts to a dialer with every tenth number on its list, and logs them.
fn log(data: &Path, limits: Limits) -> u64 {
    let (facts, numbers) = facts();
    let listed: Vec<PhoneNumber> = numbers.into_iter().step_by(10).collect();
    let (first_call, seed) = (CallId(1), 7);
    let header = Header::new(facts[0].0, first_call, seed, &listed, &World::rulebooks());
    let gate = Gate::new(World::rulebooks(), listed);
    let mut dialer = Dialer::new(DialerConfig { first_call, seed, gate });
    let (event_log, mut recorder) = EventLog::begin(data, limits, header).unwrap();
    let mut refused = 0;
    for (at, input) in facts {
        let (told, listed) = (input.clone(), dialer.listed(&input));
        dialer.handle_input(input, at);
        let mut decided = Decided::default();
        while let Some(output) = dialer.poll_output() {
            decided.add(&output);
            let Output::Record(Record::Released { rule: Some(rule), .. }) = output else {
                continue;
            };
            refused += u64::from(rule == "dnc.internal");
        }
        recorder.record(at, told, listed, &decided);
    }
    drop(recorder);
    event_log.close();
    refused
}

fn replay(log: &Path) -> Result<Verified, EventLogFault> {
    verify(log, Timestamp::MIN, Timestamp::MAX, |_, _| Ok(ControlFlow::Continue(())))
}

fn files(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(data.join(FOLDER)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn rewrite(file: &Path, change: impl Fn(String) -> String) {
    fs::write(file, change(fs::read_to_string(file).unwrap())).unwrap();
}

#[test]
fn a_log_told_again_gives_the_same_decisions_without_the_list_of_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let refused = log(folder.path(), LIMITS);
    assert!(refused > 10, "{refused} refused for the list");
    let verified = replay(folder.path()).unwrap();
    assert_eq!((&verified.departure, verified.missing), (&None, None));
    assert!(verified.calls > 200 && verified.decisions > verified.facts / 2, "{verified:?}");
    assert!(verified.ended);
}

#[test]
fn the_first_other_decision_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), LIMITS);
    let file = files(folder.path()).remove(0);
    let log = fs::read_to_string(&file).unwrap();
    let (index, dialed) =
        log.lines().enumerate().find(|(_, line)| line.contains("dial 9 ")).unwrap();
    let Line::Fact(told) = serde_json::from_str(dialed).unwrap() else { panic!("{dialed}") };
    let (digest, other) = (format!("{:016x}", told.digest), format!("{:016x}", told.digest ^ 1));
    rewrite(&file, |log| log.replace(&digest, &other));
    let departure = replay(&file).unwrap().departure.unwrap();
    assert_eq!((departure.file, departure.line), (file, index as u64 + 1));
    assert_eq!(departure.logged, departure.replayed);
    let from = told.at + SignedDuration::from_secs(1);
    let until = Timestamp::MAX;
    let later =
        verify::<EventLogFault>(folder.path(), from, until, |_, _| Ok(ControlFlow::Continue(())));
    assert_eq!(later.unwrap().departure, None, "what was before is not compared");
}

#[test]
fn only_the_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), LIMITS);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join(FOLDER)), 0o700);
    files(folder.path()).iter().for_each(|file| assert_eq!(mode(file), 0o600));
}

#[test]
fn a_line_that_a_crash_has_cut_off_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), LIMITS);
    let file = files(folder.path()).remove(0);
    let whole = replay(&file).unwrap();
    rewrite(&file, |log| log[..log.len() - 40].to_owned());
    let cut = replay(&file).unwrap();
    assert_eq!((cut.facts, cut.ended, cut.departure), (whole.facts - 1, false, None));
}

#[test]
fn a_full_log_goes_on_in_the_next_file_and_the_oldest_go_first() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), LIMITS);
    let whole = replay(folder.path()).unwrap();

    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), Limits { bytes_max: 2 * whole.bytes, ..LIMITS });
    assert!(files(folder.path()).len() > 1);
    let in_parts = replay(folder.path()).unwrap();
    assert_eq!((in_parts.facts, in_parts.departure), (whole.facts, None));

    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), Limits { bytes_max: whole.bytes / 2, ..LIMITS });
    let kept: u64 = files(folder.path()).iter().map(|file| file.metadata().unwrap().len()).sum();
    assert!(kept < whole.bytes * 2 / 3, "{kept} of {} bytes", whole.bytes);
    let fault = replay(folder.path()).unwrap_err().to_string();
    assert!(fault.contains("its first files are gone"), "{fault}");
}

#[test]
fn missing_facts_are_marked_and_end_a_replay() {
    let folder = tempfile::tempdir().unwrap();
    let (facts, _) = facts();
    let header = Header::new(facts[0].0, CallId(1), 7, &[], &World::rulebooks());
    let events = folder.path().join(FOLDER);
    let mut writer = Writer::new(&events, "run".to_owned(), LIMITS, Line::Begin(header));
    let timeout = |at| {
        let (input, listed) = (Input::Timeout, Default::default());
        let digest = Decided::default().digest();
        let told = Told { at, input, listed, decisions: 0, digest, decided: String::new() };
        Line::Fact(Box::new(told))
    };
    let at = facts[0].0;
    writer.fact(&timeout(at), 0, at);
    writer.fact(&timeout(at), 0, at);
    writer.fact(&timeout(at), 5, at);
    writer.end(at);
    let verified = replay(folder.path()).unwrap();
    assert_eq!((verified.facts, verified.missing), (2, Some(5)));
}

#[test]
fn what_is_no_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let fault = replay(folder.path()).unwrap_err().to_string();
    assert!(fault.contains("there is no event log"), "{fault}");
    let file = folder.path().join("run-0001.jsonl");
    fs::write(&file, "{\"begin\":{\"format\":99,\"version\":\"9.0\"}}\n").unwrap();
    let fault = replay(&file).unwrap_err().to_string();
    assert!(fault.contains("form 99 by outdial 9.0"), "{fault}");
    fs::write(&file, "hello\n").unwrap();
    let fault = replay(&file).unwrap_err().to_string();
    assert!(fault.contains("run-0001.jsonl:1: this is no line of an event log"), "{fault}");
}
