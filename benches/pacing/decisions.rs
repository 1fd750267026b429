//! What one decision costs: as many agents as calls that ring, each decision after something has
//! happened.

use jiff::{SignedDuration, Timestamp};
use nix::time::{ClockId, clock_gettime};
use outdial::domain::{AgentId, CallId, Campaign, Outcome};
use outdial::pacing::{Activity, Floor, Load, Observation, Pacer, Stage};
use outdial::sim::Scenario;

use crate::policies::PREDICTIVE;

/// The floors whose growth is seen.
const FLOORS: [u32; 6] = [5, 25, 100, 300, 1_000, 2_000];

/// Decisions of one measurement, and of the hour before it that is not counted: a new campaign's first
/// hour dials one call for each agent.
const DECISIONS: usize = 5_000;
const WARM: usize = 36_500;

/// Between two decisions: ten a second, so that one in five makes the forecast anew.
const APART: SignedDuration = SignedDuration::from_millis(100);

/// Runs and prints it.
pub fn print() {
    println!("\none decision with as many agents as calls that ring, us of processor time");
    println!("{:>6} {:>8} {:>8} {:>8}", "agents", "median", "p99", "longest");
    for agents in FLOORS {
        let mut took_us = decisions(agents);
        took_us.sort_by(f64::total_cmp);
        let at = |share: f64| took_us[((took_us.len() - 1) as f64 * share) as usize];
        println!("{agents:>6} {:>8.2} {:>8.2} {:>8.2}", at(0.5), at(0.99), at(1.0));
    }
}

/// A floor on which somebody is always about to be free and calls come and go.
fn decisions(agents: u32) -> Vec<f64> {
    let campaign = Campaign { pacing: PREDICTIVE, ..Scenario::s0(1).campaign };
    let mut pacer = Pacer::new(&campaign);
    let mut now = Timestamp::UNIX_EPOCH;
    pacer.set_staffed_until(now.checked_add(SignedDuration::from_hours(12)).ok());
    for agent in 0..agents {
        pacer.observe(doing(agent, Activity::Talking), now);
    }
    let floor = Floor { talking: agents, ringing: agents, ..Floor::default() };
    let mut took_us = Vec::with_capacity(DECISIONS);
    let (mut placed, mut owed) = (0, f64::from(agents));
    for decision in 0..WARM + DECISIONS {
        now = now.checked_add(APART).unwrap_or(now);
        // Each call rings for 20 s; then one in five is a person's.
        while owed >= 1.0 {
            pacer.observe(ring(placed, Stage::Ringing), now);
            end(&mut pacer, placed - i64::from(agents), now);
            (placed, owed) = (placed + 1, owed - 1.0);
        }
        owed += f64::from(agents) * APART.as_secs_f64() / 20.0;
        let agent = decision as u32 % agents;
        pacer.observe(doing(agent, Activity::WrapUp), now);
        pacer.observe(doing(agent, Activity::Talking), now);
        let began_us = processor_us();
        std::hint::black_box(pacer.decide(&floor, &Load::default(), now));
        took_us.push(processor_us() - began_us);
    }
    took_us.split_off(WARM)
}

fn end(pacer: &mut Pacer, call: i64, now: Timestamp) {
    let stages: &[Stage] = match call % 5 {
        0 => &[Stage::Screening, Stage::Waiting, Stage::Connected],
        _ => &[Stage::Over(Outcome::NoAnswer)],
    };
    for stage in stages {
        pacer.observe(ring(call, *stage), now);
    }
    if call % 5 == 0 {
        pacer.observe(Observation::Judged { abandoned: call % 200 == 0 }, now);
    }
}

fn doing(agent: u32, activity: Activity) -> Observation {
    Observation::Agent { agent: AgentId(i64::from(agent)), activity, leaving: false }
}

fn ring(call: i64, stage: Stage) -> Observation {
    Observation::Call { call: CallId(call), stage }
}

/// The processor time of this thread.
fn processor_us() -> f64 {
    let Ok(time) = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID) else { return 0.0 };
    time.tv_sec() as f64 * 1e6 + time.tv_nsec() as f64 / 1e3
}
