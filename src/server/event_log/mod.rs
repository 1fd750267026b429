//! The event log: every fact that the dialer was told, in order, and what it decided.
//!
//! Told to a dialer of the same build again, the facts give the same decisions bit for bit
//! ([`Replay`]): the log is the evidence of why each call was placed, and a bug report that runs.
//!
//! - One JSON object a line ([`Line`]); a run of the server is a row of files in `events/` of the
//!   data folder, `<start>-0001.jsonl` and on.
//! - The pump hands each fact to a writer by a queue with a limit and never waits for it. When the
//!   queue is full, or the disk, facts are left out and the gap is marked; a replay ends there.
//! - The rulebooks stand in the log with their texts. Of the do-not-call lists it has the size and
//!   the checksum, and with each batch of leads those of their numbers that were on it then: the
//!   gate asks about no others, so that a replay needs no list and the log holds nobody who was
//!   not to be called anyway.
//! - Leads, numbers and notes are in it whole: files and folder are the owner's alone.

mod line;
mod parts;
mod read;
mod record;
mod replay;
#[cfg(test)]
mod tests;
mod write;

pub use line::{Gap, Header, Line, ListDigest, RulebookText, Told};
pub use parts::Limits;
pub use read::{EventLogFault, EventLogReader};
pub use record::{EventLog, Recorder};
pub use replay::{Departure, Replay, Replayed, Verified, verify};

/// The folder inside the data folder.
pub const FOLDER: &str = "events";
