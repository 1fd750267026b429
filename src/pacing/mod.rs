//! How many calls now? Pure arithmetic over what a dialer sees: agents by state, calls by state,
//! and what has been measured of both. Chance, clocks and calls themselves stay outside.

mod budget;
mod calibration;
mod estimate;
mod explanation;
mod observation;
mod pacer;
mod predictive;
#[cfg(test)]
mod testing;
mod watch;

pub use calibration::{
    Calibration, CalibrationFigures, Expected, Forecast, Foretold, Reliability, Verdict,
};
pub use explanation::{Explanation, OneToOne};
pub use observation::{Activity, Observation, Stage};
pub use pacer::{Decision, Floor, Pacer};
