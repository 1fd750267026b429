//! Several dialers on one database: who holds what, and what a process may write that woke up late.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::fixture::*;
use crate::domain::{CallId, LeadOrder, Outcome};
use crate::store::{InterruptedAfter, Recovery, Store, StoreError, keep_in};

/// Another dialer on the fixture's database, for these campaigns.
async fn another(
    fixture: &Fixture,
    campaigns: &[&str],
    now: Timestamp,
) -> Option<Result<(TempDir, Store, Recovery), StoreError>> {
    let Some(url) = postgres_of(fixture.folder.path()) else {
        println!("skipped: a data folder has one dialer (OUTDIAL_TEST_POSTGRES names a database)");
        return None;
    };
    let folder = TempDir::new().unwrap();
    keep_in(folder.path(), &url).unwrap();
    let day = SignedDuration::from_hours(24);
    let by_campaign: BTreeMap<String, SignedDuration> =
        campaigns.iter().map(|name| ((*name).to_owned(), day)).collect();
    let after = InterruptedAfter { by_campaign, ..InterruptedAfter::default() };
    let opened = Store::open_with(folder.path(), &after, now).await;
    Some(opened.map(|(store, recovery)| (folder, store, recovery)))
}

#[tokio::test]
async fn a_campaign_is_one_dialers_while_it_is_alive() {
    let fixture = Fixture::new(1).await;
    let Some(first) = another(&fixture, &["autumn"], at(1)).await else { return };
    let (_folder, first, recovery) = first.unwrap();
    let held = another(&fixture, &["autumn", "winter"], at(1)).await.unwrap();
    assert!(matches!(held, Err(StoreError::Held { campaign }) if campaign == "autumn"));
    let (_beside, _store, beside) = another(&fixture, &["winter"], at(1)).await.unwrap().unwrap();
    assert!(beside.first_call.0 - recovery.first_call.0 >= 10_000_000, "numbers of their own");
    assert_ne!(beside.first_inbound, recovery.first_inbound);
    first.close().await;
    assert!(another(&fixture, &["autumn"], at(2)).await.unwrap().is_ok(), "it left by itself");
}

#[tokio::test]
async fn a_dialer_that_takes_over_closes_what_was_open_and_the_other_can_write_nothing() {
    let fixture = Fixture::new(3).await;
    let leads = fixture.due(2, at(1)).await;
    fixture.begin(1, &leads[0], at(1)).await.unwrap();
    fixture.let_the_lease_run_out().await;
    let Some(other) = another(&fixture, &["spring"], at(10)).await else { return };
    let (_folder, other, recovery) = other.unwrap();
    assert_eq!((recovery.interrupted, recovery.abandoned, recovery.released), (1, 1, 1));

    // It wakes up.
    let late = fixture.begin(2, &leads[1], at(11)).await;
    assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    assert!(matches!(fixture.store.beat().await, Err(StoreError::Fenced)));
    let ended = fixture.ended(1, leads[0].id, Outcome::NoAnswer, Some(at(12)));
    assert!(matches!(fixture.store.record(ended, at(12)).await, Err(StoreError::Fenced)));

    let due = other.due_leads(fixture.campaign, LeadOrder::NewFirst, 9, at(12)).await.unwrap().0;
    assert_eq!(due.len(), 2, "the interrupted one waits its day");
    let calls = other.books().calls(Default::default(), None, 9).await.unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].record.call, calls[0].record.outcome), (CallId(1), Outcome::Interrupted));
}

#[tokio::test]
async fn two_dialers_never_claim_the_same_lead() {
    let fixture = Fixture::new(400).await;
    let Some(other) = another(&fixture, &["autumn"], at(1)).await else { return };
    let (_folder, other, _) = other.unwrap();
    let mut claimed = Vec::new();
    for _ in 0..20 {
        let (ours, theirs) = tokio::join!(
            fixture.due(10, at(1)),
            other.due_leads(fixture.campaign, LeadOrder::NewFirst, 10, at(1)),
        );
        claimed.extend(ours.into_iter().chain(theirs.unwrap().0).map(|lead| lead.id));
    }
    assert_eq!(claimed.len(), 400);
    claimed.sort_unstable();
    claimed.dedup();
    assert_eq!(claimed.len(), 400, "each by one of them");
}
