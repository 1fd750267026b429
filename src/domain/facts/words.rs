//! The columns, by their names.

use jiff::Timestamp;

use super::{
    Consent, ConsentKind, DialType, Facts, Inconvenient, LegalBasis, LineType, PriorConsent,
    Purpose, Reassigned, Relationship, RelationshipKind, date, from, until,
};

/// Marks that have no prefix; those of a rulebook of one's own are `mark.NAME`.
const MARKS: [&str; 6] =
    ["attorney", "cease", "existing_contract", "stop_calls", "warm", "workplace_prohibited"];

/// Registries whose column is a yes or a no, without the day of the copy.
const UNDATED: [&str; 3] = ["repep", "rne", "robinson"];

impl Facts {
    /// Reads columns by their names, without the prefix. A cell that is empty says nothing.
    pub fn read<'a>(columns: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut facts = Self::default();
        let mut consent = ConsentColumns::default();
        let (mut prior, mut ebr) = ((None, None), (None, None));
        for (name, text) in columns {
            let (name, text) = (name.to_ascii_lowercase(), text.trim());
            if text.is_empty() {
                continue;
            }
            let read = match name.as_str() {
                "consent.at" => put(&mut consent.at, until(text)),
                "consent.kind" => put(&mut consent.kind, consent_kind(text)),
                "consent.off_hours" => put(&mut consent.off_hours, truth(text)),
                "consent.revoked" => put(&mut consent.revoked, from(text)),
                "ebr.date" => put(&mut ebr.1, date(text)),
                "ebr.kind" => put(&mut ebr.0, relationship(text)),
                "rf_consent.at" => put(&mut prior.0, until(text)),
                "rf_consent.revoked" => put(&mut prior.1, from(text)),
                _ => facts.take(&name, text),
            };
            if read.is_none() {
                facts.unreadable.push(name);
            }
        }
        consent.finish(&mut facts);
        facts.prior_consent =
            (prior != (None, None)).then_some(PriorConsent { at: prior.0, revoked: prior.1 });
        match ebr {
            (Some(kind), date) => facts.relationship = Some(Relationship { kind, date }),
            (None, Some(_)) => facts.unreadable.push("ebr.kind".to_owned()),
            (None, None) => {}
        }
        facts
    }

    /// One column that stands alone; `None` when it cannot be read.
    fn take(&mut self, name: &str, text: &str) -> Option<()> {
        match name {
            "basis" => put(&mut self.basis, basis(text)),
            "debt" => put(&mut self.debt, Some(text.to_owned())),
            "dial" => put(&mut self.dial, dial(text)),
            "inconvenient" => {
                self.inconvenient = text.split(';').map(inconvenient).collect::<Option<_>>()?;
                Some(())
            }
            "last_interaction" => put(&mut self.last_interaction, date(text)),
            "line" => put(&mut self.line, line(text)),
            "purpose" => put(&mut self.purpose, Purpose::from_word(text)),
            "refused_at" => put(&mut self.refused_at, date(text)),
            "rnd" => put(&mut self.reassigned, reassigned(text)),
            "sector" => put(&mut self.sector, Some(text.to_owned())),
            mark if MARKS.contains(&mark) => self.set_mark(mark, text),
            registry if UNDATED.contains(&registry) => put(
                &mut self.registries.entry(registry.to_owned()).or_default().listed,
                truth(text),
            ),
            _ => self.take_of(name, text),
        }
    }

    /// `REGISTRY.listed`, `REGISTRY.as_of`, `REGISTRY.internal`, `mark.NAME`.
    fn take_of(&mut self, name: &str, text: &str) -> Option<()> {
        let (of, what) = name.split_once('.').filter(|(of, _)| !of.is_empty())?;
        let registry = || of.to_owned();
        match what {
            "as_of" | "screened" | "scrub" | "washed" => {
                put(&mut self.registries.entry(registry()).or_default().as_of, date(text))
            }
            "internal" => {
                let first = from(text)?;
                self.internal = Some(self.internal.map_or(first, |known| known.min(first)));
                Some(())
            }
            "listed" | "national" => {
                put(&mut self.registries.entry(registry()).or_default().listed, truth(text))
            }
            "proof" if matches!(of, "consent" | "ebr") => {
                self.proofs.insert(of.to_owned(), text.to_owned());
                Some(())
            }
            mark if of == "mark" => self.set_mark(mark, text),
            _ => None,
        }
    }

    fn set_mark(&mut self, mark: &str, text: &str) -> Option<()> {
        self.marks.insert(mark.to_owned(), truth(text)?);
        Some(())
    }
}

#[derive(Default)]
struct ConsentColumns {
    at: Option<Timestamp>,
    kind: Option<ConsentKind>,
    off_hours: Option<bool>,
    revoked: Option<Timestamp>,
}

impl ConsentColumns {
    fn finish(self, facts: &mut Facts) {
        let Self { at, kind, off_hours, revoked } = self;
        match kind {
            Some(kind) => {
                let off_hours = off_hours.unwrap_or(false);
                facts.consent = Some(Consent { kind, at, revoked, off_hours });
            }
            None if at.is_some() || revoked.is_some() => {
                facts.unreadable.push("consent.kind".to_owned());
            }
            None => {}
        }
    }
}

