//! Real packets, then none: the event log of a live demo, told to the dialer again.

use std::path::Path;
use std::process::Command;

fn outdial(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_outdial"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn test() {
    let folder = tempfile::tempdir().unwrap();
    let demo = ["demo", "--calls", "30", "--agents", "3", "--data", "here"];
    let (held, said) = outdial(folder.path(), &demo);
    assert!(held, "{said}");
    let (same, said) = outdial(folder.path(), &["replay", "here", "--json"]);
    assert!(same, "{said}");
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(found["calls"].as_u64().unwrap() >= 30, "{said}");
    assert!(found["decisions"].as_u64().unwrap() > 300, "{said}");
    assert_eq!(found["departure"], serde_json::Value::Null);
    assert_eq!(found["ended"], true);

    // The same facts with one left out: the replay must see it.
    let events = folder.path().join("here/events");
    let log = std::fs::read_dir(events).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&log).unwrap();
    let without: String = text
        .lines()
        .filter(|line| !line.contains("\"ready\""))
        .fold(String::new(), |all, line| all + line + "\n");
    assert_ne!(text, without);
    std::fs::write(&log, without).unwrap();
    let (same, said) = outdial(folder.path(), &["replay", "here"]);
    assert!(!same && said.contains("other decisions at"), "{said}");
}
