//! What taking a file in has in common: the file and its rejects, progress, and the report.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Fault, Run};
use crate::clock;
use crate::config::{self, Config};
use crate::domain::{Country, PhoneNumber};
use crate::store::import::{Mapped, Progress, ProgressSink, Report, Sink, Source};
use crate::store::{Store, StoreError};

/// Rows between two lines of progress where there is no terminal.
const ROWS_PER_LINE: u64 = 100_000;

/// A file, and how to read it.
#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// The file: CSV, or the same with semicolons, tabs or bars; - reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What a column is, when its header does not say it: phone=Rückruf,state=Land. FIELD is one
    /// of phone, first_name, last_name, state, zip
    #[arg(long = "map", value_name = "FIELD=HEADER", value_delimiter = ',')]
    pub mapped: Vec<Mapped>,
    /// Take the good rows when there are bad ones
    #[arg(long)]
    pub skip_bad: bool,
    /// Where to write the rows that are not taken, with line, column and reason; mended, they can
    /// be imported again [default: FILE with .rejects.csv]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

/// A country, as an argument.
pub(super) fn country(code: &str) -> Result<Country, String> {
    Country::new(code).ok_or_else(|| "not a country's two letters (ISO 3166-1)".to_owned())
}

/// A number in E.164, as an argument.
pub(super) fn e164(text: &str) -> Result<PhoneNumber, String> {
    PhoneNumber::from_e164(text).ok_or_else(|| "not E.164: + and 4 to 15 digits".to_owned())
}

impl FileArgs {
    /// The name of the file, for reports and the books.
    pub fn name(&self) -> String {
        self.file.file_name().unwrap_or(self.file.as_os_str()).to_string_lossy().into_owned()
    }

    /// The file, and its length where that is known.
    pub fn open(&self) -> Result<(Source, Option<u64>), Fault> {
        if self.file == Path::new("-") {
            return Ok((Box::new(io::stdin()), None));
        }
        let unreadable =
            |error| Fault::failed(format!("{} cannot be read: {error}", self.file.display()));
        let file = File::open(&self.file).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        Ok((Box::new(file), Some(length)))
    }

    /// Where the rejects go. Without `--rejects` they are left out where they cannot be written.
    pub fn rejects(&self) -> Result<Option<RejectsFile>, Fault> {
        let (path, asked) = match &self.rejects {
            Some(path) => (path.clone(), true),
            None if self.file == Path::new("-") => return Ok(None),
            None => (beside(&self.file), false),
        };
        match RejectsFile::begin(path.clone()) {
            Ok(rejects) => Ok(Some(rejects)),
            Err(error) if asked => {
                Err(Fault::failed(format!("{} cannot be written: {error}", path.display())))
            }
            Err(error) => {
                tracing::warn!(%error, "no rejects are kept; say --rejects FILE");
                Ok(None)
            }
        }
    }
}

/// `leads.csv` to `leads.rejects.csv`; rejects that come back keep their name.
fn beside(file: &Path) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_suffix(".rejects").unwrap_or(&stem);
    file.with_file_name(format!("{stem}.rejects.csv"))
}

/// Rejects under another name until they are complete: the file that is read may be the one that
/// is written.
pub(super) struct RejectsFile {
    path: PathBuf,
    part: PathBuf,
    file: File,
}

impl RejectsFile {
    fn begin(path: PathBuf) -> io::Result<Self> {
        let mut part = path.clone().into_os_string();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        let file = File::create_new(&part)?;
        Ok(Self { path, part, file })
    }

    /// Where the rows are written.
    pub fn sink(&self) -> io::Result<Sink> {
        Ok(Box::new(BufWriter::new(self.file.try_clone()?)))
    }

    /// Keeps them when there are any; where they are then.
    pub fn finish(self, rejected: u64) -> io::Result<Option<PathBuf>> {
        if rejected == 0 {
            fs::remove_file(&self.part)?;
            return Ok(None);
        }
        fs::rename(&self.part, &self.path)?;
        Ok(Some(self.path.clone()))
    }

    /// Throws them away.
    pub fn discard(self) {
        // It is left where it cannot be removed; it says `.part`.
        let _ = fs::remove_file(&self.part);
    }
}

