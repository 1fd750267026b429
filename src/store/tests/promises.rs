//! Attempts, leads and the ledger, over calls and over kills.

use jiff::SignedDuration;

use super::fixture::{Fixture, at, number, postgres_of};
use crate::dialer::Record;
use crate::domain::{AgentId, AgentState, CallId, LeadOrder, Outcome, PauseReason};
use crate::store::{AttemptRefused, Books, Broken, LedgerCounts, Store, StoreError};

fn refused(answer: Result<(), StoreError>) -> Option<AttemptRefused> {
    match answer {
        Err(StoreError::Refused { why, .. }) => Some(why),
        _ => None,
    }
}

#[tokio::test]
async fn a_lead_is_given_to_one_hopper_only_and_comes_back_when_its_call_ends() {
    let fixture = Fixture::new(3).await;
    let first = fixture.due(2, at(1)).await;
    assert_eq!(first.len(), 2);
    let second = fixture.due(2, at(1)).await;
    assert_eq!(second.len(), 1);
    assert!(first.iter().all(|lead| lead.id != second[0].id));

    fixture.begin(1, &first[0], at(1)).await.unwrap();
    fixture.end(1, first[0].id, Outcome::Busy, Some(at(100))).await;
    assert!(fixture.due(9, at(99)).await.is_empty());
    let again = fixture.due(9, at(100)).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].id, first[0].id);
    assert_eq!(again[0].history.len(), 1);
    assert_eq!(again[0].history[0].outcome, Some(Outcome::Busy));
    assert_eq!(again[0].attributes["plan"], "gold");
}

#[tokio::test]
async fn the_next_due_time_is_that_of_the_leads_that_were_not_given() {
    let fixture = Fixture::new(2).await;
    let order = LeadOrder::NewFirst;
    let (leads, next) = fixture.store.due_leads(fixture.campaign, order, 1, at(1)).await.unwrap();
    assert_eq!(next, Some(at(0)), "another one is due already");
    let released = Record::Released { lead: leads[0].id, due_at: Some(at(500)), rule: None };
    fixture.record(released, at(1)).await;
    let (_, next) = fixture.store.due_leads(fixture.campaign, order, 5, at(1)).await.unwrap();
    assert_eq!(next, Some(at(500)));
    let (_, next) = fixture.store.due_leads(fixture.campaign, order, 5, at(500)).await.unwrap();
    assert_eq!(next, None);
}

#[tokio::test]
async fn new_leads_go_first_or_by_the_time_they_are_due_as_the_campaign_says() {
    for (order, expected) in [(LeadOrder::NewFirst, [2, 1]), (LeadOrder::OldestDue, [1, 2])] {
        let fixture = Fixture::new(2).await;
        let leads = fixture.due(1, at(1)).await;
        fixture.begin(1, &leads[0], at(1)).await.unwrap();
        fixture.end(1, leads[0].id, Outcome::Busy, Some(at(-50))).await;
        let (leads, _) = fixture.store.due_leads(fixture.campaign, order, 2, at(2)).await.unwrap();
        let ids: Vec<i64> = leads.iter().map(|lead| lead.id.0).collect();
        assert_eq!(ids, expected, "{order:?}");
    }
}

#[tokio::test]
async fn an_attempt_needs_a_claimed_lead_and_one_at_a_time() {
    let fixture = Fixture::new(1).await;
    let [lead] = &fixture.due(1, at(1)).await[..] else { panic!() };
    fixture.begin(1, lead, at(1)).await.unwrap();
    fixture.begin(1, lead, at(1)).await.expect("said again because the answer was lost");
    let second = fixture.begin(2, lead, at(1)).await;
    assert_eq!(refused(second), Some(AttemptRefused::NotClaimed(lead.id)));
    fixture.end(1, lead.id, Outcome::Busy, Some(at(1))).await;
    let unclaimed = fixture.begin(3, lead, at(1)).await;
    assert_eq!(refused(unclaimed), Some(AttemptRefused::NotClaimed(lead.id)));
    let taken = fixture.begin(1, lead, at(1)).await;
    assert_eq!(refused(taken), Some(AttemptRefused::CallTaken));
}

