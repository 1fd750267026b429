//! What many days come to, with their intervals.

use outdial::sim::Day;

/// The figures of a policy, in shares of 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Mean over the days.
    pub utilisation: f64,
    /// Half the width of its 95 % interval.
    pub utilisation_within: f64,
    /// Of all people of all days.
    pub abandonment: f64,
    /// Half the width of the 95 % interval of the days' mean.
    pub abandonment_within: f64,
    /// The worst day's abandonment.
    pub worst: f64,
    /// Days above 3 %, of how many.
    pub above: (usize, usize),
}

impl Figures {
    /// Of these days.
    pub fn of(days: &[Day]) -> Self {
        let utilisations: Vec<f64> = days.iter().map(Day::utilisation).collect();
        let abandonments: Vec<f64> = days.iter().map(Day::abandonment).collect();
        let (utilisation, utilisation_within) = mean(&utilisations);
        let (_, abandonment_within) = mean(&abandonments);
        let people: u64 = days.iter().map(|day| day.people.answered).sum();
        let abandoned: u64 = days.iter().map(|day| day.people.abandoned).sum();
        Self {
            utilisation,
            utilisation_within,
            abandonment: abandoned as f64 / (people as f64).max(1.0),
            abandonment_within,
            worst: abandonments.iter().copied().fold(0.0, f64::max),
            above: (abandonments.iter().filter(|share| **share > 0.03).count(), days.len()),
        }
    }

    /// `85.0 ±0.3 (2.41 ±0.05, worst 2.98)`, in percent.
    pub fn text(&self) -> String {
        format!(
            "{:.1} ±{:.1} ({:.2} ±{:.2}, worst {:.2}, {} of {} days > 3)",
            100.0 * self.utilisation,
            100.0 * self.utilisation_within,
            100.0 * self.abandonment,
            100.0 * self.abandonment_within,
            100.0 * self.worst,
            self.above.0,
            self.above.1,
        )
    }
}

/// The mean and half the width of its 95 % interval (Student's t).
fn mean(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count.max(1.0);
    if values.len() < 2 {
        return (mean, 0.0);
    }
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / (count - 1.0)).sqrt();
    (mean, student(values.len() - 1) * deviation / count.sqrt())
}

/// The 97.5 % point of Student's t with so many degrees of freedom.
fn student(freedom: usize) -> f64 {
    const FEW: [f64; 10] = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];
    FEW.get(freedom.saturating_sub(1)).copied().unwrap_or(1.96 + 2.5 / freedom as f64)
}
