//! A run's lines, file after file.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::FOLDER;
use super::line::{FORMAT, Header, Line};
use super::parts::{Part, list};

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EventLogFault {
    /// The first file of the run is not there any more.
    #[error(
        "{run} begins with part {first}: its first files are gone (the event log keeps so many \
         days and megabytes, see [event_log] in outdial.toml), and a replay needs a run from its \
         start"
    )]
    Beheaded {
        /// The run.
        run: String,
        /// The first part that is there.
        first: u32,
    },
    /// A line is none of the log's.
    #[error("{}:{line}: this is no line of an event log: {why}", .file.display())]
    Broken {
        /// Where.
        file: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// Written in another form.
    #[error(
        "{}: written in form {found} by outdial {version}, and this outdial reads form {FORMAT}: \
         replay it with that one", .file.display()
    )]
    Form {
        /// The file.
        file: PathBuf,
        /// Its form.
        found: u32,
        /// Who wrote it.
        version: String,
    },
    /// No run is there.
    #[error(
        "{}: there is no event log; name a file of events/, or a data folder with one",
        .0.display()
    )]
    None(PathBuf),
    /// A rulebook of the log cannot be read.
    #[error("the rulebook {id:?} in the log cannot be read by this outdial: {why}")]
    Rulebook {
        /// Which.
        id: String,
        /// Why not.
        why: String,
    },
    /// The file cannot be read.
    #[error("{}: {source}; name a file of events/, or a data folder with one", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Reads one run from its start.
#[derive(Debug)]
pub struct EventLogReader {
    /// What the dialer started with.
    pub header: Header,
    parts: std::vec::IntoIter<Part>,
    file: PathBuf,
    lines: BufReader<File>,
    line: u64,
    bytes: u64,
}

impl EventLogReader {
    /// Opens the run that a file belongs to, or the last run of a folder: a data folder or its
    /// `events`.
    ///
    /// # Errors
    /// [`EventLogFault`].
    pub fn open(path: &Path) -> Result<Self, EventLogFault> {
        let parts = parts_of(path)?;
        let Some(first) = parts.first().cloned() else {
            return Err(EventLogFault::None(path.to_owned()));
        };
        if first.number != 1 {
            return Err(EventLogFault::Beheaded { run: first.run, first: first.number });
        }
        let mut parts = parts.into_iter();
        parts.next();
        let mut lines = open(&first.path)?;
        let (header, bytes) = header(&first.path, &mut lines)?;
        Ok(Self { header, parts, file: first.path, lines, line: 1, bytes })
    }

    /// Bytes read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where the last line stands.
    pub fn place(&self) -> (&Path, u64) {
        (&self.file, self.line)
    }

    /// The next line; `None` at the end of the run. A last line that is cut off, where the process
    /// was killed, is none.
    ///
    /// # Errors
    /// [`EventLogFault`].
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Line>, EventLogFault> {
        loop {
            let mut text = Vec::new();
            let read = self.lines.read_until(b'\n', &mut text);
            let read = read.map_err(|source| unreadable(&self.file, source))?;
            if text.last() == Some(&b'\n') {
                self.line += 1;
                self.bytes += read as u64;
                return self.parse(&text).map(Some);
            }
            let Some(next) = self.parts.next() else { return Ok(None) };
            self.lines = open(&next.path)?;
            (self.file, self.line) = (next.path, 0);
        }
    }

    fn parse(&self, text: &[u8]) -> Result<Line, EventLogFault> {
        serde_json::from_slice(text).map_err(|error| broken(&self.file, self.line, &error))
    }
}

fn header(file: &Path, lines: &mut BufReader<File>) -> Result<(Header, u64), EventLogFault> {
    #[derive(serde::Deserialize)]
    struct Form {
        begin: FormOfHeader,
    }
    #[derive(serde::Deserialize)]
    struct FormOfHeader {
        format: u32,
        version: String,
    }
    let mut text = Vec::new();
    lines.read_until(b'\n', &mut text).map_err(|source| unreadable(file, source))?;
    let form: Form = serde_json::from_slice(&text).map_err(|error| broken(file, 1, &error))?;
    let FormOfHeader { format: found, version } = form.begin;
    if found != FORMAT {
        return Err(EventLogFault::Form { file: file.to_owned(), found, version });
    }
    match serde_json::from_slice(&text).map_err(|error| broken(file, 1, &error))? {
        Line::Begin(header) => Ok((header, text.len() as u64)),
        Line::Continued { .. } | Line::End { .. } | Line::Fact(_) | Line::Gap(_) => {
            Err(broken(file, 1, &"a log begins with the line \"begin\""))
        }
    }
}

/// The files of the run that is meant.
fn parts_of(path: &Path) -> Result<Vec<Part>, EventLogFault> {
    let metadata = fs::metadata(path).map_err(|source| unreadable(path, source))?;
    let (folder, run) = if metadata.is_dir() {
        let inside = path.join(FOLDER);
        (if inside.is_dir() { inside } else { path.to_owned() }, None)
    } else {
        let part = Part::of(path).ok_or_else(|| EventLogFault::None(path.to_owned()))?;
        (path.parent().unwrap_or(Path::new("")).to_owned(), Some(part.run))
    };
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let mut parts = list(&folder).map_err(|source| unreadable(&folder, source))?;
    let run = run.or_else(|| parts.last().map(|part| part.run.clone()));
    parts.retain(|part| Some(&part.run) == run.as_ref());
    Ok(parts)
}

fn open(file: &Path) -> Result<BufReader<File>, EventLogFault> {
    File::open(file).map(BufReader::new).map_err(|source| unreadable(file, source))
}

fn unreadable(file: &Path, source: io::Error) -> EventLogFault {
    EventLogFault::Unreadable { file: file.to_owned(), source }
}

fn broken(file: &Path, line: u64, why: &dyn std::fmt::Display) -> EventLogFault {
    EventLogFault::Broken { file: file.to_owned(), line, why: why.to_string() }
}
