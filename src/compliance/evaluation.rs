//! What the gate has found: every rule's answer at one instant, as a value to be kept.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::local::{Local, date_of};
use super::rulebook::{Rule, RuleKind, Rulebook};

/// Every rule's answer to one call at one instant, in the order in which they were asked. Cheap to
/// make and to keep: rules are told by their place in the rulebooks, which it shares. Written as
/// JSON it has every name in full, and no telephone number.
#[derive(Clone)]
pub struct Evaluation {
    /// The instant.
    pub at: Timestamp,
    /// The rulebooks, in the order of the campaign.
    pub rulebooks: Vec<Arc<Rulebook>>,
    /// The version of the time-zone database.
    pub tzdb: &'static str,
    /// What the clocks of every candidate zone showed.
    pub clocks: Vec<Clock>,
    /// The answers. What made the rest meaningless is the last.
    pub findings: Vec<Finding>,
}

/// What a clock showed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Clock {
    /// The zone, by its IANA name.
    pub zone: &'static str,
    /// Days since 1970-01-01 there.
    pub(super) local: Local,
}

/// One rule's answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Whose.
    pub source: Source,
    /// Which.
    pub ruling: Ruling,
}

/// Where a rule stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// In the gate itself.
    BuiltIn(BuiltIn),
    /// In a rulebook.
    Rule {
        /// Its place in [`Evaluation::rulebooks`].
        book: u16,
        /// Its place in [`Rulebook::rules`].
        rule: u16,
    },
}

/// A rule's answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ruling {
    /// It allows the call.
    Allows,
    /// It would refuse, but for this one of its exemptions.
    Exempt(u8),
    /// It says nothing of such a call.
    NotConcerned(Unconcerned),
    /// It refuses.
    Refuses(Lifts),
}

/// Why a rule says nothing of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unconcerned {
    /// It is about calls of another purpose, line, kind or trade.
    AnotherCall,
    /// It is not in force on that day.
    NotInForce,
}

/// When a refusal is none any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lifts {
    /// Not before then.
    At(Timestamp),
    /// When a setting, a list or a table is mended: it says nothing of the number.
    Mended,
    /// Never for this number and this campaign, if nothing but time changes.
    Never,
    /// As soon as the floor allows it.
    Presently,
}

/// What the gate refuses by without a rulebook. The last of them but two end the questions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BuiltIn {
    /// No caller id, and no rulebook that asks for one.
    CallerIdMissing,
    /// On the do-not-call list, and no rulebook that asks for it.
    DncInternal,
    /// A do-not-call list that the campaign names is not there.
    DncListMissing,
    /// A `law.` column that cannot be read.
    LeadUnreadable,
    /// No such number can be dialed.
    NumberInvalid,
    /// The campaign names no rulebook.
    RulebookNone,
    /// No rulebook of the campaign is the law where the number may be.
    RulebookUncovered,
    /// A rulebook of the campaign is not there.
    RulebookUnknown,
    /// The time-zone database is too old.
    TzdbStale,
    /// Nothing says in which time zone it is.
    ZoneUnknown,
}

impl BuiltIn {
    /// Its name in the books.
    pub fn id(self) -> &'static str {
        match self {
            BuiltIn::CallerIdMissing => "caller_id.missing",
            BuiltIn::DncInternal => "dnc.internal",
            BuiltIn::DncListMissing => "dnc.list.missing",
            BuiltIn::LeadUnreadable => "lead.unreadable",
            BuiltIn::NumberInvalid => "number.invalid",
            BuiltIn::RulebookNone => "rulebook.none",
            BuiltIn::RulebookUncovered => "rulebook.uncovered",
            BuiltIn::RulebookUnknown => "rulebook.unknown",
            BuiltIn::TzdbStale => "tzdb.stale",
            BuiltIn::ZoneUnknown => "zone.unknown",
        }
    }

    /// One sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            BuiltIn::CallerIdMissing => "The campaign has no caller id to send.",
            BuiltIn::DncInternal => "The number is on the do-not-call list.",
            BuiltIn::DncListMissing => "A do-not-call list that the campaign names is not there.",
            BuiltIn::LeadUnreadable => "A law. column of the lead cannot be read.",
            BuiltIn::NumberInvalid => "No such number can be dialed.",
            BuiltIn::RulebookNone => "The campaign names no rulebook.",
            BuiltIn::RulebookUncovered => {
                "None of the campaign's rulebooks is the law where the number may be."
            }
            BuiltIn::RulebookUnknown => "A rulebook of the campaign is not there.",
            BuiltIn::TzdbStale => {
                "The time-zone database is older than a rulebook of the campaign asks for."
            }
            BuiltIn::ZoneUnknown => {
                "Neither the number nor the address says in which time zone it is."
            }
        }
    }

    fn lifts(self) -> Lifts {
        match self {
            BuiltIn::CallerIdMissing
            | BuiltIn::DncListMissing
            | BuiltIn::RulebookNone
            | BuiltIn::RulebookUnknown
            | BuiltIn::TzdbStale => Lifts::Mended,
            BuiltIn::DncInternal
            | BuiltIn::LeadUnreadable
            | BuiltIn::NumberInvalid
            | BuiltIn::RulebookUncovered
            | BuiltIn::ZoneUnknown => Lifts::Never,
        }
    }
}

