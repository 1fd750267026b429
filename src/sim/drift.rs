//! How the share of people who answer moves over a day: a wave, a wandering factor, and steps.

use jiff::{SignedDuration, Timestamp};

use super::Course;
use super::chance::Chance;

/// How finely the path is drawn.
const GRAIN: SignedDuration = SignedDuration::from_secs(5);

/// How the share of people who answer moves over a day: multiplied by a sine wave, by the
/// exponential of an Ornstein-Uhlenbeck process, and by every step that has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The wave's height, as a share of the mean; 0 is none.
    pub wave: f64,
    /// When the wave first rises through its mean, from the start of the day.
    pub wave_from: SignedDuration,
    /// The wave's period.
    pub wave_period: SignedDuration,
    /// Standard deviation of the wandering logarithm; 0 is none.
    pub wander: f64,
    /// The time in which the wandering forgets (its time constant).
    pub wander_time: SignedDuration,
    /// Lasting changes.
    pub steps: Vec<Step>,
    /// The share is never less than this.
    pub least: f64,
    /// Nor more than this.
    pub most: f64,
}

/// A lasting change of the share of people who answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// When, from the start of the day.
    pub at: SignedDuration,
    /// Standard deviation of the time, day by day.
    pub jitter: SignedDuration,
    /// The share is multiplied by this from then on.
    pub factor: f64,
}

impl Default for Drift {
    fn default() -> Self {
        Self {
            wave: 0.0,
            wave_from: SignedDuration::ZERO,
            wave_period: SignedDuration::from_hours(8),
            wander: 0.0,
            wander_time: SignedDuration::from_secs(900),
            steps: Vec::new(),
            least: 0.0,
            most: 1.0,
        }
    }
}

/// The share of people who answer, over one day.
#[derive(Clone, Debug)]
pub(super) struct Path {
    begins_at: Timestamp,
    shares: Vec<f64>,
}

impl Path {
    /// One day's path around the share `mean`.
    pub(super) fn draw(
        mean: f64,
        drift: &Drift,
        begins_at: Timestamp,
        length: SignedDuration,
        chance: &mut Chance,
    ) -> Self {
        let steps: Vec<(f64, f64)> = drift
            .steps
            .iter()
            .map(|step| {
                let late_s = step.jitter.as_secs_f64() * chance.normal();
                (step.at.as_secs_f64() + late_s, step.factor)
            })
            .collect();
        let (grain_s, period_s) = (GRAIN.as_secs_f64(), drift.wave_period.as_secs_f64().max(1.0));
        let kept = (-grain_s / drift.wander_time.as_secs_f64().max(1e-9)).exp();
        let renewed = drift.wander * (1.0 - kept * kept).sqrt();
        let mut wander = drift.wander * chance.normal();
        let count = (length.as_secs_f64() / grain_s).ceil().max(1.0) as u32;
        let shares = (0..count)
            .map(|place| {
                let at_s = f64::from(place) * grain_s;
                let turn = (at_s - drift.wave_from.as_secs_f64()) / period_s;
                let wave = 1.0 + drift.wave * (std::f64::consts::TAU * turn).sin();
                let come = steps.iter().filter(|(step_s, _)| *step_s <= at_s);
                let steps: f64 = come.map(|(_, factor)| factor).product();
                let share = mean * wave * wander.exp() * steps;
                wander = kept * wander + renewed * chance.normal();
                share.max(drift.least).min(drift.most)
            })
            .collect();
        Self { begins_at, shares }
    }

    /// The same path with the factors of a given course.
    pub(super) fn along(mut self, course: &Course) -> Self {
        for (place, share) in self.shares.iter_mut().enumerate() {
            let after = GRAIN * i32::try_from(place).unwrap_or(i32::MAX);
            *share = (*share * course.factor(after)).min(1.0);
        }
        self
    }

    /// The share at `now`; the last one after the day.
    pub(super) fn share(&self, now: Timestamp) -> f64 {
        let grains = now.duration_since(self.begins_at).as_secs() / GRAIN.as_secs();
        let place = usize::try_from(grains).unwrap_or(0).min(self.shares.len() - 1);
        self.shares[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i32 = 3_600;

    fn path(drift: &Drift) -> Path {
        let length = SignedDuration::from_hours(8);
        Path::draw(0.2, drift, Timestamp::UNIX_EPOCH, length, &mut Chance::new(1))
    }

    fn share(path: &Path, hours: i64) -> f64 {
        path.share(Timestamp::from_second(hours * i64::from(HOUR)).unwrap())
    }

    #[test]
    fn without_drift_the_share_stays() {
        let path = path(&Drift::default());
        assert!((0..20).all(|hours| share(&path, hours) == 0.2));
    }

    #[test]
    fn steps_multiply_and_the_bounds_hold() {
        let step =
            |hours, factor| Step { at: SignedDuration::from_hours(hours), jitter: GRAIN, factor };
        let steps = vec![step(2, 2.0), step(4, 0.5), step(6, 9.0)];
        let path = path(&Drift { steps, most: 0.6, ..Drift::default() });
        assert_eq!([1, 3, 5, 7].map(|hours| share(&path, hours)), [0.2, 0.4, 0.2, 0.6]);
    }

    #[test]
    fn the_wandering_has_its_deviation_and_its_time() {
        let drift = Drift { wander: 0.1, ..Drift::default() };
        let length = SignedDuration::from_hours(2_000);
        let start = Timestamp::UNIX_EPOCH;
        let path = Path::draw(0.2, &drift, start, length, &mut Chance::new(1));
        let logs: Vec<f64> = path.shares.iter().map(|share| (share / 0.2).ln()).collect();
        let mean_of = |values: &mut dyn Iterator<Item = f64>| {
            let (sum, count) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
            sum / count
        };
        let variance = mean_of(&mut logs.iter().map(|log| log * log));
        assert!((variance.sqrt() - 0.1).abs() < 0.01, "{}", variance.sqrt());
        // 900 s are 180 grains: the correlation has fallen to 1/e.
        let apart = mean_of(&mut logs.iter().zip(&logs[180..]).map(|(one, other)| one * other));
        assert!((apart / variance - 0.37).abs() < 0.1, "{}", apart / variance);
    }
}
