use std::fmt::Write;
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use outdial::clock;
use outdial::store::Store;
use tempfile::TempDir;

use crate::program::outdial;

const ROWS: u64 = 20_000;

/// How long an import lives before it is killed: from the first write to long after the last.
const LIVES_MS: [u64; 8] = [30, 80, 150, 300, 500, 800, 1_500, 30_000];

#[test]
fn whole_or_nothing_when_killed() {
    let folder = TempDir::new().unwrap();
    let mut leads = "phone,name\n".to_owned();
    for row in 0..ROWS {
        writeln!(leads, "212{:07},{row}", 2_200_000 + row).unwrap();
    }
    fs::write(folder.path().join("leads.csv"), leads).unwrap();
    let mut landed = Vec::new();
    for life in LIVES_MS {
        let data = format!("data{life}");
        let arguments =
            ["import", "leads.csv", "--campaign", "spring", "--country", "US", "--data", &data];
        let mut import = outdial(folder.path(), &arguments).stdout(Stdio::null()).spawn().unwrap();
        let mut left = life;
        while left > 0 && import.try_wait().unwrap().is_none() {
            let step = left.min(20);
            thread::sleep(Duration::from_millis(step));
            left -= step;
        }
        let _ = import.kill();
        import.wait().unwrap();
        landed.push(leads_in(&folder.path().join(&data)));
    }
    println!("killed after {LIVES_MS:?} ms: {landed:?} leads");
    assert!(landed.iter().all(|count| matches!(*count, 0 | ROWS)), "{landed:?}");
    assert_eq!(landed.last(), Some(&ROWS));
}

/// How many leads there are when the books are opened again; every invariant holds.
#[tokio::main(flavor = "current_thread")]
async fn leads_in(data: &std::path::Path) -> u64 {
    let (store, _) = Store::open(data, clock::now()).await.unwrap();
    assert_eq!(store.books().invariants().await.unwrap(), []);
    let campaign = store.campaign_id("spring").await.unwrap();
    let counts = store.books().lead_counts(campaign, clock::now()).await.unwrap();
    store.close().await;
    counts.total()
}
