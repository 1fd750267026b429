//! Who is not to be called: the internal list, which grows a number at a time and holds at once
//! and for good (16 CFR 310.4(b)(1)(iii)(A); 47 CFR 64.1200(d) allows days, which nobody needs),
//! and lists that come whole, of any size: registries, litigators, area codes.

mod list;
mod pages;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

pub use list::{List, ListHeader, ListId, ListKind};
pub use pages::{PageFault, Pages};
pub use write::PageWriter;

use super::inputs::ListDate;
use crate::domain::PhoneNumber;

/// The id of the list that grows a number at a time.
pub const INTERNAL: &str = "internal";

/// Every do-not-call list.
#[derive(Clone, Default)]
pub struct Lists {
    internal: BTreeSet<PhoneNumber>,
    whole: BTreeMap<ListId, List>,
    /// For a dialer that is told a log without the lists: whom they held.
    assumed: BTreeMap<ListId, BTreeSet<PhoneNumber>>,
    /// The days of the whole lists, by id.
    dates: Arc<[ListDate]>,
}

/// A list that has the number and forbids the call, whatever a rulebook says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hit<'a> {
    /// The list's id; [`INTERNAL`] for the internal one.
    pub list: &'a str,
    /// What kind of list it is.
    pub kind: ListKind,
    /// As of when, for a list that came whole.
    pub as_of: Option<Date>,
}

impl Lists {
    /// Puts a number on the internal list.
    pub fn add(&mut self, number: PhoneNumber) {
        self.internal.insert(number);
    }

    /// Takes a number off the internal list.
    pub fn remove(&mut self, number: PhoneNumber) {
        self.internal.remove(&number);
    }

    /// Whether the number is on the internal list.
    pub fn holds(&self, number: PhoneNumber) -> bool {
        self.internal.contains(&number)
    }

    /// Puts a whole list in the place of the one with its id, which is given back.
    pub fn put(&mut self, list: List) -> Option<List> {
        let before = self.whole.insert(list.header().id.clone(), list);
        self.set_dates();
        before
    }

    /// Takes a whole list away.
    pub fn drop_list(&mut self, id: &str) -> Option<List> {
        let before = self.whole.remove(id);
        self.set_dates();
        before
    }

    /// The days of the whole lists, by id; shared, since every permit has them.
    pub fn dates(&self) -> Arc<[ListDate]> {
        Arc::clone(&self.dates)
    }

    fn set_dates(&mut self) {
        let headers = self.whole.values().map(List::header);
        let date = |header: &ListHeader| ListDate {
            list: header.id.as_str().to_owned(),
            as_of: header.as_of,
        };
        self.dates = headers.map(date).collect();
    }

    /// A whole list.
    pub fn get(&self, id: &str) -> Option<&List> {
        self.whole.get(id)
    }

    /// The whole lists, by id.
    pub fn iter(&self) -> impl Iterator<Item = &List> {
        self.whole.values()
    }

    /// Whether the list has the number. A list that is not there has none: ask
    /// [`as_of`](Self::as_of) first, which fails closed.
    pub fn listed(&self, id: &str, number: PhoneNumber) -> bool {
        if id == INTERNAL {
            return self.holds(number);
        }
        self.whole.get(id).is_some_and(|list| list.holds(number))
            || self.assumed.get(id).is_some_and(|numbers| numbers.contains(&number))
    }

    /// As of when the list is, the scrub date of a registry; `None` when there is no such list.
    pub fn as_of(&self, id: &str) -> Option<Date> {
        self.whole.get(id).map(|list| list.header().as_of)
    }

    /// The first list that forbids the call whatever a rulebook says: the internal one, any of
    /// kind internal, litigator or wildcard, and those that the campaign names. Registries are
    /// asked by the rulebooks, which know their exemptions.
    pub fn hit<'a>(&'a self, number: PhoneNumber, campaign: &[String]) -> Option<Hit<'a>> {
        if self.holds(number) {
            return Some(Hit { list: INTERNAL, kind: ListKind::Internal, as_of: None });
        }
        let whole = self.whole.values().map(List::header);
        let mut asked = whole.filter(|header| match header.kind {
            ListKind::Internal | ListKind::Litigator | ListKind::Wildcard => true,
            ListKind::Campaign | ListKind::Registry => {
                campaign.iter().any(|named| named == header.id.as_str())
            }
        });
        let header = asked.find(|header| self.listed(header.id.as_str(), number))?;
        Some(Hit { list: header.id.as_str(), kind: header.kind, as_of: Some(header.as_of) })
    }

    /// Every list that has the number, by id; the internal one first.
    pub fn all_with(&self, number: PhoneNumber) -> Vec<&str> {
        let internal = self.holds(number).then_some(INTERNAL);
        let whole = self.whole.keys().map(ListId::as_str).filter(|id| self.listed(id, number));
        internal.into_iter().chain(whole).collect()
    }

    /// For a dialer that is told a log without the lists: the list had this number then.
    pub fn assume(&mut self, id: &str, number: PhoneNumber) {
        match ListId::new(id) {
            _ if id == INTERNAL => self.add(number),
            Some(id) => {
                self.assumed.entry(id).or_default().insert(number);
            }
            None => {}
        }
    }
}

impl Lists {
    /// For a dialer that is told a log without the lists: a newer copy is there, and whom the last
    /// one held says nothing any more.
    pub fn assume_renewed(&mut self, id: &str) {
        self.assumed.remove(id);
    }
}

impl FromIterator<PhoneNumber> for Lists {
    fn from_iter<I: IntoIterator<Item = PhoneNumber>>(numbers: I) -> Self {
        Self { internal: numbers.into_iter().collect(), ..Self::default() }
    }
}

impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lists({} internal", self.internal.len())?;
        for list in self.whole.values() {
            write!(f, ", {} of {}", list.header().numbers, list.header().id)?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests;
