//! A table of text: delimiter, header, rows with their lines, and limits to all of it.

use std::borrow::Cow;
use std::io::{self, Chain, Cursor, Read};

use csv::ByteRecord;

use super::ImportError;
use super::text::{Text, cell};

/// Columns that a header may have.
pub(super) const COLUMNS_MAX: usize = 256;
/// Bytes of a row; a longer one is reported, and the next is read.
pub(super) const ROW_MAX: usize = 64 << 10;
/// Bytes after which a row is given up, and the file with it.
pub(super) const ENDLESS_ROW: u64 = 4 << 20;
/// Bytes that are looked at for the delimiter.
const SNIFFED: u64 = 64 << 10;
/// What the columns that a rejects file adds begin with; they are no columns of the table.
pub(super) const OWN_COLUMN: &str = "outdial_";

/// Where the bytes of a file come from.
pub type Source = Box<dyn Read + Send>;

/// A table that is being read.
pub(super) struct Table {
    reader: csv::Reader<Bounded>,
    row: ByteRecord,
    line: u64,
    header: Vec<String>,
    /// The places of the header's columns in a row.
    places: Vec<usize>,
    /// It is a rejects file of ours, where apostrophes stand before what looks like a formula.
    mended: bool,
    /// The first row is no header and is still to be read.
    pending: bool,
}

