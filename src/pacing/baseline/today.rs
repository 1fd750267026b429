//! The people of this day, by the calendar of UTC, and of this minute.

use jiff::Timestamp;

const DAY_S: i64 = 86_400;

/// The people who were judged today.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Today {
    day: i64,
    /// Calls dialed.
    pub calls: f64,
    /// Those who answered.
    pub people: f64,
    /// Of these, those who had no agent in time.
    pub abandoned: f64,
    /// The same since the last look.
    lately: (f64, f64),
}

impl Today {
    /// One person more.
    pub fn count(&mut self, abandoned: bool, now: Timestamp) {
        self.turn(now);
        let spent = if abandoned { 1.0 } else { 0.0 };
        self.people += 1.0;
        self.abandoned += spent;
        self.lately = (self.lately.0 + 1.0, self.lately.1 + spent);
    }

    /// One call more is dialed.
    pub fn dialed(&mut self, now: Timestamp) {
        self.turn(now);
        self.calls += 1.0;
    }

    /// People and abandoned people since the last look.
    pub fn look(&mut self) -> (f64, f64) {
        std::mem::take(&mut self.lately)
    }

    /// The share that was abandoned.
    pub fn share(&self) -> f64 {
        self.abandoned / self.people.max(1.0)
    }

    fn turn(&mut self, now: Timestamp) {
        let day = now.as_second().div_euclid(DAY_S);
        if day != self.day {
            *self = Self { day, ..Self::default() };
        }
    }
}
