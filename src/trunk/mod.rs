//! Calls toward carriers and from them: one task, one socket, every trunk.
//!
//! `handle` is what the server holds and the task behind it; `desk` is the task's state, which
//! touches neither socket nor clock; `listen` and `ending` put what SIP says into the words of a
//! call; `line` is one trunk with its channels, call rate and rest, `pace` all of them together;
//! `route` says which trunks a call may take, `outcome` what a last word means. `guest` is the calls
//! that come in, `directory` our numbers that they may call.

mod call;
mod config;
mod desk;
mod directory;
mod ending;
mod fact;
mod guest;
mod handle;
mod invite;
mod line;
mod listen;
mod outcome;
mod pace;
mod probe;
mod redirect;
mod registration;
mod route;
#[cfg(test)]
mod tests;

pub use config::{Login, TrunkConfig, TrunksConfig};
pub use directory::{Directory, Route};
pub use fact::{Incoming, TrunkEvent, TrunkFact, TrunkHealth, TrunkStatus};
pub use handle::{TrunkError, Trunks};
pub use outcome::{Event, LastWord, Meaning, Outcomes, Row, Tone, Word};
pub use route::{Prefix, Rewriting, Routing};
