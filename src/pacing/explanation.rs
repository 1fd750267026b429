//! Why that many: the inputs of a decision, and the sentence they make.

use std::fmt;

use serde::Serialize;

use super::calibration::Foretold;
use crate::domain::Baseline;

/// What a decision was made of. `Display` is the sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Explanation {
    /// By somebody else's method, in a simulation.
    Baseline {
        /// Which.
        baseline: Baseline,
        /// Calls that it wants on the way.
        goal: f64,
        /// Calls that are.
        in_progress: u32,
    },
    /// For no agent, at a steady rate.
    Broadcast {
        /// The rate.
        calls_per_minute: f64,
        /// Calls in progress.
        lines: u32,
        /// The most of them.
        lines_max: u32,
    },
    /// The bound of lines is reached or was the smaller number.
    LinesFull {
        /// The bound.
        lines_max: u32,
        /// Calls in progress, talks too.
        in_progress: u32,
    },
    /// People call in.
    Inbound {
        /// As many are expected in an hour.
        calls_per_hour: f64,
        /// People who wait.
        waiting: u32,
    },
    /// Agents choose whom to call.
    Manual,
    /// Ahead of the agents.
    Predictive {
        /// Agents ready.
        ready: u32,
        /// Agents expected to become free within half a minute.
        freed: f64,
        /// Calls not answered yet.
        ringing: u32,
        /// Those, and the answered ones that have no agent yet.
        in_progress: u32,
        /// People expected of them within half a minute.
        people: f64,
        /// That one more call would bring a person without an agent, if it is a person's.
        risk: f64,
        /// What that may be just now.
        risk_max: f64,
    },
    /// A lead for each ready agent to look at.
    Preview {
        /// Agents ready, without those that other campaigns' calls are on their way to.
        ready: u32,
    },
    /// One call for each ready agent.
    Progressive {
        /// Why a predictive campaign dials so; `None` for a progressive one.
        guard: Option<OneToOne>,
        /// Agents ready, without those that other campaigns' calls are on their way to.
        ready: u32,
        /// Calls that are on their way to one.
        in_progress: u32,
    },
    /// Several calls for each ready agent.
    Ratio {
        /// Agents ready, without those that other campaigns' calls are on their way to.
        ready: u32,
        /// Calls for each.
        calls_per_agent: f64,
        /// Calls that are on their way.
        in_progress: u32,
    },
    /// Whom it would call now might answer when the agents have left.
    ShiftEnds,
}

/// Why a predictive campaign dials one to one for now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum OneToOne {
    /// The forecasts have not come true.
    ForecastsOff {
        /// Which.
        what: Foretold,
        /// How many were expected.
        expected: f64,
        /// How many there were.
        actual: f64,
    },
    /// Too little has been measured.
    NoHistory,
    /// One more abandoned person would break the limit.
    NoRoom {
        /// Who answered in this window.
        people: u64,
        /// Who of them was abandoned.
        abandoned: u64,
        /// The limit, 0 to 1.
        limit: f64,
    },
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Explanation::Baseline { baseline, goal, in_progress } => {
                let name = baseline.name();
                write!(f, "{name} wants {goal:.1} calls on the way, {in_progress} are")
            }
            Explanation::Broadcast { calls_per_minute, lines, lines_max } => {
                let lines = Count(lines, "line");
                write!(f, "{calls_per_minute} calls a minute, {lines} of {lines_max} in use")
            }
            Explanation::Inbound { calls_per_hour, waiting } => {
                write!(f, "{waiting} wait, {calls_per_hour:.0} expected in an hour")
            }
            Explanation::Manual => f.write_str("agents choose whom to call"),
            Explanation::Preview { ready } => {
                write!(f, "a lead for each of {}", Count(ready, "ready agent"))
            }
            Explanation::LinesFull { lines_max, in_progress } => {
                write!(f, "{in_progress} of at most {lines_max} lines are in use")
            }
            Explanation::Predictive {
                ready, freed, in_progress, people, risk, risk_max, ..
            } => {
                let (agents, calls) = (Count(ready, "agent"), Count(in_progress, "call"));
                let (risk, risk_max) = (100.0 * risk, 100.0 * risk_max);
                let side = if risk <= risk_max { "under" } else { "over" };
                write!(
                    f,
                    "{agents} free and {freed:.1} more expected within 28 s, {calls} on the way \
                     expect {people:.1} people, risk {risk:.1} % of one more is {side} the \
                     {risk_max:.1} % that it may have"
                )
            }
            Explanation::Progressive { guard, ready, in_progress } => {
                if let Some(guard) = guard {
                    write!(f, "{guard}: ")?;
                }
                let (agents, calls) = (Count(ready, "agent"), Count(in_progress, "call"));
                write!(f, "{agents} ready, {calls} on the way")
            }
            Explanation::Ratio { ready, calls_per_agent, in_progress } => {
                let (agents, calls) = (Count(ready, "agent"), Count(in_progress, "call"));
                write!(f, "{agents} ready at {calls_per_agent} calls each, {calls} on the way")
            }
            Explanation::ShiftEnds => {
                f.write_str("the shift is about to end: who is called now may answer after it")
            }
        }
    }
}

impl fmt::Display for OneToOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            OneToOne::ForecastsOff { what, expected, actual } => write!(
                f,
                "forecasts were off ({expected:.1} {what} expected, {actual:.0} came), one to one \
                 until they fit again"
            ),
            OneToOne::NoHistory => f.write_str("one to one until enough is measured"),
            OneToOne::NoRoom { people, abandoned, limit } => write!(
                f,
                "one to one while {abandoned} of {people} people abandoned leave no room under \
                 {:.1} %",
                limit * 100.0
            ),
        }
    }
}

struct Count(u32, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count(count, noun) = self;
        write!(f, "{count} {noun}{}", if *count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_its_numbers() {
        let guard = Some(OneToOne::NoRoom { people: 12, abandoned: 0, limit: 0.03 });
        let explanation = Explanation::Progressive { guard, ready: 1, in_progress: 2 };
        let sentence = "one to one while 0 of 12 people abandoned leave no room under 3.0 %: \
                        1 agent ready, 2 calls on the way";
        assert_eq!(explanation.to_string(), sentence);
    }
}
