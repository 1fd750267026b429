//! The days of a campaign: whose midnight counts, over which windows abandonment is held under a
//! limit, and when its agents are there.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Share;

/// The days of a campaign.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Calendar {
    /// The zone whose midnight begins its days, by its IANA name; the built-in database has it.
    pub zone: String,
    /// The day on which its successive windows begin to be counted; `None`: the day of its first
    /// call.
    pub starts_on: Option<Date>,
    /// Windows in which abandonment is held under a limit. Empty: the day, at the campaign's
    /// target.
    pub windows: Vec<AbandonmentWindow>,
    /// When its agents are there; `None`: at any time.
    pub shift: Option<Shift>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { zone: "UTC".to_owned(), starts_on: None, windows: Vec::new(), shift: None }
    }
}

/// A window in which at most a share of the people who answer may be abandoned.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct AbandonmentWindow {
    /// From when to when.
    pub span: WindowSpan,
    /// Abandoned, of the people who answered, at most.
    pub limit: Share,
    /// Whether a person who hangs up before an agent was due counts as one who answered. The law
    /// of the US counts all calls answered live by a person (47 CFR 64.1200(a)(7)); a stricter house
    /// leaves them out.
    pub counts_hang_ups: bool,
}

/// From when to when a window goes. Days are those of the campaign's zone, and have 23 or 25 hours
/// when its clocks change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub enum WindowSpan {
    /// A calendar month (Canada: CRTC Unsolicited Telecommunications Rules, part IV).
    CalendarMonth,
    /// A calendar day.
    Day,
    /// So many days, one window after the other from the day on which the campaign starts, not
    /// rolling (47 CFR 64.1200(a)(7): 30 days).
    Days(u16),
}

impl WindowSpan {
    /// Longest successive windows, in days.
    pub const DAYS_MAX: u16 = 366;

    /// Reads `day`, `month`, `30 days`.
    pub fn from_words(text: &str) -> Option<Self> {
        match text {
            "day" => Some(WindowSpan::Day),
            "month" => Some(WindowSpan::CalendarMonth),
            days => {
                let days = days.strip_suffix(" days")?.parse().ok()?;
                (1..=Self::DAYS_MAX).contains(&days).then_some(WindowSpan::Days(days))
            }
        }
    }
}

impl std::fmt::Display for WindowSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WindowSpan::CalendarMonth => f.write_str("month"),
            WindowSpan::Day => f.write_str("day"),
            WindowSpan::Days(days) => write!(f, "{days} days"),
        }
    }
}

/// When the agents of a campaign are there: a plan, no rule of law. Nobody is dialed outside.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Shift {
    /// Minutes after midnight, on the face of the clock.
    pub begins_min: u16,
    /// Later than `begins_min`, 1,440 at most.
    pub ends_min: u16,
    /// The days that have one, Monday first.
    pub weekdays: [bool; 7],
}
