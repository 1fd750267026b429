use jiff::{SignedDuration, Timestamp};
use outdial::dialer::Output;
use outdial::domain::Shift;
use outdial::sim::{Lies, World};

use crate::shift::{busy, for_seeds};

/// Agents who come early and stay late get no calls; who is on the line at the end talks on.
#[test]
fn nobody_is_dialed_outside_the_shift() {
    for_seeds(0..3, |seed| {
        let mut scenario = busy(seed, 8);
        scenario.shift = SignedDuration::from_hours(3);
        scenario.lies = Lies::default();
        let shift = Shift { begins_min: 30, ends_min: 90, weekdays: [true; 7] };
        scenario.campaign.calendar.shift = Some(shift);
        let mut world = World::new(scenario);
        let (begins_at, ends_at) = (Timestamp::UNIX_EPOCH, world.ends_at());
        let minute = |n| begins_at + SignedDuration::from_mins(n);
        let (mut early, mut late) = (String::new(), String::new());
        let (mut first, mut last, mut dialed) = (None, None, 0);
        while world.now() < ends_at {
            let dials = |output: &Output| matches!(output, Output::Originate(..));
            let Some(count) =
                world.step().map(|outputs| outputs.iter().filter(|one| dials(one)).count())
            else {
                break;
            };
            let now = world.now();
            if count > 0 {
                dialed += count;
                first.get_or_insert(now);
                last = Some(now);
            }
            // Agents come in the first minute; the last talks are over after the shift.
            let before = now < minute(30);
            let is_off = before || minute(91) <= now && now < ends_at;
            let why = world.dialer().view(now).campaigns[0].why.clone();
            if let Some(why) = why.filter(|_| is_off) {
                *(if before { &mut early } else { &mut late }) = why.sentence;
            }
        }
        println!("{dialed} calls from {first:?} to {last:?}; {early}; {late}");
        assert_eq!(early, "the shift is over until Thu 00:30");
        assert_eq!(late, "the shift is over until Fri 00:30");
        assert!(dialed > 100 && first.unwrap() >= minute(30) && last.unwrap() < minute(90));
        assert!(first.unwrap() < minute(31), "the first call waits for nothing else");
    });
}
