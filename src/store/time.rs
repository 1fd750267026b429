//! Times in the books: microseconds since the Unix epoch.

use jiff::Timestamp;

/// The time as it is written: finer than a microsecond is cut off.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The time as it was written; what no calendar holds is held to its ends.
pub(super) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
