//! The first hour of a new campaign, about which nothing is known.

use jiff::SignedDuration;
use outdial::sim::{Day, Scenario};

use crate::Plan;
use crate::policies::PREDICTIVE;
use crate::runs::{Run, run_all};

const FLOORS: [u32; 3] = [3, 5, 10];

/// Runs and prints it.
pub fn print(plan: &Plan) {
    println!("first hour of a new campaign, {} seeds: abandonment % at its end", plan.first_hours);
    println!(
        "{:>6} {:>7} {:>7} {:>7} {:>7} {:>7}  more than one in each started 33",
        "agents", "people", "median", "p90", "worst", "talk %"
    );
    for agents in FLOORS {
        let mut scenario = Scenario::s0(agents);
        scenario.campaign.pacing = PREDICTIVE;
        // The hour alone, without the going home at the end of it.
        scenario.shift = SignedDuration::from_mins(75);
        scenario.desks.lunch = None;
        let seeds = 1..=plan.first_hours;
        let runs: Vec<Run> =
            seeds.map(|seed| Run { scenario: scenario.clone(), seed, days: 1 }).collect();
        row(agents, &run_all(&runs).concat());
    }
}

fn row(agents: u32, days: &[Day]) {
    let mut shares: Vec<f64> = days.iter().map(|day| day.first_hour.abandonment()).collect();
    shares.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = ((shares.len() - 1) as f64 * share).round() as usize;
        100.0 * shares[place]
    };
    let people: u64 = days.iter().map(|day| day.first_hour.answered).sum();
    let utilisation: f64 = days.iter().map(Day::utilisation).sum::<f64>() / days.len() as f64;
    let ahead = days.iter().filter(|day| day.first_hour_ahead > 0).count();
    println!(
        "{agents:>6} {:>7.1} {:>7.2} {:>7.2} {:>7.2} {:>7.1}  in {ahead} of {}",
        people as f64 / days.len() as f64,
        at(0.5),
        at(0.9),
        at(1.0),
        100.0 * utilisation,
        days.len()
    );
}
