//! The kill loop, short: three `kill -9` while it dials, and a judge that nobody here wrote compares
//! the books with what the carrier saw. `scripts/kill-loop --kills 200` is the long one.

use std::path::Path;
use std::process::Command;

#[test]
fn test() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let judge = here.join("../shared/durability");
    let python = Command::new("python3").arg("--version").output();
    if !judge.join("killloop.py").is_file() || !python.is_ok_and(|said| said.status.success()) {
        println!("skipped: it takes Python 3 and ../shared/durability");
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let said = Command::new(here.join("scripts/kill-loop"))
        .args(["--binary", env!("CARGO_BIN_EXE_outdial"), "--kills", "3", "--port", "15160"])
        .args(["--min", "1.5", "--max", "3", "--drain", "12", "--agents", "4"])
        .arg("--judge")
        .arg(&judge)
        .arg("--work")
        .arg(work.path().join("work"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    let errors = String::from_utf8_lossy(&said.stderr);
    println!("{text}");
    assert!(said.status.success(), "{text}{errors}");
    assert!(text.contains("OK: no violation"), "{text}");
}
