//! Books that go from one database to another.

use std::path::Path;

use tempfile::TempDir;

use super::fixture::*;
use crate::domain::{CallId, Outcome};
use crate::store::{Books, Installation, Store, StoreError, backup, move_books, restore};

/// Everything that a judge would read.
async fn audited(folder: &Path) -> String {
    let books = Books::open(folder).await.unwrap();
    let (attempts, records) =
        (books.audit_attempts(0, 99).await.unwrap(), books.audit_records(0, 99).await.unwrap());
    let leads = books.audit_leads(0, 99).await.unwrap();
    assert_eq!(books.invariants().await.unwrap(), []);
    format!("{attempts:?} {records:?} {leads:?}")
}

async fn called_one_of_three() -> Fixture {
    let fixture = Fixture::new(3).await;
    let leads = fixture.due(1, at(1)).await;
    fixture.begin(1, &leads[0], at(1)).await.unwrap();
    fixture.end(1, leads[0].id, Outcome::Busy, Some(at(500))).await;
    fixture
}

#[tokio::test]
async fn books_that_are_moved_are_the_same_and_dial_on() {
    let fixture = called_one_of_three().await;
    fixture.store.close().await;
    let before = audited(fixture.folder.path()).await;
    let from = fixture.folder.path().to_str().unwrap().to_owned();
    let other = TempDir::new().unwrap();
    let to = new_database().await.unwrap_or_else(|| other.path().to_str().unwrap().to_owned());
    move_books(Installation::of(&from), Installation::of(&to), |_, _| ()).await.unwrap();
    let again = move_books(Installation::of(&from), Installation::of(&to), |_, _| ()).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })), "it has arrived: {again:?}");
    if to.starts_with("postgres") {
        crate::store::keep_in(other.path(), &to).unwrap();
    }
    assert_eq!(audited(other.path()).await, before);
    let (store, recovery) = Store::open(other.path(), at(600)).await.unwrap();
    assert!(recovery.first_call > CallId(1));
    let order = crate::domain::LeadOrder::NewFirst;
    let due = store.due_leads(fixture.campaign, order, 9, at(600)).await.unwrap().0;
    assert_eq!(due.len(), 3);
    // The database goes on counting after the rows that came.
    let added = vec![lead(7)];
    store.add_leads(fixture.campaign, "test", added, at(601)).await.unwrap();
}

#[tokio::test]
async fn a_copy_is_of_either_and_is_put_back_with_every_campaign_stopped() {
    let fixture = called_one_of_three().await;
    let before = audited(fixture.folder.path()).await;
    let copy = TempDir::new().unwrap();
    let file = copy.path().join("copy.sqlite3");
    backup(fixture.folder.path(), &file).await.unwrap();
    let restored = copy.path().join("restored");
    assert_eq!(restore(&file, &restored).await.unwrap().leads, 3);
    assert_eq!(audited(&restored).await, before);
}

/// However often it is cut off, between any two of its waits, it goes on until all is there, once.
#[tokio::test]
async fn a_move_that_is_cut_off_goes_on_and_nobody_dials_before_its_end() {
    let fixture = called_one_of_three().await;
    let many = (10..5_010).map(lead).collect();
    fixture.store.add_leads(fixture.campaign, "more", many, at(2)).await.unwrap();
    fixture.store.close().await;
    let before = audited(fixture.folder.path()).await;
    let from = fixture.folder.path().to_str().unwrap().to_owned();
    let other = TempDir::new().unwrap();
    let to = new_database().await.unwrap_or_else(|| other.path().to_str().unwrap().to_owned());
    let (mut cuts, mut refused) = (0, 0);
    loop {
        let moving = move_books(Installation::of(&from), Installation::of(&to), |_, _| ());
        let waits = 4 << cuts.min(12);
        match cut_after(waits, moving).await {
            Some(moved) => {
                moved.unwrap();
                break;
            }
            None => cuts += 1,
        }
        if to.starts_with("postgres") {
            continue;
        }
        match Store::open(other.path(), at(500)).await {
            Err(StoreError::Arriving) => refused += 1,
            Err(error) => panic!("{error}"),
            // Not even begun: whoever opens these books has empty ones.
            Ok((store, _)) => {
                assert_eq!(refused, 0, "a move that had begun is forgotten");
                store.close().await;
                for entry in std::fs::read_dir(other.path()).unwrap() {
                    let _ = std::fs::remove_file(entry.unwrap().path());
                }
            }
        }
    }
    println!("cut off {cuts} times, {refused} times no dialer was let in");
    assert!(cuts > 3, "{cuts}");
    if to.starts_with("postgres") {
        crate::store::keep_in(other.path(), &to).unwrap();
    } else {
        assert!(refused > 0);
    }
    assert_eq!(audited(other.path()).await, before);
    let books = Books::open(other.path()).await.unwrap();
    assert_eq!(books.lead_counts(fixture.campaign, at(500)).await.unwrap().total(), 5_003);
}