#[tokio::test]
async fn no_attempt_begins_after_the_do_not_call_list_was_told() {
    let fixture = Fixture::new(1).await;
    let [lead] = &fixture.due(1, at(1)).await[..] else { panic!() };
    fixture
        .record(Record::DoNotCall { number: lead.number, call: CallId(7), at: at(1) }, at(1))
        .await;
    assert_eq!(refused(fixture.begin(1, lead, at(1)).await), Some(AttemptRefused::DoNotCall));
    fixture.end(1, lead.id, Outcome::Cancelled, None).await;
    assert!(fixture.books().calls(Default::default(), None, 9).await.unwrap().is_empty());
    assert_eq!(fixture.books().invariants().await.unwrap(), []);
}

#[tokio::test]
async fn an_answered_call_is_abandoned_until_an_agent_is_there() {
    let fixture = Fixture::new(1).await;
    let [lead] = &fixture.due(1, at(1)).await[..] else { panic!() };
    fixture.begin(1, lead, at(1)).await.unwrap();
    let ledger = async || fixture.books().ledger(fixture.campaign, at(0), at(100)).await.unwrap();
    assert_eq!(ledger().await, LedgerCounts { abandoned: 0, live: 0 });
    fixture.record(Record::Answered { call: CallId(1), at: at(5) }, at(5)).await;
    assert_eq!(ledger().await, LedgerCounts { abandoned: 1, live: 0 });
    let bridged = Record::Bridged { call: CallId(1), agent: AgentId(1), at: at(6) };
    fixture.record(bridged, at(6)).await;
    assert_eq!(ledger().await, LedgerCounts { abandoned: 0, live: 1 });
}

#[tokio::test]
async fn a_kill_closes_open_attempts_and_their_leads_wait_a_day() {
    let fixture = Fixture::new(5).await;
    let leads = fixture.due(5, at(1)).await;
    for (call, lead) in (1..).zip(&leads[..3]) {
        fixture.begin(call, lead, at(1)).await.unwrap();
    }
    for call in [CallId(1), CallId(2)] {
        fixture.record(Record::Answered { call, at: at(2) }, at(2)).await;
    }
    let bridged = Record::Bridged { call: CallId(2), agent: AgentId(1), at: at(3) };
    fixture.record(bridged, at(3)).await;

    let reopened = fixture.after_a_kill(at(10)).await;
    assert_eq!(reopened.recovery.interrupted, 3);
    assert_eq!(reopened.recovery.abandoned, 2, "the answered one and the one nobody knows of");
    assert_eq!(reopened.recovery.released, 2);
    // In a database each run has numbers of its own.
    let numbers = if postgres_of(fixture.folder.path()).is_some() { 10_000_000 } else { 0 };
    assert_eq!(reopened.recovery.first_call, CallId(numbers + 4));
    assert_eq!(reopened.books().invariants().await.unwrap(), []);
    let calls = reopened.books().calls(Default::default(), None, 9).await.unwrap();
    assert!(calls.iter().all(|call| call.record.outcome == Outcome::Interrupted));

    let day = SignedDuration::from_hours(24);
    assert_eq!(reopened.due(9, at(9) + day).await.len(), 2, "only those never called");
    assert_eq!(reopened.due(9, at(10) + day).await.len(), 3);
}

#[tokio::test]
async fn what_was_answered_for_is_there_after_a_kill() {
    let fixture = Fixture::new(40).await;
    let leads = fixture.due(40, at(1)).await;
    let mut begun = tokio::task::JoinSet::new();
    for (call, lead) in (1..).zip(leads) {
        let store = fixture.store.clone();
        let attempt = crate::store::AttemptBegun {
            call: CallId(call),
            lead: lead.id,
            campaign: fixture.campaign,
            number: lead.number,
            caller_id: None,
            sip_call_id: None,
            trunk: None,
            at: at(1),
            commitment: None,
        };
        begun.spawn(async move { store.begin_attempt(attempt).await });
    }
    for answer in begun.join_all().await {
        answer.unwrap();
    }
    let reopened = fixture.after_a_kill(at(2)).await;
    assert_eq!(reopened.recovery.interrupted, 40);
}

