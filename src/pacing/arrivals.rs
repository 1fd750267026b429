//! People who call in: how many of them to expect.

use jiff::Timestamp;

use super::grid::Load;

/// What was is forgotten with this time constant, in seconds: the rate of a quarter of an hour.
const MEMORY_S: f64 = 900.0;

/// Before anybody has called: one in an hour is believed, and hardly.
const BELIEVED: (f64, f64) = (0.05, 180.0);

/// The rate at which people call in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Arrivals {
    calls: f64,
    seconds: f64,
    until: Option<Timestamp>,
}

impl Arrivals {
    /// Somebody has called in.
    pub fn one(&mut self, now: Timestamp) {
        self.pass(now);
        self.calls += 1.0;
    }

    /// Time has passed.
    pub fn pass(&mut self, now: Timestamp) {
        let Some(since) = self.until.replace(now) else { return };
        let passed_s = now.duration_since(since).as_secs_f64().max(0.0);
        let kept = (-passed_s / MEMORY_S).exp();
        self.calls *= kept;
        self.seconds = self.seconds * kept + MEMORY_S * (1.0 - kept);
    }

    /// Calls a second.
    pub fn rate(&self) -> f64 {
        (self.calls + BELIEVED.0) / (self.seconds + BELIEVED.1)
    }

    /// What they will want of agents. The rate is as uncertain as so few calls make it.
    pub fn load(&self) -> Load {
        let mut load = Load::default();
        load.add_rate(self.rate());
        load.doubt(1.0 / (self.calls + 1.0));
        load
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    #[test]
    fn the_rate_is_learned_and_forgotten() {
        let mut arrivals = Arrivals::default();
        arrivals.pass(at(0));
        assert!(arrivals.rate() < 1.0 / 1_800.0);
        (1..=240).for_each(|n| arrivals.one(at(30 * n)));
        assert!((arrivals.rate() * 30.0 - 1.0).abs() < 0.2, "{}", arrivals.rate());
        let moments = arrivals.load();
        assert!((moments.last().mean - 28.0 * arrivals.rate()).abs() < 1e-9);
        arrivals.pass(at(7_200 + 7_200));
        assert!(arrivals.rate() < 1.0 / 1_000.0);
    }
}