impl Purpose {
    /// The purpose of that word (`sales`).
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "debt" => Some(Purpose::Debt),
            "informational" => Some(Purpose::Informational),
            "sales" => Some(Purpose::Sales),
            "survey" => Some(Purpose::Survey),
            _ => None,
        }
    }

    /// The word in files (`sales`).
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Debt => "debt",
            Purpose::Informational => "informational",
            Purpose::Sales => "sales",
            Purpose::Survey => "survey",
        }
    }
}

/// `None` when nothing was read: the place keeps what it has.
fn put<T>(place: &mut Option<T>, read: Option<T>) -> Option<()> {
    *place = Some(read?);
    Some(())
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

fn basis(text: &str) -> Option<LegalBasis> {
    match text {
        "consent" => Some(LegalBasis::Consent),
        "legitimate_interest" => Some(LegalBasis::LegitimateInterest),
        _ => None,
    }
}

fn consent_kind(text: &str) -> Option<ConsentKind> {
    match text {
        "express" => Some(ConsentKind::Express),
        "optin" => Some(ConsentKind::Optin),
        "pewc" => Some(ConsentKind::Pewc),
        "tps_override" => Some(ConsentKind::TpsOverride),
        _ => None,
    }
}

fn dial(text: &str) -> Option<DialType> {
    match text {
        "adad" => Some(DialType::Adad),
        "agent" => Some(DialType::Agent),
        "prerecorded" => Some(DialType::Prerecorded),
        _ => None,
    }
}

fn line(text: &str) -> Option<LineType> {
    match text {
        "business" => Some(LineType::Business),
        "residential" => Some(LineType::Residential),
        "wireless" => Some(LineType::Wireless),
        _ => None,
    }
}

fn reassigned(text: &str) -> Option<Reassigned> {
    match text {
        "no" => Some(Reassigned::No),
        "no_data" => Some(Reassigned::NoData),
        "yes" => Some(Reassigned::Yes),
        _ => None,
    }
}

/// An application is an inquiry: 47 CFR 64.1200(f)(5) gives both the three months.
fn relationship(text: &str) -> Option<RelationshipKind> {
    match text {
        "application" | "inquiry" => Some(RelationshipKind::Inquiry),
        "purchase" | "transaction" => Some(RelationshipKind::Transaction),
        _ => None,
    }
}

/// `12:00/14:00`, `2026-07-15T16:00:00Z/2026-07-15T18:00:00Z`.
fn inconvenient(text: &str) -> Option<Inconvenient> {
    let (begin, end) = text.split_once('/')?;
    let (begin, end) = (begin.trim(), end.trim());
    if let (Some(begin), Some(end)) = (of_day(begin), of_day(end)) {
        return Some(Inconvenient::Daily(begin, end));
    }
    let (begin, end) = (from(begin)?, until(end)?);
    (begin < end).then_some(Inconvenient::Once(begin, end))
}

/// Seconds of the day of `HH:MM` or `HH:MM:SS`; `24:00` is its end.
fn of_day(text: &str) -> Option<i64> {
    if text == "24:00" {
        return Some(86_400);
    }
    let time: jiff::civil::Time = text.parse().ok().filter(|_| !text.contains(['T', '-']))?;
    Some(i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(columns: &[(&str, &str)]) -> Facts {
        Facts::read(columns.iter().copied())
    }

    #[test]
    fn columns_are_read_by_their_names_whatever_the_registry_is_called() {
        let facts = read(&[
            ("consent.kind", "express"),
            ("consent.at", "2026-01-01"),
            ("dnc.national", "yes"),
            ("dnc.scrub", "2026-07-10"),
            ("atlantis.listed", "0"),
            ("inconvenient", "12:00/14:00;2026-07-15T16:00:00Z/2026-07-15T18:00:00Z"),
            ("mark.vip", "true"),
            ("Purpose", "survey"),
        ]);
        assert_eq!(facts.unreadable, [""; 0]);
        let consent = facts.consent.unwrap();
        assert_eq!(consent.at, Some("2026-01-02T00:00:00Z".parse().unwrap()), "the day's end");
        assert_eq!(facts.registries["dnc"].listed, Some(true));
        assert_eq!(facts.registries["dnc"].as_of, Some("2026-07-10".parse().unwrap()));
        assert_eq!(facts.registries["atlantis"].listed, Some(false));
        assert_eq!(facts.inconvenient.len(), 2);
        assert_eq!((facts.mark("vip"), facts.mark("warm")), (Some(true), None));
        assert_eq!(facts.purpose, Some(Purpose::Survey));
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_name() {
        for (name, text) in [
            ("attorney", "perhaps"),
            ("attourney", "true"),
            ("consent.at", "2026-01-01"),
            ("consent.kind", "nodded"),
            ("dnc.scrub", "last week"),
            ("inconvenient", "noon"),
            ("purpose", "fun"),
        ] {
            assert_eq!(read(&[(name, text)]).unreadable.len(), 1, "{name} {text}");
        }
        assert_eq!(read(&[("attorney", " ")]), Facts::default());
    }
}
