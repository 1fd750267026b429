use outdial::dialer::Output;
use outdial::sim::World;

use crate::shift::{bad_day, busy, for_seeds};

#[test]
fn nobody_is_dialed_while_no_agent_is_logged_in() {
    for_seeds(0..20, |seed| {
        for scenario in [busy(seed, 2), bad_day(seed, 3)] {
            let mut world = World::new(scenario);
            let (mut dialed, mut alone) = (0, 0);
            loop {
                let present = world.present();
                let Some(outputs) = world.step() else { break };
                let originates =
                    outputs.iter().filter(|output| matches!(output, Output::Originate(..)));
                let count = originates.count();
                dialed += count;
                // Who leaves in this very fact has left.
                let present = present.min(world.present());
                alone += u32::from(present == 0);
                assert!(present > 0 || count == 0, "{count} calls and nobody there");
            }
            assert!(dialed > 50 && alone > 0, "{dialed} calls, alone at {alone} facts");
        }
    });
}
