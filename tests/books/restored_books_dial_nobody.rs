//! A copy that is made beside the books' owner is put back with every campaign stopped.

use outdial::clock;
use outdial::dialer::CampaignPhase;
use outdial::store::{Books, Store};

use crate::program::run;

#[test]
fn test() {
    let folder = tempfile::tempdir().unwrap();
    campaign_that_runs(folder.path());
    let ask = |arguments: &[&str]| run(folder.path(), arguments);
    let (status, said) = ask(&["backup", "copy.sqlite3"]);
    assert_eq!(status, 0, "{said}");
    assert_ne!(ask(&["backup", "copy.sqlite3"]).0, 0, "a copy is never written over");
    let (status, said) = ask(&["restore", "copy.sqlite3"]);
    assert_eq!(status, 1, "there are books: {said}");

    let (status, said) = ask(&["restore", "copy.sqlite3", "--data", "new"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("1 campaigns stopped"), "{said}");
    assert_eq!(phases(&folder.path().join("new")), [CampaignPhase::Stopped]);
    assert_eq!(phases(&folder.path().join("outdial-data")), [CampaignPhase::Running]);

    std::fs::write(folder.path().join("no-books"), "not a database, and long enough").unwrap();
    let (status, said) = ask(&["restore", "no-books", "--data", "other"]);
    assert_eq!(status, 1, "{said}");
    assert!(!folder.path().join("other/outdial.sqlite3").exists());
}

#[tokio::main(flavor = "current_thread")]
async fn campaign_that_runs(folder: &std::path::Path) {
    let (store, _) = Store::open(&folder.join("outdial-data"), clock::now()).await.unwrap();
    let campaign = store.campaign_id("spring").await.unwrap();
    store.set_phase(campaign, CampaignPhase::Running).await.unwrap();
    store.close().await;
}

#[tokio::main(flavor = "current_thread")]
async fn phases(data: &std::path::Path) -> Vec<CampaignPhase> {
    let books = Books::open(data).await.unwrap();
    books.campaigns().await.unwrap().into_iter().map(|row| row.phase).collect()
}
