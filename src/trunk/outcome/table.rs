//! The outcome table: `outcomes.toml` as built in, and what a trunk says otherwise.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use crate::domain::{Fault, Outcome};

const BUILT_IN: &str = include_str!("outcomes.toml");

/// What a last word means for a call that was never answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Meaning {
    /// How the call ended.
    pub outcome: Outcome,
    /// Whose fault it is. Only [`Fault::Callee`] uses up an attempt of the lead, and a block.
    pub fault: Fault,
    /// The next trunk may try, as long as nothing has rung.
    pub next_trunk: bool,
    /// Where that is written.
    pub source: Arc<str>,
}

/// What a last word may be.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Word {
    /// A cause of ITU-T Q.850, 1 to 127.
    Cause(u8),
    /// A final response, 300 to 699.
    Status(u16),
    /// Every response of a class that has no row of its own: 3 to 6.
    Class(u16),
    /// A 603 by analytics, not by a person: "603+" (ATIS-1000099).
    NetworkBlocked,
    /// A tone of the network, heard before the answer.
    Tone(Tone),
    /// An end without a response.
    Event(Event),
}

/// A tone of the network that ends a call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// The callee is busy.
    Busy,
    /// Special information tones: not from here, or not so.
    IneffectiveOther,
    /// Special information tones: changed, or out of service.
    Intercept,
    /// Special information tones: every circuit is taken.
    NoCircuit,
    /// Congestion.
    Reorder,
    /// Special information tones: congestion.
    SpecialReorder,
    /// Number unobtainable.
    Unobtainable,
    /// Special information tones without a code.
    Unspecified,
    /// Special information tones: no such number.
    VacantCode,
}

/// An end without a response, or one that our own part in it makes something else.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// We have given it up (RFC 3261 §9.1).
    Cancelled,
    /// It rang, and nothing more came.
    RingRanOut,
    /// Nothing came, or a 100 only.
    Silence,
    /// No way leads there.
    Unsent,
    /// Answered with audio that cannot be used.
    Unusable,
}

/// Every word that is known, with its meaning.
#[derive(Clone, Debug)]
pub struct Outcomes(BTreeMap<Word, Row>);

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is called where it comes from.
    pub name: Arc<str>,
    /// What it means; `None` when it says too little, and another word decides.
    pub meaning: Option<Meaning>,
    /// Where that is written.
    pub source: Arc<str>,
}

impl Outcomes {
    /// The table that is built in.
    pub fn built_in() -> &'static Self {
        static TABLE: OnceLock<Outcomes> = OnceLock::new();
        TABLE.get_or_init(|| match toml::from_str::<Written>(BUILT_IN) {
            Ok(written) => written.read(),
            Err(error) => {
                // A test reads it; without a table every call without an answer is a failure.
                tracing::error!(%error, "the outcome table cannot be read");
                Outcomes(BTreeMap::new())
            }
        })
    }

    /// This trunk gives a word that meaning.
    pub fn say(&mut self, word: Word, outcome: Outcome, fault: Fault) {
        let source: Arc<str> = "the trunk's own setting".into();
        let (name, next_trunk) = match self.0.get(&word) {
            Some(row) => {
                (row.name.clone(), row.meaning.as_ref().is_some_and(|meaning| meaning.next_trunk))
            }
            None => ("".into(), false),
        };
        let next_trunk = next_trunk && fault != Fault::Callee;
        let meaning = Some(Meaning { outcome, fault, next_trunk, source: source.clone() });
        self.0.insert(word, Row { name, meaning, source });
    }

    /// Every row, in the order of words.
    pub fn rows(&self) -> impl Iterator<Item = (Word, &Row)> {
        self.0.iter().map(|(word, row)| (*word, row))
    }

    /// What a word means; `None` when it is not known or says too little.
    pub fn of(&self, word: Word) -> Option<&Meaning> {
        self.0.get(&word)?.meaning.as_ref()
    }

    /// What a response means: by its own row, or by its class (RFC 3261 §8.1.3.2).
    pub fn of_status(&self, status: u16) -> Option<&Meaning> {
        self.of(Word::Status(status)).or_else(|| self.of(Word::Class(status / 100)))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Word::Cause(cause) => write!(f, "Q.850 {cause}"),
            Word::Class(class) => write!(f, "SIP {class}xx"),
            Word::Event(event) => f.write_str(match event {
                Event::Cancelled => "cancelled",
                Event::RingRanOut => "ring_ran_out",
                Event::Silence => "silence",
                Event::Unsent => "unsent",
                Event::Unusable => "unusable",
            }),
            Word::NetworkBlocked => f.write_str("SIP 603+"),
            Word::Status(status) => write!(f, "SIP {status}"),
            Word::Tone(tone) => f.write_str(match tone {
                Tone::Busy => "tone busy",
                Tone::IneffectiveOther => "SIT ineffective_other",
                Tone::Intercept => "SIT intercept",
                Tone::NoCircuit => "SIT no_circuit",
                Tone::Reorder => "tone reorder",
                Tone::SpecialReorder => "SIT reorder",
                Tone::Unobtainable => "tone unobtainable",
                Tone::Unspecified => "SIT",
                Tone::VacantCode => "SIT vacant_code",
            }),
        }
    }
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    response: Vec<Line<ResponseKey>>,
    cause: Vec<Line<CauseKey>>,
    tone: Vec<Line<ToneKey>>,
    event: Vec<Line<EventKey>>,
}

