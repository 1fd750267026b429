//! A rulebook as written, to a rulebook as meant. Every rule is read for itself, so that one fault
//! does not hide the next.

use std::fmt::Write;
use std::ops::Range;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde_spanned::Spanned;
use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use super::number::NumberPattern;
use super::region::RegionPattern;
use super::retention::Retention;
use super::rulebook::{Basis, Concerns, Coverage, RULES_MAX, Rule, Rulebook, Status};
use crate::domain::{DialType, LineType, Purpose};

mod exemption;
mod kind;

/// What is wrong with a rulebook's text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RulebookFault {
    /// The bytes of the text that are wrong, where they can be told.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadRaw {
    id: Spanned<String>,
    title: String,
    version: String,
    min_tzdb: Spanned<String>,
    #[serde(default)]
    covers_regions: Vec<Spanned<String>>,
    #[serde(default)]
    covers_numbers: Vec<Spanned<String>>,
    #[serde(default)]
    retention: Vec<Spanned<Retention>>,
}

/// What every rule may say, whatever its kind.
const COMMON: [&str; 15] = [
    "auditor", "basis", "citation", "dials", "id", "kind", "lines", "purposes", "regions",
    "sectors", "sentence", "since", "status", "unless", "until",
];

#[derive(Deserialize)]
struct RuleRaw {
    id: Spanned<String>,
    kind: Spanned<String>,
    basis: Basis,
    citation: Spanned<String>,
    status: Status,
    sentence: Spanned<String>,
    auditor: Spanned<String>,
    since: Option<Spanned<Datetime>>,
    until: Option<Spanned<Datetime>>,
    #[serde(default)]
    regions: Vec<Spanned<String>>,
    #[serde(default)]
    purposes: Vec<Purpose>,
    #[serde(default)]
    lines: Vec<LineType>,
    #[serde(default)]
    dials: Vec<DialType>,
    #[serde(default)]
    sectors: Vec<String>,
    #[serde(default)]
    unless: Vec<Spanned<exemption::ExemptionRaw>>,
}

impl Rulebook {
    /// Reads a rulebook.
    ///
    /// # Errors
    /// Every fault that was found, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<RulebookFault>> {
        let (table, broken) = DeTable::parse_recoverable(text);
        let mut reader = Reader { faults: broken.iter().map(RulebookFault::from).collect() };
        let whole = table.span();
        let mut table = table.into_inner();
        let rules = table.remove("rules");
        let head = HeadRaw::deserialize(Spanned::new(whole.clone(), table).into_deserializer());
        let head = head.map_err(|error| reader.faults.push((&error).into())).ok();
        let rules = reader.rules(rules);
        let book = head.map(|head| reader.book(head, rules, text));
        if reader.faults.is_empty()
            && let Some(book) = book
        {
            return Ok(book);
        }
        reader.faults.sort_by_key(|fault| fault.span.as_ref().map(|span| span.start));
        Err(reader.faults)
    }
}

impl From<&toml::de::Error> for RulebookFault {
    fn from(error: &toml::de::Error) -> Self {
        Self { span: error.span(), message: error.message().to_owned() }
    }
}

struct Reader {
    faults: Vec<RulebookFault>,
}

impl Reader {
    fn fault(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.faults.push(RulebookFault { span: Some(span), message: message.into() });
    }

    fn book(&mut self, head: HeadRaw, rules: Vec<Rule>, text: &str) -> Rulebook {
        if !is_id(head.id.get_ref()) {
            self.fault(head.id.span(), "an id has small letters, digits and hyphens");
        }
        if !is_tzdb_version(head.min_tzdb.get_ref()) {
            self.fault(
                head.min_tzdb.span(),
                "a version of the database is a year and a letter: 2026f",
            );
        }
        if rules.len() > RULES_MAX {
            self.fault(head.id.span(), format!("more than {RULES_MAX} rules: make two of it"));
        }
        for kept in &head.retention {
            if !(1..=1_200).contains(&kept.get_ref().months) {
                self.fault(kept.span(), "months are 1 to 1200");
            }
        }
        let regions = self.each(head.covers_regions, RegionPattern::parse, REGION);
        let numbers = self.each(head.covers_numbers, NumberPattern::parse, NUMBERS);
        let mut book = Rulebook {
            id: head.id.into_inner(),
            title: head.title,
            version: head.version,
            min_tzdb: head.min_tzdb.into_inner(),
            covers: Coverage { regions, numbers },
            text: text.to_owned(),
            sha256: hexadecimal(&Sha256::digest(text)),
            retention: head.retention.into_iter().map(Spanned::into_inner).collect(),
            rules,
            everywhere: 0,
            by_region: Vec::new(),
            by_stage: Default::default(),
            with_hours: 0,
        };
        book.put_in_order();
        book
    }

