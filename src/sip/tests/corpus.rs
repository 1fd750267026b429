//! RFC 4475's torture messages and the collected malformed ones, where the corpus is at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jiff::SignedDuration;

use super::peer::{Peer, value, within};
use super::wire::invite;
use crate::domain::Codec;
use crate::sip::sdp::{self, LocalMedia};
use crate::sip::{Event, FailureKind};

fn corpus() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !folder.join("MANIFEST.csv").exists() {
        println!("skipped: no corpus at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// File, bytes and what is expected of it.
fn files(folder: &str) -> Vec<(String, Vec<u8>, String)> {
    let Some(root) = corpus() else { return Vec::new() };
    let mut manifest = csv::Reader::from_path(root.join("MANIFEST.csv")).unwrap();
    let prefix = format!("dev/{folder}/");
    manifest
        .records()
        .map(Result::unwrap)
        .filter_map(|row| {
            let name = row.get(1)?.strip_prefix(&prefix)?.to_owned();
            Some((name, fs::read(root.join(row.get(1)?)).ok()?, row.get(4)?.to_owned()))
        })
        .collect()
}

/// The statuses that a torture message may be answered with; empty for a message that is dropped.
/// `REGISTER` and `INVITE` that pass go to the owner instead.
fn allowed(expected: &str) -> Vec<u16> {
    let numbers = expected.split(|letter: char| !letter.is_ascii_digit());
    numbers.filter(|digits| digits.len() == 3).filter_map(|digits| digits.parse().ok()).collect()
}

#[test]
fn the_torture_messages_of_rfc_4475_end_as_the_rfc_says() {
    let mut wrong = Vec::new();
    let files = files("sip-rfc4475");
    for (name, bytes, expected) in &files {
        let mut peer = Peer::new();
        peer.strangers = true;
        peer.hear_bytes(bytes);
        let answered = peer.sent.first().and_then(|text| text.get(8..11)?.parse::<u16>().ok());
        let told = peer
            .events
            .iter()
            .any(|event| matches!(event, Event::Incoming { .. } | Event::Request { .. }));
        // 481: a To tag of a dialog that is not there; 405 and 501: a method that is not for us.
        let passed = told || matches!(answered, Some(200 | 405 | 481 | 501));
        let right = if expected.starts_with("reject") {
            answered.is_some_and(|status| allowed(expected).contains(&status))
                || expected.contains("tolerate") && passed
                || expected.contains("ignore the escaped") && passed
        } else if expected.starts_with("drop") || expected.starts_with("accept response") {
            answered.is_none() && peer.events.is_empty()
        } else {
            passed || answered.is_some_and(|status| allowed(expected).contains(&status))
        };
        if !right {
            wrong.push(format!("{name}: {expected}: {answered:?} {:?}", peer.events));
        }
    }
    println!("sip-rfc4475: {} of {} as expected", files.len() - wrong.len(), files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What became of an INVITE of ours.
fn outcome(peer: &Peer) -> String {
    let mut words = Vec::new();
    for text in &peer.sent {
        words.push(text.split(' ').next().unwrap_or_default().to_owned());
    }
    for event in &peer.events {
        words.push(match event {
            Event::Answered { sdp, .. } => format!("answered:{}", sdp.is_some()),
            Event::Failed { failure, .. } => format!("failed:{}", failure.status.unwrap_or(0)),
            Event::Ended { .. } => "ended".to_owned(),
            Event::Provisional { status, .. } => format!("provisional:{status}"),
            other => format!("{other:?}"),
        });
    }
    words.join(" ")
}

#[test]
fn a_callers_responses_end_as_the_manifest_says() {
    let files = files("sip-uac-responses");
    let mut wrong = Vec::new();
    for (name, bytes, expected) in files.iter().filter(|(name, ..)| name.starts_with('r')) {
        let mut peer = Peer::new();
        let (_, sent) = peer.call(invite());
        // The corpus answers an INVITE of its own; its names are put in for ours.
        let branch = value(&sent, "Via").split(';').nth(1).unwrap_or_default();
        let (from, call_id) = (value(&sent, "From"), value(&sent, "Call-ID"));
        let tag = from.rsplit("tag=").next().unwrap_or_default();
        let mut bytes = bytes.clone();
        for (theirs, ours) in [
            ("branch=z9hG4bKcorpus1", branch),
            ("tag=dlr1", &format!("tag={tag}")),
            ("corpus-1@dialer.example", call_id),
            ("CSeq: 314", "CSeq: 1"),
        ] {
            bytes = replace(&bytes, theirs.as_bytes(), ours.as_bytes());
        }
        peer.hear_bytes(&bytes);
        let outcome = outcome(&peer);
        if !is_as_expected(expected, &outcome) {
            wrong.push(format!("{name}: {expected}: {outcome}"));
        }
        peer.wait(SignedDuration::from_secs(300));
    }
    println!("sip-uac-responses: {} wrong of {}", wrong.len(), files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

/// An answer without usable SDP is ended by the owner, so that only the answer is looked for.
fn is_as_expected(expected: &str, outcome: &str) -> bool {
    let answered = outcome.starts_with("ACK") && outcome.contains("answered");
    let ignored = outcome.is_empty();
    let failed = |status: u16| outcome == format!("ACK failed:{status}");
    let finals = allowed(expected);
    if expected == "ignore or first" {
        ignored || outcome.starts_with("PRACK")
    } else if expected.starts_with("ignore or answer")
        || expected.contains("answer or ignore")
        || expected.starts_with("header not")
    {
        answered || ignored
    } else if expected.starts_with("answer") || expected.starts_with("treat body") {
        answered
    } else if expected.starts_with("ignore") || expected.starts_with("no RSeq") {
        ignored
    } else if expected.starts_with("PRACK") {
        outcome.starts_with("PRACK")
    } else if expected == "provisional" {
        outcome.starts_with("provisional")
    } else if expected.starts_with("final") || expected.contains("or final") {
        finals.is_empty() && outcome.starts_with("ACK failed")
            || finals.iter().any(|status| failed(*status))
            || expected.contains("class") && outcome.starts_with("ACK failed")
    } else {
        // "not followed", "no retry loop", "at most one retry".
        outcome.starts_with("ACK failed")
    }
}

#[test]
fn requests_inside_a_dialog_end_as_the_manifest_says() {
    let mut wrong = Vec::new();
    let files = files("sip-uas-indialog");
    for (name, bytes, expected) in &files {
        let mut peer = Peer::new();
        peer.strangers = true;
        let (dialog, sent) = peer.talk("");
        let tag = value(&sent, "From").rsplit("tag=").next().unwrap_or_default();
        let mut bytes = bytes.clone();
        for (theirs, ours) in [
            ("tag=dlr1", format!("tag={tag}")),
            ("tag=car1", "tag=t1".to_owned()),
            ("corpus-1@dialer.example", value(&sent, "Call-ID").to_owned()),
        ] {
            bytes = replace(&bytes, theirs.as_bytes(), ours.as_bytes());
        }
        peer.hear_bytes(&bytes);
        if let Some(Event::Reoffer { sdp, .. }) = peer.events.last().cloned() {
            let local = local();
            match sdp::answer(&sdp.unwrap_or_default(), &local, 2) {
                Err(fault) => peer.endpoint.reject_reoffer(dialog, fault.status(), peer.now),
                Ok((sdp, _)) => peer.endpoint.accept_reoffer(dialog, sdp, peer.now),
            }
            peer.drain();
        }
        let answered = peer.sent.first().and_then(|text| text.get(8..11)?.parse::<u16>().ok());
        // Loops back to our own ports and SRTP policy are for the owner, who knows them; where a
        // response goes is looked at by the harness.
        let for_owner = ["q13", "q14", "q23", "q30"].iter().any(|number| name.starts_with(number));
        let right = match answered {
            None => expected.contains("ignore"),
            Some(status) => allowed(expected).contains(&status) || for_owner,
        };
        let lives = peer.endpoint.dialogs() == 1;
        if !right || expected.contains("call lives") && !lives {
            wrong.push(format!("{name}: {expected}: {answered:?} {:?}", peer.events));
        }
    }
    println!("sip-uas-indialog: {} of {} as expected", files.len() - wrong.len(), files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn local() -> LocalMedia {
    LocalMedia {
        address: "192.0.2.1:40000".parse().unwrap(),
        codecs: Codec::LAWS.to_vec(),
        srtp: None,
    }
}

#[test]
fn sdp_answers_are_used_or_refused_as_the_manifest_says() {
    let mut wrong = Vec::new();
    let files = files("sdp-answers");
    for (name, bytes, expected) in &files {
        let read = sdp::read_answer(&String::from_utf8_lossy(bytes), &local());
        // A refused stream is an answer that cannot be used.
        let either = expected.contains(" or reject")
            || expected.contains("reject or")
            || expected.contains("or accept");
        let right = match &read {
            Ok(_) => expected.starts_with("accept") && !expected.contains("BYE") || either,
            Err(_) => expected.starts_with("reject") || expected.contains("BYE") || either,
        };
        if !right {
            wrong.push(format!("{name}: {expected}: {read:?}"));
        }
    }
    println!("sdp-answers: {} of {} as expected", files.len() - wrong.len(), files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_of_the_corpus_panics_in_any_state() {
    let Some(root) = corpus() else { return };
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    for folder in fs::read_dir(root.join("dev")).unwrap().map(Result::unwrap) {
        let kind = folder.file_name().to_string_lossy().into_owned();
        if !kind.starts_with("sip-") && !kind.starts_with("sdp-") {
            continue;
        }
        for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
            let bytes = fs::read(file.path()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            let _ = sdp::answer(&text, &local(), 1);
            let mut peer = Peer::new();
            peer.strangers = true;
            peer.hear_bytes(&bytes);
            let (_, invite) = peer.talk("");
            peer.hear_bytes(&bytes);
            peer.hear(&within(&invite, "INVITE", 1, "", &text));
            let failed = peer.events.iter().any(|event| {
                matches!(event, Event::Failed { failure, .. }
                    if failure.kind == FailureKind::Overloaded)
            });
            assert!(!failed);
            peer.wait(SignedDuration::from_secs(300));
            *read.entry(kind.clone()).or_default() += 1;
        }
    }
    println!("{read:?}");
}