#[derive(Deserialize)]
struct Line<K> {
    #[serde(flatten)]
    key: K,
    name: Arc<str>,
    outcome: Option<Outcome>,
    fault: Option<Fault>,
    #[serde(default)]
    next_trunk: bool,
    #[serde(default)]
    defers: bool,
    source: Arc<str>,
}

#[derive(Deserialize)]
struct ResponseKey {
    status: Status,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Status {
    Code(u16),
    Text(String),
}

#[derive(Deserialize)]
struct CauseKey {
    cause: u8,
}

#[derive(Deserialize)]
struct ToneKey {
    tone: Tone,
}

#[derive(Deserialize)]
struct EventKey {
    event: Event,
}

impl From<ResponseKey> for Word {
    fn from(key: ResponseKey) -> Self {
        match key.status {
            Status::Code(status) => Word::Status(status),
            Status::Text(text) if text == "603+" => Word::NetworkBlocked,
            Status::Text(text) => Word::Class(
                text.chars().next().and_then(|digit| digit.to_digit(10)).unwrap_or(0) as u16,
            ),
        }
    }
}

impl From<CauseKey> for Word {
    fn from(key: CauseKey) -> Self {
        Word::Cause(key.cause)
    }
}

impl From<ToneKey> for Word {
    fn from(key: ToneKey) -> Self {
        Word::Tone(key.tone)
    }
}

impl From<EventKey> for Word {
    fn from(key: EventKey) -> Self {
        Word::Event(key.event)
    }
}

impl Written {
    fn read(self) -> Outcomes {
        let mut rows = BTreeMap::new();
        rows.extend(self.response.into_iter().map(Line::read));
        rows.extend(self.cause.into_iter().map(Line::read));
        rows.extend(self.tone.into_iter().map(Line::read));
        rows.extend(self.event.into_iter().map(Line::read));
        Outcomes(rows)
    }
}

impl<K: Into<Word>> Line<K> {
    fn read(self) -> (Word, Row) {
        let meaning = match (self.defers, self.outcome, self.fault) {
            (false, Some(outcome), Some(fault)) => Some(Meaning {
                outcome,
                fault,
                next_trunk: self.next_trunk,
                source: self.source.clone(),
            }),
            _ => None,
        };
        (self.key.into(), Row { name: self.name, meaning, source: self.source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The registry of IANA, sip-parameters, Response Codes, 300 to 699.
    const REGISTERED: &[u16] = &[
        300, 301, 302, 305, 380, 400, 401, 402, 403, 404, 405, 406, 407, 408, 410, 412, 413, 414,
        415, 416, 417, 420, 421, 422, 423, 424, 425, 428, 429, 430, 433, 436, 437, 438, 439, 440,
        469, 470, 480, 481, 482, 483, 484, 485, 486, 487, 488, 489, 491, 493, 494, 500, 501, 502,
        503, 504, 505, 513, 555, 580, 600, 603, 604, 606, 607, 608,
    ];

    #[test]
    fn every_registered_response_has_a_row_of_its_own_and_no_other_has() {
        let written: Vec<u16> = Outcomes::built_in()
            .rows()
            .filter_map(|(word, _)| match word {
                Word::Status(status) => Some(status),
                _ => None,
            })
            .collect();
        assert_eq!(written, REGISTERED);
    }

    #[test]
    fn no_word_stands_in_two_rows_and_every_row_has_its_source() {
        let written: Written = toml::from_str(BUILT_IN).unwrap();
        let lines = written.response.len() + written.cause.len();
        let lines = lines + written.tone.len() + written.event.len();
        assert_eq!(Outcomes::built_in().rows().count(), lines);
        for (word, row) in Outcomes::built_in().rows() {
            assert!(!row.source.is_empty() && !row.name.is_empty(), "{word}");
            let defers = matches!(word, Word::Cause(_)) && row.meaning.is_none();
            assert!(row.meaning.is_some() || defers, "{word} means nothing");
        }
    }

    #[test]
    fn the_next_trunk_never_tries_what_the_callee_has_decided() {
        for (word, row) in Outcomes::built_in().rows() {
            let Some(meaning) = &row.meaning else { continue };
            let callee = meaning.fault == Fault::Callee || meaning.outcome == Outcome::Blocked;
            assert!(!(meaning.next_trunk && callee), "{word}");
        }
    }

    #[test]
    fn a_response_that_is_not_registered_is_its_class() {
        let table = Outcomes::built_in();
        assert_eq!(table.of_status(599), table.of(Word::Class(5)));
        assert_eq!(table.of_status(699).unwrap().fault, Fault::Callee);
    }

    #[test]
    fn a_trunk_has_the_last_word_on_what_it_says() {
        let mut own = Outcomes::built_in().clone();
        own.say(Word::Status(503), Outcome::Busy, Fault::Callee);
        let said = own.of_status(503).unwrap();
        assert_eq!((said.outcome, said.next_trunk), (Outcome::Busy, false));
        assert_eq!(Outcomes::built_in().of_status(503).unwrap().outcome, Outcome::Failed);
    }
}