#[tokio::test]
async fn one_bad_request_fails_alone_in_its_group() {
    let fixture = Fixture::new(2).await;
    let leads = fixture.due(2, at(1)).await;
    let nobody = crate::domain::CampaignId(99);
    let (good, bad, last) = tokio::join!(
        fixture.begin(1, &leads[0], at(1)),
        fixture.store.add_leads(nobody, "test", vec![super::fixture::lead(7)], at(1)),
        fixture.begin(2, &leads[1], at(1)),
    );
    good.unwrap();
    assert!(matches!(bad, Err(StoreError::Database(_))), "there is no campaign 99: {bad:?}");
    last.unwrap();
    assert_eq!(fixture.after_a_kill(at(2)).await.recovery.interrupted, 2);
}

#[tokio::test]
async fn leads_are_not_claimed_a_second_time_by_a_group_that_failed() {
    let fixture = Fixture::new(2).await;
    let nobody = crate::domain::CampaignId(99);
    let (claimed, bad) = tokio::join!(
        fixture.store.due_leads(fixture.campaign, LeadOrder::OldestDue, 1, at(1)),
        fixture.store.add_leads(nobody, "test", vec![super::fixture::lead(7)], at(1)),
    );
    assert!(matches!(claimed, Err(StoreError::Database(_))), "{claimed:?}");
    bad.unwrap_err();
    assert_eq!(fixture.due(2, at(1)).await.len(), 2, "both still wait");
}

#[tokio::test]
async fn the_agents_word_goes_above_the_recycling_rules() {
    let fixture = Fixture::new(1).await;
    let [lead] = &fixture.due(1, at(1)).await[..] else { panic!() };
    fixture.begin(1, lead, at(1)).await.unwrap();
    fixture.end(1, lead.id, Outcome::Talked, None).await;
    assert!(fixture.due(1, at(9_999)).await.is_empty(), "closed");
    let callback = Record::Disposition {
        call: CallId(1),
        disposition: crate::domain::Disposition("callback".to_owned()),
        note: Some("after six".to_owned()),
        due_at: Some(at(700)),
        do_not_call: false,
        wrong_person: false,
    };
    fixture.record(callback, at(30)).await;
    assert_eq!(fixture.due(1, at(700)).await.len(), 1);
    let calls = fixture.books().calls(Default::default(), None, 9).await.unwrap();
    assert_eq!(calls[0].note.as_deref(), Some("after six"));
    assert_eq!(calls[0].record.lead_due_at, Some(at(700)));
}

#[tokio::test]
async fn a_rule_that_names_no_time_closes_the_lead_and_taking_the_number_off_the_list_opens_it() {
    let fixture = Fixture::new(1).await;
    let [lead] = &fixture.due(1, at(1)).await[..] else { panic!() };
    let rule = Some("dnc.internal".to_owned());
    fixture.record(Record::Released { lead: lead.id, due_at: None, rule }, at(1)).await;
    assert!(fixture.due(1, at(9_999)).await.is_empty());
    fixture.store.dnc_remove(number(0)).await.unwrap();
    assert_eq!(fixture.due(1, at(9_999)).await.len(), 1);
}

#[tokio::test]
async fn two_dialers_never_have_one_folder_and_a_closed_one_is_free() {
    let fixture = Fixture::new(1).await;
    let second = Store::open(fixture.folder.path(), at(1)).await;
    let Err(StoreError::InUse { pid, .. }) = second else { panic!("it must not open") };
    assert_eq!(pid, Some(std::process::id()));
    let waiting = fixture.store.clone();
    fixture.store.close().await;
    assert!(matches!(waiting.campaign_id("x").await, Err(StoreError::Closed)));
    Store::open(fixture.folder.path(), at(1)).await.unwrap();
}

