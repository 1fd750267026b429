//! A call as its spans, and what a collector is sent.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;
use crate::dialer::LedgerEntry;
use crate::domain::{AgentId, CallId, LeadId, Outcome, Verdict, VerdictKind};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
}

/// Rings after 1 s, is answered after 6, heard to be a person 0.4 s later, talks from 7 s to 60.
fn talked() -> CallRecord {
    CallRecord {
        call: CallId(7),
        lead: LeadId(3),
        campaign: CampaignId(1),
        began_at: at(0),
        ringing_at: Some(at(1_000)),
        answered_at: Some(at(6_000)),
        verdict: Some(Verdict {
            kind: VerdictKind::Human,
            probability: 0.97,
            at_ms: 400,
            greeting_end_ms: None,
        }),
        screening: Default::default(),
        bridged_at: Some(at(7_000)),
        ended_at: at(60_000),
        agent: Some(AgentId(5)),
        outcome: Outcome::Talked,
        ledger: LedgerEntry::Live,
        counts: true,
        by_callee: true,
        sip_status: Some(200),
        q850: Some(16),
        sip_call_id: Some("abc@outdial".to_owned()),
        trunk: Some("main".to_owned()),
        digits: "8675309".to_owned(),
        recording: None,
        lead_due_at: None,
    }
}

fn said(record: &CallRecord) -> Vec<(&'static str, i64)> {
    let phases = phases(record);
    let gapless = phases.windows(2).all(|pair| pair[0].to == pair[1].from);
    assert!(gapless && phases[0].from == record.began_at);
    assert_eq!(phases.last().unwrap().to, record.ended_at);
    phases.iter().map(|it| (it.name, (it.to.duration_since(it.from)).as_millis() as i64)).collect()
}

#[test]
fn a_call_is_told_from_the_decision_to_its_end_without_gaps() {
    assert_eq!(
        said(&talked()),
        [
            ("post-dial delay", 1_000),
            ("ringing", 5_000),
            ("screening", 400),
            ("waiting", 600),
            ("talking", 53_000)
        ]
    );
    let busy = CallRecord {
        ringing_at: None,
        answered_at: None,
        verdict: None,
        bridged_at: None,
        ended_at: at(900),
        ..talked()
    };
    assert_eq!(said(&busy), [("post-dial delay", 900)]);
}

#[test]
fn an_agent_who_is_there_before_the_verdict_is_not_waited_for() {
    let early = CallRecord { bridged_at: Some(at(6_100)), ..talked() };
    assert_eq!(
        said(&early),
        [("post-dial delay", 1_000), ("ringing", 5_000), ("screening", 100), ("talking", 53_900)]
    );
}

#[test]
fn a_collector_is_named_with_its_path_or_without() {
    assert_eq!(endpoint("http://127.0.0.1:4318"), "http://127.0.0.1:4318/v1/traces");
    assert_eq!(endpoint("http://127.0.0.1:4318/"), "http://127.0.0.1:4318/v1/traces");
    assert_eq!(endpoint("https://otel.example.com/in"), "https://otel.example.com/in");
}

/// What a collector is posted: the path, and the body.
fn collected(listener: &TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut got = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "the request is cut off");
        got.extend_from_slice(&chunk[..count]);
        let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&got[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").trim().parse().unwrap();
        if got.len() >= end + 4 + length {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).unwrap();
            return (head.lines().next().unwrap().to_owned(), got.split_off(end + 4));
        }
    }
}

#[test]
fn a_collector_hears_of_a_call_and_not_of_its_number() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let traces = Traces::start(&url, &[]).unwrap();
    let collector = std::thread::spawn(move || collected(&listener));
    traces.said(&[Said::Record(Record::Ended(Box::new(talked())))]);
    traces.stop();
    let (head, body) = collector.join().unwrap();
    assert_eq!(head, "post /v1/traces http/1.1");
    let has = |text: &str| body.windows(text.len()).any(|it| it == text.as_bytes());
    for text in
        ["call 1", "post-dial delay", "screening", "talking", "abc@outdial", "outdial.trunk"]
    {
        assert!(has(text), "{text}");
    }
    assert!(!has("8675309"), "keys that a person pressed are nobody's");
}
