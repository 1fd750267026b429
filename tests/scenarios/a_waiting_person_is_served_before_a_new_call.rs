use outdial::dialer::Output;
use outdial::sim::World;

use crate::shift::{for_seeds, too_fast};

#[test]
fn a_waiting_person_is_served_before_a_new_call() {
    for_seeds(0..6, |seed| {
        let mut world = World::new(too_fast(seed, 8));
        let mut served_from_queue = 0;
        loop {
            let waited = waiting(&world);
            let Some(outputs) = world.step() else { break };
            let place = |wanted: fn(&Output) -> bool| outputs.iter().position(wanted);
            let bridge = outputs.iter().rposition(|output| matches!(output, Output::Bridge(..)));
            let dial = place(|output| matches!(output, Output::Originate(..)));
            if let (Some(bridge), Some(dial)) = (bridge, dial) {
                assert!(bridge < dial, "a call was placed before a person was served");
            }
            served_from_queue += u32::from(waited > 0 && bridge.is_some());
            let view = world.dialer().view(world.now());
            let Some(campaign) = view.campaigns.first() else { continue };
            let both = campaign.calls.waiting.min(campaign.agents.ready);
            assert_eq!(
                both, 0,
                "{} waiting, {} ready",
                campaign.calls.waiting, campaign.agents.ready
            );
        }
        assert!(served_from_queue > 5, "the queue was tried {served_from_queue} times");
    });
}

fn waiting(world: &World) -> u32 {
    let view = world.dialer().view(world.now());
    view.campaigns.first().map_or(0, |campaign| campaign.calls.waiting)
}
