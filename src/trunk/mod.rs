//! Calls toward carriers: one task, one socket, every trunk.
//!
//! `handle` is what the server holds and the task behind it; `desk` is the task's state, which
//! touches neither socket nor clock; `listen` and `ending` put what SIP says into the words of a
//! call; `line` is one trunk with its channels, call rate and rest; `outcome` says what a last word
//! means.

mod call;
mod config;
mod desk;
mod ending;
mod fact;
mod handle;
mod invite;
mod line;
mod listen;
mod outcome;
mod probe;
#[cfg(test)]
mod tests;

pub use config::{Login, TrunkConfig, TrunksConfig};
pub use fact::{TrunkEvent, TrunkFact, TrunkHealth, TrunkStatus};
pub use handle::{TrunkError, Trunks};
pub use outcome::{LastWord, Meaning};
