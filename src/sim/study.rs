//! A scenario run to its end, for what its days came to.

use jiff::SignedDuration;

use super::{Day, Scenario, World};
use crate::domain::later;

/// The longest talk of the last day is over by then.
const EVENING: SignedDuration = SignedDuration::from_hours(8);

/// Runs so many days of a scenario from this seed: one floor, one dialer, what is learned on one
/// day known on the next.
pub fn study(scenario: &Scenario, seed: u64, days: u32) -> Vec<Day> {
    let mut world = World::new(Scenario { seed, days, ..scenario.clone() });
    let last = later(world.ends_at(), EVENING);
    while world.now() <= last && world.step().is_some() {}
    world.days().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PacingMode;
    use crate::sim::People;

    fn days(pacing: PacingMode, seed: u64) -> Vec<Day> {
        let mut scenario = Scenario::s0(10);
        scenario.shift = SignedDuration::from_hours(2);
        scenario.campaign.pacing = pacing;
        study(&scenario, seed, 2)
    }

    #[test]
    fn the_days_of_a_seed_are_the_same_and_no_two_days_are() {
        let first = days(PacingMode::Progressive, 1);
        assert_eq!(first, days(PacingMode::Progressive, 1));
        assert_ne!(first, days(PacingMode::Progressive, 2));
        assert_ne!(first[0], first[1]);
    }

    #[test]
    fn every_second_of_an_agent_is_counted_once() {
        for day in days(PacingMode::Progressive, 1) {
            let there_s = day.talk_s + day.wrap_up_s + day.idle_s + day.paused_s;
            // 10 agents of 2 h, less what each comes later and goes earlier: 10 min together, in
            // the mean; the last talks and lunches end later.
            let expected_s = 10.0 * 6_600.0;
            assert!((there_s - expected_s).abs() < 4_000.0, "{there_s}");
            assert!(day.paused_s > 10.0 * 1_800.0 - 1.0, "everybody has had lunch");
        }
    }

    #[test]
    fn people_and_waits_add_up() {
        for day in days(PacingMode::Ratio { calls_per_agent: 4.0 }, 1) {
            let People { answered, abandoned } = day.people;
            assert!(abandoned > 0 && day.first_hour.answered < answered);
            assert!(day.people_waits.count >= answered - abandoned);
            assert!(day.first_hour_ahead > 0, "{day:?}");
            assert!(day.machines > answered / 2 && day.dialed > answered + day.machines);
        }
    }
}
