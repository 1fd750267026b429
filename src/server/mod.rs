//! The assembly that runs a floor: one dialer, its pump, its outboxes and the switchboard.

mod alarms;
mod announcement;
mod assembly;
mod attend;
mod beat;
mod books;
mod by_hand;
mod campaign_files;
mod campaign_lines;
mod dial;
pub mod event_log;
pub mod evidence;
#[cfg(test)]
pub mod fake;
mod first_words;
mod handle;
mod kept_settings;
mod ledger;
mod lists;
mod outbox;
mod past;
mod privacy;
pub mod promises;
mod pump;
mod reception;
mod settings;
mod strays;
mod switchboard;
mod traces;
mod transfer;
mod turn;

pub use alarms::{Alarm, AlarmKind};
pub use assembly::{Server, StartFault};
pub use attend::AttendFault;
pub use books::Entry;
pub use by_hand::DialFault;
pub use campaign_files::KeepFault;
pub use dial::{CallIds, DialRequest};
pub use handle::{Fact, Handle, Holding, LogInFault};
pub use lists::{ListsRenewed, NumberOnLists};
pub use outbox::Mail;
pub use past::past_of;
pub use settings::{Settings, secret_seed};
pub use switchboard::{Attendance, Manner, Order, Voice, never_left};
pub use transfer::Whom;
