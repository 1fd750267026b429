use jiff::SignedDuration;
use outdial::domain::{PacingMode, Shift};
use outdial::sim::{Scenario, World};

use crate::shift::for_seeds;

/// A day under the limit, and more talk than one call for each ready agent gives.
#[test]
fn predictive_dialing_keeps_the_abandonment_it_was_given() {
    for_seeds(0..2, |seed| {
        let day = |pacing| {
            let shift = SignedDuration::from_hours(8);
            let mut scenario =
                Scenario { seed, agents: 25, leads: 200_000, shift, ..Scenario::default() };
            scenario.campaign.pacing = pacing;
            // The pacer knows when the agents leave.
            let hours = Shift { begins_min: 0, ends_min: 8 * 60, weekdays: [true; 7] };
            scenario.campaign.calendar.shift = Some(hours);
            let mut world = World::new(scenario);
            assert_eq!(world.run(), Vec::<String>::new());
            let view = world.dialer().view(world.now());
            let campaign = &view.campaigns[0];
            let talk = campaign.talk_s_per_agent_hour.unwrap_or(0.0) / 3_600.0;
            (talk, campaign.abandonment_rate.unwrap_or(0.0))
        };
        let (talk_before, _) = day(PacingMode::Progressive);
        let (talk, abandoned) = day(PacingMode::Predictive { lines_per_agent_max: 4.0 });
        println!(
            "talk {:.1} % to {:.1} %, abandoned {:.2} %",
            talk_before * 100.0,
            talk * 100.0,
            abandoned * 100.0
        );
        assert!(abandoned <= 0.03, "{abandoned}");
        assert!(talk > talk_before + 0.05, "{talk} against {talk_before}");
    });
}
