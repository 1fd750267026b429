//! Where an agent sits: the registrar for agents' SIP phones, and their nailed-up legs.
//!
//! `handle` is what the server holds and the task behind it; `desk` is the task's state, which
//! touches neither socket nor clock; `listen` puts what SIP says into the words of a phone;
//! `registrar` answers REGISTER.

mod binding;
mod config;
mod contact;
mod desk;
mod fact;
mod handle;
mod leg;
mod listen;
mod registrar;
#[cfg(test)]
mod tests;

pub use config::{Extension, StationConfig};
pub use fact::{LegEnd, StationEvent, StationFact};
pub use handle::{Station, StationError};
