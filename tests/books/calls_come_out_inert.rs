use std::collections::BTreeMap;

use outdial::clock;
use outdial::dialer::{CallRecord, LedgerEntry, Record};
use outdial::domain::{CallId, Disposition, LeadOrder, Outcome, PhoneNumber};
use outdial::store::import::NewLead;
use outdial::store::{AttemptBegun, Store};
use tempfile::TempDir;

use crate::program::run;

#[test]
fn calls_come_out_inert() {
    let folder = TempDir::new().unwrap();
    one_call(&folder);
    let ask = |arguments: &[&str]| {
        let (status, said) = run(folder.path(), &[&["calls"], arguments].concat());
        assert_eq!(status, 0, "{said}");
        said
    };
    let csv = ask(&["--campaign", "spring", "--csv"]);
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = rows.deserialize().collect::<Result<_, _>>().unwrap();
    let [row] = &rows[..] else { panic!("{csv}") };
    assert_eq!(row["number"], "+12015550100");
    assert_eq!(row["first_name"], "'=1+1");
    assert_eq!(row["note"], "'@SUM(A1)");
    assert_eq!((row["outcome"].as_str(), row["disposition"].as_str()), ("talked", "sale"));

    let json = ask(&["--json"]);
    let call: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(call["first_name"], "=1+1", "only spreadsheets take it for a formula");
    assert!(ask(&["--json", "--since", "2999-01-01"]).is_empty());
    let (status, _) = run(folder.path(), &["calls", "--campaign", "none"]);
    assert_eq!(status, 1);
}

#[tokio::main(flavor = "current_thread")]
async fn one_call(folder: &TempDir) {
    let now = clock::now();
    let (store, _) = Store::open(&folder.path().join("outdial-data"), now).await.unwrap();
    let campaign = store.campaign_id("spring").await.unwrap();
    let lead = NewLead {
        number: PhoneNumber::from_e164("+12015550100").unwrap(),
        first_name: Some("=1+1".to_owned()),
        last_name: None,
        state: None,
        zip: None,
        attributes: BTreeMap::new(),
    };
    store.add_leads(campaign, "test", vec![lead], now).await.unwrap();
    let (leads, _) = store.due_leads(campaign, LeadOrder::NewFirst, 1, now).await.unwrap();
    let (call, lead) = (CallId(1), leads[0].id);
    let attempt = AttemptBegun {
        call,
        lead,
        campaign,
        number: leads[0].number,
        caller_id: None,
        sip_call_id: None,
        trunk: None,
        at: now,
        commitment: None,
    };
    store.begin_attempt(attempt).await.unwrap();
    let ended = CallRecord {
        call,
        lead,
        campaign,
        began_at: now,
        ringing_at: None,
        answered_at: Some(now),
        verdict: None,
        screening: Default::default(),
        bridged_at: Some(now),
        ended_at: now,
        agent: None,
        outcome: Outcome::Talked,
        ledger: LedgerEntry::Live,
        counts: true,
        by_callee: true,
        sip_status: Some(200),
        q850: Some(16),
        sip_call_id: None,
        trunk: None,
        digits: String::new(),
        recording: None,
        lead_due_at: None,
    };
    store.record(Record::Ended(Box::new(ended)), now).await.unwrap();
    let said = Record::Disposition {
        call,
        disposition: Disposition("sale".to_owned()),
        note: Some("@SUM(A1)".to_owned()),
        due_at: None,
        do_not_call: false,
        wrong_person: false,
    };
    store.record(said, now).await.unwrap();
    store.close().await;
}
