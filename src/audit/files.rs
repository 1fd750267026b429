//! The files of the chain: a day each.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::chain::Record;
use super::error::AuditFault;
use super::head::Head;

/// The folder inside the data folder.
pub const FOLDER: &str = "audit";
/// Days that a day's file is kept: five years (16 CFR 310.5(a), as amended in 2024).
pub const KEEP_DAYS: i32 = 5 * 366;

/// Signed heads of days that are over.
pub(super) const HEADS: &str = "heads.jsonl";
/// The signed head of the chain.
pub(super) const HEAD: &str = "head.json";
const ENDING: &str = ".jsonl";

/// The day of an instant, in UTC.
pub(super) fn day_of(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

pub(super) fn path_of(folder: &Path, day: Date) -> PathBuf {
    folder.join(format!("{day}{ENDING}"))
}

/// A file for its owner only, to be added to.
pub(super) fn append_to(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().append(true).read(true).create(true).mode(0o600).open(path)
}

/// The days that have a file, oldest first.
///
/// # Errors
/// When the folder cannot be read; none is no error.
pub fn day_files(data: &Path) -> Result<Vec<(Date, PathBuf)>, AuditFault> {
    let folder = data.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(AuditFault::file(&folder))?,
    };
    let mut days = Vec::new();
    for entry in entries {
        let path = entry.map_err(AuditFault::file(&folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(Ok(day)) = name.strip_suffix(ENDING).map(str::parse) {
            days.push((day, path));
        }
    }
    days.sort();
    Ok(days)
}

/// Reads a day: each line with its number, from 1. A last line without an end is one too.
///
/// # Errors
/// When the file cannot be read.
pub fn read_day(
    path: &Path,
    mut each: impl FnMut(u64, &str, Result<Record, &'static str>),
) -> Result<(), AuditFault> {
    let mut reader = BufReader::new(File::open(path).map_err(AuditFault::file(path))?);
    let (mut line, mut text) = (0, Vec::new());
    while reader.read_until(b'\n', &mut text).map_err(AuditFault::file(path))? > 0 {
        line += 1;
        let ended = text.pop_if(|byte| *byte == b'\n').is_some();
        let shown = String::from_utf8_lossy(&text).into_owned();
        let record = if ended { Record::read(&shown) } else { Err("the line has no end") };
        each(line, &shown, record);
        text.clear();
    }
    Ok(())
}

/// The signed heads of days that are over, each with its line; `Err` is a line that is none.
pub(super) fn heads(folder: &Path) -> Result<Vec<(u64, Option<Head>)>, AuditFault> {
    let path = folder.join(HEADS);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => {
            let text = read.map_err(AuditFault::file(&path))?;
            let heads =
                text.lines().zip(1..).map(|(line, at)| (at, serde_json::from_str(line).ok()));
            Ok(heads.collect())
        }
    }
}

pub(super) fn head(folder: &Path) -> Option<Head> {
    serde_json::from_str(&fs::read_to_string(folder.join(HEAD)).ok()?).ok()
}
