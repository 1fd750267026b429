//! The lines of the log.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use crate::compliance::{INTERNAL, List, Rulebooks, tzdb_version};
use crate::dialer::{Input, Listed};
use crate::domain::{CallId, PhoneNumber};

/// The form of the lines; another one is not read.
pub const FORMAT: u32 = 1;

/// One line.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first of a run.
    Begin(Header),
    /// The first of each further file of the run.
    Continued {
        /// When the run began, as in the file's name.
        run: String,
        /// The file's number, from 2.
        part: u32,
    },
    /// The last of a run that was stopped in order.
    End {
        /// Facts of the run, those that are missing too.
        facts: u64,
    },
    /// A fact.
    Fact(Box<Told>),
    /// Facts are missing here.
    Gap(Gap),
}

/// What the dialer started with.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Header {
    /// The form of the lines.
    pub format: u32,
    /// The version of outdial.
    pub version: String,
    /// The version of the time-zone database.
    pub tzdb: String,
    /// When the run began.
    pub at: Timestamp,
    /// The number of the first call.
    pub first_call: CallId,
    /// Where the dialer's chance came from; of no use for anything else.
    #[serde(with = "hex")]
    pub seed: u64,
    /// The do-not-call list at the start.
    pub do_not_call: ListDigest,
    /// The lists that came whole, without their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<List>,
    /// Every rulebook, by id.
    pub rulebooks: Vec<RulebookText>,
}

/// A do-not-call list without its numbers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ListDigest {
    /// How many.
    pub numbers: u64,
    /// SHA-256 of the numbers in E.164, sorted, each with a line feed.
    pub sha256: String,
}

/// A rulebook as it was.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RulebookText {
    /// Its name in campaigns.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// The file.
    pub text: String,
}

/// A fact as the dialer was told, and what came of it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Told {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub input: Input,
    /// Of the leads in it, the numbers that were on do-not-call lists, by list.
    #[serde(default, skip_serializing_if = "Listed::is_empty", deserialize_with = "listed")]
    pub listed: Listed,
    /// Decisions.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub decisions: u32,
    /// Their digest.
    #[serde(with = "hex")]
    pub digest: u64,
    /// The decisions in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decided: String,
}

/// Facts that the log does not have.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Gap {
    /// How many.
    pub facts: u64,
}

impl Header {
    /// The header of a run with this internal list, sorted, and these rulebooks.
    pub fn new(
        at: Timestamp,
        first_call: CallId,
        seed: u64,
        do_not_call: &[PhoneNumber],
        rulebooks: &Rulebooks,
    ) -> Self {
        let text = |book: &crate::compliance::Rulebook| RulebookText {
            id: book.id.clone(),
            version: book.version.clone(),
            sha256: sha256([book.text.as_str()]),
            text: book.text.clone(),
        };
        let lines = do_not_call.iter().map(|number| format!("{}\n", number.to_e164()));
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            tzdb: tzdb_version().to_owned(),
            at,
            first_call,
            seed,
            do_not_call: ListDigest { numbers: do_not_call.len() as u64, sha256: sha256(lines) },
            lists: Vec::new(),
            rulebooks: rulebooks.iter().map(text).collect(),
        }
    }

    /// With these lists.
    pub fn with_lists(self, lists: &[List]) -> Self {
        Self { lists: lists.to_vec(), ..self }
    }
}

fn sha256<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut digest = Sha256::new();
    parts.into_iter().for_each(|part| digest.update(part));
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As it is written now, or as it was when there was one list.
fn listed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Listed, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Internal(Vec<PhoneNumber>),
        ByList(Listed),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::ByList(listed) => listed,
        Written::Internal(numbers) => [(INTERNAL.to_owned(), numbers)].into(),
    })
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// 64 bits as text: many readers of JSON keep only 53 of a number's.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bits: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{bits:016x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}
