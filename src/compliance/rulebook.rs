//! A rulebook: the rules of one regime, as data. A new country is a new file.

use super::number::NumberPattern;
use super::region::{Region, RegionPattern};
use super::retention::Retention;
use crate::domain::{DialType, LineType, Purpose};

mod exemption;
mod kind;
mod stage;

pub use exemption::Exemption;
pub use kind::{Counting, RuleKind};
pub(super) use stage::Stage;

/// The most rules of one rulebook: which of them hold in a region is kept as bits of a word.
pub(super) const RULES_MAX: usize = 128;

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
    /// The SHA-256 of that text, in hexadecimal.
    pub sha256: String,
    /// What it asks to be kept, and how long.
    pub retention: Vec<Retention>,
    /// In order of evaluation.
    pub(super) rules: Vec<Rule>,
    /// Which rules hold everywhere, one bit each.
    pub(super) everywhere: u128,
    /// Which rules hold in a region besides, by the regions that they name.
    pub(super) by_region: Vec<(RegionPattern, u128)>,
    /// Which rules are asked at each stage.
    pub(super) by_stage: [u128; Stage::ALL.len()],
    /// Which rules have hours.
    pub(super) with_hours: u128,
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
    /// One sentence for the agent who may not call.
    pub sentence: String,
    /// One sentence for the auditor who asks what was held.
    pub auditor: String,
    /// First local day in force, as days since 1970-01-01.
    pub(super) since: Option<i64>,
    /// Last local day in force.
    pub(super) until: Option<i64>,
    /// Only there; everywhere when empty.
    pub regions: Vec<RegionPattern>,
    /// Only calls of such a kind.
    pub concerns: Concerns,
    /// What exempts a call; any of them does.
    pub unless: Vec<Exemption>,
    /// What it asks.
    pub kind: RuleKind,
}

/// Which calls a rule is about; every list that is empty holds for all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Concerns {
    /// Why the person is called.
    pub purposes: Vec<Purpose>,
    /// What line it is.
    pub lines: Vec<LineType>,
    /// How the call is made.
    pub dials: Vec<DialType>,
    /// The trade of the caller.
    pub sectors: Vec<String>,
}

/// Whether a rule is the law's or the house's.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A statute or a regulation.
    Law,
    /// A choice, stricter than the law or where there is none.
    Policy,
}

/// How well a rule's text was verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
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

impl Concerns {
    /// Whether no call is about both.
    pub(super) fn is_apart_from(&self, other: &Concerns) -> bool {
        let apart = |one: &[Purpose], other: &[Purpose]| {
            !one.is_empty() && !other.is_empty() && one.iter().all(|word| !other.contains(word))
        };
        apart(&self.purposes, &other.purposes)
    }
}

impl Rule {
    pub(super) fn stage(&self) -> Stage {
        Stage::of(self)
    }

    /// First and last local day in force, as days since 1970-01-01.
    pub fn days_in_force(&self) -> (Option<i64>, Option<i64>) {
        (self.since, self.until)
    }
}

impl Rulebook {
    /// Its rules, in order of evaluation.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether a time-zone database is too old for it.
    pub fn finds_stale(&self, tzdb: &str) -> bool {
        tzdb < self.min_tzdb.as_str()
    }

    /// Whether the time-zone database that is built in is too old for it.
    pub fn tzdb_is_stale(&self) -> bool {
        self.finds_stale(super::tzdb_version())
    }

    /// Which rules hold there, one bit each, in order of evaluation.
    pub(super) fn rules_in(&self, regions: impl Iterator<Item = Region>) -> u128 {
        regions.fold(self.everywhere, |all, region| {
            let there = self.by_region.iter().filter(|(pattern, _)| pattern.matches(region));
            there.fold(all, |all, (_, bits)| all | bits)
        })
    }

    /// The order of evaluation: by stage, what holds everywhere first, then the states by id.
    pub(super) fn put_in_order(&mut self) {
        let place = |rule: &Rule| {
            let id = if rule.regions.is_empty() { String::new() } else { rule.id.clone() };
            (rule.stage(), !rule.regions.is_empty(), id)
        };
        self.rules.sort_by_cached_key(place);
        (self.everywhere, self.by_region) = (0, Vec::new());
        (self.by_stage, self.with_hours) = Default::default();
        for (place, rule) in self.rules.iter().enumerate().take(RULES_MAX) {
            let bit = 1_u128 << place;
            self.by_stage[rule.stage() as usize] |= bit;
            if matches!(rule.kind, RuleKind::ClosedWeekdays(_) | RuleKind::Hours(_)) {
                self.with_hours |= bit;
            }
            if rule.regions.is_empty() {
                self.everywhere |= bit;
            }
            for pattern in &rule.regions {
                match self.by_region.iter_mut().find(|(known, _)| known == pattern) {
                    Some((_, bits)) => *bits |= bit,
                    None => self.by_region.push((*pattern, bit)),
                }
            }
        }
    }
}
