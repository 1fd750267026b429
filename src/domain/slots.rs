//! Things by a number that counts up: found at once, whatever their number.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// A number that is further away than this is kept apart.
const FAR: i64 = 100_000;

/// An identity that counts up: the next one is the last one and one more.
pub trait CountsUp: Copy {
    /// The identity of that number.
    fn of(number: i64) -> Self;

    /// Its number.
    fn number(self) -> i64;
}

/// Things by an identity that counts up. Those that are gone at the low end take no room; what is
/// far away from the others is kept apart, so that a number that makes no sense takes none either.
#[derive(Clone)]
pub struct Slots<K, V> {
    first: i64,
    slots: VecDeque<Option<V>>,
    far: BTreeMap<i64, V>,
    /// How many are in `slots`.
    near: usize,
    key: std::marker::PhantomData<K>,
}

impl<K, V> Default for Slots<K, V> {
    fn default() -> Self {
        let key = std::marker::PhantomData;
        Self { first: 0, slots: VecDeque::new(), far: BTreeMap::new(), near: 0, key }
    }
}

impl<K: CountsUp, V> Slots<K, V> {
    /// What is there under this key.
    pub fn get(&self, key: &K) -> Option<&V> {
        let near = self.place(key.number()).and_then(|place| self.slots.get(place)?.as_ref());
        near.or_else(|| self.far.get(&key.number()))
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let near = match self.place(key.number()) {
            Some(place) => self.slots.get_mut(place).and_then(Option::as_mut),
            None => None,
        };
        near.or_else(|| self.far.get_mut(&key.number()))
    }

    /// Whether something is there.
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Puts it in; returns what was there.
    pub fn insert(&mut self, key: K, thing: V) -> Option<V> {
        let number = key.number();
        if self.slots.is_empty() {
            self.first = number;
        }
        let last = self.first.saturating_add(self.slots.len() as i64);
        let is_far = number < self.first.saturating_sub(FAR) || number > last.saturating_add(FAR);
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
        let before = self.slots[place].replace(thing);
        self.near += usize::from(before.is_none());
        before
    }

    /// Takes it out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.place(key.number());
        let Some(thing) = place.and_then(|place| self.slots.get_mut(place)?.take()) else {
            return self.far.remove(&key.number());
        };
        self.near -= 1;
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.first += 1;
        }
        Some(thing)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.near + self.far.len()
    }

    /// True when nothing is there.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, by number; those kept apart come last.
    pub fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        let near = (self.first..).zip(&self.slots);
        let near = near.filter_map(|(number, slot)| Some((number, slot.as_ref()?)));
        let far = self.far.iter().map(|(number, thing)| (*number, thing));
        near.chain(far).map(|(number, thing)| (K::of(number), thing))
    }

    /// All of them without their keys, in the same order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.slots.iter().flatten().chain(self.far.values())
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.slots.iter_mut().flatten().chain(self.far.values_mut())
    }

    fn place(&self, number: i64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }
}

/// Two are the same when they hold the same, however much room they take.
impl<K: CountsUp + PartialEq, V: PartialEq> PartialEq for Slots<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<K: CountsUp + fmt::Debug, V: fmt::Debug> fmt::Debug for Slots<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CallId;

    #[test]
    fn what_is_gone_takes_no_room_and_what_stays_is_found() {
        let mut slots = Slots::default();
        for number in 100..200 {
            assert_eq!(slots.insert(CallId(number), number), None);
        }
        assert_eq!(slots.insert(CallId(150), 7), Some(150));
        assert!((100..150).all(|number| slots.remove(&CallId(number)) == Some(number)));
        assert_eq!((slots.slots.len(), slots.len()), (50, 50));
        let get = |number| slots.get(&CallId(number));
        assert_eq!((get(150), get(149), get(-5)), (Some(&7), None, None));
        assert_eq!(slots.insert(CallId(120), 1), None);
        assert_eq!(slots.iter().next(), Some((CallId(120), &1)));
        assert_eq!(slots.remove(&CallId(300)), None);
        assert_eq!(slots.len(), 51);
    }

    #[test]
    fn a_number_far_away_takes_no_room() {
        let far = CallId(1 << 40);
        let mut slots = Slots::default();
        slots.insert(CallId(1), 1);
        assert_eq!(slots.insert(far, 9), None);
        assert!(slots.slots.len() < 100);
        assert_eq!((slots.get(&far), slots.len()), (Some(&9), 2));
        assert_eq!(slots.iter().map(|(key, _)| key).collect::<Vec<_>>(), [CallId(1), far]);
        assert_eq!(slots.remove(&far), Some(9));
        assert_eq!((slots.get(&far), slots.len()), (None, 1));
    }

    #[test]
    fn how_it_came_about_makes_no_difference() {
        let mut one = Slots::default();
        (1..9).for_each(|number| _ = one.insert(CallId(number), number));
        (1..8).for_each(|number| _ = one.remove(&CallId(number)));
        let mut other = Slots::default();
        other.insert(CallId(8), 8);
        assert_eq!(one, other);
        other.insert(CallId(9), 9);
        assert_ne!(one, other);
    }
}
