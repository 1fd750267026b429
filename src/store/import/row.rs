//! One row: a lead, or everything that is wrong with it.

use std::collections::BTreeMap;

use crate::domain::{Country, PhoneNumber};

use super::NewLead;
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
) -> Result<NewLead, Vec<RowFault>> {
    let line = table.line();
    shape(table).map_err(|reason| vec![RowFault { line, column: String::new(), reason }])?;
    let mut faults = Vec::new();
    let mut number = None;
    let mut fields: BTreeMap<Field, String> = BTreeMap::new();
    let mut attributes = BTreeMap::new();
    for (place, column) in columns.kinds.iter().enumerate() {
        let cell = table.cell(place);
        let checked = match column {
            Column::Field(Field::Phone) => PhoneNumber::parse(&cell, country)
                .map(|parsed| number = Some(parsed))
                .map_err(|error| error.to_string()),
            Column::Field(field) => checked_field(*field, cell.trim()).map(|text| {
                if !text.is_empty() {
                    fields.insert(*field, text);
                }
            }),
            Column::Attribute(name) => checked_attribute(cell.trim()).map(|text| {
                if !text.is_empty() {
                    attributes.insert(name.clone(), text);
                }
            }),
        };
        if let Err(reason) = checked {
            let column = table.header().get(place).cloned().unwrap_or_default();
            faults.push(RowFault { line, column, reason });
        }
    }
    match number {
        Some(number) if faults.is_empty() => Ok(NewLead {
            number,
            first_name: fields.remove(&Field::FirstName),
            last_name: fields.remove(&Field::LastName),
            state: fields.remove(&Field::State),
            zip: fields.remove(&Field::Zip),
            attributes,
        }),
        _ => Err(faults),
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

fn checked_field(field: Field, text: &str) -> Result<String, String> {
    let max = match field {
        Field::FirstName | Field::LastName | Field::Phone => 200,
        Field::State => 64,
        Field::Zip => 16,
    };
    if text.len() > max && text.chars().count() > max {
        return Err(format!("longer than {max} characters"));
    }
    if text.contains(char::is_control) {
        return Err("holds a control character (a line break, a tab)".to_owned());
    }
    Ok(if field == Field::State { text.to_uppercase() } else { text.to_owned() })
}

fn checked_attribute(text: &str) -> Result<String, String> {
    if text.len() > ATTRIBUTE_MAX {
        return Err(format!("longer than {ATTRIBUTE_MAX} bytes"));
    }
    if text.contains('\0') {
        return Err("holds NUL".to_owned());
    }
    Ok(text.to_owned())
}
