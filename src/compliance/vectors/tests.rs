//! The vectors at hand, and a user's own.

use std::fs::File;
use std::path::Path;

use super::*;
use crate::compliance::Rulebooks;

fn gate() -> Gate {
    Gate::new(Rulebooks::embedded(), [])
}

#[test]
fn every_row_of_the_vectors_comes_out_as_expected() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/compliance/vectors_dev.csv");
    let Ok(file) = File::open(&file) else {
        println!("skipped: {} is not there", file.display());
        return;
    };
    let outcomes = gate().test(file);
    for Mismatch { id, expected, found, reason } in &outcomes.mismatches {
        println!("{id}: {found}, not {expected}: {reason}");
    }
    println!("{} of {} as expected", outcomes.agreed(), outcomes.rows);
    assert_eq!(outcomes.mismatches, []);
    assert!(outcomes.rows >= 250, "{}", outcomes.rows);
}

#[test]
fn a_file_says_what_came_out_otherwise() {
    let rows = "id,pack,number,instant_utc,ctx,expected,rule_id,all_rules\n\
        1,uk,+442079460123,2026-07-15T10:00:00Z,{},allow,,\n\
        2,atlantis,+442079460123,2026-07-15T10:00:00Z,{},deny,rulebook.unknown,rulebook.unknown\n\
        3,uk,+442079460123,noon,{},deny,,\n";
    let outcomes = gate().test(rows.as_bytes());
    assert_eq!((outcomes.rows, outcomes.agreed()), (3, 1));
    let found: Vec<&str> = outcomes.mismatches.iter().map(|row| row.found.as_str()).collect();
    assert_eq!(
        found,
        ["deny by uk.tps.screen_age of [uk.tps.screen_age;uk.callerid]", "no instant"]
    );
}
