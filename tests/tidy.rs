//! The walls: which room may import which, and what no room below the worlds may use. A test that
//! fails here says which line climbs.

// What cannot be read here is a failed test.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, as in the table of `lib.rs`. `clock`, `crash` and `transport` are the base of floor 3.
const FLOORS: [&[&str]; 5] = [
    &["domain"],
    &["acd", "amd", "call", "compliance", "pacing", "rtp", "sip"],
    &["dialer"],
    &["audit", "media", "sim", "station", "store", "trunk"],
    &["api", "cli", "config", "faults", "rehearsal", "server"],
];
const BASE: [&str; 3] = ["clock", "crash", "transport"];

/// No file of the product is longer than this (p95 is to be 350). A ratchet: lower it when
/// the longest file shrinks, never raise it.
const LINES_MAX: usize = 420;

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn may_import(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    if BASE.contains(&from) {
        return to == "clock" || matches!(to, "domain" | "sip");
    }
    let Some(from_floor) = floor_of(from) else { return true };
    if BASE.contains(&to) {
        return from_floor >= 3;
    }
    match floor_of(to) {
        Some(to_floor) => to_floor < from_floor || from_floor == 4,
        None => false,
    }
}

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file: without comments and without its `#[cfg(test)]` tail.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

/// The rooms that a line names by `crate::ROOM` or `crate::{ROOM, ..}` at its start.
fn rooms_named(line: &str) -> Vec<String> {
    line.match_indices("crate::")
        .map(|(at, found)| {
            line[at + found.len()..]
                .chars()
                .take_while(|letter| letter.is_ascii_lowercase() || *letter == '_')
                .collect::<String>()
        })
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn no_import_climbs() {
    let mut faults = String::new();
    for path in sources() {
        let (room, text) = (room_of(&path), fs::read_to_string(&path).unwrap());
        for (number, line) in code_lines(&text) {
            for named in rooms_named(line) {
                if !may_import(&room, &named) {
                    writeln!(faults, "{}:{number}: {room} imports {named}", path.display())
                        .unwrap();
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn the_walls_do_refuse() {
    assert!(!may_import("domain", "call"));
    assert!(!may_import("sip", "rtp"));
    assert!(!may_import("dialer", "trunk"));
    assert!(!may_import("trunk", "media"));
    assert!(!may_import("pacing", "clock"));
    assert!(may_import("trunk", "compliance"));
    assert_eq!(rooms_named("use crate::sip::Endpoint;"), ["sip"]);
}

#[test]
fn every_room_has_a_floor() {
    for path in sources() {
        let room = room_of(&path);
        let known = floor_of(&room).is_some() || BASE.contains(&room.as_str());
        assert!(known || matches!(room.as_str(), "lib" | "main"), "{room} stands on no floor");
    }
}

#[test]
fn below_the_worlds_nothing_waits_shares_or_locks() {
    let mut faults = String::new();
    for path in sources() {
        let room = room_of(&path);
        if floor_of(&room).is_none_or(|floor| floor > 2) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in code_lines(&text) {
            for word in
                ["tokio::", "async fn", "Mutex", "RwLock", "thread::", "std::net::UdpSocket"]
            {
                if line.contains(word) {
                    writeln!(faults, "{}:{number}: {word} below floor 3", path.display()).unwrap();
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let mut faults = String::new();
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("//!") {
            writeln!(faults, "{}: no //! head", path.display()).unwrap();
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            writeln!(faults, "{}: {lines} lines, at most {LINES_MAX}", path.display()).unwrap();
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ["utils", "util", "helpers", "common", "manager", "misc"].contains(&name.as_str()) {
            writeln!(faults, "{}: a name that says nothing", path.display()).unwrap();
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_rule_names_its_source() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compliance");
    let mut rules = 0;
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let is_rulebook = path.extension().is_some_and(|extension| extension == "toml")
            && path.file_stem().is_some_and(|stem| stem != "exceptions");
        if !is_rulebook {
            continue;
        }
        let table: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        for rule in table.get("rules").and_then(|rules| rules.as_array()).into_iter().flatten() {
            let cited = rule.get("citation").and_then(|citation| citation.as_str()).unwrap_or("");
            assert!(!cited.is_empty(), "{}: a rule without citation: {rule}", path.display());
            rules += 1;
        }
    }
    assert!(rules > 0, "no rulebook was found");
}
