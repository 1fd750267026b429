//! What will happen, soonest first; of two at once, the one that was planned first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use jiff::Timestamp;

/// What will happen.
#[derive(Debug)]
pub struct Timeline<T> {
    planned: BinaryHeap<Planned<T>>,
    count: u64,
}

#[derive(Debug)]
struct Planned<T> {
    at: Timestamp,
    count: u64,
    what: T,
}

impl<T> Planned<T> {
    fn key(&self) -> (Timestamp, u64) {
        (self.at, self.count)
    }
}

/// The soonest is the greatest: a heap gives its greatest first.
impl<T> Ord for Planned<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl<T> PartialOrd for Planned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Eq for Planned<T> {}

impl<T> PartialEq for Planned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { planned: BinaryHeap::new(), count: 0 }
    }
}

impl<T> Timeline<T> {
    /// It will happen then.
    pub fn plan(&mut self, at: Timestamp, what: T) {
        self.planned.push(Planned { at, count: self.count, what });
        self.count += 1;
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.planned.peek().map(|planned| planned.at)
    }

    /// What happens next.
    pub fn pop(&mut self) -> Option<(Timestamp, T)> {
        self.planned.pop().map(|planned| (planned.at, planned.what))
    }
}
