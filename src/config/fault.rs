//! What is wrong with a configuration, for the person who has to mend it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One fault: where, what, and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// Line and column, from one; `None` when it is the whole file.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, "; {}", self.remedy) }
    }
}

/// Every fault of a configuration, file by file, in the order of the lines; at least one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The faults, when there are any.
    pub(super) fn of(faults: Vec<Fault>) -> Option<Self> {
        (!faults.is_empty()).then_some(Self(faults))
    }

    pub(super) fn one(fault: Fault) -> Self {
        Self(vec![fault])
    }

    /// Each of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// A file and its text: turns bytes into lines and columns.
pub(super) struct Source<'t> {
    pub path: &'t Path,
    pub text: &'t str,
}

impl Source<'_> {
    /// A fault of these bytes, or of the whole file.
    pub fn fault(
        &self,
        span: Option<Range<usize>>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Fault {
        Fault {
            file: self.path.to_owned(),
            place: span.map(|span| self.place(span.start)),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    fn place(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let source = Source { path: Path::new("outdial.toml"), text: "a = 1\né = x\n" };
        let place = |byte| source.fault(Some(byte..byte), "", "").place;
        assert_eq!(place(0), Some((1, 1)));
        assert_eq!(place(6), Some((2, 1)));
        assert_eq!(place("a = 1\né = ".len()), Some((2, 5)));
        assert_eq!(place(10_000), Some((3, 1)));
    }

    #[test]
    fn a_fault_is_one_line_that_an_editor_can_follow() {
        let source = Source { path: Path::new("outdial.toml"), text: "[sip]\nbind = 1\n" };
        let fault = source.fault(Some(6..10), "[sip] has no key bind", "did you mean trunk_bind?");
        let shown = "outdial.toml:2:1: [sip] has no key bind; did you mean trunk_bind?";
        assert_eq!(fault.to_string(), shown);
    }
}
