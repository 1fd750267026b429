//! `[script]`: what agents read to people.

use super::section::Section;
use crate::domain::Script;

/// Characters of a text at most: what an agent reads, not a book.
const TEXT_MAX: usize = 20_000;

pub(super) fn read(section: Option<Section<'_>>) -> Script {
    let Some(mut section) = section else { return Script::default() };
    let script =
        Script { read_first: text(&mut section, "read_first"), text: text(&mut section, "text") };
    section.finish();
    script
}

fn text(section: &mut Section<'_>, key: &'static str) -> Option<String> {
    let written = section.text(key)?;
    if written.get_ref().chars().count() > TEXT_MAX {
        let message = format!("{key} is longer than {TEXT_MAX} characters");
        section.fault(written.span(), message, "write less: it is read to a person");
    }
    Some(written.into_inner())
}
