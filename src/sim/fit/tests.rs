//! A day that was simulated, written down, fitted, and simulated again from its own books.

use jiff::SignedDuration;

use super::*;
use crate::domain::PacingMode;
use crate::sim::{World, study};

const RATIO: PacingMode = PacingMode::Ratio { calls_per_agent: 1.8 };

fn lived(agents: u32, days: u32, pacing: PacingMode) -> (Past, Vec<Day>) {
    let mut scenario = Scenario { seed: 7, days, ..Scenario::s0(agents) };
    scenario.shift = SignedDuration::from_hours(5);
    scenario.campaign.pacing = pacing;
    let mut world = World::new(scenario);
    let mut past = PastBuilder::default();
    while let Some(outputs) = world.step() {
        past.outputs(outputs);
    }
    (past.build(world.now()), world.days().to_vec())
}

fn mean(days: &[Day], of: impl Fn(&Day) -> f64) -> f64 {
    days.iter().map(of).sum::<f64>() / days.len() as f64
}

#[test]
fn the_books_measure_the_days_as_the_world_does() {
    let (past, days) = lived(12, 2, RATIO);
    let fitted = past.fit(Scenario::s0(1).campaign).unwrap();
    assert_eq!(fitted.actual.len(), days.len());
    for (actual, day) in fitted.actual.iter().zip(&days) {
        assert_eq!(actual.dialed, day.dialed);
        assert_eq!(actual.people, day.people);
        assert!((actual.utilisation() - day.utilisation()).abs() < 0.005);
    }
}

#[test]
fn a_replay_with_the_same_settings_is_such_a_day() {
    let (past, _) = lived(25, 2, RATIO);
    let mut campaign = Scenario::s0(1).campaign;
    campaign.pacing = RATIO;
    let fitted = past.fit(campaign).unwrap();
    let callees = &fitted.scenario.callees;
    assert!((callees.person_rings.mean_s - 12.0).abs() < 0.6, "{callees:?}");
    assert!((callees.machine - 0.35).abs() < 0.02, "{callees:?}");
    let replayed: Vec<Day> = (1..=3).flat_map(|seed| study(&fitted.scenario, seed, 2)).collect();
    let apart = |of: fn(&Day) -> f64| mean(&replayed, of) - mean(&fitted.actual, of);
    assert!(apart(Day::utilisation).abs() < 0.02, "{}", apart(Day::utilisation));
    assert!(apart(Day::abandonment).abs() < 0.015, "{}", apart(Day::abandonment));
    let calls = apart(|day| day.dialed as f64) / mean(&fitted.actual, |day| day.dialed as f64);
    assert!(calls.abs() < 0.06, "{calls}");
}

#[test]
fn too_few_people_are_no_ground_to_simulate_on() {
    let (mut past, _) = lived(3, 1, RATIO);
    past.calls.truncate(60);
    assert!(matches!(past.fit(Scenario::s0(1).campaign), Err(TooFew::People { calls: 60, .. })));
    let (past, _) = lived(3, 1, RATIO);
    let unattended = Past { stretches: Vec::new(), ..past };
    assert!(matches!(unattended.fit(Scenario::s0(1).campaign), Err(TooFew::NoAgents)));
}
