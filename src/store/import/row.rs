//! One row: a lead, or everything that is wrong with it.

use crate::domain::{Country, PhoneNumber};

use super::ReadyLead;
use super::columns::{Column, Columns, Field};
use super::table::{ROW_MAX, Table};

/// Bytes of an attribute.
const ATTRIBUTE_MAX: usize = 4 << 10;

/// What is wrong with a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowFault {
    /// The line in which the row begins, from 1.
    pub line: u64,
    /// The header of the column; empty when it is the row.
    pub column: String,
    /// A sentence.
    pub reason: String,
}

/// Reads the row at which `table` is.
///
/// # Errors
/// Every fault of the row.
pub(super) fn read(
    table: &Table,
    columns: &Columns,
    country: Country,
) -> Result<ReadyLead, Vec<RowFault>> {
    let line = table.line();
    shape(table).map_err(|reason| vec![RowFault { line, column: String::new(), reason }])?;
    let mut faults = Vec::new();
    let mut number = None;
    let mut lead = Fields::default();
    let mut attributes = Vec::new();
    for (place, column) in columns.kinds.iter().enumerate() {
        let cell = table.cell(place);
        let checked = match column {
            Column::Field(Field::Phone) => PhoneNumber::parse(&cell, country)
                .map(|parsed| number = Some(parsed))
                .map_err(|error| error.to_string()),
            Column::Field(field) => lead.take(*field, cell.trim()),
            Column::Attribute(name) => add_attribute(&mut attributes, name, cell.trim()),
        };
        if let Err(reason) = checked {
            let column = table.header().get(place).cloned().unwrap_or_default();
            faults.push(RowFault { line, column, reason });
        }
    }
    match number {
        Some(number) if faults.is_empty() => {
            let Fields { first_name, last_name, state, zip } = lead;
            let attributes = finished(attributes);
            Ok(ReadyLead { number, first_name, last_name, state, zip, attributes })
        }
        _ => Err(faults),
    }
}

#[derive(Default)]
struct Fields {
    first_name: Option<String>,
    last_name: Option<String>,
    state: Option<String>,
    zip: Option<String>,
}

impl Fields {
    fn take(&mut self, field: Field, text: &str) -> Result<(), String> {
        let (place, max) = match field {
            Field::FirstName => (&mut self.first_name, 200),
            Field::LastName => (&mut self.last_name, 200),
            Field::State => (&mut self.state, 64),
            Field::Zip => (&mut self.zip, 16),
            Field::Phone => return Ok(()),
        };
        if text.len() > max && text.chars().count() > max {
            return Err(format!("longer than {max} characters"));
        }
        if text.contains(char::is_control) {
            return Err("holds a control character (a line break, a tab)".to_owned());
        }
        *place = match (text, field) {
            ("", _) => None,
            (text, Field::State) => Some(text.to_uppercase()),
            (text, _) => Some(text.to_owned()),
        };
        Ok(())
    }
}

/// Whether the row is one of this table at all.
pub(super) fn shape(table: &Table) -> Result<(), String> {
    let (bytes, width, expected) = (table.row_bytes(), table.width(), table.header().len());
    if bytes > ROW_MAX {
        return Err(format!("the row has {bytes} bytes, at most {ROW_MAX}"));
    }
    if width != expected && expected > 0 {
        return Err(format!("the row has {width} cells, the header has {expected}"));
    }
    Ok(())
}

/// Adds to a JSON object that is being written.
fn add_attribute(attributes: &mut Vec<u8>, name: &str, text: &str) -> Result<(), String> {
    if text.len() > ATTRIBUTE_MAX {
        return Err(format!("longer than {ATTRIBUTE_MAX} bytes"));
    }
    if text.contains('\0') {
        return Err("holds NUL".to_owned());
    }
    if text.is_empty() {
        return Ok(());
    }
    attributes.push(if attributes.is_empty() { b'{' } else { b',' });
    serde_json::to_writer(&mut *attributes, name).map_err(|error| error.to_string())?;
    attributes.push(b':');
    serde_json::to_writer(attributes, text).map_err(|error| error.to_string())
}

fn finished(mut attributes: Vec<u8>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    attributes.push(b'}');
    String::from_utf8(attributes).ok()
}
