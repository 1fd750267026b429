//! The rulebooks at hand: those that are built in, and the user's own.

use std::collections::BTreeMap;

use super::rulebook::Rulebook;

/// The files in `compliance/` that are built in, with their texts.
const EMBEDDED: [(&str, &str); 5] = [
    ("es.toml", include_str!("../../compliance/es.toml")),
    ("house.toml", include_str!("../../compliance/house.toml")),
    ("test-carrier.toml", include_str!("../../compliance/test-carrier.toml")),
    ("uk.toml", include_str!("../../compliance/uk.toml")),
    ("us-tsr-tcpa.toml", include_str!("../../compliance/us-tsr-tcpa.toml")),
];

/// Rulebooks by id.
#[derive(Clone, Debug, Default)]
pub struct Rulebooks(BTreeMap<String, Rulebook>);

/// A rulebook of that id is there already.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a rulebook {0:?} is there already; give yours another id")]
pub struct IdTaken(pub String);

impl Rulebooks {
    /// Those that are built in. One that could not be read would be left out, and a campaign that
    /// names it refused; a test reads them all.
    pub fn embedded() -> Self {
        let read = EMBEDDED.iter().filter_map(|(_, text)| Rulebook::parse(text).ok());
        Self(read.map(|book| (book.id.clone(), book)).collect())
    }

    /// Adds one of the user's own.
    ///
    /// # Errors
    /// [`IdTaken`]: what is built in cannot be replaced by accident.
    pub fn add(&mut self, book: Rulebook) -> Result<(), IdTaken> {
        if self.0.contains_key(&book.id) {
            return Err(IdTaken(book.id));
        }
        self.0.insert(book.id.clone(), book);
        Ok(())
    }

    /// The rulebook of that id.
    pub fn get(&self, id: &str) -> Option<&Rulebook> {
        self.0.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Rulebook> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rulebook_that_is_built_in_can_be_read() {
        for (file, text) in EMBEDDED {
            let book = Rulebook::parse(text).unwrap_or_else(|faults| panic!("{file}: {faults:?}"));
            assert_eq!(format!("{}.toml", book.id), file);
            assert!(!book.tzdb_is_stale(), "{file}");
        }
    }

    #[test]
    fn what_is_built_in_cannot_be_replaced() {
        let mut books = Rulebooks::embedded();
        let again = books.get("test-carrier").cloned().unwrap();
        assert_eq!(books.add(again), Err(IdTaken("test-carrier".to_owned())));
    }
}
