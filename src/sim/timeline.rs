//! What will happen, soonest first; of two at once, the one that was planned first.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// What will happen.
#[derive(Debug)]
pub(super) struct Timeline<T> {
    planned: BTreeMap<(Timestamp, u64), T>,
    count: u64,
}

impl<T> Timeline<T> {
    pub(super) fn new() -> Self {
        Self { planned: BTreeMap::new(), count: 0 }
    }

    pub(super) fn plan(&mut self, at: Timestamp, what: T) {
        self.planned.insert((at, self.count), what);
        self.count += 1;
    }

    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.planned.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn pop(&mut self) -> Option<(Timestamp, T)> {
        self.planned.pop_first().map(|((at, _), what)| (at, what))
    }
}
