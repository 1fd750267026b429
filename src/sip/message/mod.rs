//! Messages (RFC 3261 §7): a strict tokenizing pass over the bytes, and writing.
//!
//! The pass stands in front of rsip. It takes a message apart in place, refuses what RFC 4475 wants
//! refused and says with which status, and never allocates more than the datagram's size. The
//! machines below run on its borrowed [`Message`]; an owner gets rsip's types, made from a message
//! that has passed.

mod address;
mod body;
pub(super) mod fields;
pub mod grammar;
mod head;
mod name;
mod parse;
mod rewrite;
mod start;
mod via;
mod write;

pub use address::Address;
pub use head::Head;
pub use name::Name;
pub use parse::{CSeq, Message, Refused};
pub(super) use rewrite::{acknowledge, afresh, authorize, cancel, line_of, value_of};
pub use start::Start;
pub use via::Via;
pub(super) use write::{Opening, Writer, echo, reason_phrase};
