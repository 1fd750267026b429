//! Who has asked not to be called: the internal list. An entry holds at once and for good (16 CFR
//! 310.4(b)(1)(iii)(A); 47 CFR 64.1200(d) allows days, which nobody needs).

use std::collections::BTreeSet;

use crate::domain::PhoneNumber;

/// The numbers that are never called.
#[derive(Clone, Default)]
pub(super) struct DoNotCall(BTreeSet<PhoneNumber>);

impl DoNotCall {
    pub fn add(&mut self, number: PhoneNumber) {
        self.0.insert(number);
    }

    pub fn remove(&mut self, number: PhoneNumber) {
        self.0.remove(&number);
    }

    pub fn holds(&self, number: PhoneNumber) -> bool {
        self.0.contains(&number)
    }
}

impl FromIterator<PhoneNumber> for DoNotCall {
    fn from_iter<I: IntoIterator<Item = PhoneNumber>>(numbers: I) -> Self {
        Self(numbers.into_iter().collect())
    }
}

impl std::fmt::Debug for DoNotCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DoNotCall({} numbers)", self.0.len())
    }
}
