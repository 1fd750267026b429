//! The people of this day, by the calendar of UTC, of this minute, and those whom the rest of the
//! day will bring.

use jiff::Timestamp;

const DAY_S: i64 = 86_400;

/// Time that passed without a look counts as at most this, in seconds.
const PASSED_S_MAX: f64 = 60.0;

/// What is believed of a day at its first person: so many people in so many seconds of agents.
const BELIEVED: (f64, f64) = (2.0, 480.0);

/// People yet to come while nobody knows when the day ends.
const EXPECTED: f64 = 200.0;

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
    /// Seconds of agents who take calls, until the last look, and how many there are since.
    staffed_s: f64,
    staffed: Option<(Timestamp, u32)>,
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

    /// So many agents take calls from now on.
    pub fn staffed(&mut self, agents: u32, now: Timestamp) {
        self.turn(now);
        if let Some((since, were)) = self.staffed.replace((now, agents)) {
            let passed_s = now.duration_since(since).as_secs_f64().min(PASSED_S_MAX);
            self.staffed_s += passed_s * f64::from(were);
        }
    }

    /// The people yet to come, if these agents stay until then.
    pub fn expected(&self, until: Option<Timestamp>, now: Timestamp) -> f64 {
        let (Some(until), Some((_, agents))) = (until, self.staffed) else { return EXPECTED };
        let left_s = until.duration_since(now).as_secs_f64().max(0.0) * f64::from(agents);
        left_s * (self.people + BELIEVED.0) / (self.staffed_s + BELIEVED.1)
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
