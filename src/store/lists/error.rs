//! What can go wrong with a list.

use std::io;
use std::path::PathBuf;

use jiff::civil::Date;

use crate::compliance::{ListId, PageFault};

/// Why a list cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    /// The pages are not those that were written.
    #[error("{}: the list was changed or damaged: its pages have another checksum", .0.display())]
    Changed(PathBuf),
    /// The disk says no.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The header cannot be read, or is that of another list.
    #[error("{}: this is no do-not-call list of this version: {why}", .path.display())]
    Header {
        /// Which file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The changes are of a day before that of the list.
    #[error("the list {id} is as of {as_of}, and the changes of {changes}: they are in it already")]
    Older {
        /// The list.
        id: ListId,
        /// Its day.
        as_of: Date,
        /// The day of the changes.
        changes: Date,
    },
    /// The pages do not fit together.
    #[error("{}: {fault}", .path.display())]
    Pages {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        fault: PageFault,
    },
    /// What is to become a list cannot be read.
    #[error("{name} cannot be read: {source}")]
    Read {
        /// The file of numbers.
        name: String,
        /// Why not.
        source: io::Error,
    },
    /// The rejects cannot be written.
    #[error("the rejects cannot be written: {0}")]
    Rejects(#[source] io::Error),
}
