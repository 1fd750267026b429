//! Why a file cannot be taken in at all. What is wrong with a row is not here: it is reported with
//! the row.

use std::io;

use crate::store::StoreError;

use super::table::{COLUMNS_MAX, ENDLESS_ROW};

/// The file, the disk or the books are at fault.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty,
    /// A row does not end: mostly a quote that is opened and never closed.
    #[error(
        "the row that begins in line {line} is longer than {} MiB; a quotation mark there may not be closed",
        ENDLESS_ROW >> 20
    )]
    EndlessRow {
        /// Where it begins.
        line: u64,
    },
    /// No column of the header is known as the telephone number.
    #[error(
        "no column is known as the telephone number; say which: --map phone=HEADER (there are: {})",
        .headers.join(", ")
    )]
    NoPhoneColumn {
        /// The headers of the file.
        headers: Vec<String>,
    },
    /// It holds NUL: a binary file, or UTF-16 without a byte order mark.
    #[error("the file is not text: its header holds NUL (UTF-16 needs a byte order mark)")]
    NotText,
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The reading of the file ended by a fault of this program.
    #[error("the reading of the file broke off")]
    Reader,
    /// The rejects cannot be written.
    #[error("the rejects cannot be written: {0}")]
    Rejects(#[source] io::Error),
    /// The books say no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No table has so many columns.
    #[error("the header has {found} columns, at most {COLUMNS_MAX} are read")]
    TooManyColumns {
        /// How many there are.
        found: usize,
    },
    /// A column that was named is not in the header.
    #[error("the file has no column {name:?} (there are: {})", .headers.join(", "))]
    UnknownColumn {
        /// The name.
        name: String,
        /// The headers of the file.
        headers: Vec<String>,
    },
}
