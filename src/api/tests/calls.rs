//! Call records out.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{Api, at, number};
use crate::dialer::{CallRecord, LedgerEntry, Record};
use crate::domain::{CallId, Disposition, LeadOrder, Outcome, Verdict, VerdictKind};
use crate::store::AttemptBegun;
use crate::store::import::NewLead;

/// Books with so many calls that are over, and a note that a spreadsheet would compute.
pub async fn with_calls(count: u64) -> Api {
    let api = Api::start().await;
    let lead = |index| NewLead {
        number: number(index),
        first_name: Some("Bo".to_owned()),
        last_name: None,
        state: None,
        zip: None,
        attributes: BTreeMap::new(),
    };
    api.store.add_leads(api.campaign, "test", (0..count).map(lead).collect(), at(0)).await.unwrap();
    let order = LeadOrder::NewFirst;
    let (leads, _) = api.store.due_leads(api.campaign, order, count as u32, at(0)).await.unwrap();
    for (index, lead) in leads.iter().enumerate() {
        let call = CallId(index as i64 + 1);
        let begun = AttemptBegun {
            call,
            lead: lead.id,
            campaign: api.campaign,
            number: lead.number,
            caller_id: Some(number(9_999)),
            sip_call_id: None,
            trunk: Some("main".to_owned()),
            at: at(index as i64),
            commitment: None,
        };
        api.store.begin_attempt(begun).await.unwrap();
        let ended = Record::Ended(Box::new(CallRecord {
            call,
            lead: lead.id,
            campaign: api.campaign,
            began_at: at(index as i64),
            ringing_at: Some(at(2)),
            answered_at: Some(at(3)),
            screening: Default::default(),
            verdict: Some(Verdict {
                kind: VerdictKind::Human,
                probability: 0.9,
                at_ms: 800,
                greeting_end_ms: None,
            }),
            bridged_at: None,
            ended_at: at(60),
            agent: None,
            outcome: Outcome::HungUp,
            ledger: LedgerEntry::Live,
            counts: true,
            by_callee: true,
            sip_status: Some(200),
            q850: Some(16),
            sip_call_id: Some("a@b".to_owned()),
            trunk: None,
            digits: String::new(),
            recording: None,
            lead_due_at: Some(at(0) + SignedDuration::from_hours(1)),
        }));
        api.store.record(ended, at(60)).await.unwrap();
        let disposition = Record::Disposition {
            call,
            disposition: Disposition("sale".to_owned()),
            note: Some("=HYPERLINK(\"http://attacker.example\")".to_owned()),
            due_at: None,
            do_not_call: false,
            wrong_person: false,
        };
        api.store.record(disposition, at(61)).await.unwrap();
    }
    api
}

async fn in_form(api: &Api, path: &str, accept: &str) -> super::Answer {
    let authorization = format!("Bearer {}", api.token);
    api.send("GET", path, &[("authorization", &authorization), ("accept", accept)], "").await
}

#[tokio::test]
async fn calls_come_in_pages() {
    let api = with_calls(3).await;
    let first = api.ask("GET", "/v1/calls?campaign=spring&limit=2", "").await.json();
    let calls = first["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0]["outcome"], "hung_up");
    assert_eq!(calls[0]["ledger"], "live");
    assert_eq!(calls[0]["verdict"], "human");
    assert_eq!(calls[0]["number"], number(0).to_e164());
    assert_eq!(first["next"], 2);
    let second = api.ask("GET", "/v1/calls?campaign=spring&limit=2&after=2", "").await.json();
    assert_eq!(second["calls"].as_array().unwrap().len(), 1);
    assert!(second["next"].is_null());
}

#[tokio::test]
async fn a_filter_filters() {
    let api = with_calls(3).await;
    for (filter, count) in [
        (format!("since={}", at(1)), 2),
        (format!("until={}", at(1)), 1),
        ("number=%2B12015550001".to_owned(), 1),
        ("number=%2B12015550009".to_owned(), 0),
    ] {
        let page = api.ask("GET", &format!("/v1/calls?{filter}"), "").await.json();
        assert_eq!(page["calls"].as_array().unwrap().len(), count, "{filter}");
    }
}

#[tokio::test]
async fn a_stream_of_lines_has_every_call() {
    // More than one batch.
    let api = with_calls(1_005).await;
    let answer = in_form(&api, "/v1/calls", "application/x-ndjson").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let calls: Vec<super::super::CallBody> =
        answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<i64> = calls.iter().map(|call| call.call).collect();
    assert_eq!(numbers, (1..=1_005).collect::<Vec<i64>>());
}

#[tokio::test]
async fn csv_has_a_header_and_no_formulas() {
    let api = with_calls(1).await;
    let answer = in_form(&api, "/v1/calls", "text/csv").await;
    assert!(answer.header("content-type").starts_with("text/csv"));
    let mut reader = csv::Reader::from_reader(answer.body.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[header.iter().position(|column| column == name).unwrap()];
    assert_eq!(cell("number"), number(0).to_e164());
    assert_eq!(cell("note"), "'=HYPERLINK(\"http://attacker.example\")");
    assert_eq!(cell("lead_due_at"), "");
    // The header names the fields of the JSON form, in their order.
    let call = api.ask("GET", "/v1/calls", "").await.body;
    let places: Vec<usize> =
        header.iter().map(|name| call.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn without_calls_csv_is_its_header() {
    let api = Api::start().await;
    let answer = in_form(&api, "/v1/calls", "text/csv").await;
    assert!(answer.body.starts_with("call,campaign,"));
    assert_eq!(answer.body.lines().count(), 1);
}

#[tokio::test]
async fn a_form_that_there_is_not_is_406() {
    let api = Api::start().await;
    in_form(&api, "/v1/calls", "image/png").await.problem(406);
    assert_eq!(in_form(&api, "/v1/calls", "image/png, */*;q=0.1").await.status, 200);
}
