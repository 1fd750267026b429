//! A file of numbers for the do-not-call list: one a line, or a column of a table.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::{Country, PhoneNumber};
use crate::store::Store;

use super::columns::{Columns, Mapped};
use super::rejects::{Rejects, Sink};
use super::table::{Source, Table};
use super::{ImportError, Report, RowFault, row};

/// Faults that a report repeats; the rejects have all.
const FAULTS_MAX: usize = 20;

/// A file of numbers.
pub struct NumberFile {
    /// Its bytes.
    pub source: Source,
    /// Whose national format the numbers are in.
    pub country: Country,
    /// What the user says of its columns; only the telephone number's counts.
    pub mapped: Vec<Mapped>,
    /// Where the rows go that are not put on the list.
    pub rejects: Option<Sink>,
    /// Puts the good ones on the list when there are bad ones.
    pub skip_bad: bool,
}

/// Puts the numbers of a file on the do-not-call list, with `reason`, all or none. A number that is
/// there already keeps its entry; [`Report::landed`] counts the new ones.
///
/// # Errors
/// [`ImportError`]; nothing is on the list that was not before.
pub async fn import_numbers(
    store: &Store,
    file: NumberFile,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<Report, ImportError> {
    let skip_bad = file.skip_bad;
    let reading = tokio::task::spawn_blocking(move || read(file));
    let (numbers, mut report) = reading.await.map_err(|_| ImportError::Reader)??;
    if report.bad == 0 || skip_bad {
        let numbers: Vec<PhoneNumber> = numbers.into_iter().collect();
        report.landed = store.dnc_add_all(numbers, "import", reason, now).await?;
    }
    Ok(report)
}

fn read(file: NumberFile) -> Result<(BTreeSet<PhoneNumber>, Report), ImportError> {
    let mut table = Table::open(file.source)?;
    let column = phone_column(&mut table, &file.mapped, file.country)?;
    let header = match table.header() {
        // So that the rejects can come back.
        [] => (1..=table.width()).map(|place| format!("phone{place}")).collect(),
        header => header.to_vec(),
    };
    let name = header.get(column).cloned().unwrap_or_default();
    let mut rejects = Rejects::new(file.rejects, &header)?;
    let (mut numbers, mut report) = (BTreeSet::new(), Report::default());
    while table.next()? {
        report.rows += 1;
        let parsed = row::shape(&table).map_err(|reason| (String::new(), reason)).and_then(|()| {
            let parsed = PhoneNumber::parse(&table.cell(column), file.country);
            parsed.map_err(|error| (name.clone(), error.to_string()))
        });
        match parsed {
            Ok(number) => report.duplicates_in_file += u64::from(!numbers.insert(number)),
            Err((column, reason)) => {
                let fault = RowFault { line: table.line(), column, reason };
                report.bad += 1;
                rejects.reject(table.line(), table.cells(), std::slice::from_ref(&fault))?;
                if report.faults.len() < FAULTS_MAX {
                    report.faults.push(fault);
                }
            }
        }
    }
    rejects.finish()?;
    Ok((numbers, report))
}

/// The column of the numbers: the one that is mapped or known by its header. A file whose first row
/// has a number where others have a header has none, and the numbers are in its first column.
fn phone_column(
    table: &mut Table,
    mapped: &[Mapped],
    country: Country,
) -> Result<usize, ImportError> {
    let first =
        table.header().first().is_some_and(|cell| PhoneNumber::parse(cell, country).is_ok());
    if first && mapped.is_empty() {
        table.without_header();
        return Ok(0);
    }
    Columns::of(table.header(), mapped).map(|columns| columns.phone)
}
