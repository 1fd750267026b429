//! Who picked up? A detector that hears the first seconds after the answer and says person,
//! machine, fax, network tone or silence.
//!
//! Energy and duration decide: how long the first utterance is, whether a pause follows it, how
//! much is said in all; tones are told by their frequencies. Nothing here is trained.

mod detector;
mod frame;
mod spectrum;
mod speech;
mod tone;

pub use detector::Detector;

/// Samples a second; what is pushed must have this rate.
pub const SAMPLE_RATE_HZ: u32 = 8_000;