impl Ruling {
    /// Whether it refuses.
    pub fn is_refusal(self) -> bool {
        matches!(self, Ruling::Refuses(_))
    }
}

impl Finding {
    pub(super) fn built_in(built_in: BuiltIn) -> Self {
        let ruling = Ruling::Refuses(built_in.lifts());
        Self { source: Source::BuiltIn(built_in), ruling }
    }
}

impl Clock {
    /// `2026-07-15 08:00:00`, as the clock showed it.
    pub fn face(&self) -> String {
        let second = self.local.second;
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        format!("{} {hour:02}:{minute:02}:{:02}", date_of(self.local.day), second % 60)
    }
}

impl Evaluation {
    /// Whether the call may be made.
    pub fn is_allowed(&self) -> bool {
        self.refusals().next().is_none()
    }

    /// What refuses, in order.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.ruling.is_refusal())
    }

    /// The ids of the rules that refuse, in order.
    pub fn refused_by(&self) -> impl Iterator<Item = &str> {
        self.refusals().map(|finding| self.id(finding))
    }

    /// The rule of a rulebook, where the finding is of one.
    pub fn rule(&self, finding: &Finding) -> Option<&Rule> {
        match finding.source {
            Source::BuiltIn(_) => None,
            Source::Rule { book, rule } => {
                self.rulebooks.get(usize::from(book))?.rules().get(usize::from(rule))
            }
        }
    }

    /// The id of a finding's rule.
    pub fn id(&self, finding: &Finding) -> &str {
        match finding.source {
            Source::BuiltIn(built_in) => built_in.id(),
            Source::Rule { .. } => self.rule(finding).map_or("", |rule| rule.id.as_str()),
        }
    }

    /// One sentence for people; a second one with the time there, where hours refuse.
    pub fn sentence(&self, finding: &Finding) -> Cow<'_, str> {
        let Some(rule) = self.rule(finding) else {
            return match finding.source {
                Source::BuiltIn(built_in) => built_in.sentence().into(),
                Source::Rule { .. } => "".into(),
            };
        };
        let closed = match &rule.kind {
            RuleKind::ClosedWeekdays(week) | RuleKind::Hours(week) => {
                self.clocks.iter().find(|clock| !week.is_open(clock.local))
            }
            _ => None,
        };
        let Some(clock) = closed.filter(|_| finding.ruling.is_refusal()) else {
            return rule.sentence.as_str().into();
        };
        let (hour, minute) = (clock.local.second / 3_600, clock.local.second / 60 % 60);
        format!("{} It is {hour:02}:{minute:02} in {}.", rule.sentence, clock.zone).into()
    }
}

/// By the rulebooks' names: their texts are in no decision's digest.
impl std::fmt::Debug for Evaluation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let books = self.rulebooks.iter().map(|book| book.id.as_str());
        let refused_by: Vec<&str> = self.refused_by().collect();
        f.debug_struct("Evaluation")
            .field("at", &self.at)
            .field("rulebooks", &books.collect::<Vec<_>>())
            .field("answers", &self.findings.len())
            .field("refused_by", &refused_by)
            .finish()
    }
}

impl Serialize for Evaluation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Book<'a> {
            id: &'a str,
            version: &'a str,
            sha256: &'a str,
        }
        #[derive(Serialize)]
        struct Result<'a> {
            rule: &'a str,
            ruling: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            because: Option<Cow<'a, str>>,
        }
        let books = self.rulebooks.iter().map(|book| Book {
            id: &book.id,
            version: &book.version,
            sha256: &book.sha256,
        });
        let clocks = self.clocks.iter().map(|clock| (clock.zone, clock.face()));
        let results = self.findings.iter().map(|finding| Result {
            rule: self.id(finding),
            ruling: finding.ruling.word(),
            because: self.because(finding),
        });
        let mut value = serializer.serialize_struct("Evaluation", 6)?;
        value.serialize_field("at", &self.at)?;
        value.serialize_field("allowed", &self.is_allowed())?;
        value.serialize_field("rulebooks", &books.collect::<Vec<_>>())?;
        value.serialize_field("tzdb", self.tzdb)?;
        value.serialize_field("clocks", &clocks.collect::<Vec<_>>())?;
        value.serialize_field("results", &results.collect::<Vec<_>>())?;
        value.end()
    }
}

impl Ruling {
    /// `allows`, `exempt`, `not_concerned`, `refuses`.
    pub fn word(self) -> &'static str {
        match self {
            Ruling::Allows => "allows",
            Ruling::Exempt(_) => "exempt",
            Ruling::NotConcerned(_) => "not_concerned",
            Ruling::Refuses(_) => "refuses",
        }
    }
}

impl Evaluation {
    /// Why an answer is what it is, where it is not simply a yes.
    pub fn because(&self, finding: &Finding) -> Option<Cow<'_, str>> {
        match finding.ruling {
            Ruling::Allows => None,
            Ruling::Exempt(which) => {
                let exemption = self.rule(finding)?.unless.get(usize::from(which))?;
                Some(exemption.words().into())
            }
            Ruling::NotConcerned(Unconcerned::AnotherCall) => Some("another kind of call".into()),
            Ruling::NotConcerned(Unconcerned::NotInForce) => Some("not in force that day".into()),
            Ruling::Refuses(_) => Some(self.sentence(finding)),
        }
    }
}
