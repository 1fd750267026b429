//! Leads in: a file lands whole or not at all.
//!
//! Rows are staged beside the leads in small transactions, so that a server goes on dialing. When
//! the last one is there, one commit decides that the file lands; from then on it does, in small
//! transactions again, and a crash on the way is made good when the books are opened. A file that
//! is not to land leaves nothing.

mod columns;
mod error;
mod landing;
mod leads;
mod names;
mod numbers;
mod preview;
mod reader;
mod ready;
mod rejects;
mod row;
mod table;
mod text;

pub use columns::{Field, Mapped};
pub use error::ImportError;
pub(super) use landing::recover;
pub use landing::{Landed, Staging};
pub use leads::{LeadFile, Progress, ProgressSink, Report, check_leads, import_leads};
pub use numbers::{NumberFile, import_numbers};
pub use preview::{Preview, preview};
pub use ready::{NewLead, ReadyLead};
pub use rejects::{Sink, inert};
pub use row::RowFault;
pub use table::Source;
