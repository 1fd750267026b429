//! Reads the rows of a file of leads on a thread of its own, and hands the good ones over.

use std::collections::BTreeMap;

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::domain::{CampaignId, Country, PhoneNumber};
use crate::store::Books;

use super::columns::Columns;
use super::rejects::Rejects;
use super::table::Table;
use super::{ImportError, LeadFile, Progress, ProgressSink, ReadyLead, Report, RowFault, row};

/// Rows that are looked up and handed over together.
const CHUNK_ROWS: usize = 4_000;
/// Faults that a report repeats; the rejects have all.
const FAULTS_MAX: usize = 20;

pub(super) struct Reader {
    table: Table,
    columns: Columns,
    country: Country,
    skip_bad: bool,
    rejects: Rejects,
    /// The line of each number so far.
    lines: BTreeMap<PhoneNumber, u64>,
    taken: Option<(Books, CampaignId)>,
    runtime: Handle,
    chunks: mpsc::Sender<Vec<ReadyLead>>,
    good: Vec<ReadyLead>,
    /// The cells of the good rows, for those that prove to be taken.
    cells: Vec<Vec<String>>,
    report: Report,
}

impl Reader {
    /// Reads the header. `taken` tells what the campaign has already; it is asked on `runtime`.
    pub fn open(
        file: LeadFile,
        taken: Option<(Books, CampaignId)>,
        runtime: Handle,
        chunks: mpsc::Sender<Vec<ReadyLead>>,
    ) -> Result<Self, ImportError> {
        let table = Table::open(file.source)?;
        let columns = Columns::of(table.header(), &file.mapped)?;
        let rejects = Rejects::new(file.rejects, table.header())?;
        Ok(Self {
            table,
            columns,
            country: file.country,
            skip_bad: file.skip_bad,
            rejects,
            lines: BTreeMap::new(),
            taken,
            runtime,
            chunks,
            good: Vec::new(),
            cells: Vec::new(),
            report: Report::default(),
        })
    }

    /// Reads to the end of the file, or until nobody takes the rows.
    pub fn read_all(mut self, progress: &ProgressSink) -> Result<Report, ImportError> {
        while self.table.next()? {
            self.report.rows += 1;
            self.read_row()?;
            if self.report.rows.is_multiple_of(CHUNK_ROWS as u64) {
                progress(self.progress());
                self.hand_over()?;
            }
        }
        self.hand_over()?;
        progress(self.progress());
        self.rejects.finish()?;
        Ok(self.report)
    }

    fn progress(&self) -> Progress {
        Progress::Reading { bytes: self.table.bytes(), rows: self.report.rows }
    }

    fn read_row(&mut self) -> Result<(), ImportError> {
        let line = self.table.line();
        let lead = match row::read(&self.table, &self.columns, self.country) {
            Ok(lead) => lead,
            Err(faults) => {
                self.report.bad += 1;
                self.rejects.reject(line, self.table.cells(), &faults)?;
                let room = FAULTS_MAX.saturating_sub(self.report.faults.len());
                self.report.faults.extend(faults.into_iter().take(room));
                return Ok(());
            }
        };
        if let Some(first) = self.lines.get(&lead.number) {
            self.report.duplicates_in_file += 1;
            let fault = self.duplicate(line, format!("the number is in line {first} already"));
            return self.rejects.reject(line, self.table.cells(), &[fault]);
        }
        self.lines.insert(lead.number, line);
        if self.taken.is_some() && self.rejects.are_wanted() {
            self.cells.push(self.table.cells().map(|cell| cell.into_owned()).collect());
        }
        self.good.push(lead);
        Ok(())
    }

    fn duplicate(&self, line: u64, reason: String) -> RowFault {
        let column = self.table.header().get(self.columns.phone).cloned().unwrap_or_default();
        RowFault { line, column, reason }
    }

    /// Hands over what is good and not taken; nothing when the file will not land any more.
    fn hand_over(&mut self) -> Result<(), ImportError> {
        let mut good = std::mem::take(&mut self.good);
        let cells = std::mem::take(&mut self.cells);
        if let Some((books, campaign)) = &self.taken {
            let numbers: Vec<PhoneNumber> = good.iter().map(|lead| lead.number).collect();
            let taken = self.runtime.block_on(books.numbers_taken(*campaign, &numbers))?;
            if !taken.is_empty() {
                self.report.duplicates_in_campaign += taken.len() as u64;
                let taken_rows = good.iter().zip(&cells);
                for (lead, cells) in taken_rows.filter(|(lead, _)| taken.contains(&lead.number)) {
                    let line = self.lines.get(&lead.number).copied().unwrap_or_default();
                    let reason = "the campaign has this number already".to_owned();
                    let fault = self.duplicate(line, reason);
                    self.rejects.reject(line, cells.iter().map(|cell| cell.into()), &[fault])?;
                }
                good.retain(|lead| !taken.contains(&lead.number));
            }
        }
        let lands = self.report.bad == 0 || self.skip_bad;
        if lands && !good.is_empty() {
            // Nobody takes them when the books have failed, and that is what is reported.
            let _ = self.chunks.blocking_send(good);
        }
        Ok(())
    }
}
