//! Earlier calls to the number, as rules count them.

use jiff::Timestamp;

use crate::domain::{DialType, Outcome, PastAttempt};

/// How an attempt ended, as rules tell it: an outcome, or a message that was left on a machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// As the machine knows it.
    Outcome(Outcome),
    /// A machine answered and has the message.
    Voicemail,
}

/// Some endings, one bit each.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Endings(u32);

/// A call to the number, or of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How it ended; `None` while it is open, or when nobody has said.
    pub ending: Option<Ending>,
    /// The network connected it: it rang, or was answered.
    pub connected: bool,
    /// The person called us.
    pub inbound: bool,
    /// It was about another debt than the present call; false where one of them is not known.
    pub other_debt: bool,
    /// A recording was played.
    pub prerecorded: bool,
    /// The number was found not to be the person's.
    pub wrong_party: bool,
}

impl Ending {
    /// The ending of that word (`talked`, `no_answer`, `voicemail`).
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "voicemail" => Some(Ending::Voicemail),
            word => Outcome::from_word(word).map(Ending::of),
        }
    }

    /// The ending of a call that ended so.
    fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::MessageLeft => Ending::Voicemail,
            outcome => Ending::Outcome(outcome),
        }
    }

    fn bit(self) -> u32 {
        match self {
            Ending::Outcome(outcome) => 1 << outcome as u32,
            Ending::Voicemail => 1 << 31,
        }
    }
}

impl Endings {
    /// Whether the ending is among them.
    pub fn hold(self, ending: Ending) -> bool {
        self.0 & ending.bit() != 0
    }
}

impl FromIterator<Ending> for Endings {
    fn from_iter<I: IntoIterator<Item = Ending>>(endings: I) -> Self {
        Self(endings.into_iter().fold(0, |bits, ending| bits | ending.bit()))
    }
}

impl Attempt {
    /// A call that ended so (`None`: not yet), to somebody who may be the right one, about whatever
    /// debt: the cautious reading of what is not known.
    pub fn new(at: Timestamp, ending: Option<Ending>) -> Self {
        Self {
            at,
            ending,
            connected: ending.is_none_or(is_connected),
            inbound: false,
            other_debt: false,
            prerecorded: false,
            wrong_party: false,
        }
    }

    /// An attempt of the books.
    pub fn of_books(past: &PastAttempt, dial: DialType) -> Self {
        let played = matches!(past.outcome, Some(Outcome::MessageLeft | Outcome::Messaged));
        Self {
            inbound: past.inbound,
            other_debt: past.other_debt,
            prerecorded: !past.inbound && (played || dial != DialType::Agent),
            wrong_party: past.wrong_person,
            ..Self::new(past.at, past.outcome.map(Ending::of))
        }
    }
}

/// Busy and not in service are not connected (12 CFR 1006.14(b)(3)(ii)); a phone that rang is.
fn is_connected(ending: Ending) -> bool {
    !matches!(ending, Ending::Outcome(Outcome::Busy | Outcome::Failed | Outcome::InvalidNumber))
}
