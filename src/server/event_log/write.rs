//! The writer: lines into files, a new file when one is full, old files out.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::line::{Gap, Line};
use super::parts::{Limits, Part, sweep};

/// Writes the lines of one run. A disk that does not take them costs lines and nothing else: they
/// are counted, and the gap is marked where the log goes on.
pub(super) struct Writer {
    folder: PathBuf,
    run: String,
    limits: Limits,
    begin: Line,
    part: u32,
    file: Option<BufWriter<File>>,
    bytes: u64,
    /// Facts that are in the file's buffer.
    pending: u64,
    /// Facts that are in no file.
    lost: u64,
    facts: u64,
}

impl Writer {
    pub fn new(folder: &Path, run: String, limits: Limits, begin: Line) -> Self {
        Self {
            folder: folder.to_owned(),
            run,
            limits,
            begin,
            part: 0,
            file: None,
            bytes: 0,
            pending: 0,
            lost: 0,
            facts: 0,
        }
    }

    /// Makes the first file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(&mut self, now: Timestamp) -> io::Result<()> {
        self.begin_part(now)
    }

    /// Writes a fact's line; `missing` facts before it never came here.
    pub fn fact(&mut self, fact: &Line, missing: u64, now: Timestamp) {
        self.lost += missing;
        self.facts += missing + 1;
        let written = self.begin_part(now).and_then(|()| {
            self.mark_gap()?;
            self.line(fact)
        });
        match written {
            Ok(()) => self.pending += 1,
            Err(error) => self.fail(1, &error),
        }
    }

    /// Hands what is buffered to the operating system.
    pub fn flush(&mut self) {
        let Some(file) = &mut self.file else { return };
        match file.flush() {
            Ok(()) => self.pending = 0,
            Err(error) => self.fail(0, &error),
        }
    }

    /// The run is over.
    pub fn end(&mut self, now: Timestamp) {
        let end = Line::End { facts: self.facts };
        let written = self.begin_part(now).and_then(|()| {
            self.mark_gap()?;
            self.line(&end)
        });
        if let Err(error) = written {
            self.fail(0, &error);
        }
        self.flush();
        if let Some(file) = &self.file
            && let Err(error) = file.get_ref().sync_all()
        {
            tracing::error!(%error, "the event log may not outlast a power failure");
        }
    }

    /// Opens the next file when there is none, or when the present one is full.
    fn begin_part(&mut self, now: Timestamp) -> io::Result<()> {
        if self.bytes >= self.limits.part_bytes_max() {
            self.flush();
            self.file = None;
        }
        if self.file.is_some() {
            return Ok(());
        }
        let part = Part::new(&self.folder, &self.run, self.part + 1);
        self.file = Some(BufWriter::new(part.create()?));
        self.part = part.number;
        self.bytes = 0;
        let first = match self.part {
            1 => self.begin.clone(),
            part => Line::Continued { run: self.run.clone(), part },
        };
        self.line(&first)?;
        sweep(&self.folder, &self.limits, &part.path, now)
    }

    fn mark_gap(&mut self) -> io::Result<()> {
        if self.lost > 0 {
            self.line(&Line::Gap(Gap { facts: self.lost }))?;
            self.flush();
            self.lost = 0;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Err(io::ErrorKind::NotConnected.into()) };
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        file.write_all(&text)?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    /// The file is given up with all that is in its buffer.
    fn fail(&mut self, facts: u64, error: &io::Error) {
        if self.lost == 0 {
            tracing::error!(%error, "the event log has a gap from here on");
        }
        self.lost += facts + std::mem::take(&mut self.pending);
        if let Some(file) = self.file.take() {
            // What cannot be written now is not tried again when the buffer is dropped.
            drop(file.into_parts());
        }
    }
}
