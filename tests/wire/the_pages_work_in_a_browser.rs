use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::peers::{Peer, have, wait_for};

/// A demo runs, and a real browser looks at it: `web/tests/pages.test.mjs` says what it must see.
#[test]
fn the_pages_work_in_a_browser() {
    if !have(&["node", "chromium"]) {
        return;
    }
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    if !web.join("node_modules/playwright-core").is_dir() {
        assert!(std::env::var_os("CI").is_none(), "web/node_modules is incomplete: npm ci in web/");
        println!("skipped: web/node_modules is not there (the build installs it where Node is)");
        return;
    }
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
    let mut node = Command::new("node");
    node.args(["--test", "tests/pages.test.mjs"]).current_dir(&web);
    node.env("OUTDIAL_URL", url.trim()).env("OUTDIAL_TOKEN", token.trim());
    let mut browser = Peer::start(&mut node, folder.path().join("browser.log"));
    assert!(browser.ends_well(Duration::from_secs(300)), "what the browser saw stands below");
}