    fn rules(&mut self, rules: Option<Spanned<DeValue<'_>>>) -> Vec<Rule> {
        let Some(rules) = rules else { return Vec::new() };
        let span = rules.span();
        let DeValue::Array(rules) = rules.into_inner() else {
            self.fault(span, "rules are written as [[rules]]");
            return Vec::new();
        };
        let mut read: Vec<Rule> = Vec::new();
        for rule in rules {
            let span = rule.span();
            let DeValue::Table(table) = rule.into_inner() else {
                self.fault(span, "rules are written as [[rules]]");
                continue;
            };
            if let Some((id, rule)) = self.rule_of(table, span) {
                let same = |other: &&Rule| other.id == rule.id;
                let mut twins = read.iter().filter(same);
                if twins.any(|twin| !twin.concerns.is_apart_from(&rule.concerns)) {
                    let message =
                        format!("the rule {} stands twice, for the same purposes", rule.id);
                    self.fault(id, message);
                }
                read.push(rule);
            }
        }
        read
    }

    /// Reads what every rule says, then what its kind asks for.
    fn rule_of(
        &mut self,
        mut table: DeTable<'_>,
        span: Range<usize>,
    ) -> Option<(Range<usize>, Rule)> {
        let mut common = DeTable::new();
        for key in COMMON {
            if let Some((key, value)) = table.remove_entry(key) {
                common.insert(key, value);
            }
        }
        let read = RuleRaw::deserialize(Spanned::new(span.clone(), common).into_deserializer());
        match read {
            Ok(raw) => {
                let id = raw.id.span();
                Some((id, self.rule(raw, Spanned::new(span, table))?))
            }
            Err(error) => {
                let fault = RulebookFault::from(&error);
                self.fault(fault.span.unwrap_or(span), fault.message);
                None
            }
        }
    }

    fn rule(&mut self, raw: RuleRaw, rest: Spanned<DeTable<'_>>) -> Option<Rule> {
        for (text, what) in [
            (&raw.citation, "where it is written"),
            (&raw.sentence, "one sentence to the agent"),
            (&raw.auditor, "one sentence to the auditor"),
        ] {
            if text.get_ref().trim().is_empty() {
                self.fault(text.span(), format!("a rule says {what}"));
            }
        }
        let kind = self.kind(&raw.kind, rest);
        let unless = raw.unless.into_iter().filter_map(|raw| self.exemption(raw)).collect();
        let concerns = Concerns {
            purposes: raw.purposes,
            lines: raw.lines,
            dials: raw.dials,
            sectors: raw.sectors,
        };
        Some(Rule {
            since: raw.since.and_then(|date| self.day(date)),
            until: raw.until.and_then(|date| self.day(date)),
            regions: self.each(raw.regions, RegionPattern::parse, REGION),
            id: raw.id.into_inner(),
            citation: raw.citation.into_inner(),
            basis: raw.basis,
            status: raw.status,
            sentence: raw.sentence.into_inner(),
            auditor: raw.auditor.into_inner(),
            concerns,
            unless,
            kind: kind?,
        })
    }

    fn day(&mut self, date: Spanned<Datetime>) -> Option<i64> {
        let day = epoch_day(date.get_ref());
        if day.is_none() {
            self.fault(date.span(), "a date without time is expected: 2026-01-01");
        }
        day
    }

    /// Reads each text; a fault for each that cannot be read.
    fn each<T>(
        &mut self,
        texts: impl IntoIterator<Item = Spanned<String>>,
        parse: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Vec<T> {
        let mut read = Vec::new();
        for text in texts {
            match parse(text.get_ref()) {
                Some(value) => read.push(value),
                None => self.fault(text.span(), format!("{:?} is no {expected}", text.get_ref())),
            }
        }
        read
    }
}

const NUMBERS: &str = "pattern of numbers: + and digits, ? for any one digit (+1???55501??)";
const REGION: &str = "region: a country (ES), a state (US-FL), or all states (US-*)";

fn is_id(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(letter)
}

fn is_tzdb_version(text: &str) -> bool {
    let (year, letter) = text.split_at_checked(4).unwrap_or_default();
    year.bytes().all(|byte| byte.is_ascii_digit())
        && !letter.is_empty()
        && letter.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn epoch_day(date: &Datetime) -> Option<i64> {
    let Datetime { date: Some(date), time: None, offset: None } = date else { return None };
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    let date = jiff::civil::Date::new(i16::try_from(date.year).ok()?, month, day).ok()?;
    Some(super::local::day_of(date))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
