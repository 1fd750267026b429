//! A table as written: each value is taken by its key, checked, and what is wrong is noted with
//! its place. What is left over at the end are keys that nobody knows.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Source};
use super::spelling::nearest;

/// Collects the faults of one file.
pub(super) struct Ledger<'t> {
    source: Source<'t>,
    faults: RefCell<Vec<Fault>>,
    advice: RefCell<Vec<Fault>>,
}

impl<'t> Ledger<'t> {
    pub fn new(source: Source<'t>) -> Self {
        Self { source, faults: RefCell::default(), advice: RefCell::default() }
    }

    /// Parses the text; what cannot be parsed is noted and the rest read all the same.
    pub fn root(&self) -> Section<'_> {
        let (table, broken) = DeTable::parse_recoverable(self.source.text);
        for error in broken {
            let remedy = "mend the TOML; other faults of this file may be its consequence";
            self.fault(error.span(), error.message().trim(), remedy);
        }
        let span = table.span();
        Section {
            name: String::new(),
            span,
            table: table.into_inner(),
            known: Vec::new(),
            ledger: self,
        }
    }

    pub fn fault(
        &self,
        span: Option<Range<usize>>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.borrow_mut().push(self.source.fault(span, message, remedy));
    }

    /// The folder of the file, to which paths in it are relative.
    pub fn folder(&self) -> &Path {
        self.source.path.parent().unwrap_or(Path::new(""))
    }

    /// In the order of the lines.
    pub fn into_faults(self) -> Vec<Fault> {
        in_order(self.faults.into_inner())
    }

    /// What was advised so far, in the order of the lines.
    pub fn take_advice(&self) -> Vec<Fault> {
        in_order(self.advice.take())
    }
}

fn in_order(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| fault.place);
    faults
}

/// One table.
pub(super) struct Section<'l> {
    /// `[trunks.main]`, or empty at the root.
    name: String,
    span: Range<usize>,
    table: DeTable<'l>,
    /// Keys that were asked for, with the place of those that are there.
    known: Vec<(&'static str, Option<Range<usize>>)>,
    ledger: &'l Ledger<'l>,
}

