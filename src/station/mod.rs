//! Where an agent sits: the registrar for agents' SIP phones, phones in browsers, and their nailed-up
//! legs.
//!
//! `browser` is the phones in browsers, with a socket and a task of their own. Of SIP phones,
//! `handle` is what the server holds and the task behind it; `desk` is the task's state, which
//! touches neither socket nor clock; `listen` puts what SIP says into the words of a phone;
//! `registrar` answers REGISTER.

mod binding;
mod browser;
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

pub use browser::{BrowserConfig, Browsers, OfferFault};
pub use config::{Extension, StationConfig};
pub use fact::{LegEnd, StationEvent, StationFact};
pub use handle::{Station, StationError};
