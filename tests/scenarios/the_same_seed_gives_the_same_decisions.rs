use std::hash::{DefaultHasher, Hash, Hasher};

use outdial::dialer::Input;
use outdial::sim::World;

use crate::shift::{bad_day, for_seeds};

#[test]
fn the_same_seed_gives_the_same_decisions_bit_for_bit() {
    for_seeds(0..3, |seed| {
        let decisions = |seed| {
            let mut world = World::new(bad_day(seed, 4));
            let mut hasher = DefaultHasher::new();
            while let Some(outputs) = world.step() {
                format!("{outputs:?}").hash(&mut hasher);
            }
            (world.facts(), hasher.finish())
        };
        assert_eq!(decisions(seed), decisions(seed));
        assert_ne!(decisions(seed), decisions(seed + 100), "chance has no part in it");
    });
}

/// A recorded day, told again to a dialer without a world, out of its own JSON.
#[test]
fn a_replay_of_the_facts_gives_the_same_decisions_bit_for_bit() {
    for_seeds(0..3, |seed| {
        let scenario = bad_day(seed, 4);
        let mut dialer = World::dialer_of(&scenario);
        let mut world = World::new(scenario);
        world.record();
        let mut hasher = DefaultHasher::new();
        while let Some(outputs) = world.step() {
            outputs.iter().for_each(|output| format!("{output:?}").hash(&mut hasher));
        }
        let mut again = DefaultHasher::new();
        for (at, input) in world.take_record() {
            let written = serde_json::to_string(&input).unwrap();
            let read: Input = serde_json::from_str(&written).unwrap();
            assert_eq!(read, input);
            dialer.handle_input(read, at);
            while let Some(output) = dialer.poll_output() {
                format!("{output:?}").hash(&mut again);
            }
        }
        assert_eq!(hasher.finish(), again.finish());
    });
}
