//! How carriers, drivers and stores lie: the same fact twice, late, or about a call that is over.

use jiff::SignedDuration;

use super::chance::Chance;

/// How often what is said is said again, or wrongly. All zero: an honest world.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lies {
    /// A fact of a call is said a second time.
    pub again: f64,
    /// A fact that fits nothing is said of a call that is up or over.
    pub nonsense: f64,
    /// The store's answer comes a second time.
    pub leads_again: f64,
    /// The store's answer is lost.
    pub leads_lost: f64,
    /// The end of a call is never said.
    pub end_lost: f64,
}

impl Lies {
    /// A bad day.
    pub const BAD_DAY: Lies =
        Lies { again: 0.10, nonsense: 0.05, leads_again: 0.20, leads_lost: 0.05, end_lost: 0.01 };
}

/// How late a second telling comes: at once, or up to ten minutes later.
pub(super) fn lateness(chance: &mut Chance) -> SignedDuration {
    let s = 600.0 * chance.share().powi(6);
    SignedDuration::from_micros((s * 1e6) as i64)
}
