use jiff::SignedDuration;
use outdial::domain::{Amd, Outcome};
use outdial::sim::World;

use crate::shift::{busy, for_seeds};

/// Whatever else the detector is asked for, a fax is told from a person and from a machine.
#[test]
fn a_fax_ends_with_its_own_outcome() {
    for_seeds(1..3, |seed| {
        let limit = SignedDuration::from_secs(3);
        for amd in [Amd::BeforeConnect { limit }, Amd::Alongside { limit }, Amd::FaxOnly { limit }]
        {
            let mut scenario = busy(seed, 8);
            scenario.callees.fax = 0.10;
            scenario.campaign.amd = amd;
            let mut world = World::new(scenario);
            assert_eq!(world.run(), Vec::<String>::new());
            let outcomes = world.outcomes();
            assert!(outcomes.get(&Outcome::Fax).is_some_and(|faxes| *faxes > 20), "{outcomes:?}");
            let machines = outcomes.contains_key(&Outcome::AnsweringMachine);
            assert_eq!(machines, !matches!(amd, Amd::FaxOnly { .. }), "{amd:?}: {outcomes:?}");
        }
    });
}
