//! A chain is written, and whatever is planted in it is found.

use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::clock;
use crate::domain::PhoneNumber;

/// A chain of so many records.
fn chain(data: &Path, records: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let chain = Chain::open(data, 0, clock::now()).unwrap();
        let entry = |call| Entry::new(at(), "dial", "dialer", json!({ "call": call, "ok": true }));
        chain.append_all((0..records).map(entry).collect()).await.unwrap();
    });
}

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(7)
}

fn the_day(data: &Path) -> std::path::PathBuf {
    day_files(data).unwrap().pop().unwrap().1
}

fn lines(data: &Path) -> Vec<String> {
    fs::read_to_string(the_day(data)).unwrap().lines().map(str::to_owned).collect()
}

fn put(data: &Path, lines: &[String]) {
    fs::write(the_day(data), lines.join("\n") + "\n").unwrap();
}

/// Where it breaks, as lines of the day's file; 0 is another file or the file itself.
fn broken(data: &Path) -> Vec<u64> {
    let day = the_day(data);
    let found = verify(data).unwrap().broken;
    found.iter().map(|broken| if broken.file == day { broken.line } else { 0 }).collect()
}

#[test]
fn a_chain_that_nobody_touched_is_whole_and_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), 5);
    chain(folder.path(), 3);
    let verified = verify(folder.path()).unwrap();
    assert_eq!((verified.records, verified.first_seq, verified.last_seq), (8, 1, 8));
    assert_eq!(verified.broken, []);
    assert_eq!((verified.unsigned, verified.public_keys.len()), (0, 1));
}

#[test]
fn a_record_that_was_changed_taken_out_put_in_or_moved_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    chain(data, 10);
    let whole = lines(data);
    let planted = |plant: &dyn Fn(&mut Vec<String>)| {
        let mut lines = whole.clone();
        plant(&mut lines);
        put(data, &lines);
        broken(data)
    };
    assert_eq!(planted(&|_| {}), [0; 0]);
    assert_eq!(planted(&|lines| lines[3] = lines[3].replace("true", "false")), [4]);
    assert_eq!(planted(&|lines| lines[3] = lines[3].replace(",\"", ", \"")), [4]);
    assert_eq!(planted(&|lines| drop(lines.remove(3))), [4]);
    assert_eq!(planted(&|lines| lines.swap(3, 6)), [4, 5, 7, 8]);
    assert_eq!(planted(&|lines| lines.insert(3, lines[2].clone())), [4]);
    assert_eq!(planted(&|lines| drop(lines.remove(0))), [1]);
    assert_eq!(planted(&|lines| lines.truncate(7)), [0], "the end was cut off");
    assert_eq!(planted(&|lines| lines.clear())[..1], [1]);
}

#[test]
fn a_record_that_was_forged_with_its_hash_does_not_fit_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    chain(data, 10);
    let mut lines = lines(data);
    let mut record: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&lines[3]).unwrap();
    record.remove("hash");
    record["body"]["call"] = json!(99);
    let hash = sha256(serde_json::to_string(&record).unwrap().as_bytes());
    record.insert("hash".to_owned(), json!(hash));
    lines[3] = serde_json::to_string(&record).unwrap();
    put(data, &lines);
    assert_eq!(broken(data), [5]);
}

#[test]
fn a_file_or_a_head_that_is_gone_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    chain(data, 4);
    let head = data.join(FOLDER).join("head.json");
    let signed = fs::read_to_string(&head).unwrap();
    fs::write(&head, signed.replace("\"seq\":4", "\"seq\":3")).unwrap();
    assert_eq!(verify(data).unwrap().broken[0].what, "the head is not signed by its key");
    fs::remove_file(&head).unwrap();
    assert_eq!(verify(data).unwrap().broken[0].what, "the signed head is gone");
    fs::write(&head, signed).unwrap();
    fs::remove_file(the_day(data)).unwrap();
    assert_eq!(verify(data).unwrap().broken.len(), 1);
}

#[test]
fn a_line_that_a_crash_cut_off_is_taken_out_and_the_chain_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    chain(data, 4);
    let day = the_day(data);
    let text = fs::read_to_string(&day).unwrap() + "{\"at\":\"2026";
    fs::write(&day, text).unwrap();
    assert_eq!(broken(data), [5]);
    chain(data, 1);
    assert_eq!(broken(data), [0; 0]);
    assert_eq!(verify(data).unwrap().last_seq, 5);
}

#[test]
fn a_number_is_shown_by_its_salt_and_not_found_without() {
    let number = PhoneNumber::from_e164("+12015550123").unwrap();
    let one = Commitment::to(number, [1; 16]);
    assert_eq!(one, Commitment::to(number, [1; 16]));
    assert_ne!(one.hash, Commitment::to(number, [2; 16]).hash);
    assert_eq!(Commitment::read(&one.word()), Some(one.hash));
    assert_eq!(Commitment::read("no"), None);
}

#[test]
fn the_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join(Key::FILE)), 0o600);
    assert_eq!(mode(&the_day(folder.path())), 0o600);
    assert_eq!(mode(&folder.path().join(FOLDER)), 0o700);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_byte_can_be_changed_unseen(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let folder = tempfile::tempdir().unwrap();
        chain(folder.path(), 6);
        let day = the_day(folder.path());
        let mut bytes = fs::read(&day).unwrap();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        fs::write(&day, bytes).unwrap();
        prop_assert!(!verify(folder.path()).unwrap().broken.is_empty());
    }
}
