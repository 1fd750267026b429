//! The vocabulary: what a rule may ask.

use super::super::attempt::Endings;
use super::super::hours::Week;
use super::super::number::NumberPattern;
use super::super::region::Region;
use crate::domain::{ConsentKind, WindowSpan};

/// What a rule asks. Variants in alphabetical order; `Stage` is the order of evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    /// The share of people who answered and had no agent is within a limit.
    Abandonment {
        /// In which window.
        window: WindowSpan,
        /// Of the people who answered, 0 to 100; exactly that is within.
        limit_percent: f64,
    },
    /// At most so many attempts in so many calendar days, the present one the last.
    AttemptsInDays {
        /// How many.
        attempts_max: u32,
        /// In how many days: 1 is the same day.
        days: i64,
        /// Which attempts.
        counting: Counting,
    },
    /// At most so many attempts in so much elapsed time.
    AttemptsWithin {
        /// How many.
        attempts_max: u32,
        /// In how many seconds, half-open: an attempt exactly as old is outside.
        window_s: i64,
        /// Which attempts.
        counting: Counting,
    },
    /// A caller id is sent, and is none of these.
    CallerId {
        /// Numbers that may not be shown.
        not_numbers: Vec<NumberPattern>,
    },
    /// No calls on public holidays. A year that the table does not cover is one.
    ClosedHolidays {
        /// Whose holidays.
        calendar: Region,
    },
    /// No calls on some days of the week, by the local clock; the others are open whole.
    ClosedWeekdays(Week),
    /// The person has consented, in one of these ways, and has not taken it back.
    Consent {
        /// Which.
        kinds: Vec<ConsentKind>,
    },
    /// Some full days have passed since the person declined.
    CoolingAfterRefusal {
        /// How many.
        full_days: i64,
    },
    /// Who has asked not to be called is not called.
    DoNotCall,
    /// Local time at the called party is inside the windows, in every zone where they may be.
    Hours(Week),
    /// Not at a time that the person has said is inconvenient.
    Inconvenient,
    /// So many seconds, elapsed, since the last attempt began.
    Interval {
        /// How many seconds; exactly as many are enough.
        interval_s: i64,
        /// After which attempts.
        counting: Counting,
    },
    /// The lead does not carry the mark.
    Mark {
        /// Its name.
        mark: String,
    },
    /// Only numbers that look so.
    Numbers(Vec<NumberPattern>),
    /// The number has not changed hands since the consent that the call rests on.
    Reassigned,
    /// The number is not in a registry.
    Registry {
        /// Which.
        registry: String,
        /// Nothing said of the number means that it is not listed.
        silence_is_unlisted: bool,
    },
    /// The copy of a registry that was asked is no older than so many days, and not of the future.
    RegistryAge {
        /// Which.
        registry: String,
        /// How many.
        days_max: i64,
    },
}

/// Which attempts a rule counts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counting {
    /// Only those that ended so; all when `None`. An open one might yet end so.
    pub counted: Option<Endings>,
    /// But not those that ended so.
    pub not_counted: Endings,
    /// Only those that the network connected: rung, or answered by whomever.
    pub connected: bool,
    /// Also calls of the person to us.
    pub inbound: bool,
    /// Only those about the same debt; one of which the debt is not known counts.
    pub same_debt: bool,
    /// Only those that played a recording.
    pub prerecorded: bool,
    /// But not those made under the person's own consent, which holds for so many days.
    pub not_under_consent_days: Option<i64>,
}
