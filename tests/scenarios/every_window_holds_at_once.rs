use jiff::SignedDuration;
use outdial::compliance::WindowCount;
use outdial::dialer::{Command, Input, LedgerSoFar, WindowView};
use outdial::domain::{AbandonmentWindow, PacingMode, Share, Shift, WindowSpan};
use outdial::sim::{Scenario, World};

use crate::shift::for_seeds;

fn window(span: WindowSpan, percent: f64) -> AbandonmentWindow {
    let limit = Share::new(percent / 100.0).unwrap_or(Share::ZERO);
    AbandonmentWindow { span, limit, counts_hang_ups: true }
}

/// 25 agents, two hours a day, the day at 3 % and the campaign's 30 days at another limit.
fn scenario(seed: u64, days: u32, month_percent: f64) -> Scenario {
    let mut scenario = Scenario::s0(25);
    (scenario.seed, scenario.days) = (seed, days);
    scenario.shift = SignedDuration::from_hours(2);
    scenario.campaign.pacing = PacingMode::Predictive { lines_per_agent_max: 4.0 };
    scenario.campaign.abandonment_target = Share::new(0.03).unwrap_or(Share::ZERO);
    let (begins_min, ends_min) = (14 * 60, 16 * 60);
    scenario.campaign.calendar.shift = Some(Shift { begins_min, ends_min, weekdays: [true; 7] });
    scenario.campaign.calendar.windows =
        vec![window(WindowSpan::Day, 3.0), window(WindowSpan::Days(30), month_percent)];
    scenario
}

fn run(mut world: World) -> World {
    let last = world.ends_at() + SignedDuration::from_hours(2);
    while world.now() <= last && world.step().is_some() {}
    world
}

fn windows(world: &World) -> Vec<WindowView> {
    world.dialer().view(world.now()).campaigns.swap_remove(0).windows
}

/// The longer window is the tighter one: the pacer spends by it, far less than the days alone would
/// let it, and every day holds too. It is not over yet: what the last people of a day have overspent,
/// the next days make up.
#[test]
fn every_window_holds_at_once() {
    for_seeds(0..2, |seed| {
        let world = run(World::new(scenario(seed, 4, 1.5)));
        let (mut people, mut abandoned) = (0, 0);
        for day in world.days() {
            println!("a day: {} of {} abandoned", day.people.abandoned, day.people.answered);
            assert!(day.abandonment() <= 0.03, "{day:?}");
            people += day.people.answered;
            abandoned += day.people.abandoned;
        }
        let month = &windows(&world)[1];
        println!("30 days so far: {} of {} abandoned", month.abandoned, month.people);
        assert_eq!((month.people, month.abandoned), (people, abandoned), "as it truly was");
        assert!(month.rate.is_some_and(|rate| rate > 0.01 && rate < 0.017), "{month:?}");
    });
}

/// A process that starts in a month which is nearly spent is told so, and spends next to nothing.
#[test]
fn a_restart_does_not_give_a_spent_month_back() {
    for_seeds(0..2, |seed| {
        let mut world = World::new(scenario(seed, 1, 3.0));
        let _first = world.step();
        let spent = |view: &WindowView, of: AbandonmentWindow, people, abandoned| WindowCount {
            window: of,
            begins_at: view.begins_at,
            ends_at: view.ends_at,
            people,
            abandoned,
        };
        let (running, campaign) = (windows(&world), scenario(seed, 1, 3.0).campaign);
        let month = spent(&running[1], campaign.calendar.windows[1], 2_000, 60);
        let first_call_at = Some(world.now());
        let so_far = LedgerSoFar { first_call_at, windows: vec![month], ..LedgerSoFar::default() };
        world.say(world.now(), Input::Command(Command::Ledger(campaign.id, so_far)));
        let world = run(world);
        let (today, month) = (world.days()[0].people, &windows(&world)[1]);
        println!(
            "today {} of {}; 30 days {} of {}, {} left",
            today.abandoned, today.answered, month.abandoned, month.people, month.left
        );
        assert_eq!(month.people, 2_000 + today.answered);
        assert_eq!(month.abandoned, 60 + today.abandoned);
        assert!(month.rate.is_some_and(|rate| rate <= 0.03), "{month:?}");
    });
}
