//! The data folder: where the books are, and that one dialer at a time has them.
//!
//! The locks are the operating system's, on open files: they end with the process, however the
//! process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::StoreError;

/// The file of the books inside the data folder.
pub const BOOKS_FILE: &str = "outdial.sqlite3";
/// Held by the dialer that runs on the folder.
const LOCK_FILE: &str = "outdial.lock";
/// Held by the one import that is under way.
const IMPORT_LOCK_FILE: &str = "import.lock";

/// Who only looks whether a lock is held holds it for a moment: worth another try.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// The exclusive use of a data folder, for as long as this value lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder where it is missing, and takes it.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process (or another [`Store`](super::Store) of this one)
    /// has it; [`StoreError::Folder`] when it cannot be made or written.
    pub async fn take(path: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(path).map_err(|source| fault(path, source))?;
        for _ in 1..TRIES {
            if let Some(folder) = Self::try_take(path)? {
                return Ok(folder);
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        let pid = holder(path);
        Self::try_take(path)?.ok_or(StoreError::InUse { path: path.to_owned(), pid })
    }

    fn try_take(path: &Path) -> Result<Option<Self>, StoreError> {
        let Some(mut lock) = lock(path, LOCK_FILE)? else { return Ok(None) };
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| write!(lock, "{}", std::process::id()))
            .map_err(|source| fault(path, source))?;
        Ok(Some(Self { path: path.to_owned(), _lock: lock }))
    }

    /// Whether a dialer runs on the folder.
    pub fn is_taken(path: &Path) -> bool {
        matches!(lock(path, LOCK_FILE), Ok(None))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the books.
    pub fn books(&self) -> PathBuf {
        self.path.join(BOOKS_FILE)
    }
}

/// The right to import, one at a time on a folder.
pub(super) struct ImportLock {
    _lock: File,
}

impl ImportLock {
    /// `None` while another import is under way.
    pub fn take(path: &Path) -> Result<Option<Self>, StoreError> {
        Ok(lock(path, IMPORT_LOCK_FILE)?.map(|lock| Self { _lock: lock }))
    }
}

fn lock(folder: &Path, name: &str) -> Result<Option<File>, StoreError> {
    let file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(folder.join(name))
        .map_err(|source| fault(folder, source))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(fault(folder, source)),
    }
}

fn fault(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::Folder { path: path.to_owned(), source: Arc::new(source) }
}

fn holder(path: &Path) -> Option<u32> {
    let mut pid = String::new();
    File::open(path.join(LOCK_FILE)).ok()?.take(16).read_to_string(&mut pid).ok()?;
    pid.trim().parse().ok()
}