impl<'l> Section<'l> {
    /// Takes a value; `None` when it is not there.
    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'l>>> {
        let value = self.table.remove(key);
        self.known.push((key, value.as_ref().map(Spanned::span)));
        value
    }

    /// What holds where the table does not say: a TOML of the code's own.
    pub fn suppose(&mut self, text: &'static str) {
        let (supposed, _) = DeTable::parse_recoverable(text);
        for (key, value) in supposed.into_inner() {
            if !self.table.contains_key(key.get_ref().as_ref()) {
                self.table.insert(key, value);
            }
        }
    }

    /// Where a value that was taken stands; where the table does when it was not there.
    pub fn place_of(&self, key: &str) -> Range<usize> {
        let place = self.known.iter().find(|(known, _)| *known == key);
        place.and_then(|(_, place)| place.clone()).unwrap_or_else(|| self.span())
    }

    /// Whether the key is there and has not been taken.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The folder of the file, to which paths in it are relative.
    pub fn folder(&self) -> &Path {
        self.ledger.folder()
    }

    /// Where the table stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub fn fault(&self, span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) {
        self.ledger.fault(Some(span), message, remedy);
    }

    /// What is no fault, and yet hardly meant.
    pub fn advise(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let advice = self.ledger.source.fault(Some(span), message, remedy);
        self.ledger.advice.borrow_mut().push(advice);
    }

    /// The fault of a key that must be there and is not.
    pub fn missing(&self, key: &str, example: &str) {
        let of = if self.name.is_empty() { "the file" } else { &self.name };
        let remedy = format!("write {key} = {example}");
        self.fault(self.span.clone(), format!("{of} has no {key}"), remedy);
    }

    fn expected(&self, key: &str, value: &Spanned<DeValue<'_>>, what: impl Display) {
        let found = value.get_ref().type_str();
        let message = format!("{key} is a TOML {found}");
        self.fault(value.span(), message, format!("write {what}"));
    }

    pub fn text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(value.span(), text.to_string())),
            _ => {
                self.expected(key, &value, "a text in quotes");
                None
            }
        }
    }

    /// A text that is read as a `T`; `what` says what is expected.
    pub fn parsed<T: FromStr>(&mut self, key: &'static str, what: &str) -> Option<T> {
        self.read(key, what, |text| text.parse().ok())
    }

    pub fn read<T>(
        &mut self,
        key: &'static str,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?;
        let value = read(text.get_ref());
        if value.is_none() {
            let message = format!("{key} is {:?}", text.get_ref());
            self.fault(text.span(), message, format!("write {what}"));
        }
        value
    }

    /// A day: `2026-11-24`, in quotes or not.
    pub fn date(&mut self, key: &'static str) -> Option<Date> {
        let value = self.take(key)?;
        let written = match value.get_ref() {
            DeValue::Datetime(moment) => moment.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.expected(key, &value, "a day: 2026-11-24");
                return None;
            }
        };
        let date = written.parse().ok().filter(|_| written.len() == "2026-11-24".len());
        if date.is_none() {
            self.fault(value.span(), format!("{key} is {written}"), "write a day: 2026-11-24");
        }
        date
    }

    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        let read = value.get_ref().as_bool();
        if read.is_none() {
            self.expected(key, &value, "true or false");
        }
        read
    }

    pub fn integer<T: TryFrom<i64> + Into<i64> + Copy>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        let (least, most): (i64, i64) = ((*range.start()).into(), (*range.end()).into());
        let value = self.take(key)?;
        let what = format!("a whole number from {least} to {most}");
        let DeValue::Integer(digits) = value.get_ref() else {
            self.expected(key, &value, what);
            return None;
        };
        let read = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let inside = read.filter(|number| (least..=most).contains(number));
        if inside.is_none() {
            self.fault(value.span(), format!("{key} is {digits}"), format!("write {what}"));
        }
        inside.and_then(|number| T::try_from(number).ok())
    }

    pub fn number(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let value = self.take(key)?;
        let what = format!("a number from {} to {}", range.start(), range.end());
        let read = match value.get_ref() {
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
                .ok()
                .map(|number| number as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => {
                self.expected(key, &value, what);
                return None;
            }
        };
        let inside = read.filter(|number| range.contains(number));
        if inside.is_none() {
            let written = &self.ledger.source.text[value.span()];
            self.fault(value.span(), format!("{key} is {written}"), format!("write {what}"));
        }
        inside
    }

    /// Seconds, minutes, hours: `unit_s` seconds each.
    pub fn duration(
        &mut self,
        key: &'static str,
        unit_s: f64,
        range: RangeInclusive<f64>,
    ) -> Option<SignedDuration> {
        let amount = self.number(key, range)?;
        Some(SignedDuration::from_millis((amount * unit_s * 1_000.0).round() as i64))
    }

    /// A list of texts, each with its place.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<Spanned<String>>> {
        let value = self.take(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.expected(key, &value, "a list of texts: [\"..\", \"..\"]");
            return None;
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push(Spanned::new(item.span(), text.to_string())),
                _ => self.expected(key, item, "each of the list as a text in quotes"),
            }
        }
        Some(texts)
    }

    /// `[key]`
    pub fn section(&mut self, key: &'static str) -> Option<Section<'l>> {
        let value = self.take(key)?;
        let name = self.child(key);
        self.open(key, name, value)
    }

    /// `[[key]]`, in the order of the file.
    pub fn sections(&mut self, key: &'static str) -> Option<Vec<Section<'l>>> {
        let value = self.take(key)?;
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(items) => {
                let name = format!("[{}]", self.child(key));
                Some(
                    items
                        .into_iter()
                        .filter_map(|item| self.open(key, name.clone(), item))
                        .collect(),
                )
            }
            other => {
                self.expected(key, &Spanned::new(span, other), format!("[[{key}]] before each"));
                None
            }
        }
    }

    /// The tables in this one, by name, in the order of the file: `[trunks.main]`.
    pub fn entries(mut self) -> Vec<(Spanned<String>, Section<'l>)> {
        let mut entries = Vec::new();
        for (key, value) in std::mem::take(&mut self.table) {
            let name = Spanned::new(key.span(), key.get_ref().to_string());
            let child = self.child(name.get_ref());
            if let Some(section) = self.open(name.get_ref(), child, value) {
                entries.push((name, section));
            }
        }
        entries.sort_by_key(|(name, _)| name.span().start);
        entries
    }

    /// A value that another room knows how to read; it is read whole, to its first fault.
    pub fn value<T: for<'de> Deserialize<'de>>(&mut self, key: &'static str) -> Option<T> {
        let value = self.take(key)?;
        let span = value.span();
        T::deserialize(value.into_deserializer())
            .map_err(|error| {
                let remedy = "carrier.example.toml and demo.toml show what is known here";
                self.fault(error.span().unwrap_or(span), error.message().trim(), remedy);
            })
            .ok()
    }

    /// Faults for the keys that nobody has taken.
    pub fn finish(self) {
        let of = if self.name.is_empty() { "the file" } else { &self.name };
        for key in self.table.keys() {
            let remedy = match nearest(key.get_ref(), self.known.iter().map(|(known, _)| *known)) {
                Some(known) => format!("did you mean {known}?"),
                None => {
                    let known: Vec<&str> = self.known.iter().map(|(known, _)| *known).collect();
                    format!("it knows {}", known.join(", "))
                }
            };
            self.fault(key.span(), format!("{of} knows no {}", key.get_ref()), remedy);
        }
    }

    fn child(&self, key: &str) -> String {
        match self.name.strip_suffix(']') {
            Some(name) => format!("{name}.{key}]"),
            None => format!("[{key}]"),
        }
    }

    fn open(&self, key: &str, name: String, value: Spanned<DeValue<'l>>) -> Option<Section<'l>> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => {
                Some(Section { name, span, table, known: Vec::new(), ledger: self.ledger })
            }
            other => {
                self.expected(key, &Spanned::new(span, other), format!("a table: {name}"));
                None
            }
        }
    }
}