#[tokio::test]
async fn books_of_a_newer_version_are_refused_and_left_as_they_are() {
    let fixture = Fixture::new(1).await;
    fixture.store.close().await;
    fixture
        .run(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'tomorrow', true, '0', 0)",
        )
        .await;
    let newer = |error| matches!(error, StoreError::NewerSchema { found: 9999, .. });
    assert!(Store::open(fixture.folder.path(), at(1)).await.err().is_some_and(newer));
    assert!(Books::open(fixture.folder.path()).await.err().is_some_and(newer));
    let nowhere = tempfile::TempDir::new().unwrap();
    let none = Books::open(nowhere.path()).await.err();
    assert!(matches!(none, Some(StoreError::NoBooks(_))));
}

#[tokio::test]
async fn records_said_twice_count_once() {
    let fixture = Fixture::new(2).await;
    let leads = fixture.due(1, at(1)).await;
    fixture.begin(1, &leads[0], at(1)).await.unwrap();
    fixture.end(1, leads[0].id, Outcome::Busy, Some(at(2))).await;
    let again = fixture.due(1, at(2)).await;
    assert_eq!(again[0].id.0, 2, "new leads go first");
    let again = fixture.due(1, at(2)).await;
    fixture.begin(2, &again[0], at(2)).await.unwrap();
    fixture.end(1, leads[0].id, Outcome::Busy, Some(at(2))).await;
    fixture.record(Record::Answered { call: CallId(1), at: at(3) }, at(3)).await;
    assert!(fixture.due(9, at(3)).await.is_empty(), "the lead stays with its second call");
    let calls = fixture.books().calls(Default::default(), None, 9).await.unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].record.answered_at, None);
}

#[tokio::test]
async fn broken_books_are_told() {
    let fixture = Fixture::new(3).await;
    let leads = fixture.due(3, at(1)).await;
    fixture.begin(1, &leads[0], at(1)).await.unwrap();
    fixture.end(1, leads[0].id, Outcome::Busy, Some(at(100))).await;
    for wrong in [
        "INSERT INTO attempts (call, run, lead, campaign, number, began_us)
            SELECT 2, run, lead, campaign, number, began_us + 30000000 FROM attempts",
        "UPDATE leads SET attempts = 5 WHERE id = 2",
        "UPDATE imports SET landed = 4",
        "UPDATE attempts SET ledger = 'live' WHERE call = 1",
    ] {
        fixture.run(wrong).await;
    }
    let broken = fixture.books().invariants().await.unwrap();
    let (first, call) = (leads[0].id, CallId(2));
    assert!(broken.contains(&Broken::DialedTwice { call, lead: first }), "{broken:?}");
    assert!(broken.contains(&Broken::AttemptsMiscounted { lead: first, counted: 1, found: 2 }));
    assert!(broken.contains(&Broken::LeadStuck(leads[2].id)));
    assert!(broken.contains(&Broken::LedgerUnfit(CallId(1))));
    assert!(broken.contains(&Broken::NoRecord(call)));
    assert!(broken.iter().any(|broken| matches!(broken, Broken::LeadsLost { landed: 4, .. })));
}

#[tokio::test]
async fn what_agents_did_is_kept_in_order_and_once() {
    let fixture = Fixture::new(0).await;
    let call = CallId(7);
    let states = [
        (1, AgentState::Ready),
        (5, AgentState::Reserved { call }),
        (5, AgentState::Talking { call }),
        (60, AgentState::WrapUp { call }),
        (70, AgentState::Paused { reason: PauseReason("lunch".to_owned()) }),
        (80, AgentState::LoggedOut),
    ];
    for _ in 0..2 {
        for (second, state) in states.clone() {
            let said = Record::Agent { agent: AgentId(3), state, at: at(second) };
            fixture.record(said, at(90)).await;
        }
    }
    let changes = fixture.books().agent_changes(at(5), at(80)).await.unwrap();
    let read: Vec<_> = changes.iter().map(|change| (change.at, &change.state)).collect();
    let written: Vec<_> = states[1..5].iter().map(|(second, state)| (at(*second), state)).collect();
    assert_eq!(read, written);
}
