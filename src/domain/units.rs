//! Small quantities with their limits in the type.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A share between 0 and 1 (an abandonment rate, a probability).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(f64);

impl Share {
    /// None.
    pub const ZERO: Share = Share(0.0);

    /// The share, or `None` when `value` is outside 0..=1 or not a number.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// As a number between 0 and 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Share {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        Self::new(value).ok_or_else(|| format!("{value} is not a share between 0 and 1"))
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> f64 {
        share.0
    }
}

/// A key of the telephone: `0`-`9`, `*`, `#`, `A`-`D` (ITU-T Q.23, RFC 4733 §3.2 events 0-15).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Digit(char);

impl Digit {
    const KEYS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

    /// The key of this character; letters in either case.
    pub fn new(key: char) -> Option<Self> {
        let key = key.to_ascii_uppercase();
        Self::KEYS.contains(&key).then_some(Self(key))
    }

    /// The key of an RFC 4733 event code, `None` above 15.
    pub fn from_event(event: u8) -> Option<Self> {
        Self::KEYS.get(usize::from(event)).map(|key| Self(*key))
    }

    /// The RFC 4733 event code, 0 to 15.
    pub fn event(self) -> u8 {
        Self::KEYS.iter().position(|key| *key == self.0).unwrap_or(0) as u8
    }

    /// The character on the key.
    pub fn as_char(self) -> char {
        self.0
    }
}

impl<'de> Deserialize<'de> for Digit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = char::deserialize(deserializer)?;
        Self::new(key)
            .ok_or_else(|| serde::de::Error::custom(format!("{key:?} is not a telephone key")))
    }
}

/// `by` after `at`; the end of time when there is no such instant.
pub fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    Timestamp::from_duration(at.as_duration().saturating_add(by)).unwrap_or(Timestamp::MAX)
}
