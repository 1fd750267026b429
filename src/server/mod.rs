//! The assembly that runs a floor: one dialer, its pump, its outboxes and the switchboard.

mod announcement;
mod assembly;
mod books;
mod dial;
mod handle;
mod outbox;
mod pump;
mod switchboard;

pub use assembly::{Server, Settings, StartFault};
pub use handle::{Fact, Handle, LogInFault};
