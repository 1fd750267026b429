//! Leads in: a file lands whole or not at all.
//!
//! Rows are staged beside the leads in small transactions, so that a server goes on dialing. When
//! the last one is there, one commit decides that the file lands; from then on it does, in small
//! transactions again, and a crash on the way is made good when the books are opened. A file that
//! is not to land leaves nothing.

mod landing;

pub(super) use landing::recover;
pub use landing::{Landed, NewLead, Staging};
