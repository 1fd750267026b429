//! Text to a list: one thread reads rows, the other puts their numbers into pages.

use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use jiff::Timestamp;
use jiff::civil::Date;

use super::error::ListFault;
use super::file;
use super::rows::{Row, Rows};
use crate::compliance::{ListHeader, ListId, ListKind, PageWriter};
use crate::domain::Country;

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;
/// Rows that change hands at once. They are put in order, so that numbers which share a page of
/// the list, or of the machine's memory, come one after the other.
const CHUNK_ROWS: usize = 256 << 10;
/// Chunks that may wait.
const CHUNKS_MAX: usize = 4;
/// A row is no longer; a longer one is bad, and the next is read.
const ROW_BYTES_MAX: usize = 4 << 10;
/// Rejected rows that a report repeats.
const REPEATED_MAX: usize = 20;

/// What a list is to be.
#[derive(Clone, Debug)]
pub struct ListPlan {
    /// Its name.
    pub id: ListId,
    /// What it is.
    pub kind: ListKind,
    /// In whose national format the numbers are.
    pub country: Country,
    /// The day on which it was true.
    pub as_of: Date,
    /// Which column has the number, from 0; `None` when there is only one.
    pub column: Option<usize>,
    /// Takes the good rows when there are bad ones.
    pub skip_bad: bool,
}

/// A file of numbers.
pub struct ListSource {
    /// Its name, for reports.
    pub name: String,
    /// Its bytes.
    pub bytes: Box<dyn Read + Send>,
}

/// A row that is not taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RejectedRow {
    /// Which file.
    pub file: String,
    /// Its row, from 1.
    pub row: u64,
    /// As it is, at most 100 bytes of it.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What a file of a change says of its numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Change {
    Add,
    Remove,
}

/// What has changed since the copy that is there.
pub struct ListChanges {
    /// The list.
    pub id: ListId,
    /// The day on which it is true with the changes.
    pub as_of: Date,
    /// Which column has the number, from 0; `None` when there is only one.
    pub column: Option<usize>,
    /// Takes the good rows when there are bad ones.
    pub skip_bad: bool,
    /// Numbers that are on it now.
    pub added: Vec<ListSource>,
    /// Numbers that are not any more. One that is also added stays on it.
    pub removed: Vec<ListSource>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// Rows read.
    pub rows: u64,
    /// Rows that say nothing.
    pub blank: u64,
    /// Numbers that stood there before.
    pub twice: u64,
    /// Numbers and ranges that were taken out.
    pub removed: u64,
    /// Rows that are no numbers.
    pub bad: u64,
    /// The first of them.
    pub rejected: Vec<RejectedRow>,
    /// Bytes of memory that the making took, about.
    pub memory: usize,
    /// The list; `None` when nothing was taken because of bad rows.
    pub list: Option<ListHeader>,
}

/// From the reader to the pages.
enum Chunk {
    Numbers(Change, Vec<u64>),
    Prefix(Change, u64),
    Rejected(RejectedRow),
    /// So many rows so far, and so many of them blank.
    Rows(u64, u64),
}

/// Makes a list of the numbers of `sources` and puts it in the place of the one with its id, whole
/// or not at all. `rejected` is shown every bad row, `progress` the count of rows now and then.
///
/// # Errors
/// [`ListFault`]; the list that was there stays.
pub fn build(
    data: &Path,
    plan: &ListPlan,
    sources: Vec<ListSource>,
    rejected: impl FnMut(&RejectedRow) -> io::Result<()>,
    progress: impl FnMut(u64),
    now: Timestamp,
) -> Result<Built, ListFault> {
    let sources = sources.into_iter().map(|source| (Change::Add, source)).collect();
    make(data, plan, PageWriter::new(), sources, rejected, progress, now)
}

/// Makes a list of the one that is there and what has changed since, and puts it in its place, whole
/// or not at all. `rejected` and `progress` as for [`build`].
///
/// # Errors
/// [`ListFault`]; the list that was there stays.
pub fn update(
    data: &Path,
    changes: ListChanges,
    rejected: impl FnMut(&RejectedRow) -> io::Result<()>,
    progress: impl FnMut(u64),
    now: Timestamp,
) -> Result<Built, ListFault> {
    let old = file::open(&file::path_of(data, &changes.id))?;
    let ListHeader { id, kind, country, as_of, .. } = old.header().clone();
    if changes.as_of < as_of {
        return Err(ListFault::Older { id, as_of, changes: changes.as_of });
    }
    let plan = ListPlan {
        id,
        kind,
        country: country.unwrap_or(Country::US),
        as_of: changes.as_of,
        column: changes.column,
        skip_bad: changes.skip_bad,
    };
    let mut pages = PageWriter::new();
    old.pages().each_number(|number| {
        pages.add(number);
    });
    old.pages().each_prefix().for_each(|prefix| pages.add_prefix(prefix));
    let removed = changes.removed.into_iter().map(|source| (Change::Remove, source));
    let added = changes.added.into_iter().map(|source| (Change::Add, source));
    make(data, &plan, pages, removed.chain(added).collect(), rejected, progress, now)
}

