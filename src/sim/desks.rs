//! How agents behave.

use jiff::SignedDuration;

use super::Spread;

/// How agents behave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Desks {
    /// After a call, until the disposition.
    pub wrap_up: Spread,
    /// How agents differ for good in the length of their talks: standard deviation of a factor
    /// around 1.
    pub talk_differs: f64,
    /// The same of their wrap-ups.
    pub wrap_up_differs: f64,
    /// How often a pause follows a wrap-up.
    pub pause: f64,
    /// How long it is.
    pub pause_time: Spread,
    /// The one long pause of the day.
    pub lunch: Option<Lunch>,
    /// Each logs in at some time of the first so long, and leaves at some time of the last.
    pub stagger: SignedDuration,
    /// From the login to ready.
    pub settle: SignedDuration,
    /// How often who leaves during a call ends it; the others see it through and ask for a pause.
    pub walks_out: f64,
    /// How often a phone dies during a talk, to come back after a pause.
    pub vanish: f64,
    /// How often a bridge fails.
    pub bridge_fails: f64,
}

/// The one long pause of the day, asked for at some time and taken at the next free moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lunch {
    /// How long it is.
    pub length: SignedDuration,
    /// The first share of the day at which it may be asked for, 0 to 1.
    pub from: f64,
    /// The last.
    pub to: f64,
}

impl Default for Desks {
    fn default() -> Self {
        Self {
            wrap_up: Spread::of(25.0, 15.0),
            talk_differs: 0.0,
            wrap_up_differs: 0.0,
            pause: 0.03,
            pause_time: Spread::of(300.0, 200.0),
            lunch: None,
            stagger: SignedDuration::from_secs(60),
            settle: SignedDuration::from_secs(1),
            walks_out: 0.5,
            vanish: 0.002,
            bridge_fails: 0.002,
        }
    }
}
