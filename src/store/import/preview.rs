//! A file of leads before it is taken: its columns, what each is taken for, and its first rows.

use super::ImportError;
use super::columns::{Column, Columns, Field, Mapped};
use super::table::{Source, Table};

/// Bytes shown of a cell.
const CELL_MAX: usize = 200;

/// The head of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preview {
    /// Each column's header, and the field that it is taken for; an attribute without one. Where no
    /// column is known as the telephone number, none is known as anything.
    pub columns: Vec<(String, Option<Field>)>,
    /// The first rows, cell by cell.
    pub rows: Vec<Vec<String>>,
}

/// Reads the head of a file, `rows` rows at most.
///
/// # Errors
/// [`ImportError`] when it is no table, or lacks a column that was named.
pub fn preview(source: Source, mapped: &[Mapped], rows: usize) -> Result<Preview, ImportError> {
    let mut table = Table::open(source)?;
    let header = table.header().to_vec();
    let kinds = match Columns::of(&header, mapped) {
        Ok(columns) => columns.kinds,
        Err(ImportError::NoPhoneColumn { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let field = |place: usize| match kinds.get(place) {
        Some(Column::Field(field)) => Some(*field),
        Some(Column::Attribute(_)) | None => None,
    };
    let mut shown = Vec::new();
    while shown.len() < rows && table.next()? {
        let cell = |place| table.cell(place).chars().take(CELL_MAX).collect();
        shown.push((0..header.len()).map(cell).collect());
    }
    let columns = header.iter().enumerate().map(|(place, name)| (name.clone(), field(place)));
    Ok(Preview { columns: columns.collect(), rows: shown })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_their_names_or_not_at_all() {
        let known = preview(Box::new(&b"Phone;City\n2015550100;Hoboken\n"[..]), &[], 3).unwrap();
        let columns = [("Phone".to_owned(), Some(Field::Phone)), ("City".to_owned(), None)];
        assert_eq!(known.columns, columns);
        assert_eq!(known.rows, [["2015550100", "Hoboken"]]);
        let text = &b"Reach,City\n2015550100,Hoboken\n"[..];
        let unknown = preview(Box::new(text), &[], 3).unwrap();
        assert!(unknown.columns.iter().all(|(_, field)| field.is_none()));
        let mapped = ["phone=Reach".parse().unwrap()];
        let mapped = preview(Box::new(text), &mapped, 0).unwrap();
        assert_eq!(mapped.columns[0].1, Some(Field::Phone));
    }
}
