//! Who picked up? A detector that hears the first seconds after the answer and says person,
//! machine, announcement, screener, fax, network tone, music or silence.
//!
//! Tones are told by their frequencies and cadences. Voices are told by how they talk: each tenth of a
//! second the [`FEATURES`] of the call so far (how long the first words, how long the pauses, how the
//! pitch moves) are weighed by boosted trees that were trained on composed calls; when to decide
//! follows from what mistakes and delay cost ([`Costs`]). `docs/amd.md` has the method, the sources,
//! their licences and figures on recordings that the training never heard.

mod activity;
mod beep;
mod cadence;
mod calibration;
mod data;
mod detector;
mod early;
mod features;
mod frame;
#[cfg(test)]
mod generated;
mod greeting;
mod heard;
#[cfg(test)]
mod labelled;
mod listener;
mod melody;
mod model;
mod plan;
mod posterior;
mod prosody;
mod rule;
mod run;
mod signal;
mod sound;
mod special;
mod spectrum;
mod speech;
mod talk;
mod tone;
pub mod training;
mod trees;

pub use beep::Beep;
pub use calibration::{Fit, Known, Shares, fit};
pub use detector::Detector;
pub use early::EarlyMedia;
pub use features::FEATURES;
pub use greeting::{EndedBy, GreetingEnd, GreetingEnded};
pub use posterior::Posterior;
pub use rule::Costs;
pub use signal::{Data, Progress, Signal, Special};

/// Samples a second; what is pushed must have this rate.
pub const SAMPLE_RATE_HZ: u32 = 8_000;
