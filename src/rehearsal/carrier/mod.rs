//! The test carrier: numbers that ring, answer, refuse and hang up, on real SIP and RTP.

mod config;
mod numbers;

pub use config::{CarrierConfig, CarrierConfigFault, Machine, Person, Ports};
pub use numbers::{Answer, Numbers};
