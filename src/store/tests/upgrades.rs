//! A schema that is being made, or renewed, when the process dies.

use std::path::Path;

use tempfile::TempDir;

use super::fixture::*;
use crate::domain::{CampaignId, LeadOrder};
use crate::store::open::migrate_to_oldest;
use crate::store::place::Place;
use crate::store::{Books, Store, StoreError, keep_in, sql};

async fn new_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    if let Some(url) = new_database().await {
        keep_in(folder.path(), &url).unwrap();
    }
    folder
}

/// Books of the first version, with a lead.
async fn old_books(data: &Path) {
    let mut books = Place::of(data).unwrap().connect(true).await.unwrap();
    migrate_to_oldest(&mut books).await;
    for statement in [
        "INSERT INTO campaigns (id, name) VALUES (7, 'spring')",
        "INSERT INTO leads (id, campaign, number, due_us) VALUES (5, 7, 12015550101, 0)",
    ] {
        sql::query(statement).execute(&mut books).await.unwrap();
    }
    books.close().await.unwrap();
}

/// Whether a start was cut off after so many waits. Whoever reads then is told what is the matter.
async fn is_cut_off(data: &Path, waits: u32) -> bool {
    let Some(opened) = cut_after(waits, Store::open(data, at(0))).await else {
        let half = Books::open(data).await.err();
        let told = |error: &StoreError| {
            matches!(error, StoreError::NoBooks(_) | StoreError::OlderSchema { .. })
        };
        // All of the schema may be there, and only the rest of the start be missing.
        assert!(half.as_ref().is_none_or(told), "{half:?}");
        return true;
    };
    opened.unwrap().0.close().await;
    false
}

/// Starts on such books again and again, each time cut off a little later and then once more to its end,
/// until a start needs no more waits; `holds` judges each.
async fn wherever_it_is_cut_off(
    prepare: impl AsyncFn(&Path),
    holds: impl AsyncFn(&Store, CampaignId),
) {
    let mut cuts = 0;
    for waits in (0..).step_by(5) {
        let folder = new_folder().await;
        prepare(folder.path()).await;
        let cut = is_cut_off(folder.path(), waits).await;
        let (store, _) = Store::open(folder.path(), at(1)).await.unwrap();
        let campaign = store.campaign_id("spring").await.unwrap();
        holds(&store, campaign).await;
        store.close().await;
        if !cut {
            break;
        }
        cuts += 1;
    }
    println!("cut off {cuts} times");
    assert!(cuts > 3, "{cuts}");
}

#[tokio::test]
async fn a_schema_that_was_cut_off_is_completed_by_the_next_start() {
    wherever_it_is_cut_off(
        async |_| (),
        async |store, campaign| {
            store.add_leads(campaign, "test", vec![lead(1)], at(1)).await.unwrap();
            assert_eq!(store.books().lead_counts(campaign, at(2)).await.unwrap().total(), 1);
        },
    )
    .await;
}

#[tokio::test]
async fn an_upgrade_that_was_cut_off_goes_on_and_has_lost_nothing() {
    wherever_it_is_cut_off(
        async |data| old_books(data).await,
        async |store, campaign| {
            assert_eq!(campaign, CampaignId(7));
            let due = store.due_leads(campaign, LeadOrder::NewFirst, 9, at(2)).await.unwrap().0;
            assert_eq!(due.iter().map(|lead| lead.id.0).collect::<Vec<_>>(), [5]);
        },
    )
    .await;
}
