//! How long what must be kept: a rulebook's `[[retention]]`. It decides when evidence goes and what
//! an erasure leaves.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::books::Rulebooks;
use super::rulebook::Status;

/// No month is longer, days.
const MONTH_DAYS: i32 = 31;

/// What must be kept.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// When which number was called, by what right, and how it ended.
    Calls,
    /// That and how a person has consented.
    Consents,
    /// What was said.
    Recordings,
}

/// How long a law asks for something to be kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// What.
    pub what: Kept,
    /// For so many calendar months after the call.
    pub months: i32,
    /// Where it is written.
    pub citation: String,
    /// How well the text was verified.
    pub status: Status,
}

impl Kept {
    /// The word of the file.
    pub fn word(self) -> &'static str {
        match self {
            Kept::Calls => "calls",
            Kept::Consents => "consents",
            Kept::Recordings => "recordings",
        }
    }
}

impl Rulebooks {
    /// What the rulebooks of these ids ask to be kept, with the rulebook's id, in their order.
    pub fn retention<'a>(
        &'a self,
        ids: impl IntoIterator<Item = &'a String>,
    ) -> impl Iterator<Item = (&'a str, &'a Retention)> {
        let books = ids.into_iter().filter_map(|id| self.get(id));
        books.flat_map(|book| book.retention.iter().map(|kept| (book.id.as_str(), kept)))
    }

    /// The oldest call whose recording a rulebook of these ids asks to be kept now; `None` when none
    /// asks for recordings.
    pub fn recordings_since<'a>(
        &'a self,
        ids: impl IntoIterator<Item = &'a String>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let recordings = self.retention(ids).filter(|(_, kept)| kept.what == Kept::Recordings);
        let months = recordings.map(|(_, kept)| i64::from(kept.months)).max()?;
        let longest = SignedDuration::from_hours(24 * i64::from(MONTH_DAYS) * months);
        Some(now.checked_sub(longest).unwrap_or(Timestamp::MIN))
    }

    /// For so many days evidence is kept that a campaign with any of these rulebooks has left.
    pub fn evidence_days(&self) -> i32 {
        let kept = self.iter().flat_map(|book| &book.retention);
        let months = kept.map(|kept| kept.months).max().unwrap_or(0);
        months.saturating_mul(MONTH_DAYS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rulebook_says_what_is_kept_and_evidence_outlasts_the_longest() {
        let books = Rulebooks::embedded();
        let ids = ["us-regf".to_owned(), "us-tsr-tcpa".to_owned(), "nobody's".to_owned()];
        let kept: Vec<_> =
            books.retention(&ids).map(|(book, kept)| (book, kept.what, kept.months)).collect();
        assert!(kept.contains(&("us-regf", Kept::Recordings, 36)), "{kept:?}");
        assert!(kept.contains(&("us-tsr-tcpa", Kept::Calls, 60)), "{kept:?}");
        assert!(kept.iter().all(|(book, what, _)| *book == "us-regf" || *what != Kept::Recordings));
        assert_eq!(books.evidence_days(), 60 * 31);
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let since = books.recordings_since(&ids, now).unwrap();
        assert_eq!(now.duration_since(since).as_hours(), 24 * 31 * 36);
        assert_eq!(books.recordings_since(&ids[1..], now), None);
        for book in books.iter() {
            assert!(book.retention.iter().all(|kept| kept.months > 0 && !kept.citation.is_empty()));
        }
    }
}
