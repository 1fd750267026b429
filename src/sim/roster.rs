//! Days that are given rather than drawn: who was there when, and how the answer rate went.

use jiff::SignedDuration;

/// Who is there on one day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster(pub Vec<Presence>);

/// One agent's day; times run from its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Presence {
    /// Logs in.
    pub from: SignedDuration,
    /// Leaves, after the call that goes on then.
    pub until: SignedDuration,
    /// The pauses, in order.
    pub rests: Vec<Rest>,
    /// A factor on the length of talks.
    pub talk: f64,
    /// A factor on the length of wrap-ups.
    pub wrap_up: f64,
}

/// A pause.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rest {
    /// When it is asked for; it begins after the call that goes on then.
    pub at: SignedDuration,
    /// How long it is.
    pub length: SignedDuration,
}

/// How the share of people who answer goes over one day: factors, each for as long as the next is
/// away, with straight lines between.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// From one factor to the next; the first is that of the start of the day.
    pub every: SignedDuration,
    /// The factors.
    pub factors: Vec<f64>,
}

impl Roster {
    /// A day of `agents` like those of this one: evenly chosen where there are fewer, some of them
    /// twice where there are more.
    pub fn of(&self, agents: u32) -> Self {
        let there = self.0.len() as u64;
        let place = |n: u64| (n * there / u64::from(agents.max(1))) as usize;
        Self((0..u64::from(agents)).filter_map(|n| self.0.get(place(n)).cloned()).collect())
    }
}

impl Course {
    /// The factor so long after the start; before it and after the last factor, the nearest one.
    pub(super) fn factor(&self, after: SignedDuration) -> f64 {
        let steps = after.as_secs_f64().max(0.0) / self.every.as_secs_f64().max(1e-3);
        let last = self.factors.last().copied().unwrap_or(1.0);
        let before = self.factors.get(steps as usize).copied().unwrap_or(last);
        let next = self.factors.get(steps as usize + 1).copied().unwrap_or(last);
        before + (next - before) * steps.fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_goes_straight_from_factor_to_factor() {
        let course = Course { every: SignedDuration::from_secs(60), factors: vec![1.0, 2.0] };
        let factor = |s| course.factor(SignedDuration::from_secs(s));
        assert_eq!([factor(0), factor(30), factor(60), factor(600)], [1.0, 1.5, 2.0, 2.0]);
    }

    #[test]
    fn more_or_fewer_agents_are_like_those_that_were_there() {
        let presence = |talk| Presence {
            from: SignedDuration::ZERO,
            until: SignedDuration::from_hours(1),
            rests: Vec::new(),
            talk,
            wrap_up: 1.0,
        };
        let roster = Roster((0..4).map(|n| presence(f64::from(n))).collect());
        let talks = |agents| -> Vec<f64> {
            roster.of(agents).0.iter().map(|presence| presence.talk).collect()
        };
        assert_eq!(talks(2), [0.0, 2.0]);
        assert_eq!(talks(8), [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
    }
}
