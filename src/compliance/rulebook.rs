//! A rulebook: the rules of one regime, as data. A new country is a new file.

use super::hours::Week;
use super::number::NumberPattern;
use super::region::RegionPattern;
use crate::domain::Outcome;

/// The rules of one regime (`compliance/us-tsr-tcpa.toml`).
#[derive(Clone, Debug)]
pub struct Rulebook {
    /// Its name in a campaign: `us-tsr-tcpa`.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// Counts up with each change of the file (`2026-11-01`).
    pub version: String,
    /// The oldest time-zone database that its hours may be told by (`2026f`).
    pub min_tzdb: String,
    /// Where it is the law: a number whose regions are covered by none of the campaign's rulebooks
    /// is refused.
    pub covers: Coverage,
    /// The text that it was read from.
    pub text: String,
    /// In order of evaluation.
    pub(super) rules: Vec<Rule>,
}

/// Where a rulebook holds.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// By region.
    pub regions: Vec<RegionPattern>,
    /// By number, whatever its region.
    pub numbers: Vec<NumberPattern>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name in the books: `us.hours.federal`.
    pub id: String,
    /// Where it is written.
    pub citation: String,
    /// Law, or a policy that is stricter.
    pub basis: Basis,
    /// How well the text was verified.
    pub status: Status,
    /// One sentence for people.
    pub sentence: String,
    /// First local day in force, as days since 1970-01-01.
    pub(super) since: Option<i64>,
    /// Last local day in force.
    pub(super) until: Option<i64>,
    /// Only there; everywhere when empty.
    pub regions: Vec<RegionPattern>,
    /// What it asks.
    pub kind: RuleKind,
}

/// Whether a rule is the law's or the house's.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A statute or a regulation.
    Law,
    /// A choice, stricter than the law or where there is none.
    Policy,
}

/// How well a rule's text was verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Sources conflict; the narrower reading is used.
    Conflict,
    /// From memory: verify before relying on it.
    Memory,
    /// The text itself was read.
    Primary,
    /// A secondary source was read.
    Secondary,
}

/// What a rule asks. Variants in alphabetical order; `Stage` is the order of evaluation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RuleKind {
    /// At most so many attempts to the number on one local day.
    AttemptsPerDay {
        /// How many.
        attempts_max: u32,
        /// Attempts that ended so are not counted.
        not_counted: Vec<Outcome>,
    },
    /// At most so many attempts to the number in so much elapsed time.
    AttemptsWithin {
        /// How many.
        attempts_max: u32,
        /// In how many seconds, half-open: an attempt exactly as old is outside.
        window_s: i64,
        /// Attempts that ended so are not counted.
        not_counted: Vec<Outcome>,
    },
    /// A caller id is sent.
    CallerId,
    /// No calls on some days of the week, by the local clock; the others are open whole.
    ClosedWeekdays(Week),
    /// Who has asked not to be called is not called.
    DoNotCall,
    /// Local time at the called party is inside the windows, in every zone where they may be.
    Hours(Week),
    /// So many seconds, elapsed, since the last attempt began.
    Interval {
        /// How many seconds; exactly as many are enough.
        interval_s: i64,
        /// Attempts that ended so are not counted.
        not_counted: Vec<Outcome>,
    },
    /// Only numbers that look so.
    Numbers(Vec<NumberPattern>),
}

/// The order in which rules are asked; the first that refuses names the refusal.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Stage {
    Numbers,
    DoNotCall,
    Frequency,
    CallerId,
    Weekdays,
    Hours,
    StateHours,
}

impl Stage {
    pub const ALL: [Stage; 7] = [
        Stage::Numbers,
        Stage::DoNotCall,
        Stage::Frequency,
        Stage::CallerId,
        Stage::Weekdays,
        Stage::Hours,
        Stage::StateHours,
    ];
}

impl Rule {
    pub(super) fn stage(&self) -> Stage {
        match self.kind {
            RuleKind::Numbers(_) => Stage::Numbers,
            RuleKind::DoNotCall => Stage::DoNotCall,
            RuleKind::AttemptsPerDay { .. }
            | RuleKind::AttemptsWithin { .. }
            | RuleKind::Interval { .. } => Stage::Frequency,
            RuleKind::CallerId => Stage::CallerId,
            RuleKind::ClosedWeekdays(_) => Stage::Weekdays,
            RuleKind::Hours(_) if self.regions.is_empty() => Stage::Hours,
            RuleKind::Hours(_) => Stage::StateHours,
        }
    }
}

impl Rulebook {
    /// Its rules, in order of evaluation.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules of one stage, in order.
    pub(super) fn rules_of(&self, stage: Stage) -> &[Rule] {
        let first = self.rules.partition_point(|rule| rule.stage() < stage);
        let after = self.rules.partition_point(|rule| rule.stage() <= stage);
        &self.rules[first..after]
    }

    /// Whether the time-zone database that is built in is too old for it.
    pub fn tzdb_is_stale(&self) -> bool {
        super::tzdb_version() < self.min_tzdb.as_str()
    }
}
