//! Why that many: the inputs of a decision, and the sentence they make.

use std::fmt;

/// What a decision was made of. `Display` is the sentence for people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Explanation {
    /// The bound of lines is reached or was the smaller number.
    LinesFull {
        /// The bound.
        lines_max: u32,
        /// Calls in progress, talks too.
        in_progress: u32,
    },
    /// Ahead of the agents.
    Predictive {
        /// Agents ready.
        ready: u32,
        /// Agents expected to become free within the horizon.
        freed: f64,
        /// From the dialing of a call to the person on the line.
        horizon_s: f64,
        /// Calls not answered yet, or screened.
        in_progress: u32,
        /// People expected of those, and those who wait.
        people: f64,
        /// Standard deviations of room left.
        caution: f64,
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
}

/// Why a predictive campaign dials one to one for now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OneToOne {
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
            Explanation::LinesFull { lines_max, in_progress } => {
                write!(f, "{in_progress} of at most {lines_max} lines are in use")
            }
            Explanation::Predictive { ready, freed, horizon_s, in_progress, people, caution } => {
                write!(
                    f,
                    "{} ready and {freed:.1} more expected free within {horizon_s:.0} s, \
                     {} in progress expect {people:.1} people, {caution:.1} deviations of room",
                    Count(ready, "agent"),
                    Count(in_progress, "call"),
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
        }
    }
}

impl fmt::Display for OneToOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
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
