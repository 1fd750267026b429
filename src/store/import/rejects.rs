//! The rejects: the rows that did not land, as they were, each with its line and what is wrong.
//! Mended, the file can be imported again: the columns added here are ignored then.
//!
//! A cell that a spreadsheet would take for a formula gets an apostrophe, and loses it again when
//! the file comes back.

use std::borrow::Cow;
use std::io::Write;

use super::table::OWN_COLUMN;
use super::{ImportError, RowFault};

/// Where rejects go.
pub type Sink = Box<dyn Write + Send>;

pub(super) struct Rejects {
    writer: Option<csv::Writer<Sink>>,
}

impl Rejects {
    /// Begins with the header of the table. Without a sink nothing is written.
    pub fn new(sink: Option<Sink>, header: &[String]) -> Result<Self, ImportError> {
        let mut rejects = Self {
            writer: sink.map(|sink| csv::WriterBuilder::new().flexible(true).from_writer(sink)),
        };
        let own = ["line", "column", "reason"].map(|name| format!("{OWN_COLUMN}{name}"));
        let names = header.iter().map(|name| guarded(Cow::Borrowed(name)));
        rejects.write(own.iter().map(|name| Cow::Borrowed(name.as_str())).chain(names))?;
        Ok(rejects)
    }

    /// Whether anybody wants them.
    pub fn are_wanted(&self) -> bool {
        self.writer.is_some()
    }

    /// A row and what is wrong with it.
    pub fn reject<'a>(
        &mut self,
        line: u64,
        cells: impl Iterator<Item = Cow<'a, str>>,
        faults: &[RowFault],
    ) -> Result<(), ImportError> {
        let joined = |of: fn(&RowFault) -> &str| {
            let parts: Vec<&str> = faults.iter().map(of).collect();
            guarded(Cow::Owned(parts.join("; ")))
        };
        let own = [
            Cow::Owned(line.to_string()),
            joined(|fault| &fault.column),
            joined(|fault| &fault.reason),
        ];
        self.write(own.into_iter().chain(cells.map(guarded)))
    }

    fn write<'a>(&mut self, cells: impl Iterator<Item = Cow<'a, str>>) -> Result<(), ImportError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for cell in cells {
            writer.write_field(cell.as_bytes()).map_err(fault)?;
        }
        writer.write_record(None::<&[u8]>).map_err(fault)
    }

    pub fn finish(mut self) -> Result<(), ImportError> {
        match &mut self.writer {
            Some(writer) => writer.flush().map_err(ImportError::Rejects),
            None => Ok(()),
        }
    }
}

fn fault(error: csv::Error) -> ImportError {
    ImportError::Rejects(error.into())
}

/// Whether a text needs an apostrophe before it in a spreadsheet (OWASP, CSV injection). A plain
/// number with its sign does not. A text with an apostrophe gets a second one, so that it is the
/// same when it comes back.
pub(super) fn is_guarded(text: &str) -> bool {
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    !plain && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\''])
}

/// A cell for a spreadsheet: with an apostrophe before what would be a formula there.
pub fn inert(text: &str) -> Cow<'_, str> {
    guarded(Cow::Borrowed(text))
}

fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_guarded(&text) { Cow::Owned(format!("'{text}")) } else { text }
}
