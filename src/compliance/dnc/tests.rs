//! The lists: pages against a plain set, and which list forbids what.

use bytes::Bytes;
use proptest::collection::btree_set;
use proptest::prelude::*;

use super::*;

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).unwrap()
}

fn pages(numbers: impl IntoIterator<Item = u64>, prefixes: &[u64]) -> Vec<u8> {
    let mut writer = PageWriter::new();
    for number in numbers {
        writer.add(number);
    }
    prefixes.iter().for_each(|prefix| writer.add_prefix(*prefix));
    let mut bytes = Vec::new();
    writer.write(&mut bytes).unwrap();
    bytes
}

fn list(id: &str, kind: ListKind, numbers: &[&str], prefixes: &[u64]) -> List {
    let digits = numbers.iter().map(|text| number(text).digits());
    let pages = Pages::open(Bytes::from(pages(digits, prefixes))).unwrap();
    let header = ListHeader {
        id: ListId::new(id).unwrap(),
        kind,
        country: None,
        as_of: "2026-07-01".parse().unwrap(),
        built_at: "2026-07-02T00:00:00Z".parse().unwrap(),
        numbers: pages.numbers(),
        prefixes: pages.prefixes(),
        bytes: pages.bytes() as u64,
        sha256: String::new(),
    };
    List::new(header, pages)
}

/// Numbers of any length, crowded enough that blocks fill up and areas are shared.
fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![
        1_000_u64..1_000_000_000_000_000,
        12_015_550_000_u64..12_015_560_000,
        447_700_900_000_u64..447_700_999_999,
        1_000_u64..100_000_000,
    ]
}

proptest! {
    #[test]
    fn pages_hold_what_was_put_in_and_nothing_else(
        numbers in btree_set(any_number(), 0..2_000),
        others in btree_set(any_number(), 0..500),
    ) {
        let pages = Pages::open(Bytes::from(pages(numbers.iter().copied(), &[]))).unwrap();
        prop_assert_eq!(pages.numbers(), numbers.len() as u64);
        for number in &numbers {
            prop_assert!(pages.hold(*number));
        }
        for number in others.iter().chain(numbers.iter().map(|n| n + 1).collect::<Vec<_>>().iter()) {
            prop_assert_eq!(pages.hold(*number), numbers.contains(number), "{}", number);
        }
    }

    #[test]
    fn pages_that_were_changed_are_refused_or_still_answer(
        numbers in btree_set(any_number(), 1..500),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = pages(numbers.iter().copied(), &[1900]);
        let length = bytes.len();
        bytes[place.index(length)] = byte;
        if let Ok(pages) = Pages::open(Bytes::from(bytes.clone())) {
            numbers.iter().for_each(|number| { pages.hold(*number); });
        }
        bytes.truncate(cut.index(length));
        prop_assert!(Pages::open(Bytes::from(bytes)).is_err());
    }
}

#[test]
fn a_block_is_bits_when_it_is_crowded_and_lines_when_it_is_not() {
    let few = pages(12_015_550_000..12_015_550_255, &[]).len();
    let many = pages(12_015_550_000..12_015_550_256, &[]).len();
    let all = pages(12_015_550_000..12_015_560_000, &[]).len();
    assert_eq!(many - few, 1_250 - 255 * 2);
    assert_eq!(all, many);
}

#[test]
fn an_area_whose_pages_are_all_bits_answers_as_one_with_a_list_of_lines() {
    let block = |first: u64, step: usize| (first..first + 10_000).step_by(step);
    let dense: Vec<u64> = block(12_012_000_000, 3)
        .chain(block(12_015_550_000, 7))
        .chain(block(12_019_990_000, 9))
        .collect();
    let mixed = block(12_025_550_000, 3).chain(block(12_025_560_000, 500));
    let all: BTreeSet<u64> = dense.into_iter().chain(mixed).collect();
    let pages = Pages::open(Bytes::from(pages(all.iter().copied(), &[]))).unwrap();
    for first in [12_012_000_000, 12_015_550_000, 12_019_990_000, 12_025_550_000, 12_025_560_000] {
        for number in first..first + 10_000 {
            assert_eq!(pages.hold(number), all.contains(&number), "{number}");
        }
    }
    let mut seen = BTreeSet::new();
    pages.each_number(|number| assert!(seen.insert(number)));
    assert_eq!(seen, all);
}

#[test]
fn a_range_holds_every_number_that_begins_so() {
    let calls = list("codes", ListKind::Wildcard, &[], &[1900, 4470]);
    assert!(calls.holds(number("+19005550123")));
    assert!(calls.holds(number("+447012345678")));
    assert!(!calls.holds(number("+18005550123")));
    assert!(!calls.holds(number("+447712345678")));
}

#[test]
fn every_campaign_is_held_to_the_house_lists_and_only_those_that_name_it_to_the_rest() {
    let mut lists: Lists = [number("+12015550100")].into_iter().collect();
    lists.put(list("suers", ListKind::Litigator, &["+12015550101"], &[]));
    lists.put(list("spring", ListKind::Campaign, &["+12015550102"], &[]));
    lists.put(list("us-national", ListKind::Registry, &["+12015550103"], &[]));
    let hit = |text: &str, named: &[&str]| {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        lists.hit(number(text), &named).map(|hit| hit.list.to_owned())
    };
    assert_eq!(hit("+12015550100", &[]).as_deref(), Some(INTERNAL));
    assert_eq!(hit("+12015550101", &[]).as_deref(), Some("suers"));
    assert_eq!(hit("+12015550102", &[]), None);
    assert_eq!(hit("+12015550102", &["spring"]).as_deref(), Some("spring"));
    assert_eq!(hit("+12015550103", &[]), None, "a registry is asked by the rulebooks");
    assert!(lists.listed("us-national", number("+12015550103")));
    assert_eq!(lists.as_of("us-national"), Some("2026-07-01".parse().unwrap()));
    assert_eq!(lists.as_of("nowhere"), None);
}

#[test]
fn a_list_that_is_put_takes_the_place_of_the_last_one() {
    let mut lists = Lists::default();
    lists.put(list("own", ListKind::Internal, &["+12015550101"], &[]));
    assert!(lists.put(list("own", ListKind::Internal, &["+12015550102"], &[])).is_some());
    assert!(lists.hit(number("+12015550101"), &[]).is_none());
    assert!(lists.hit(number("+12015550102"), &[]).is_some());
}

#[test]
fn a_list_in_a_log_is_its_header() {
    let written = list("own", ListKind::Internal, &["+12015550101"], &[]);
    let text = serde_json::to_string(&written).unwrap();
    let read: List = serde_json::from_str(&text).unwrap();
    assert_eq!(read, written);
    assert!(!text.contains("2015550101") && !read.holds(number("+12015550101")));
    assert!(serde_json::from_str::<ListId>("\"internal\"").is_err());
    assert!(serde_json::from_str::<ListId>("\"../etc\"").is_err());
}
