//! What goes to standard output: text, a table, or JSON.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use comfy_table::{Table, presets};
use serde::Serialize;

use super::Run;

/// A table with these headings, columns apart by blanks: for eyes and for awk.
pub(super) fn table<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings);
    table
}

/// Prints it, with a line end.
pub(super) fn text(shown: &impl Display) -> Run {
    writeln!(io::stdout().lock(), "{shown}")?;
    Ok(ExitCode::SUCCESS)
}

/// Prints it as one JSON document.
pub(super) fn json(shown: &impl Serialize) -> Run {
    text(&serde_json::to_string_pretty(shown)?)
}
