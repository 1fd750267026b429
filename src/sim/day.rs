//! What a day on the floor came to: the world's own measure, whatever the dialer has counted.

use serde::Serialize;

/// One simulated day, as it truly was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Day {
    /// Agents' seconds with a person.
    pub talk_s: f64,
    /// Agents' seconds after a call.
    pub wrap_up_s: f64,
    /// Agents' seconds of waiting for a call.
    pub idle_s: f64,
    /// Agents' seconds of pause and lunch.
    pub paused_s: f64,
    /// Calls dialed.
    pub dialed: u64,
    /// Of these, calls that the dialer gave up before their ring time was over.
    pub cancelled: u64,
    /// Calls that a machine answered.
    pub machines: u64,
    /// Calls that a person answered, and who of them had no agent in time.
    pub people: People,
    /// The same of the first hour.
    pub first_hour: People,
    /// The most that abandoned people of the first hour were ever ahead of one for every started
    /// 33 answers; at most 0 when they never were.
    pub first_hour_ahead: i64,
    /// How long agents waited for a call, each time that one came.
    pub agent_waits: Waits,
    /// How long people who got an agent waited from the end of their greeting, or from the answer
    /// where the law counts so.
    pub people_waits: Waits,
}

/// People who answered.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct People {
    /// All of them.
    pub answered: u64,
    /// Those who had no agent in time.
    pub abandoned: u64,
}

/// Waits of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Waits {
    /// How many.
    pub count: u64,
    /// All of them together, in seconds.
    pub sum_s: f64,
    /// The longest, in seconds.
    pub longest_s: f64,
}

impl Day {
    /// Talk and wrap-up, of the time in which an agent was there for calls, 0 to 1.
    pub fn utilisation(&self) -> f64 {
        let busy_s = self.talk_s + self.wrap_up_s;
        busy_s / (busy_s + self.idle_s).max(f64::MIN_POSITIVE)
    }

    /// The share of the people who answered that had no agent in time, 0 to 1.
    pub fn abandonment(&self) -> f64 {
        self.people.abandonment()
    }
}

impl People {
    /// The share that had no agent in time, 0 to 1; 0 when nobody answered.
    pub fn abandonment(&self) -> f64 {
        self.abandoned as f64 / (self.answered as f64).max(1.0)
    }

    pub(super) fn count(&mut self, abandoned: bool) {
        self.answered += 1;
        self.abandoned += u64::from(abandoned);
    }

    /// How far the abandoned are ahead of one for every started 33 answers.
    pub(super) fn ahead(&self) -> i64 {
        self.abandoned as i64 - self.answered.div_ceil(33) as i64
    }
}

impl Waits {
    /// The mean, in seconds; 0 when there was none.
    pub fn mean_s(&self) -> f64 {
        self.sum_s / (self.count as f64).max(1.0)
    }

    pub(super) fn count(&mut self, wait_s: f64) {
        self.count += 1;
        self.sum_s += wait_s;
        self.longest_s = self.longest_s.max(wait_s);
    }
}
