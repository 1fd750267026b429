//! Keys that a far end tells twice: in its audio (RFC 4733) and by INFO. Each was pressed once.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::domain::Digit;

/// How long one telling waits for the other: INFO comes when the key is let go of, and again when it is
/// lost (RFC 3261 §17.1.2.2).
const APART_MAX: SignedDuration = SignedDuration::from_secs(5);
/// Keys that wait for their other telling.
const WAITING_MAX: usize = 16;

/// How a key was told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Told {
    /// With the audio.
    InAudio,
    /// By INFO.
    ByInfo,
}

/// The keys of one far end that may be told once more.
#[derive(Debug, Default)]
pub(super) struct Keys {
    waiting: VecDeque<(Timestamp, Digit, Told)>,
}

impl Keys {
    /// Whether this is a key of its own, and not the other telling of one that was told before.
    pub(super) fn is_new(&mut self, digit: Digit, told: Told, now: Timestamp) -> bool {
        self.waiting.retain(|(at, ..)| now.duration_since(*at) <= APART_MAX);
        let is_other = |known: &(Timestamp, Digit, Told)| known.1 == digit && known.2 != told;
        if let Some(at) = self.waiting.iter().position(is_other) {
            self.waiting.remove(at);
            return false;
        }
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back((now, digit, told));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is heard of keys that are told in audio (`a`) or by INFO (`i`), each a tenth of a second
    /// after the last; a dot is a second.
    fn heard(told: &str) -> String {
        let (mut keys, mut now) = (Keys::default(), Timestamp::UNIX_EPOCH);
        let mut heard = String::new();
        for word in told.split(' ') {
            now += SignedDuration::from_millis(if word == "." { 1_000 } else { 100 });
            let mut letters = word.chars();
            let told = match letters.next() {
                Some('a') => Told::InAudio,
                Some('i') => Told::ByInfo,
                _ => continue,
            };
            let key = letters.next().unwrap();
            if keys.is_new(Digit::new(key).unwrap(), told, now) {
                heard.push(key);
            }
        }
        heard
    }

    #[test]
    fn a_key_that_is_told_both_ways_is_heard_once_whichever_comes_first() {
        assert_eq!(heard("a5 i5"), "5");
        assert_eq!(heard("i5 a5"), "5");
        assert_eq!(heard("a5 i5 a5 i5"), "55");
        assert_eq!(heard("a5 a5 i5 i5"), "55", "the second before the first was let go of");
        assert_eq!(heard("a1 a2 a3 i1 i2 i3"), "123");
    }

    #[test]
    fn keys_that_are_told_one_way_are_all_heard() {
        assert_eq!(heard("a9 a9 a9"), "999");
        assert_eq!(heard("i9 i9 i9"), "999");
        assert_eq!(heard("a9 i8"), "98");
    }

    #[test]
    fn a_key_much_later_is_another_one() {
        assert_eq!(heard("a5 . . . . i5"), "5");
        assert_eq!(heard("a5 . . . . . i5"), "55");
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut keys = Keys::default();
        for _ in 0..1_000 {
            keys.is_new(Digit::new('5').unwrap(), Told::ByInfo, Timestamp::UNIX_EPOCH);
        }
        assert_eq!(keys.waiting.len(), WAITING_MAX);
    }
}
