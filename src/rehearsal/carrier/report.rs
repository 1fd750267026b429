//! What the test carrier tells of its calls.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::numbers::Answer;
use crate::domain::PhoneNumber;
use crate::media::LegStats;

/// A call that is over.
#[derive(Clone, Debug)]
pub struct CallEnd {
    /// The called number, when it is one: `None` for `sip:alice@..`.
    pub number: Option<PhoneNumber>,
    /// What the number is.
    pub answer: Answer,
    /// A person has called the dialer, rather than been called.
    pub called_in: bool,
    /// When the INVITE came.
    pub began_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Timestamp,
    /// Who ended it, and how.
    pub ending: Ending,
    /// When the number first heard something from the caller.
    pub heard_at: Option<Timestamp>,
    /// The keys that the caller pressed, in order; the first 64.
    pub digits: String,
    /// The audio, where there was any.
    pub audio: Option<LegStats>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// The caller gave up before the answer.
    Cancelled,
    /// The caller hung up.
    CallerHungUp,
    /// A person hung up because nothing was to be heard.
    HeardNothing,
    /// The called number hung up, or the carrier was stopped.
    HungUp,
    /// A final response.
    Refused(u16),
    /// The caller's signalling fell silent.
    Vanished,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Cancelled => f.write_str("the caller gave up"),
            Ending::CallerHungUp => f.write_str("the caller hung up"),
            Ending::HeardNothing => f.write_str("heard nothing and hung up"),
            Ending::HungUp => f.write_str("hung up"),
            Ending::Refused(status) => write!(f, "refused with {status}"),
            Ending::Vanished => f.write_str("the caller vanished"),
        }
    }
}

/// One line; the number masked.
impl fmt::Display for CallEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number.map_or_else(|| "(no number)".to_owned(), PhoneNumber::masked);
        let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64();
        write!(f, "{number:<13} {:<9} ", self.answer)?;
        match self.answered_at {
            Some(answered_at) => write!(
                f,
                "answered after {:.1} s, up {:.1} s",
                seconds(self.began_at, answered_at),
                seconds(answered_at, self.ended_at),
            )?,
            None => write!(f, "tried {:.1} s", seconds(self.began_at, self.ended_at))?,
        }
        if let (Some(answered_at), Some(heard_at)) = (self.answered_at, self.heard_at) {
            write!(f, ", heard the caller after {:.1} s", seconds(answered_at, heard_at))?;
        }
        if !self.digits.is_empty() {
            write!(f, ", keys {}", self.digits)?;
        }
        write!(f, ", {}", self.ending)
    }
}

/// Every call so far that is over.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Calls to numbers here.
    pub calls: u64,
    /// People who have called the dialer.
    pub called_in: u64,
    /// Of these, answered.
    pub answered: u64,
    /// Answered calls in which the number heard the caller.
    pub heard: u64,
    /// Persons who hung up because nothing was to be heard.
    pub heard_nothing: u64,
    /// Keys pressed by callers.
    pub digits: u64,
    /// Time from answer to end, of all of them together.
    pub up: SignedDuration,
    /// Calls by what the number was.
    pub by_answer: BTreeMap<Answer, u64>,
}

impl Totals {
    pub(super) fn count(&mut self, call: &CallEnd) {
        if call.called_in {
            self.called_in += 1;
            return;
        }
        self.calls += 1;
        *self.by_answer.entry(call.answer).or_default() += 1;
        self.digits += call.digits.len() as u64;
        if let Some(answered_at) = call.answered_at {
            self.answered += 1;
            self.up += call.ended_at.duration_since(answered_at);
            self.heard += u64::from(call.heard_at.is_some());
        }
        self.heard_nothing += u64::from(call.ending == Ending::HeardNothing);
    }
}

/// Some lines.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} calls, {} answered, {} heard the caller, {} persons heard nothing and hung up, \
             {:.0} s up, {} keys",
            self.calls,
            self.answered,
            self.heard,
            self.heard_nothing,
            self.up.as_secs_f64(),
            self.digits,
        )?;
        for (answer, calls) in &self.by_answer {
            write!(f, "\n  {answer:<9} {calls}")?;
        }
        Ok(())
    }
}
