//! The data folder: where the books are, and that one process at a time has them.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StoreError;

/// The file of the books inside the data folder.
pub const BOOKS_FILE: &str = "outdial.sqlite3";
const LOCK_FILE: &str = "outdial.lock";

/// The exclusive use of a data folder, for as long as this value lives. The lock is the operating
/// system's, on an open file: it ends with the process, however the process ends.
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
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let fault = |source| StoreError::Folder { path: path.to_owned(), source: Arc::new(source) };
        std::fs::create_dir_all(path).map_err(fault)?;
        let mut lock = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path.join(LOCK_FILE))
            .map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { path: path.to_owned(), pid: holder(&mut lock) });
            }
            Err(TryLockError::Error(source)) => return Err(fault(source)),
        }
        lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id())).map_err(fault)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
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

fn holder(lock: &mut File) -> Option<u32> {
    let mut pid = String::new();
    lock.rewind().ok()?;
    lock.take(16).read_to_string(&mut pid).ok()?;
    pid.trim().parse().ok()
}
