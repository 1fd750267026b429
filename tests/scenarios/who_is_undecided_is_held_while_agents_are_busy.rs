use std::collections::BTreeSet;

use outdial::call::CallEvent;
use outdial::dialer::{Input, Output};
use outdial::domain::{CallId, Share};
use outdial::sim::World;

use crate::shift::{for_seeds, too_fast};

/// With more calls than agents, a likely person is connected before the verdict while an agent is
/// idle, and is held until the verdict while none is: no agent is taken from a person who waits.
#[test]
fn who_is_undecided_is_held_while_agents_are_busy() {
    for_seeds(1..4, |seed| {
        let mut scenario = too_fast(seed, 8);
        scenario.campaign.answers.likely_person = Share::new(0.6);
        scenario.callees.doubts.likely_people = 1.0;
        let mut world = World::new(scenario);
        world.record();
        let (mut decided, mut at_once, mut held) = (BTreeSet::new(), 0, 0);
        let ends_at = world.ends_at();
        while world.now() < ends_at {
            let (ready, waiting) = floor(&world);
            let Some(outputs) = world.step() else { break };
            let bridged: Vec<CallId> = outputs.iter().filter_map(bridge).collect();
            let facts = world.take_record();
            world.record();
            for (_, fact) in &facts {
                match fact {
                    Input::Call(call, CallEvent::Screened(_)) => _ = decided.insert(*call),
                    Input::Call(call, CallEvent::Likely(_)) if bridged.contains(call) => {
                        at_once += 1;
                        assert!(ready > 0 && waiting == 0, "{ready} ready, {waiting} wait");
                    }
                    Input::Call(_, CallEvent::Likely(_)) if ready == 0 => held += 1,
                    _ => {}
                }
            }
        }
        println!("{at_once} connected at once, {held} held, {} decided", decided.len());
        assert!(at_once > 20 && held > 20, "{at_once} at once, {held} held");
    });
}

fn floor(world: &World) -> (u32, u32) {
    let view = world.dialer().view(world.now());
    view.campaigns.first().map_or((0, 0), |seen| (seen.agents.ready, seen.calls.waiting))
}

fn bridge(output: &Output) -> Option<CallId> {
    match output {
        Output::Bridge(call, _) => Some(*call),
        _ => None,
    }
}
