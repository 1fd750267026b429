use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::pages;
use crate::peers::{Peer, wait_for};

/// A demo runs, and a real browser looks at it: `web/tests/pages.test.mjs` says what it must see.
#[test]
fn the_pages_work_in_a_browser() {
    let Some(web) = pages::web() else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let mut demo = Command::new(env!("CARGO_BIN_EXE_outdial"));
    demo.args(["demo", "--calls", "3000", "--agents", "6", "--data"]).arg(&data);
    let _demo = Peer::start(&mut demo, folder.path().join("demo.log"));
    let read = |name: &str| {
        let path = data.join(name);
        wait_for(Duration::from_secs(60), || {
            fs::read_to_string(&path).ok().filter(|text| !text.trim().is_empty())
        })
    };
    let url = read("api.url").expect("the demo's API is up");
    let token = read("api.token").expect("the demo's token is there");
    let mut node = pages::node(&web, "pages.test.mjs", &url, &token);
    let mut browser = Peer::start(&mut node, folder.path().join("browser.log"));
    assert!(browser.ends_well(Duration::from_secs(300)), "what the browser saw stands below");
}
