//! Every rule's answer to one call, in words.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::evaluation::Ruling;
use super::gate::Gate;
use super::rulebook::{Basis, Status};

/// Every rule's answer to one call, in words.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Explanation {
    /// The number, whole: who asks has it.
    pub number: String,
    /// The instant that was asked about.
    pub at: Timestamp,
    /// Whether the call may be made then.
    pub allowed: bool,
    /// The first instant at which it may, if nothing but time changes; absent when never.
    pub ask_again_at: Option<Timestamp>,
    /// The version of the time-zone database.
    pub tzdb: String,
    /// What the clocks of every candidate zone show.
    pub clocks: Vec<ZoneClock>,
    /// The rulebooks that were asked.
    pub rulebooks: Vec<BookVersion>,
    /// The rules, in the order in which they were asked.
    pub rules: Vec<RuleAnswer>,
}

/// What a clock shows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ZoneClock {
    /// The zone.
    pub zone: String,
    /// `2026-07-15 08:00:00`.
    pub local: String,
}

/// A rulebook that was asked.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct BookVersion {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its text.
    pub sha256: String,
}

/// What a rule says.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RuleAnswer {
    /// Its id.
    pub rule: String,
    /// `allows`, `exempt`, `not_concerned` or `refuses`.
    pub ruling: String,
    /// Why, where it is not simply a yes.
    pub because: Option<String>,
    /// What the auditor reads; absent for what is in the gate itself.
    pub auditor: Option<String>,
    /// Law or policy.
    pub basis: Option<Basis>,
    /// How well the text was verified.
    pub status: Option<Status>,
    /// Where it is written.
    pub citation: Option<String>,
}

impl Gate {
    /// Every rule's answer to a case at that instant, in words.
    pub fn explain(&self, case: &Case<'_>, at: Timestamp) -> Explanation {
        let found = self.evaluate(case, at);
        let allowed = found.is_allowed();
        let clock = |clock: &super::evaluation::Clock| ZoneClock {
            zone: clock.zone.to_owned(),
            local: clock.face(),
        };
        let rules = found.findings.iter().map(|finding| {
            let rule = found.rule(finding);
            RuleAnswer {
                rule: found.id(finding).to_owned(),
                ruling: finding.ruling.word().to_owned(),
                because: found.because(finding).map(std::borrow::Cow::into_owned),
                auditor: rule.map(|rule| rule.auditor.clone()),
                basis: rule.map(|rule| rule.basis),
                status: rule.map(|rule| rule.status),
                citation: rule.map(|rule| rule.citation.clone()),
            }
        });
        let book = |book: &std::sync::Arc<super::Rulebook>| BookVersion {
            id: book.id.clone(),
            version: book.version.clone(),
            sha256: book.sha256.clone(),
        };
        Explanation {
            number: case.number.to_e164(),
            at,
            allowed,
            ask_again_at: if allowed { Some(at) } else { self.ask_again_at(case, at) },
            tzdb: found.tzdb.to_owned(),
            clocks: found.clocks.iter().map(clock).collect(),
            rulebooks: found.rulebooks.iter().map(book).collect(),
            rules: rules.collect(),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refuses = Ruling::Refuses(super::Lifts::Never).word();
        let first = self.rules.iter().find(|rule| rule.ruling == refuses);
        match (first, self.ask_again_at) {
            (None, _) => writeln!(f, "{} at {}: may be called", self.number, self.at)?,
            (Some(rule), then) => {
                writeln!(f, "{} at {}: refused by {}", self.number, self.at, rule.rule)?;
                match then {
                    Some(then) => writeln!(f, "ask again at {then}")?,
                    None => writeln!(f, "no later time changes that")?,
                }
            }
        }
        writeln!(f, "\nclocks (time-zone database {})", self.tzdb)?;
        for ZoneClock { zone, local } in &self.clocks {
            writeln!(f, "  {local}  {zone}")?;
        }
        for book in &self.rulebooks {
            let hash = book.sha256.get(..12).unwrap_or_default();
            writeln!(f, "rulebook {} {} (sha256 {hash}..)", book.id, book.version)?;
        }
        writeln!(f, "\nrules")?;
        for rule in &self.rules {
            let because = rule.because.as_deref().unwrap_or_default();
            writeln!(f, "  {:<14} {:<24} {because}", rule.ruling, rule.rule)?;
            if rule.ruling != refuses {
                continue;
            }
            if let (Some(auditor), Some(citation)) = (&rule.auditor, &rule.citation) {
                let basis = match rule.basis {
                    Some(Basis::Policy) => "policy",
                    Some(Basis::Law) | None => "law",
                };
                writeln!(f, "  {:<14} {:<24} {auditor} ({basis}: {citation})", "", "")?;
            }
        }
        Ok(())
    }
}
