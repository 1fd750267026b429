//! What can go wrong with the evidence.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a record is not written, or the chain not read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AuditFault {
    /// The writer has ended.
    #[error("the evidence is closed")]
    Closed,
    /// The disk says no.
    #[error("the evidence cannot be written or read: {}: {source}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: Arc<io::Error>,
    },
    /// The key is none.
    #[error("{}: this is no signing key", .0.display())]
    Key(PathBuf),
    /// The last record cannot be read, so that nothing can be added to it.
    #[error("{}: the last record cannot be read; outdial audit verify says more", .0.display())]
    LastRecord(PathBuf),
}

impl AuditFault {
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| AuditFault::File { path, source: Arc::new(source) }
    }
}
