use jiff::SignedDuration;
use outdial::domain::{Amd, AmdDeadline, Outcome};
use outdial::sim::{Spread, World};

use crate::shift::{busy, for_seeds};

/// A detector that never comes to a word within its limit hangs up on nobody.
#[test]
fn undecided_at_the_limit_is_a_person() {
    for_seeds(1..3, |seed| {
        let mut scenario = busy(seed, 8);
        scenario.campaign.amd = Amd::BeforeConnect { limit: SignedDuration::from_secs(1) };
        scenario.campaign.amd_deadline = AmdDeadline::None;
        scenario.callees.screening = Spread::of(30.0, 1.0);
        let mut world = World::new(scenario);
        assert_eq!(world.run(), Vec::<String>::new());
        let outcomes = world.outcomes();
        assert_eq!(outcomes.get(&Outcome::AnsweringMachine), None, "{outcomes:?}");
        assert!(outcomes.get(&Outcome::Talked).is_some_and(|talks| *talks > 50), "{outcomes:?}");
    });
}
