//! What one question to the gate costs: an allowed call, a call with much history under the rules
//! of three states, and a refusal at night with the search for the next opening.

#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a stopwatch")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};

use outdial::compliance::{Circumstances, Gate, Rulebooks};
use outdial::domain::{
    Amd, AmdDeadline, Calendar, CallId, Campaign, CampaignId, Country, Facts, Lead, LeadId,
    LeadOrder, Outcome, PacingMode, PastAttempt, PhoneNumber, SafeHarbour, Share,
};

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).unwrap()
}

fn campaign() -> Campaign {
    Campaign {
        id: CampaignId(1),
        name: "bench".into(),
        country: Country::new("US").unwrap(),
        caller_ids: vec![number("+12015550199")],
        caller_id_use: Default::default(),
        trunks: Vec::new(),
        rulebooks: vec!["us-tsr-tcpa".into(), "house".into()],
        do_not_call: Vec::new(),
        purpose: Default::default(),
        pacing: PacingMode::Progressive,
        abandonment_target: Share::new(0.03).unwrap(),
        calendar: Calendar::default(),
        ring_max: SignedDuration::from_secs(25),
        wait_max: SignedDuration::from_secs(2),
        wait_from: outdial::domain::WaitFrom::GreetingEnd,
        amd: Amd::Off,
        amd_deadline: AmdDeadline::Legal,
        answers: Default::default(),
        wrap_up_max: SignedDuration::from_secs(30),
        talk_max: SignedDuration::from_secs(3_600),
        safe_harbour: SafeHarbour { message: None, opt_out: None },
        hold: None,
        message: None,
        priority: 5,
        recording: false,
        attempts_max: 100,
        recycling: BTreeMap::new(),
        dispositions: Vec::new(),
        script: Default::default(),
        order: LeadOrder::NewFirst,
    }
}

fn lead(to: &str, state: Option<&str>, zip: Option<&str>) -> Lead {
    Lead {
        id: LeadId(1),
        campaign: CampaignId(1),
        number: number(to),
        first_name: None,
        last_name: None,
        state: state.map(str::to_owned),
        zip: zip.map(str::to_owned),
        attributes: BTreeMap::new(),
        facts: Facts::read([("dnc.listed", "no"), ("dnc.scrub", "2026-07-10")]).into(),
        history: Vec::new(),
        due_at: None,
    }
}

/// Attempts every 36 hours before `now`, oldest first.
fn history(now: Timestamp, attempts: i64) -> Vec<PastAttempt> {
    let attempt = |back: i64| {
        let at = now - SignedDuration::from_hours(36 * back);
        PastAttempt::new(CallId(back), at, Some(Outcome::NoAnswer))
    };
    (1..=attempts).rev().map(attempt).collect()
}

fn gate(criterion: &mut Criterion) {
    // A do-not-call list of some size, so that its lookup is not free.
    let listed = (0..1_000_000_u64).map(|line| number(&format!("+1202{}", 2_000_000 + line)));
    let gate = Gate::new(Rulebooks::embedded(), listed);
    let campaign = campaign();
    let noon: Timestamp = "2026-07-15T17:00:00Z".parse().unwrap();
    let night: Timestamp = "2026-07-15T04:00:00Z".parse().unwrap();

    let floor = Circumstances::default();
    let plain = lead("+16145550123", None, Some("43215"));
    criterion.bench_function("allowed, one zone, no history", |bench| {
        bench.iter(|| gate.check(black_box(&plain), &campaign, floor, black_box(noon)).is_ok());
    });

    // 850: Florida in two zones; the address in Connecticut and Texas.
    let mut heavy = lead("+18505550123", Some("TX"), Some("06103"));
    heavy.history = history(noon, 20);
    assert!(gate.check(&heavy, &campaign, floor, noon).is_ok());
    criterion.bench_function("allowed, three states, 20 attempts", |bench| {
        bench.iter(|| gate.check(black_box(&heavy), &campaign, floor, black_box(noon)).is_ok());
    });

    median("allowed, three states, 20 attempts", || {
        gate.check(black_box(&heavy), &campaign, floor, black_box(noon)).is_ok()
    });

    criterion.bench_function("refused at night, when to ask again", |bench| {
        bench.iter(|| gate.check(black_box(&heavy), &campaign, floor, black_box(night)).is_ok());
    });
}

/// The time of one question in the median of many short batches: what else the machine does falls on
/// few of them.
fn median(name: &str, mut ask: impl FnMut() -> bool) {
    const BATCHES: usize = 4_000;
    const BATCH: u32 = 50;
    let mut time = || {
        let began = Instant::now();
        for _ in 0..BATCH {
            black_box(ask());
        }
        began.elapsed() / BATCH
    };
    let mut times: Vec<Duration> = (0..BATCHES).map(|_| time()).collect();
    times.sort_unstable();
    println!("{name}: {} ns, median of {BATCHES} batches", times[BATCHES / 2].as_nanos());
}

criterion_group!(benches, gate);
criterion_main!(benches);
