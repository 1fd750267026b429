//! What is known of a person for the law's sake: consent, relationship, registries, marks. Each is
//! a column of the lead's file whose header begins with `law.` (`law.consent.kind`).
//!
//! A column that cannot be read is kept by its name: the gate refuses a lead that has one, because
//! nobody knows what it would have said.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

mod words;

/// What begins the header of a column that is read here.
pub const LAW_COLUMN: &str = "law.";

/// What is known of a person. What is not there is not known.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Facts {
    /// Why the person is called; the campaign's purpose when absent.
    pub purpose: Option<Purpose>,
    /// The kind of line; residential when absent.
    pub line: Option<LineType>,
    /// How the call is made; by an agent when absent, and by a machine in a broadcast.
    pub dial: Option<DialType>,
    /// The trade of the caller, where a code has rules for it (`bank`).
    pub sector: Option<String>,
    /// The account that a collector calls about.
    pub debt: Option<String>,
    /// When the person first asked not to be called.
    pub internal: Option<Timestamp>,
    /// What a registry said of the number, by the registry's name (`dnc`, `tps`).
    pub registries: BTreeMap<String, Listing>,
    /// The consent on file.
    pub consent: Option<Consent>,
    /// The established business relationship.
    pub relationship: Option<Relationship>,
    /// What a call rests on, where the law lets the caller choose (Spain, LGTel 66.1.b).
    pub basis: Option<LegalBasis>,
    /// The last dealing with the person.
    pub last_interaction: Option<Date>,
    /// When the person declined an offer.
    pub refused_at: Option<Date>,
    /// A debtor's own consent to be called (12 CFR 1006.14(b)(3)(i)).
    pub prior_consent: Option<PriorConsent>,
    /// Times at which the person has said not to call, by the local clock or in instants.
    pub inconvenient: Vec<Inconvenient>,
    /// What the reassigned-numbers database said of the number since the consent.
    pub reassigned: Option<Reassigned>,
    /// Where the proof of what is said lies (`consent`, `ebr`): a document's name, a hash.
    pub proofs: BTreeMap<String, String>,
    /// Marks by their names: `attorney`, `existing_contract`, `warm`.
    pub marks: BTreeMap<String, bool>,
    /// Columns that could not be read.
    pub unreadable: Vec<String>,
}

/// Why a person is called.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To collect a debt.
    Debt,
    /// To tell something that sells nothing.
    Informational,
    /// To sell.
    #[default]
    Sales,
    /// To ask questions, and sell nothing.
    Survey,
}

/// What kind of line the number is.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LineType {
    /// A business.
    Business,
    /// A home.
    #[default]
    Residential,
    /// A mobile.
    Wireless,
}

/// How the call is made.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DialType {
    /// By an automatic dialing-announcing device.
    Adad,
    /// For an agent who talks.
    #[default]
    Agent,
    /// A recording is played.
    Prerecorded,
}

/// What a registry said of the number.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Listing {
    /// Whether it is listed.
    pub listed: Option<bool>,
    /// The day of the copy that was asked.
    pub as_of: Option<Date>,
}

/// A consent on file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consent {
    /// Of what kind.
    pub kind: ConsentKind,
    /// When it was given; `None` when that is not known, and then it holds for nothing.
    pub at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
    /// It also allows calls outside the lawful hours.
    pub off_hours: bool,
}

/// How a person agreed to be called.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentKind {
    /// In so many words, spoken or written.
    Express,
    /// By a form or a box that was ticked.
    Optin,
    /// Signed and in writing, with the number (47 CFR 64.1200(f)(9)).
    Pewc,
    /// To this caller, whatever a registry says.
    TpsOverride,
}

/// A business relationship.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Relationship {
    /// By what.
    pub kind: RelationshipKind,
    /// The day of the last such dealing; `None` when that is not known.
    pub date: Option<Date>,
}

/// What made a business relationship.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationshipKind {
    /// An application or a question of the person.
    Inquiry,
    /// A purchase, a payment, a contract.
    Transaction,
}

/// What a call rests on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    /// Consent.
    Consent,
    /// A legitimate interest.
    LegitimateInterest,
}

/// A consent that holds for some days.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PriorConsent {
    /// When it was given; `None` when that is not known.
    pub at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
}

/// A time at which the person is not to be called; half-open.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Inconvenient {
    /// Every day, in seconds of the local day; over midnight when the end is not after the begin.
    Daily(i64, i64),
    /// Once.
    Once(Timestamp, Timestamp),
}

/// What the reassigned-numbers database said.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reassigned {
    /// It is somebody else's still: not since the consent.
    No,
    /// It does not know.
    NoData,
    /// The number has changed hands since.
    Yes,
}

impl Facts {
    /// Reads the columns of a lead that begin with [`LAW_COLUMN`].
    pub fn of_attributes(attributes: &BTreeMap<String, String>) -> Self {
        let columns = attributes.iter().filter_map(|(name, text)| {
            let law = name.get(..LAW_COLUMN.len())?.eq_ignore_ascii_case(LAW_COLUMN);
            law.then(|| (&name[LAW_COLUMN.len()..], text.as_str()))
        });
        Self::read(columns)
    }

    /// Whether both say which debt they are about, and not the same.
    pub fn is_of_another_debt(&self, other: &Facts) -> bool {
        self.debt.as_ref().zip(other.debt.as_ref()).is_some_and(|(one, other)| one != other)
    }

    /// Whether a mark is set; `None` when nothing is said of it.
    pub fn mark(&self, name: &str) -> Option<bool> {
        self.marks.get(name).copied()
    }
}

/// A day, or the day of an instant in UTC.
fn date(text: &str) -> Option<Date> {
    let of_instant = || Some(TimeZone::UTC.to_datetime(text.parse().ok()?).date());
    text.parse().ok().filter(|_| !text.contains(['T', 't', ' '])).or_else(of_instant)
}

/// An instant, or the begin of a day in UTC.
fn from(text: &str) -> Option<Timestamp> {
    let begin = || Some(date(text)?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(begin)
}

/// An instant, or the end of a day in UTC: what is given on a day is not relied on before.
fn until(text: &str) -> Option<Timestamp> {
    let end =
        || Some(date(text)?.tomorrow().ok()?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(end)
}
