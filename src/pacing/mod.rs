//! How many calls now? Pure arithmetic over what a dialer sees: agents by state, calls by state,
//! and what has been measured of both. Chance, clocks and calls themselves stay outside.

mod arrivals;
mod baseline;
mod broadcast;
mod budget;
mod calibration;
mod deadline;
mod delay;
mod explanation;
mod forecast;
mod grid;
mod hazard;
mod lag;
mod level;
mod normal;
mod observation;
mod outlook;
mod pacer;
mod predictive;
mod ring;
mod self_check;
mod staff;
#[cfg(test)]
mod testing;

pub use budget::Window;
pub use calibration::{Calibration, CalibrationFigures, Forecast, Foretold, Reliability, Verdict};
pub use deadline::Deadline;
pub use explanation::{Explanation, OneToOne};
pub use grid::Load;
pub use normal::Expected;
pub use observation::{Activity, Observation, Stage};
pub use outlook::{WindowStanding, overrun};
pub use pacer::{Decision, Floor, Learned, Pacer};
