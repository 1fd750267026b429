//! Open loop: an even stream of calls that offers the agents as much load as loses the target, by
//! the answer rate and the cycle that are measured slowly.

use jiff::{SignedDuration, Timestamp};

use super::measured::Measured;
use crate::domain::{Baseline, later};
use crate::pacing::{Decision, Explanation, Floor};

/// Time that passed without a look counts as at most this, in seconds: nights place no calls.
const PASSED_S_MAX: f64 = 5.0;

/// The stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Erlang {
    scale: f64,
    /// Calls owed, a part of one included.
    owed: f64,
    counted_until: Option<Timestamp>,
    /// The load for so many agents.
    load: (u32, f64),
}

impl Erlang {
    pub fn new(scale: f64) -> Self {
        Self { scale, owed: 0.0, counted_until: None, load: (0, 0.0) }
    }

    pub fn decide(
        &mut self,
        floor: &Floor,
        measured: &Measured,
        limit: f64,
        now: Timestamp,
    ) -> Decision {
        let agents = floor.staffed();
        if self.load.0 != agents {
            self.load = (agents, load(agents, limit));
        }
        let per_s =
            self.scale * self.load.1 / (measured.cycle_s() * measured.slow_answer_rate()).max(1e-3);
        let since = self.counted_until.replace(now).unwrap_or(now);
        let passed_s = now.duration_since(since).as_secs_f64().min(PASSED_S_MAX);
        self.owed += per_s * passed_s;
        let calls = self.owed.floor();
        self.owed -= calls;
        let next_s = ((1.0 - self.owed) / per_s.max(1e-3)).min(PASSED_S_MAX);
        let next = SignedDuration::from_millis((next_s * 1e3).ceil().max(1.0) as i64);
        let in_progress = floor.in_progress();
        let goal = f64::from(in_progress) + calls;
        let baseline = Baseline::ErlangLoss { scale: self.scale };
        let explanation = Explanation::Baseline { baseline, goal, in_progress };
        let again_at = Some(later(now, next));
        Decision { again_at, ..Decision::dial(calls as u32, explanation) }
    }
}

/// The offered load, in erlangs, of which so many agents lose the share `limit`: Erlang's loss
/// formula (B), inverted.
fn load(agents: u32, limit: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0 * f64::from(agents) + 2.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if loss(agents, middle) < limit { low = middle } else { high = middle }
    }
    low
}

/// Erlang's loss formula, by its recursion.
fn loss(agents: u32, load: f64) -> f64 {
    (1..=agents).fold(1.0, |lost, servers| {
        let offered = load * lost;
        offered / (f64::from(servers) + offered)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_is_the_one_of_the_tables() {
        // Printed tables of Erlang B: 10 servers at 3 %, and 100 servers at 1 %.
        assert!((load(10, 0.03) - 5.53).abs() < 0.01, "{}", load(10, 0.03));
        assert!((load(100, 0.01) - 84.1).abs() < 0.1, "{}", load(100, 0.01));
        assert_eq!(loss(0, 1.0), 1.0);
    }
}
