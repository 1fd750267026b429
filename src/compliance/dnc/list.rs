//! A list that comes whole: what it is, and its pages.

use std::borrow::Borrow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::pages::Pages;
use crate::domain::{Country, PhoneNumber};

/// What a list is called: `[a-z0-9_-]`, 1 to 64, and not `internal`.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ListId(String);

/// What a list is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// The house's own, for the campaigns that name it.
    Campaign,
    /// The house's own, for every campaign.
    Internal,
    /// Who sues: for every campaign.
    Litigator,
    /// A state's register: asked where a rulebook says so, or by the campaigns that name it.
    Registry,
    /// Whole ranges, area codes above all: for every campaign. (Any list may have some.)
    Wildcard,
}

/// What a list says of itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ListHeader {
    /// Its name.
    pub id: ListId,
    /// What it is.
    pub kind: ListKind,
    /// Whose numbers they are; `None` when of several countries.
    pub country: Option<Country>,
    /// The day on which it was true: when the registry made it or was asked.
    pub as_of: Date,
    /// When it was built here.
    pub built_at: Timestamp,
    /// Single numbers.
    pub numbers: u64,
    /// Ranges.
    pub prefixes: u64,
    /// Bytes of its pages.
    pub bytes: u64,
    /// SHA-256 of its pages, hexadecimal.
    pub sha256: String,
}

/// A list. Cheap to clone; its numbers stay where they are. As JSON it is its header: in a log it
/// says which list it was, and read from there it holds nobody.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct List {
    header: ListHeader,
    #[serde(skip)]
    pages: Pages,
}

impl ListId {
    /// `None` when a list cannot be called so.
    pub fn new(text: &str) -> Option<Self> {
        let shaped = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        (shaped && text != super::INTERNAL).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ListId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ListId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ListId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text).ok_or_else(|| {
            format!(
                "{text:?} is no name of a list: a-z, 0-9, _ and -, at most 64, not \"internal\""
            )
        })
    }
}

impl std::str::FromStr for ListId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.to_owned())
    }
}

impl From<ListId> for String {
    fn from(id: ListId) -> String {
        id.0
    }
}

impl ListKind {
    /// The word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            ListKind::Campaign => "campaign",
            ListKind::Internal => "internal",
            ListKind::Litigator => "litigator",
            ListKind::Registry => "registry",
            ListKind::Wildcard => "wildcard",
        }
    }
}

impl List {
    /// A list of these pages.
    pub fn new(header: ListHeader, pages: Pages) -> Self {
        Self { header, pages }
    }

    /// What it says of itself.
    pub fn header(&self) -> &ListHeader {
        &self.header
    }

    /// Its numbers and ranges.
    pub fn pages(&self) -> &Pages {
        &self.pages
    }

    /// Whether the number is on it, by itself or in a range.
    pub fn holds(&self, number: PhoneNumber) -> bool {
        self.pages.hold(number.digits())
    }
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.header == other.header
    }
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ListHeader { id, numbers, as_of, .. } = &self.header;
        write!(f, "List({id}, {numbers} numbers, as of {as_of})")
    }
}
