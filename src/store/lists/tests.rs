//! Files in, lists out, and what a damaged one is worth.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::rows::{Row, Rows};
use super::*;
use crate::compliance::{ListId, ListKind};
use crate::domain::{Country, PhoneNumber};

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).unwrap()
}

fn plan(id: &str, country: &str, skip_bad: bool) -> ListPlan {
    ListPlan {
        id: ListId::new(id).unwrap(),
        kind: ListKind::Registry,
        country: Country::new(country).unwrap(),
        as_of: "2026-07-01".parse().unwrap(),
        column: None,
        skip_bad,
    }
}

fn build_of(data: &std::path::Path, plan: &ListPlan, text: &'static str) -> Built {
    let source = ListSource { name: "list.txt".to_owned(), bytes: Box::new(text.as_bytes()) };
    let now = "2026-07-02T08:00:00Z".parse().unwrap();
    build(data, plan, vec![source], |_| Ok(()), |_| {}, now).unwrap()
}

fn row(country: &str, text: &str) -> Result<Row, String> {
    Rows::new(Country::new(country).unwrap(), None).read(text.as_bytes())
}

#[test]
fn registries_of_several_countries_are_read_as_they_come() {
    let us = Ok(Row::Number(12_015_550_123));
    for text in [
        "2015550123",
        "201,5550123",
        "12015550123",
        "+12015550123",
        "\"2015550123\"\r",
        " (201) 555-0123 ",
    ] {
        assert_eq!(row("US", text), us, "{text}");
    }
    for text in ["02079460123", "442079460123", "+442079460123", "020 7946 0123"] {
        assert_eq!(row("GB", text), Ok(Row::Number(442_079_460_123)), "{text}");
    }
    assert_eq!(row("ES", "912345678"), Ok(Row::Number(34_912_345_678)));
    assert_eq!(row("US", ""), Ok(Row::Blank));
}

#[test]
fn neighbours_of_a_number_are_read_without_asking_the_numbering_plan_again() {
    let mut rows = Rows::new(Country::new("GB").unwrap(), None);
    assert_eq!(rows.read(b"02079460123"), Ok(Row::Number(442_079_460_123)));
    assert_eq!(rows.read(b"02079460999"), Ok(Row::Number(442_079_460_999)));
    assert_eq!(rows.read(b"442079460777"), Ok(Row::Number(442_079_460_777)));
}

#[test]
fn ranges_are_area_codes_or_begin_with_a_plus() {
    assert_eq!(row("US", "900*"), Ok(Row::Prefix(1_900)));
    assert_eq!(row("US", "900"), Ok(Row::Prefix(1_900)));
    assert_eq!(row("US", "201-555*"), Ok(Row::Prefix(1_201_555)));
    assert_eq!(row("GB", "+4470*"), Ok(Row::Prefix(4_470)));
    assert!(row("GB", "070*").is_err());
    assert!(row("US", "1*").is_err());
}

#[test]
fn rows_that_are_no_numbers_are_told_with_their_place_and_nothing_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let text = "phone\n2015550123\n20155501\n\n1015550123\nabc\n2015550123\n2015550124";
    let built = build_of(folder.path(), &plan("us", "US", false), text);
    let bad: Vec<u64> = built.rejected.iter().map(|rejected| rejected.row).collect();
    assert_eq!((built.rows, built.blank, built.bad, built.twice), (8, 2, 3, 1));
    assert_eq!(bad, [3, 5, 6]);
    assert!(built.list.is_none() && headers(folder.path()).unwrap().is_empty());

    let built = build_of(folder.path(), &plan("us", "US", true), text);
    assert_eq!(built.list.unwrap().numbers, 2);
    let list = open(&path_of(folder.path(), &ListId::new("us").unwrap())).unwrap();
    assert!(list.holds(number("+12015550123")) && !list.holds(number("+12015550125")));
    assert_eq!(list.header().as_of, "2026-07-01".parse().unwrap());
}

#[test]
fn a_row_that_never_ends_is_one_bad_row() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("2015550123\n{}\n2015550124\n", "9".repeat(3 << 20));
    let built = build_of(folder.path(), &plan("us", "US", true), text.leak());
    assert_eq!((built.bad, built.rejected[0].row), (1, 2));
    assert_eq!(built.list.unwrap().numbers, 2);
}

#[test]
fn a_row_that_is_read_at_once_says_what_the_slow_way_says() {
    let mut rows = Rows::new(Country::US, None);
    let quick = |text: &str| Rows::new(Country::US, None).plain(text.as_bytes());
    for text in ["2015550123\n", "201,5550123\n", "9895550199\r\n2", "989,5550199\r\n2"] {
        let line = text.split_inclusive('\n').next().unwrap();
        let Ok(Row::Number(number)) = rows.read(line.as_bytes()) else { panic!("{text}") };
        assert_eq!(quick(text), Some((number, line.len())), "{text:?}");
    }
    // Any one byte of it changed: no number, or the one that it is now.
    for place in 0..11 {
        for byte in 0..=255_u8 {
            let mut row = *b"2015550123\n";
            row[place] = byte;
            let Some((number, length)) = Rows::new(Country::US, None).plain(&row) else { continue };
            assert_eq!((rows.read(&row[..10]), length), (Ok(Row::Number(number)), 11), "{row:?}");
        }
    }
    for text in ["2015550123", "20155501234\n", "1015550123\n", "2011550123\n", "201,555\n", ""] {
        assert_eq!(quick(text), None, "{text:?}");
    }
    assert_eq!(Rows::new(Country::new("ES").unwrap(), None).plain(b"9105501234\n"), None);
    assert_eq!(Rows::new(Country::US, Some(0)).plain(b"2015550123\n"), None);
}

