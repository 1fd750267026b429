//! Things by a number that counts up: found at once, whatever their number.

use std::collections::{BTreeMap, VecDeque};

/// A number that is further away than this is kept apart.
const FAR: i64 = 100_000;

/// Things by a number that counts up. Those that are gone at the low end take no room.
#[derive(Debug)]
pub(super) struct Slots<T> {
    first: i64,
    slots: VecDeque<Option<T>>,
    /// Those whose number does not count up with the others.
    far: BTreeMap<i64, T>,
}

impl<T> Slots<T> {
    pub(super) fn new() -> Self {
        Self { first: 0, slots: VecDeque::new(), far: BTreeMap::new() }
    }

    pub(super) fn get(&self, number: i64) -> Option<&T> {
        let near = self.place(number).and_then(|place| self.slots.get(place)?.as_ref());
        near.or_else(|| self.far.get(&number))
    }

    pub(super) fn get_mut(&mut self, number: i64) -> Option<&mut T> {
        let near = match self.place(number) {
            Some(place) => self.slots.get_mut(place).and_then(Option::as_mut),
            None => None,
        };
        near.or_else(|| self.far.get_mut(&number))
    }

    /// Puts it in; returns what was there.
    pub(super) fn insert(&mut self, number: i64, thing: T) -> Option<T> {
        if self.slots.is_empty() {
            self.first = number;
        }
        let last = self.first + self.slots.len() as i64;
        let is_far = number < self.first - FAR || number > last + FAR;
        if is_far || self.far.contains_key(&number) {
            return self.far.insert(number, thing);
        }
        while number < self.first {
            self.first -= 1;
            self.slots.push_front(None);
        }
        let place = usize::try_from(number - self.first).unwrap_or(0);
        while self.slots.len() <= place {
            self.slots.push_back(None);
        }
        self.slots[place].replace(thing)
    }

    pub(super) fn remove(&mut self, number: i64) -> Option<T> {
        let place = self.place(number);
        let near = place.and_then(|place| self.slots.get_mut(place)?.take());
        let thing = near.or_else(|| self.far.remove(&number));
        while matches!(self.slots.front(), Some(None)) {
            self.slots.pop_front();
            self.first += 1;
        }
        thing
    }

    /// All of them, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, &T)> {
        let near = (self.first..).zip(&self.slots);
        let near = near.filter_map(|(number, slot)| Some((number, slot.as_ref()?)));
        near.chain(self.far.iter().map(|(number, thing)| (*number, thing)))
    }

    fn place(&self, number: i64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_takes_no_room_and_what_stays_is_found() {
        let mut slots = Slots::new();
        for number in 100..200 {
            assert_eq!(slots.insert(number, number), None);
        }
        assert_eq!(slots.insert(150, 7), Some(150));
        assert!((100..150).all(|number| slots.remove(number) == Some(number)));
        assert_eq!(slots.slots.len(), 50);
        assert_eq!((slots.get(150), slots.get(149), slots.get(-5)), (Some(&7), None, None));
        assert_eq!(slots.insert(120, 1), None);
        assert_eq!(slots.iter().next(), Some((120, &1)));
        assert_eq!(slots.remove(300), None);
        assert_eq!(slots.insert(1 << 40, 9), None);
        assert!(slots.slots.len() < 100, "a number far away takes no room");
        assert_eq!(slots.get(1 << 40), Some(&9));
        assert_eq!(slots.remove(1 << 40), Some(9));
        assert_eq!(slots.get(1 << 40), None);
    }
}
