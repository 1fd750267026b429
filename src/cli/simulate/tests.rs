//! From the command line to the worlds that are run.

use clap::Parser;

use super::*;
use crate::cli::{Cli, Command};

fn args(line: &str) -> Args {
    let words = ["outdial", "simulate"].into_iter().chain(line.split_whitespace());
    match Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{error}")).command {
        Command::Simulate(args) => args,
        other => panic!("{other:?}"),
    }
}

fn variants(line: &str) -> Vec<Variant> {
    let args = args(line);
    let base = scenario(&args).unwrap_or_else(|fault| panic!("{fault}"));
    variant::all(&base, &args.what_if, args.sweep.as_ref())
}

#[test]
fn every_policy_is_run_at_every_value() {
    let all = variants("--policy predictive,ratio=2 --policy vicidial --sweep target=1..3:1");
    let names: Vec<String> = all.iter().map(Variant::name).collect();
    assert_eq!(names.len(), 9);
    assert_eq!((names[0].as_str(), names[8].as_str()), ("1  predictive", "3  vicidial"));
    let targets: Vec<f64> =
        all[..3].iter().map(|variant| variant.scenario.campaign.abandonment_target.get()).collect();
    assert_eq!(targets, [0.01, 0.02, 0.03]);
}

#[test]
fn what_is_asked_for_is_in_the_world() {
    let all = variants("--agents 7 --hours 2 --days 3 --target 1.5 --ring 18");
    let [Variant { policy, scenario, .. }] = &all[..] else { panic!("{all:?}") };
    assert_eq!(policy, "predictive");
    assert_eq!((scenario.agents, scenario.days), (7, 3));
    assert_eq!(scenario.shift, SignedDuration::from_hours(2));
    assert_eq!(scenario.campaign.ring_max, SignedDuration::from_secs(18));
    assert!((scenario.campaign.abandonment_target.get() - 0.015).abs() < 1e-12);
    assert!(scenario.callees.person < 0.2, "who would answer later is not reached");
}

#[test]
fn the_figures_and_the_picture_of_a_short_sweep_are_whole() {
    let args = args("--policy progressive --sweep agents=3,6 --hours 1 --days 1");
    let base = scenario(&args).unwrap_or_else(|fault| panic!("{fault}"));
    let all = variant::all(&base, &args.what_if, args.sweep.as_ref());
    let figures = variant::run(&all, 2);
    assert_eq!(figures.len(), 2);
    assert!(figures.iter().all(|figures| figures.days == 2));
    let calls = |place: usize| figures[place].calls_a_day.mean;
    assert!((1.5..2.6).contains(&(calls(1) / calls(0))), "{} {}", calls(0), calls(1));
    let utilisation = figures[0].utilisation_percent;
    assert!((50.0..90.0).contains(&utilisation.mean) && utilisation.half.is_some());
    let svg = swept(args.sweep.as_ref().unwrap(), &all, &figures).svg();
    assert!(svg.is_ok_and(|svg| svg.contains("progressive")));
}

#[test]
fn the_course_of_a_day_ends_with_its_shift() {
    let all = variants("--policy progressive --agents 12 --hours 1 --days 2");
    let picture = courses(&all, 1);
    let points = &picture.panels[0].curves[0].points;
    assert_eq!(points.len(), 4, "quarters of one hour, two days over each other");
    assert!(points.iter().all(|(hour, busy)| *hour < 1.0 && busy.mean > 0.0));
}

#[test]
fn what_cannot_be_simulated_is_refused_with_what_to_do() {
    let refused = |line: &str| {
        let all = variants(line);
        let checked = variant::simulable(&all, 4).and_then(|()| variant::bound_lines(&all));
        checked.err().map(|fault| fault.to_string()).unwrap_or_default()
    };
    assert!(refused("--agents 5000 --days 300").contains("ask for fewer agents"));
    assert!(refused("--policy progressive --sweep lines=1..3").contains("--policy predictive"));
    assert_eq!(refused("--sweep lines=1..3"), "");
    let mut all = variants("");
    all[0].scenario.campaign.pacing = PacingMode::Manual;
    assert!(variant::simulable(&all, 1).is_err_and(|fault| fault.to_string().contains("--policy")));
}