#[test]
fn a_list_larger_than_a_huge_page_answers_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    // Every block of three areas is a page of bits: 3 MB.
    let blocks = (201..204).flat_map(|area| (200..1_000).map(move |block| (area, block)));
    let rows: String = blocks
        .flat_map(|block| (0..300).map(move |line| (block, line * 33)))
        .map(|((area, block), line)| format!("{area}{block}{line:04}\n"))
        .collect();
    let built = build_of(folder.path(), &plan("us", "US", false), rows.leak());
    let header = built.list.unwrap();
    assert!(header.bytes > 2 << 20 && header.numbers == 720_000, "{header:?}");
    let list = open(&path_of(folder.path(), &ListId::new("us").unwrap())).unwrap();
    assert!(list.holds(number("+12015550033")) && !list.holds(number("+12015550034")));
    assert!(list.holds(number("+12039999867")) && !list.holds(number("+12045550033")));
}

#[test]
fn a_column_may_be_named() {
    let mut rows = Rows::new(Country::US, Some(1));
    assert_eq!(rows.read(b"7;2015550123;x"), Ok(Row::Number(12_015_550_123)));
    assert!(rows.read(b"7").is_err());
    assert!(row("US", "2015550123,2026-01-01").unwrap_err().contains("--column"));
}

#[test]
fn a_list_that_was_changed_anywhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    build_of(folder.path(), &plan("us", "US", false), "2015550123\n2015550999\n9005550000\n");
    let path = path_of(folder.path(), &ListId::new("us").unwrap());
    let whole = fs::read(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    // Zeros after the header's text say nothing.
    let text = whole.iter().position(|byte| *byte == 0).unwrap();
    for place in (0..text).chain(4_096..whole.len()) {
        let mut changed = whole.clone();
        changed[place] ^= 4;
        fs::write(&path, &changed).unwrap();
        assert!(open(&path).is_err(), "byte {place}");
    }
    for length in [0, 100, 4_096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(open(&path).is_err(), "{length} bytes");
    }
    let longer = [whole.as_slice(), b"x"].concat();
    fs::write(&path, longer).unwrap();
    assert!(open(&path).is_err());
    fs::write(path.with_file_name("other.dnc"), &whole).unwrap();
    assert!(open_all(folder.path()).is_err(), "a list under the name of another");
}

#[test]
fn whoever_has_a_list_open_keeps_it_when_a_newer_one_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    build_of(folder.path(), &plan("us", "US", false), "2015550123\n");
    let path = path_of(folder.path(), &ListId::new("us").unwrap());
    let old = open(&path).unwrap();
    build_of(folder.path(), &plan("us", "US", false), "2015550124\n");
    let new = open(&path).unwrap();
    assert!(old.holds(number("+12015550123")) && !old.holds(number("+12015550124")));
    assert!(new.holds(number("+12015550124")) && !new.holds(number("+12015550123")));
    let left = fs::read_dir(folder.path().join(FOLDER)).unwrap().count();
    assert_eq!(left, 1, "nothing half-made is left");
}

#[test]
fn a_list_with_its_changes_is_the_list_that_they_make() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..300).map(|line| format!("201555{:04}\n", line * 7)).collect();
    build_of(folder.path(), &plan("us", "US", false), (rows + "2025550000\n900*\n").leak());
    let source = |text: &'static str| {
        vec![ListSource { name: "changes.txt".to_owned(), bytes: Box::new(text.as_bytes()) }]
    };
    let changes = |as_of: &str, added, removed| ListChanges {
        id: ListId::new("us").unwrap(),
        as_of: as_of.parse().unwrap(),
        column: None,
        skip_bad: false,
        added: source(added),
        removed: source(removed),
    };
    let apply = |changes| {
        let now = "2026-08-02T08:00:00Z".parse().unwrap();
        update(folder.path(), changes, |_| Ok(()), |_| {}, now)
    };
    // The last number of a block goes, one goes and comes again, one was never there.
    let removed = "2025550000\n201,5550007\n2015550014\n7735551234\n900*\n";
    let built = apply(changes("2026-08-01", "2015550007\n3055550001\n800*\n", removed)).unwrap();
    assert_eq!((built.removed, built.twice, built.bad), (4, 0, 0));
    let list = open(&path_of(folder.path(), &ListId::new("us").unwrap())).unwrap();
    let header = list.header();
    assert_eq!((header.numbers, header.prefixes, header.kind), (300, 1, ListKind::Registry));
    assert_eq!(header.as_of, "2026-08-01".parse().unwrap());
    for (text, listed) in [
        ("+12015550000", true),
        ("+12015550007", true),
        ("+12015550014", false),
        ("+12025550000", false),
        ("+13055550001", true),
        ("+18005551234", true),
        ("+19005551234", false),
        ("+17735551234", false),
    ] {
        assert_eq!(list.holds(number(text)), listed, "{text}");
    }
    let older = apply(changes("2026-07-31", "", ""));
    assert!(matches!(older, Err(ListFault::Older { .. })), "{:?}", older.map(|built| built.rows));
    assert!(
        apply(ListChanges { id: ListId::new("ca").unwrap(), ..changes("2026-08-01", "", "") })
            .is_err()
    );
}
