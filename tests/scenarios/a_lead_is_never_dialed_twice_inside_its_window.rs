use std::collections::BTreeMap;

use outdial::dialer::Output;
use outdial::domain::LeadId;
use outdial::sim::World;

use crate::shift::{bad_day, busy, for_seeds};

/// The world's books say so: a lead dialed before it is due, while it is in a call, or within an
/// hour of the last call to its number is a fault.
#[test]
fn a_lead_is_never_dialed_twice_inside_its_window() {
    for_seeds(0..4, |seed| {
        let mut world = World::new(busy(seed, 15));
        assert_eq!(world.run(), Vec::<String>::new());
    });
}

#[test]
fn not_even_when_carriers_and_the_store_say_everything_twice_and_late() {
    for_seeds(0..6, |seed| {
        let mut world = World::new(bad_day(seed, 5));
        let mut attempts: BTreeMap<LeadId, u32> = BTreeMap::new();
        while let Some(outputs) = world.step() {
            for output in outputs {
                if let Output::Originate(_, permit) = output {
                    *attempts.entry(permit.lead()).or_default() += 1;
                }
            }
        }
        let faults: Vec<String> =
            world.faults().into_iter().filter(|fault| fault.contains("lead")).collect();
        assert_eq!(faults, Vec::<String>::new());
        let again = attempts.values().filter(|attempts| **attempts > 1).count();
        assert!(again > 50, "only {again} leads came round");
    });
}
