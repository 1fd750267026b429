use std::cell::Cell;

use jiff::SignedDuration;
use outdial::dialer::{CampaignPhase, Command, Input, Output};
use outdial::sim::World;

use crate::shift::{for_seeds, too_fast};

#[test]
fn a_paused_campaign_stops_within_a_second() {
    let went_on = Cell::new(0);
    for_seeds(0..10, |seed| {
        let scenario = too_fast(seed, 10);
        let id = scenario.campaign.id;
        let mut world = World::new(scenario);
        let paused_at = world.now() + SignedDuration::from_secs(1_000);
        let resumed_at = world.now() + SignedDuration::from_secs(1_300);
        let phase = |phase| Input::Command(Command::Phase(id, phase));
        world.say(paused_at, phase(CampaignPhase::Paused));
        world.say(resumed_at, phase(CampaignPhase::Running));
        let (mut before, mut after) = (0, 0);
        while let Some(outputs) = world.step() {
            let dialed = count(outputs, |output| matches!(output, Output::Originate(..)));
            let bridged = count(outputs, |output| matches!(output, Output::Bridge(..)));
            if world.now() < paused_at {
                before += dialed;
            } else if world.now() < resumed_at {
                // In the very step in which the pause is heard.
                assert!(dialed == 0 || world.now() == paused_at, "{dialed} calls");
                went_on.set(went_on.get() + bridged);
            } else {
                after += dialed;
            }
        }
        assert!(before > 50 && after > 50, "{before} calls before, {after} after");
    });
    assert!(went_on.get() > 10, "of what was up, {} went on", went_on.get());
}

fn count(outputs: &[Output], wanted: fn(&Output) -> bool) -> usize {
    outputs.iter().filter(|output| wanted(output)).count()
}
