//! How likely a window is to end above its limit, from what it holds so far.

use super::normal::upper_tail;

/// The target weighs as much as so many people: a window's first rates say little.
const PRIOR_PEOPLE: f64 = 100.0;

/// Above this mean the normal distribution is near enough.
const MEAN_MAX: f64 = 200.0;

/// A window as it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowStanding {
    /// At most this share may be abandoned.
    pub limit: f64,
    /// People who answered.
    pub people: u64,
    /// Who of them was abandoned.
    pub abandoned: u64,
    /// People who are still to answer.
    pub still_expected: f64,
}

/// The probability that the window ends above its limit when people go on being abandoned as they
/// were, seen together with the target that the pacer aims at. The pacer steers against it, so
/// this is a warning and no forecast.
pub fn overrun(window: &WindowStanding, target: f64) -> f64 {
    let (people, abandoned) = (window.people as f64, window.abandoned as f64);
    let still = window.still_expected.max(0.0);
    let share = (abandoned + PRIOR_PEOPLE * target) / (people + PRIOR_PEOPLE);
    let room = (window.limit * (people + still) - abandoned + 1e-9).floor();
    if room < 0.0 { 1.0 } else { above(room, still * share) }
}

/// The probability that a Poisson variable of that mean is above `most`.
fn above(most: f64, mean: f64) -> f64 {
    if mean > MEAN_MAX {
        return upper_tail((most + 0.5 - mean) / mean.sqrt());
    }
    let mut term = (-mean).exp();
    let mut within = term;
    let mut count = 1.0;
    while count <= most {
        term *= mean / count;
        within += term;
        if term == 0.0 {
            break;
        }
        count += 1.0;
    }
    (1.0 - within).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(people: u64, abandoned: u64, still_expected: f64) -> WindowStanding {
        WindowStanding { limit: 0.03, people, abandoned, still_expected }
    }

    #[test]
    fn a_window_that_is_over_is_known() {
        assert_eq!(overrun(&window(1_000, 30, 0.0), 0.02), 0.0);
        assert_eq!(overrun(&window(1_000, 31, 0.0), 0.02), 1.0);
        assert_eq!(overrun(&window(0, 0, 0.0), 0.02), 0.0);
    }

    #[test]
    fn more_abandoned_make_it_likelier_and_more_people_surer() {
        let at = |abandoned| overrun(&window(1_000, abandoned, 1_000.0), 0.02);
        assert!(at(10) < 0.001 && at(30) > 0.3 && at(30) < 0.7 && at(60) > 0.99, "{}", at(30));
        let calm = |still| overrun(&window(1_000, 20, still), 0.02);
        assert!(calm(30_000.0) < calm(300.0), "{} {}", calm(30_000.0), calm(300.0));
    }

    #[test]
    fn sum_and_normal_meet() {
        let (sum, normal) = (above(210.0, 199.9), upper_tail((210.5 - 199.9) / 199.9_f64.sqrt()));
        assert!((sum - normal).abs() < 0.01, "{sum} {normal}");
    }
}
