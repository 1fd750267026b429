use outdial::domain::{Outcome, ScreenerRule};
use outdial::sim::World;

use crate::shift::{busy, for_seeds};

fn outcomes(seed: u64, screener: ScreenerRule) -> (u64, u64, f64) {
    let mut scenario = busy(seed, 10);
    scenario.callees.person = 0.05;
    scenario.callees.screener = 0.25;
    scenario.callees.machine = 0.10;
    scenario.campaign.answers.screener = screener;
    let mut world = World::new(scenario);
    assert_eq!(world.run(), Vec::<String>::new());
    let outcomes = world.outcomes();
    let of = |outcome| outcomes.get(&outcome).copied().unwrap_or(0);
    let rate = world.days()[0].people.abandonment();
    (of(Outcome::Talked), of(Outcome::Screener), rate)
}

/// A phone that asks who calls is told so and its owner waited for; with an agent kept, no owner who
/// comes is abandoned for want of one. Treated as no answer, nobody is waited for.
#[test]
fn the_owner_of_a_screened_phone_is_served() {
    for_seeds(1..3, |seed| {
        let [hung_up, told, kept] =
            [ScreenerRule::NoAnswer, ScreenerRule::Identify, ScreenerRule::ReserveAgent]
                .map(|rule| outcomes(seed, rule));
        println!("talks, screeners, abandoned: {hung_up:?}, told {told:?}, kept {kept:?}");
        assert!(told.0 > hung_up.0 && told.1 > 0);
        assert!(kept.0 > hung_up.0 && kept.1 > 0);
        assert!(kept.2 <= told.2, "an agent is there when the owner comes");
    });
}
