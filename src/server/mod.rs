//! The assembly that runs a floor: one dialer, its pump, its outboxes and the switchboard.

mod announcement;
mod assembly;
mod beat;
mod books;
mod by_hand;
mod dial;
pub mod event_log;
pub mod evidence;
#[cfg(test)]
pub mod fake;
mod first_words;
mod handle;
mod ledger;
mod lists;
mod outbox;
mod privacy;
pub mod promises;
mod pump;
mod reception;
mod settings;
mod strays;
mod switchboard;
mod turn;

pub use assembly::{Server, StartFault};
pub use books::Entry;
pub use by_hand::DialFault;
pub use dial::{CallIds, DialRequest};
pub use handle::{Fact, Handle, LogInFault};
pub use lists::{ListsRenewed, NumberOnLists};
pub use outbox::Mail;
pub use settings::{Settings, secret_seed};
pub use switchboard::{Order, never_left};