fn make(
    data: &Path,
    plan: &ListPlan,
    mut pages: PageWriter,
    sources: Vec<(Change, ListSource)>,
    mut rejected: impl FnMut(&RejectedRow) -> io::Result<()>,
    mut progress: impl FnMut(u64),
    now: Timestamp,
) -> Result<Built, ListFault> {
    let (chunks, taken) = sync_channel(CHUNKS_MAX);
    let mut built = Built::default();
    let rows = Rows::new(plan.country, plan.column);
    thread::scope(|scope| {
        let reader = scope.spawn(move || read_all(sources, rows, &chunks));
        for chunk in taken {
            match chunk {
                Chunk::Numbers(Change::Remove, numbers) => {
                    let there = numbers.iter().filter(|number| pages.remove(**number)).count();
                    built.removed += there as u64;
                }
                Chunk::Numbers(Change::Add, mut numbers) => {
                    numbers.sort_unstable();
                    let new = numbers.iter().filter(|number| pages.add(**number)).count();
                    built.twice += (numbers.len() - new) as u64;
                }
                Chunk::Prefix(Change::Add, prefix) => pages.add_prefix(prefix),
                Chunk::Prefix(Change::Remove, prefix) => {
                    built.removed += u64::from(pages.remove_prefix(prefix));
                }
                Chunk::Rejected(row) => {
                    rejected(&row).map_err(ListFault::Rejects)?;
                    built.bad += 1;
                    if built.rejected.len() < REPEATED_MAX {
                        built.rejected.push(row);
                    }
                }
                Chunk::Rows(rows, blank) => {
                    (built.rows, built.blank) = (rows, blank);
                    progress(rows);
                }
            }
        }
        // A reader that panics has a bug, and takes the list with it.
        reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    built.memory = pages.memory();
    if built.bad > 0 && !plan.skip_bad {
        return Ok(built);
    }
    let header = ListHeader {
        id: plan.id.clone(),
        kind: plan.kind,
        country: Some(plan.country),
        as_of: plan.as_of,
        built_at: now,
        numbers: 0,
        prefixes: pages.prefixes(),
        bytes: 0,
        sha256: String::new(),
    };
    built.list = Some(file::write(data, header, &pages)?);
    Ok(built)
}

/// Reads every file to its end, or until nobody takes the rows.
fn read_all(
    sources: Vec<(Change, ListSource)>,
    rows: Rows,
    chunks: &SyncSender<Chunk>,
) -> Result<(), ListFault> {
    let numbers = Vec::with_capacity(CHUNK_ROWS);
    let mut reader = Reader { rows, chunks, change: Change::Add, numbers, read: 0, blank: 0 };
    for (change, source) in sources {
        if change != reader.change {
            reader.hand_over();
            reader.change = change;
        }
        let name = source.name.clone();
        reader.read(source).map_err(|source| ListFault::Read { name, source })?;
    }
    reader.hand_over();
    Ok(())
}

struct Reader<'a> {
    rows: Rows,
    chunks: &'a SyncSender<Chunk>,
    change: Change,
    numbers: Vec<u64>,
    /// Rows of all files, and the blank ones.
    read: u64,
    blank: u64,
}

impl Reader<'_> {
    fn read(&mut self, mut source: ListSource) -> io::Result<()> {
        let (mut buffer, mut held, mut row) = (vec![0; READ_BYTES + ROW_BYTES_MAX], 0, 0);
        // The row that is under way is too long: it was told, and its rest is passed over.
        let mut overlong = false;
        loop {
            let read = source.bytes.read(&mut buffer[held..])?;
            let end = held + read;
            let mut from = 0;
            if !overlong {
                from = self.take_plain(&buffer[..end], &mut row);
            }
            while let Some(length) = buffer[from..end].iter().position(|byte| *byte == b'\n') {
                if !std::mem::take(&mut overlong) {
                    row += 1;
                    self.take(&source.name, row, &buffer[from..from + length]);
                }
                from += length + 1;
                from += self.take_plain(&buffer[from..end], &mut row);
            }
            if read == 0 {
                if from < end && !overlong {
                    self.take(&source.name, row + 1, &buffer[from..end]);
                }
                return Ok(());
            }
            if end - from > ROW_BYTES_MAX {
                if !overlong {
                    row += 1;
                    self.reject(&source.name, row, &buffer[from..end], "it is too long".to_owned());
                }
                (overlong, held) = (true, 0);
                continue;
            }
            buffer.copy_within(from..end, 0);
            held = end - from;
        }
    }

    /// Takes as many plain rows as there are, and says how many bytes they are.
    fn take_plain(&mut self, bytes: &[u8], row: &mut u64) -> usize {
        let mut from = 0;
        while let Some((number, length)) = self.rows.plain(&bytes[from..]) {
            from += length;
            *row += 1;
            self.read += 1;
            self.push(number);
        }
        from
    }

    fn push(&mut self, number: u64) {
        self.numbers.push(number);
        if self.numbers.len() == CHUNK_ROWS {
            self.hand_over();
        }
    }

    fn take(&mut self, file: &str, row: u64, line: &[u8]) {
        self.read += 1;
        match self.rows.read(line) {
            Ok(Row::Blank) => self.blank += 1,
            Ok(Row::Number(number)) => self.push(number),
            Ok(Row::Prefix(prefix)) => self.send(Chunk::Prefix(self.change, prefix)),
            // A header.
            Err(_) if row == 1 && line.iter().any(u8::is_ascii_alphabetic) => self.blank += 1,
            Err(reason) => self.reject(file, row, line, reason),
        }
    }

    fn reject(&mut self, file: &str, row: u64, line: &[u8], reason: String) {
        let text = String::from_utf8_lossy(&line[..line.len().min(100)]).trim_end().to_owned();
        self.send(Chunk::Rejected(RejectedRow { file: file.to_owned(), row, text, reason }));
    }

    fn hand_over(&mut self) {
        let numbers = std::mem::replace(&mut self.numbers, Vec::with_capacity(CHUNK_ROWS));
        self.send(Chunk::Numbers(self.change, numbers));
        self.send(Chunk::Rows(self.read, self.blank));
    }

    /// Nobody takes it when the rejects could not be written, and that is what is reported.
    fn send(&self, chunk: Chunk) {
        let _ = self.chunks.send(chunk);
    }
}
