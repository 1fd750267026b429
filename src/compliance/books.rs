//! The rulebooks at hand: those that are built in, and the user's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rulebook::Rulebook;

/// The files in `compliance/` that are built in, with their texts.
const EMBEDDED: [(&str, &str); 17] = [
    ("au.toml", include_str!("../../compliance/au.toml")),
    ("bg.toml", include_str!("../../compliance/bg.toml")),
    ("ca-on-debt.toml", include_str!("../../compliance/ca-on-debt.toml")),
    ("ca-utr.toml", include_str!("../../compliance/ca-utr.toml")),
    ("cn.toml", include_str!("../../compliance/cn.toml")),
    ("co.toml", include_str!("../../compliance/co.toml")),
    ("de.toml", include_str!("../../compliance/de.toml")),
    ("es.toml", include_str!("../../compliance/es.toml")),
    ("fr.toml", include_str!("../../compliance/fr.toml")),
    ("hk.toml", include_str!("../../compliance/hk.toml")),
    ("house.toml", include_str!("../../compliance/house.toml")),
    ("mx.toml", include_str!("../../compliance/mx.toml")),
    ("test-carrier.toml", include_str!("../../compliance/test-carrier.toml")),
    ("tw.toml", include_str!("../../compliance/tw.toml")),
    ("uk.toml", include_str!("../../compliance/uk.toml")),
    ("us-regf.toml", include_str!("../../compliance/us-regf.toml")),
    ("us-tsr-tcpa.toml", include_str!("../../compliance/us-tsr-tcpa.toml")),
];

/// Rulebooks by id.
#[derive(Clone, Debug, Default)]
pub struct Rulebooks(BTreeMap<String, Arc<Rulebook>>);

/// A rulebook of that id is there already.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a rulebook {0:?} is there already; give yours another id")]
pub struct IdTaken(pub String);

impl Rulebooks {
    /// Those that are built in. One that could not be read would be left out, and a campaign that
    /// names it refused; a test reads them all.
    pub fn embedded() -> Self {
        let read = EMBEDDED.iter().filter_map(|(_, text)| Rulebook::parse(text).ok());
        Self(read.map(|book| (book.id.clone(), Arc::new(book))).collect())
    }

    /// Adds one of the user's own.
    ///
    /// # Errors
    /// [`IdTaken`]: what is built in cannot be replaced by accident.
    pub fn add(&mut self, book: Rulebook) -> Result<(), IdTaken> {
        if self.0.contains_key(&book.id) {
            return Err(IdTaken(book.id));
        }
        self.0.insert(book.id.clone(), Arc::new(book));
        Ok(())
    }

    /// The rulebook of that id.
    pub fn get(&self, id: &str) -> Option<&Rulebook> {
        self.0.get(id).map(|book| &**book)
    }

    /// The same, to be kept.
    pub(super) fn shared(&self, id: &str) -> Option<&Arc<Rulebook>> {
        self.0.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Rulebook> {
        self.0.values().map(|book| &**book)
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

    /// What a rulebook does not hold is filed: every rule there is of a rulebook that is here, none
    /// of them is held, and the count is what the documents say.
    #[test]
    fn what_is_not_held_is_filed_with_its_reason() {
        #[derive(serde::Deserialize)]
        struct Exceptions {
            exceptions: Vec<BTreeMap<String, String>>,
        }
        let text = include_str!("../../compliance/exceptions.toml");
        let Exceptions { exceptions } = toml::from_str(text).unwrap();
        let books = Rulebooks::embedded();
        for exception in &exceptions {
            let of = |key: &str| exception.get(key).filter(|text| !text.is_empty()).unwrap();
            let book = books.get(of("rulebook")).unwrap_or_else(|| panic!("{exception:?}"));
            assert!(book.rules().iter().all(|rule| &rule.id != of("rule")), "{exception:?}");
            assert!(!of("citation").is_empty() && of("reason").ends_with('.'), "{exception:?}");
        }
        let count = exceptions.len();
        let page = include_str!("../../docs/compliance.md");
        assert!(page.contains(&format!("{count} exceptions")), "docs/compliance.md: {count}");
        let rules: usize = books.iter().map(|book| book.rules().len()).sum();
        let held = format!("{} rulebooks hold {rules} rules", books.iter().count());
        assert!(page.contains(&held), "docs/compliance.md: {held}");
    }

    #[test]
    fn what_is_built_in_cannot_be_replaced() {
        let mut books = Rulebooks::embedded();
        let again = books.get("test-carrier").cloned().unwrap();
        assert_eq!(books.add(again), Err(IdTaken("test-carrier".to_owned())));
    }
}