/// The configuration when there is one: an import also works without.
pub(super) fn config(path: &Path) -> Result<Option<Config>, Fault> {
    if !path.exists() {
        return Ok(None);
    }
    config::load(path)
        .map(Some)
        .map_err(|faults| Fault::failed(format!("the configuration has faults:\n{faults}")))
}

/// The books, to import into while a server may run on them; made where there are none.
pub(super) async fn open_books(data: &Path) -> Result<Store, StoreError> {
    match Store::beside(data).await {
        Err(StoreError::NoBooks(_) | StoreError::OlderSchema { .. }) => {
            Store::open(data, clock::now()).await?.0.close().await;
            Store::beside(data).await
        }
        opened => opened,
    }
}

/// A bar on a terminal, otherwise a line every [`ROWS_PER_LINE`] rows; on standard error.
pub(super) fn meter(length: Option<u64>) -> ProgressSink {
    if io::stderr().is_terminal() { bar(length) } else { lines() }
}

fn bar(length: Option<u64>) -> ProgressSink {
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    let style = |template: &str| {
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
    };
    bar.set_style(style("{bar:30} {percent:>3} %  {msg}  {elapsed} (left: {eta})"));
    Arc::new(move |progress| match progress {
        Progress::Landing { landed, of } => {
            bar.set_length(of);
            bar.set_position(landed);
            bar.set_message(format!("{} landed", thousands(landed)));
            if landed >= of {
                bar.finish_and_clear();
            }
        }
        Progress::Reading { bytes, rows } => {
            bar.set_position(bytes);
            bar.set_message(format!("{} rows read", thousands(rows)));
            if length.is_some_and(|length| bytes >= length) {
                bar.abandon();
                bar.reset_eta();
            }
        }
    })
}

fn lines() -> ProgressSink {
    let said = AtomicU64::new(0);
    Arc::new(move |progress| {
        let (count, what) = match progress {
            Progress::Landing { landed, .. } => (landed, "landed"),
            Progress::Reading { rows, .. } => (rows, "rows read"),
        };
        let step = count / ROWS_PER_LINE;
        let before = said.swap(step, Ordering::Relaxed);
        if step > before {
            // Nobody reads it: the work goes on.
            let _ = writeln!(io::stderr(), "{} {what}", thousands(count));
        }
    })
}

/// Says what came of the file, and is the exit code of that. `place` is where it went: `in
/// campaign spring`.
pub(super) fn tell(args: &FileArgs, report: &Report, kept: Option<&Path>, place: &str) -> Run {
    let mut out = io::stdout().lock();
    for fault in &report.faults {
        let column = match fault.column.as_str() {
            "" => String::new(),
            column => format!(", column {}", shown(column)),
        };
        writeln!(out, "{}: line {}{column}: {}", args.name(), fault.line, shown(&fault.reason))?;
    }
    writeln!(
        out,
        "{}: {}, {} new {place}, {} bad, {} twice in the file, {} there already",
        args.name(),
        rows(report.rows),
        thousands(report.landed),
        thousands(report.bad),
        thousands(report.duplicates_in_file),
        thousands(report.duplicates_in_campaign),
    )?;
    if let Some(kept) = kept {
        writeln!(
            out,
            "{}: {} not taken, with the reason",
            kept.display(),
            rows(report.rejected())
        )?;
    }
    if report.bad == 0 || args.skip_bad {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "nothing was taken, because of {} that cannot be: mend the file, or say --skip-bad to \
         take the good ones now and the mended rejects later",
        rows(report.bad)
    )?;
    Ok(ExitCode::FAILURE)
}

/// `1 row`, `2,000 rows`.
fn rows(count: u64) -> String {
    format!("{} row{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// Text of a file on a terminal: no control characters.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// `1,000,000`.
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let (head, tail) = digits.split_at(first);
    tail.as_bytes()
        .chunks(3)
        .fold(head.to_owned(), |shown, group| format!("{shown},{}", String::from_utf8_lossy(group)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_of_rejects_keep_their_name() {
        assert_eq!(beside(Path::new("a/leads.csv")), Path::new("a/leads.rejects.csv"));
        assert_eq!(beside(Path::new("leads.rejects.csv")), Path::new("leads.rejects.csv"));
    }

    #[test]
    fn thousands_are_grouped() {
        let shown = [0, 12, 999, 1_000, 1_234_567].map(thousands);
        assert_eq!(shown, ["0", "12", "999", "1,000", "1,234,567"]);
    }
}
