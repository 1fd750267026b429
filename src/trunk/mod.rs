//! Calls toward carriers: one task, one socket, every trunk.

mod config;
mod fact;
mod outcome;

pub use config::{Login, TrunkConfig, TrunksConfig};
pub use fact::{TrunkEvent, TrunkFact, TrunkHealth, TrunkStatus};
pub use outcome::{LastWord, Meaning};
