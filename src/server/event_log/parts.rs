//! The files of the log: their names, which run they belong to, and how long they are kept.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

const ENDING: &str = ".jsonl";

/// How much of the log is kept. The oldest files go first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// All files together, bytes.
    pub bytes_max: u64,
    /// Since a file was last written.
    pub age_max: SignedDuration,
}

impl Limits {
    /// The longest file: what is deleted at once.
    pub(super) fn part_bytes_max(&self) -> u64 {
        const PART: u64 = 64 << 20;
        PART.min(self.bytes_max / 4)
    }
}

/// One file of a run.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Part {
    pub run: String,
    pub number: u32,
    pub path: PathBuf,
}

/// The name of a run that begins then; names sort by time.
pub(super) fn run_name(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%S.%3fZ").to_string()
}

impl Part {
    pub fn new(folder: &Path, run: &str, number: u32) -> Self {
        let path = folder.join(format!("{run}-{number:04}{ENDING}"));
        Self { run: run.to_owned(), number, path }
    }

    /// `None` when it is no file of a log.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.strip_suffix(ENDING)?;
        let (run, number) = name.rsplit_once('-')?;
        let number = number.parse().ok()?;
        Some(Self { run: run.to_owned(), number, path: path.to_owned() })
    }

    /// A new file that only its owner reads.
    pub fn create(&self) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)
    }
}

/// The files of every run in a folder, oldest first.
pub(super) fn list(folder: &Path) -> io::Result<Vec<Part>> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(folder)? {
        parts.extend(Part::of(&entry?.path()));
    }
    parts.sort();
    Ok(parts)
}

/// Deletes what is too old or too much; `writing` stays.
pub(super) fn sweep(
    folder: &Path,
    limits: &Limits,
    writing: &Path,
    now: Timestamp,
) -> io::Result<()> {
    let mut sized = Vec::new();
    for part in list(folder)? {
        let metadata = fs::metadata(&part.path)?;
        let written_at = Timestamp::try_from(metadata.modified()?).unwrap_or(now);
        sized.push((part, metadata.len(), written_at));
    }
    let mut total: u64 = sized.iter().map(|(_, bytes, _)| bytes).sum();
    for (part, bytes, written_at) in sized {
        let too_old = now.duration_since(written_at) > limits.age_max;
        if part.path != writing && (too_old || total > limits.bytes_max) {
            fs::remove_file(&part.path)?;
            total -= bytes;
        }
    }
    Ok(())
}
