//! Who is not to be called: lists that come whole, and keys that people press.

use super::records;
use crate::call::CallEvent;
use crate::compliance::{List, ListHeader, ListId, ListKind, PageWriter, Pages};
use crate::dialer::Command;
use crate::dialer::testing::{Bench, at, campaign, number};
use crate::domain::{Campaign, Digit, Fault, Outcome, SafeHarbour};

#[test]
fn a_new_list_stops_the_phone_that_rings_and_the_lead_that_waits() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.told();
    bench.command(Command::DoNotCallList(Box::new(list(ListKind::Registry, &[1, 2]))));
    assert_eq!(bench.told(), [""; 0], "registries are the rulebooks' to ask");
    bench.command(Command::DoNotCallList(Box::new(list(ListKind::Litigator, &[1, 2]))));
    assert_eq!(bench.told(), ["hang up 1", "released 2 dnc.internal", "dial 2"]);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    assert_eq!(records(&bench)[0].lead_due_at, None);
}

/// The list `own` of these numbers.
fn list(kind: ListKind, indexes: &[i64]) -> List {
    let mut pages = PageWriter::new();
    for index in indexes {
        pages.add(number(*index).digits());
    }
    let mut bytes = Vec::new();
    let numbers = pages.write(&mut bytes).unwrap();
    let header = ListHeader {
        id: ListId::new("own").unwrap(),
        kind,
        country: None,
        as_of: "2026-07-01".parse().unwrap(),
        built_at: at(0),
        numbers,
        prefixes: 0,
        bytes: bytes.len() as u64,
        sha256: String::new(),
    };
    List::new(header, Pages::open(bytes.into()).unwrap())
}

#[test]
fn a_key_against_further_calls_is_in_the_books_before_the_record_of_its_call() {
    let with_key = SafeHarbour { message: None, opt_out: Digit::new('9') };
    let mut bench = Bench::new(Campaign { safe_harbour: with_key, ..campaign(1) }, 1);
    bench.person(1);
    bench.told();
    bench.call(1, CallEvent::Digit(Digit::new('9').unwrap()));
    bench.call(1, CallEvent::Digit(Digit::new('9').unwrap()));
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    let told = bench.told();
    let place = |word: &str| told.iter().position(|told| told.starts_with(word));
    assert_eq!(told.iter().filter(|told| *told == "do-not-call 1").count(), 1);
    assert!(place("do-not-call 1") < place("ended 1"), "{told:?}");
    assert!(place("do-not-call 1").is_some(), "{told:?}");
}