impl Table {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ImportError`] when it is none.
    pub fn open(source: Source) -> Result<Self, ImportError> {
        let mut text = Text::new(source).map_err(ImportError::Read)?;
        let mut head = Vec::new();
        (&mut text).take(SNIFFED).read_to_end(&mut head).map_err(ImportError::Read)?;
        let (skipped, delimiter) = delimiter(&head);
        let old_mac = head.contains(&b'\r') && !head.contains(&b'\n');
        let inner = Cursor::new(head.split_off(skipped)).chain(text);
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .terminator(csv::Terminator::Any(b'\n'))
            .flexible(true)
            .has_headers(false)
            .from_reader(Bounded { inner, old_mac, ended: false, read: 0, until: 0 });
        let mut table = Self {
            reader,
            row: ByteRecord::new(),
            line: 0,
            header: Vec::new(),
            places: Vec::new(),
            mended: false,
            pending: false,
        };
        if !table.read()? {
            return Err(ImportError::Empty);
        }
        table.take_header()?;
        Ok(table)
    }

    fn take_header(&mut self) -> Result<(), ImportError> {
        if self.row.len() > COLUMNS_MAX {
            return Err(ImportError::TooManyColumns { found: self.row.len() });
        }
        if self.row.as_slice().contains(&0) {
            return Err(ImportError::NotText);
        }
        for place in 0..self.row.len() {
            let name = cell(self.raw(place)).trim().to_owned();
            if name.starts_with(OWN_COLUMN) {
                self.mended = true;
            } else {
                self.places.push(place);
                self.header.push(name);
            }
        }
        if self.mended {
            self.header.iter_mut().for_each(|name| *name = plain(name.as_str().into()).into());
        }
        Ok(())
    }

    /// Says that the first row is a row as the others: the table has no header.
    pub fn without_header(&mut self) {
        self.header.clear();
        self.pending = true;
    }

    /// The names of the columns, without those of a rejects file; empty without a header.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Goes on to the next row that is not blank. False at the end.
    ///
    /// # Errors
    /// [`ImportError::EndlessRow`], [`ImportError::Read`].
    pub fn next(&mut self) -> Result<bool, ImportError> {
        if std::mem::take(&mut self.pending) {
            return Ok(true);
        }
        while self.read()? {
            if self.row.as_slice().iter().any(|byte| !byte.is_ascii_whitespace()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn read(&mut self) -> Result<bool, ImportError> {
        let before = self.reader.position().line();
        let from = self.reader.position().byte();
        self.reader.get_mut().until = from + ENDLESS_ROW;
        let more = self.reader.read_byte_record(&mut self.row).map_err(|error| {
            match error.into_kind() {
                csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    ImportError::EndlessRow { line: before }
                }
                csv::ErrorKind::Io(error) => ImportError::Read(error),
                other => ImportError::Read(io::Error::other(format!("{other:?}"))),
            }
        })?;
        // Every row ends with a line feed, so the reader stands in the line behind it.
        let breaks = self.row.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        self.line = self.reader.position().line().saturating_sub(1 + breaks);
        Ok(more)
    }

    /// The line in which the row begins, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Bytes of the row.
    pub fn row_bytes(&self) -> usize {
        self.row.as_slice().len()
    }

    /// How many cells the row has that are not those of a rejects file; empty ones behind the last
    /// column are not counted.
    pub fn width(&self) -> usize {
        let filled = (0..self.row.len()).rposition(|place| !self.raw(place).is_empty());
        let filled = filled.map_or(0, |last| last + 1);
        let within = self.places.iter().filter(|place| **place < self.row.len()).count();
        within + filled.saturating_sub(self.last_place())
    }

    fn last_place(&self) -> usize {
        self.places.last().map_or(0, |last| last + 1)
    }

    /// The cell in a column of the header; empty where the row is too short.
    pub fn cell(&self, column: usize) -> Cow<'_, str> {
        let place = self.places.get(column).copied().unwrap_or(usize::MAX);
        let text = cell(self.raw(place));
        if self.mended { plain(text) } else { text }
    }

    /// Every cell of the row that is not one of a rejects file, also those behind the last column.
    pub fn cells(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let beyond = self.last_place()..self.row.len();
        let within = self.places.iter().copied().filter(|place| *place < self.row.len());
        within.chain(beyond).map(|place| {
            let text = cell(self.raw(place));
            if self.mended { plain(text) } else { text }
        })
    }

    /// The bytes of a cell. Rows end with a line feed; the carriage return that many have before
    /// it is not the last cell's.
    fn raw(&self, place: usize) -> &[u8] {
        let bytes = self.row.get(place).unwrap_or_default();
        let last = place + 1 == self.row.len();
        bytes.strip_suffix(b"\r").filter(|_| last).unwrap_or(bytes)
    }

    /// Bytes of the file that have been read.
    pub fn bytes(&self) -> u64 {
        self.reader.get_ref().inner.get_ref().1.bytes()
    }
}

/// Takes back what a rejects file puts before a text that a spreadsheet would take for a formula.
fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.strip_prefix('\'') {
        Some(rest) if super::rejects::is_guarded(rest) => Cow::Owned(rest.to_owned()),
        _ => text,
    }
}

/// The character that separates the cells: the one that a spreadsheet names in a line of its own
/// (`sep=;`, which is skipped), or the most frequent of comma, semicolon, tab and bar in the first
/// row outside quotes, and the comma when there is none.
fn delimiter(head: &[u8]) -> (usize, u8) {
    if let [b's', b'e', b'p', b'=', delimiter, rest @ ..] = head {
        let end = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if end > 0 && delimiter.is_ascii() {
            return (5 + end, *delimiter);
        }
    }
    let mut counts = [(b'|', 0), (b'\t', 0), (b';', 0), (b',', 0)];
    let mut quoted = false;
    for byte in head.trim_ascii_start() {
        quoted ^= *byte == b'"';
        if !quoted && matches!(byte, b'\n' | b'\r') {
            break;
        }
        for (delimiter, count) in &mut counts {
            *count += usize::from(!quoted && byte == delimiter);
        }
    }
    // Of equals the last one counts.
    let most = counts.iter().max_by_key(|(_, count)| *count);
    (0, most.map_or(b',', |(delimiter, _)| *delimiter))
}

/// Ends a reading that has gone on too long without a row's end, and a file with a line feed. A
/// file that knows only carriage returns gets line feeds for them.
struct Bounded {
    inner: Chain<Cursor<Vec<u8>>, Text<Source>>,
    old_mac: bool,
    ended: bool,
    read: u64,
    until: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read > self.until {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut length = self.inner.read(buffer)?;
        if length == 0 && !self.ended && !buffer.is_empty() {
            self.ended = true;
            buffer[0] = b'\n';
            length = 1;
        }
        if self.old_mac {
            buffer[..length].iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
        }
        self.read += length as u64;
        Ok(length)
    }
}
