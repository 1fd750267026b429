use outdial::sim::World;

use crate::shift::{bad_day, for_seeds, too_fast};

/// The world's books say so: an answered call without a record, a second record, a record of a call
/// that never was, or one that says less than the truth about an abandoned person is a fault.
#[test]
fn every_answered_call_has_exactly_one_record() {
    for_seeds(0..6, |seed| {
        let mut world = World::new(too_fast(seed, 10));
        assert_eq!(world.run(), Vec::<String>::new());
        let ended: u64 = world.outcomes().values().sum();
        assert!(ended > 500, "{ended} calls");
    });
}

#[test]
fn also_when_ends_are_never_told_or_told_twice() {
    for_seeds(0..6, |seed| {
        let mut world = World::new(bad_day(seed, 5));
        let about_records = |fault: &String| fault.contains("record");
        let faults: Vec<String> = world.run().into_iter().filter(about_records).collect();
        assert_eq!(faults, Vec::<String>::new());
        let view = world.dialer().view(world.now());
        assert_eq!(view.campaigns[0].calls.total(), 0, "calls left behind");
    });
}
