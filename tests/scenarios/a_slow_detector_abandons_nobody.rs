use jiff::SignedDuration;
use outdial::domain::{AmdDeadline, PacingMode, WaitFrom};
use outdial::sim::{Day, Scenario, Spread, study};

use crate::shift::for_seeds;

/// Two hours of the measured floor with 25 agents and one call for each, so that an agent is there
/// for everybody: who is abandoned is abandoned by the detector.
fn day(seed: u64, screening: Spread, wait_from: WaitFrom, amd_deadline: AmdDeadline) -> Day {
    let mut scenario = Scenario::s0(25);
    scenario.shift = SignedDuration::from_hours(2);
    scenario.callees.screening = screening;
    scenario.campaign.pacing = PacingMode::Progressive;
    scenario.campaign.wait_from = wait_from;
    scenario.campaign.amd_deadline = amd_deadline;
    study(&scenario, seed, 1)[0]
}

/// A detector that needs three seconds takes the law's two from the end of the greeting whole: half
/// of the people hear an agent too late. With the deadline its word comes while there is time; so
/// it is with a faster one where the time runs from the answer on.
#[test]
fn a_slow_detector_abandons_nobody() {
    let cases = [
        ("3.0 s, from the greeting's end", Spread::of(3.0, 0.35), WaitFrom::GreetingEnd, 0.40),
        ("2.0 s, from the greeting's end", Spread::of(2.0, 0.35), WaitFrom::GreetingEnd, 0.002),
        ("1.3 s, from the answer", Spread::of(1.3, 0.35), WaitFrom::Answer, 0.02),
    ];
    for_seeds(1..3, |seed| {
        for (name, screening, wait_from, least_before) in cases {
            let before = day(seed, screening, wait_from, AmdDeadline::None).people;
            let after = day(seed, screening, wait_from, AmdDeadline::Legal).people;
            println!(
                "{name}: abandoned {:.1} % of {} without a deadline, {:.1} % of {} with it",
                before.abandonment() * 100.0,
                before.answered,
                after.abandonment() * 100.0,
                after.answered
            );
            assert!(before.abandonment() > least_before, "{name}: {before:?}");
            assert!(after.abandonment() < 0.005, "{name}: {after:?}");
        }
    });
}
