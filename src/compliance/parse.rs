//! A rulebook as written, to a rulebook as meant. Every rule is read for itself, so that one fault
//! does not hide the next.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use super::hours::{HoursFault, Week};
use super::number::NumberPattern;
use super::region::RegionPattern;
use super::rulebook::{Basis, Coverage, Rule, RuleKind, Rulebook, Status};
use crate::domain::Outcome;

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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRaw {
    id: Spanned<String>,
    kind: Spanned<String>,
    basis: Basis,
    citation: Spanned<String>,
    status: Status,
    sentence: String,
    since: Option<Spanned<Datetime>>,
    until: Option<Spanned<Datetime>>,
    #[serde(default)]
    regions: Vec<Spanned<String>>,
    attempts_max: Option<u32>,
    days: Option<Spanned<BTreeMap<String, String>>>,
    interval_s: Option<u32>,
    not_counted: Option<Vec<Spanned<String>>>,
    numbers: Option<Vec<Spanned<String>>>,
    weekdays: Option<Spanned<Vec<String>>>,
    window_s: Option<u32>,
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
        let book = head.map(|head| reader.book(head, rules));
        if reader.faults.is_empty()
            && let Some(book) = book
        {
            return Ok(Rulebook { text: text.to_owned(), ..book });
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

    fn book(&mut self, head: HeadRaw, mut rules: Vec<Rule>) -> Rulebook {
        if !is_id(head.id.get_ref()) {
            self.fault(head.id.span(), "an id has small letters, digits and hyphens");
        }
        if !is_tzdb_version(head.min_tzdb.get_ref()) {
            self.fault(
                head.min_tzdb.span(),
                "a version of the database is a year and a letter: 2026f",
            );
        }
        let regions = self.each(head.covers_regions, RegionPattern::parse, REGION);
        let numbers = self.each(head.covers_numbers, NumberPattern::parse, NUMBERS);
        let state = |rule: &Rule| {
            let id = if rule.regions.is_empty() { String::new() } else { rule.id.clone() };
            (rule.stage(), !rule.regions.is_empty(), id)
        };
        rules.sort_by_cached_key(state);
        Rulebook {
            id: head.id.into_inner(),
            title: head.title,
            version: head.version,
            min_tzdb: head.min_tzdb.into_inner(),
            covers: Coverage { regions, numbers },
            text: String::new(),
            rules,
        }
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
            match RuleRaw::deserialize(rule.into_deserializer()) {
                Ok(raw) => {
                    let id = raw.id.span();
                    let Some(rule) = self.rule(raw) else { continue };
                    if read.iter().any(|other| other.id == rule.id) {
                        self.fault(id, format!("the rule {} stands twice", rule.id));
                    }
                    read.push(rule);
                }
                Err(error) => {
                    let fault = RulebookFault::from(&error);
                    self.fault(fault.span.unwrap_or(span), fault.message);
                }
            }
        }
        read
    }

    fn rule(&mut self, raw: RuleRaw) -> Option<Rule> {
        if raw.citation.get_ref().trim().is_empty() {
            self.fault(raw.citation.span(), "a rule says where it is written");
        }
        if raw.attempts_max == Some(0) {
            self.fault(raw.kind.span(), "attempts_max is at least 1");
        }
        let kind = self.kind(&raw);
        Some(Rule {
            since: raw.since.and_then(|date| self.day(date)),
            until: raw.until.and_then(|date| self.day(date)),
            regions: self.each(raw.regions, RegionPattern::parse, REGION),
            id: raw.id.into_inner(),
            citation: raw.citation.into_inner(),
            basis: raw.basis,
            status: raw.status,
            sentence: raw.sentence,
            kind: kind?,
        })
    }

    fn kind(&mut self, raw: &RuleRaw) -> Option<RuleKind> {
        let before = self.faults.len();
        let not_counted = self.each(raw.not_counted.iter().flatten().cloned(), outcome, OUTCOME);
        let kind = match raw.kind.get_ref().as_str() {
            "attempts_per_day" => {
                self.keys(raw, &["attempts_max", "not_counted"]);
                raw.attempts_max
                    .map(|attempts_max| RuleKind::AttemptsPerDay { attempts_max, not_counted })
            }
            "attempts_within" => {
                self.keys(raw, &["attempts_max", "not_counted", "window_s"]);
                raw.attempts_max.zip(raw.window_s).map(|(attempts_max, window_s)| {
                    let window_s = window_s.into();
                    RuleKind::AttemptsWithin { attempts_max, window_s, not_counted }
                })
            }
            "caller_id" => {
                self.keys(raw, &[]);
                Some(RuleKind::CallerId)
            }
            "closed_weekdays" => {
                self.keys(raw, &["weekdays"]);
                let weekdays = raw.weekdays.as_ref()?;
                let names = weekdays.get_ref().iter().map(String::as_str);
                self.week(weekdays.span(), Week::without(names)).map(RuleKind::ClosedWeekdays)
            }
            "do_not_call" => {
                self.keys(raw, &[]);
                Some(RuleKind::DoNotCall)
            }
            "hours" => {
                self.keys(raw, &["days"]);
                let days = raw.days.as_ref()?;
                let named = days.get_ref().iter().map(|(day, text)| (day.as_str(), text.as_str()));
                self.week(days.span(), Week::parse(named)).map(RuleKind::Hours)
            }
            "interval" => {
                self.keys(raw, &["interval_s", "not_counted"]);
                raw.interval_s.map(|interval_s| {
                    let interval_s = interval_s.into();
                    RuleKind::Interval { interval_s, not_counted }
                })
            }
            "numbers" => {
                self.keys(raw, &["numbers"]);
                let patterns = raw.numbers.iter().flatten().cloned();
                Some(RuleKind::Numbers(self.each(patterns, NumberPattern::parse, NUMBERS)))
            }
            other => {
                let message =
                    format!("no rule is of kind {other:?}: there are {}", KINDS.join(", "));
                self.fault(raw.kind.span(), message);
                None
            }
        };
        kind.filter(|_| self.faults.len() == before)
    }

    /// Faults for the values that the rule's kind needs and has not, and for those that it has and
    /// does not know. `not_counted` may be left out.
    fn keys(&mut self, raw: &RuleRaw, known: &[&str]) {
        let given = [
            ("attempts_max", raw.attempts_max.is_some()),
            ("days", raw.days.is_some()),
            ("interval_s", raw.interval_s.is_some()),
            ("not_counted", raw.not_counted.is_some()),
            ("numbers", raw.numbers.is_some()),
            ("weekdays", raw.weekdays.is_some()),
            ("window_s", raw.window_s.is_some()),
        ];
        let kind = raw.kind.get_ref();
        for (key, given) in given {
            match (known.contains(&key), given) {
                (true, false) if key != "not_counted" => {
                    self.fault(raw.kind.span(), format!("a rule of kind {kind} needs {key}"));
                }
                (false, true) => {
                    self.fault(raw.kind.span(), format!("a rule of kind {kind} has no {key}"));
                }
                (true, _) | (false, false) => {}
            }
        }
    }

    fn week(&mut self, span: Range<usize>, week: Result<Week, HoursFault>) -> Option<Week> {
        match week {
            Ok(week) if week.is_closed() => {
                self.fault(span, "hours that are never open: leave at least one day");
                None
            }
            Ok(week) => Some(week),
            Err(fault) => {
                self.fault(span, fault.to_string());
                None
            }
        }
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

const KINDS: [&str; 8] = [
    "attempts_per_day",
    "attempts_within",
    "caller_id",
    "closed_weekdays",
    "do_not_call",
    "hours",
    "interval",
    "numbers",
];
const NUMBERS: &str = "pattern of numbers: + and digits, ? for any one digit (+1???55501??)";
const OUTCOME: &str = "outcome (busy, cancelled, failed, no_answer ..)";
const REGION: &str = "region: a country (ES), a state (US-FL), or all states (US-*)";

fn outcome(word: &str) -> Option<Outcome> {
    Outcome::from_word(word)
}

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
    let midnight = date.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second().div_euclid(super::local::DAY_S))
}

#[cfg(test)]
mod tests;
