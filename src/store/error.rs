//! What can go wrong with the books, and who is at fault.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{CallId, LeadId};

/// Why the books could not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Books are being moved here, and not all of them have come.
    #[error("a move into these books has not come to its end; run outdial store move again")]
    Arriving,
    /// Another import has not landed yet; one lands at a time.
    #[error("another import is under way; try again when it has landed")]
    Busy,
    /// The store has been closed, or its writer has ended with the process.
    #[error("the books are closed")]
    Closed,
    /// The database says no: a full disk, a read-only folder, a broken file.
    #[error("the books cannot be read or written: {0}")]
    Database(#[source] Arc<sqlx::Error>),
    /// The data folder cannot be made, or its lock not be taken.
    #[error("the data folder {} cannot be used: {source}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: Arc<io::Error>,
    },
    /// Another dialer has taken these books over: nothing that this one says is written any more.
    #[error("another dialer has taken over these books; this one can write nothing more")]
    Fenced,
    /// Another dialer that is alive dials this campaign on the same database.
    #[error("campaign {campaign} is another dialer's, which is alive")]
    Held {
        /// Which.
        campaign: String,
    },
    /// Another process holds the data folder.
    #[error(
        "the data folder {} is in use by another process{}; a running server is asked through its API",
        .path.display(),
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    InUse {
        /// Which.
        path: PathBuf,
        /// By whom, where that is known.
        pid: Option<u32>,
    },
    /// The schema cannot be brought up to date.
    #[error("the books cannot be brought to this version's schema: {0}")]
    Migration(Arc<sqlx::migrate::MigrateError>),
    /// There are no books here yet.
    #[error("there are no books in {}; a first import or a first start makes them", .0.display())]
    NoBooks(PathBuf),
    /// The books were written by a newer version; this one must not touch them.
    #[error(
        "the books were written by a newer version of outdial (schema {found}; this one knows {known})"
    )]
    NewerSchema {
        /// The schema found.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// The books are those of an older version, and are only to be read.
    #[error(
        "the books are of an older version (schema {found}, this one has {known}); start the server once to bring them up to date"
    )]
    OlderSchema {
        /// The schema found.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// The attempt may not begin; nothing was written.
    #[error("call {call} may not begin: {why}")]
    Refused {
        /// The call.
        call: CallId,
        /// Why not.
        why: AttemptRefused,
    },
    /// What is to be added is there already.
    #[error("{what} is taken")]
    Taken {
        /// What, for people (`extension 101`).
        what: String,
    },
    /// What is named is not there.
    #[error("there is no {what}")]
    Unknown {
        /// What, for people (`agent 7`).
        what: String,
    },
    /// A row does not read back as what was written: the file was changed by other hands.
    #[error("the books hold something that this version cannot read: {0}")]
    Unreadable(String),
}

/// Why an attempt may not begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AttemptRefused {
    /// The number has come onto the do-not-call list since the gate was asked.
    #[error("its number is on the do-not-call list")]
    DoNotCall,
    /// The call's number is in the books for another lead.
    #[error("that call is in the books already")]
    CallTaken,
    /// The lead is not claimed by this run, or has a call in progress.
    #[error("lead {0} is not this dialer's to call")]
    NotClaimed(LeadId),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::Database(Arc::new(error))
    }
}
