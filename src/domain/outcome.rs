//! How a call ended: what the machine knows (`Outcome`) and what the agent says (`Disposition`).

use serde::{Deserialize, Serialize};

/// How a call attempt ended, as the machine knows it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A person answered and no agent was there in time (47 CFR 64.1200(a)(7), 16 CFR 310.4(b)(1)(iv)).
    Abandoned,
    /// A recorded voice or music that is nobody's voicemail answered: the network's, a menu.
    Announcement,
    /// A machine answered: voicemail, greeting.
    AnsweringMachine,
    /// Analytics of a network refused the call before anybody was asked: 603+, 608.
    Blocked,
    /// 486, 600, Q.850 cause 17.
    Busy,
    /// We gave the call up while it rang, before the ring time was over.
    Cancelled,
    /// The far end refused: 603, 607, Q.850 cause 21.
    Declined,
    /// A fax or a modem answered.
    Fax,
    /// The carrier or the network failed (5xx, 408 without ringing, unusable SDP): nobody was reached.
    Failed,
    /// The network answered in nobody's place: ringing, busy or information tones after the answer.
    FalseAnswer,
    /// The person left before an agent was due: answered, hung up while screened or while waiting in time.
    HungUp,
    /// The process ended while the call was up; closed at the next start.
    Interrupted,
    /// 404, 410, 484, 604, SIT vacant code, Q.850 causes 1, 22, 28.
    InvalidNumber,
    /// A machine has been left the campaign's message, to its end.
    MessageLeft,
    /// A person heard the message of a broadcast, to its end or not.
    Messaged,
    /// It rang out, or 480.
    NoAnswer,
    /// A phone answered for its owner and asked who calls, and nobody came.
    Screener,
    /// Answered, and not one packet of audio came.
    Silence,
    /// A person talked with an agent.
    Talked,
}

impl Outcome {
    /// Every outcome, in order.
    pub const ALL: [Outcome; 19] = [
        Outcome::Abandoned,
        Outcome::Announcement,
        Outcome::AnsweringMachine,
        Outcome::Blocked,
        Outcome::Busy,
        Outcome::Cancelled,
        Outcome::Declined,
        Outcome::Fax,
        Outcome::Failed,
        Outcome::FalseAnswer,
        Outcome::HungUp,
        Outcome::Interrupted,
        Outcome::InvalidNumber,
        Outcome::MessageLeft,
        Outcome::Messaged,
        Outcome::NoAnswer,
        Outcome::Screener,
        Outcome::Silence,
        Outcome::Talked,
    ];

    /// The word in the books, the API and the campaign file (`no_answer`).
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Abandoned => "abandoned",
            Outcome::Announcement => "announcement",
            Outcome::AnsweringMachine => "answering_machine",
            Outcome::Blocked => "blocked",
            Outcome::Busy => "busy",
            Outcome::Cancelled => "cancelled",
            Outcome::Declined => "declined",
            Outcome::Fax => "fax",
            Outcome::Failed => "failed",
            Outcome::FalseAnswer => "false_answer",
            Outcome::HungUp => "hung_up",
            Outcome::Interrupted => "interrupted",
            Outcome::InvalidNumber => "invalid_number",
            Outcome::MessageLeft => "message_left",
            Outcome::Messaged => "messaged",
            Outcome::NoAnswer => "no_answer",
            Outcome::Screener => "screener",
            Outcome::Silence => "silence",
            Outcome::Talked => "talked",
        }
    }

    /// Whether a recording answered and was hung up on, or left a message: the detector may have
    /// been wrong, and the call a person's.
    pub fn is_recorded(self) -> bool {
        matches!(
            self,
            Outcome::Announcement
                | Outcome::AnsweringMachine
                | Outcome::MessageLeft
                | Outcome::Screener
        )
    }

    /// The outcome of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose fault a call without a conversation is. What is not the callee's burns no attempt, but for a
/// block by the network.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The called party: busy, no answer, declined.
    Callee,
    /// The carrier: 5xx, refused credentials, silence.
    Carrier,
    /// The network beyond the carrier: congestion there, a block by analytics.
    Network,
    /// Us: cancelled, interrupted, expired permit.
    Us,
}

/// What the agent says of the call: a code of the campaign's list (`sale`, `callback`).
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Disposition(pub String);

/// What answered, as the detector heard it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Verdict {
    /// Who or what.
    pub kind: VerdictKind,
    /// How sure the detector is, 0 to 1.
    pub probability: f64,
    /// Milliseconds of audio since the answer when it was decided.
    pub at_ms: u32,
    /// Milliseconds since the answer at which the first utterance ended, where it was heard to end
    /// (the two-second clock of 47 CFR 64.1200(a)(7) starts there).
    pub greeting_end_ms: Option<u32>,
}

impl Verdict {
    /// Milliseconds since the answer from which a person waits: the end of the greeting, never later
    /// than the verdict; from the verdict on, where they still spoke or had said nothing by then.
    pub fn greeted_ms(&self) -> u32 {
        self.greeting_end_ms.map_or(self.at_ms, |end_ms| end_ms.min(self.at_ms))
    }
}

/// Who or what answered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// The network's or a company's recorded voice: an announcement, a menu (IVR).
    Announcement,
    /// Fax or modem tones.
    Fax,
    /// A person.
    Human,
    /// Voicemail, a greeting.
    Machine,
    /// Music, with no voice before it.
    Music,
    /// A phone that answers for its owner and asks who calls.
    Screener,
    /// Nothing was heard.
    Silence,
    /// Network tones: SIT, busy, reorder.
    Tone,
}

impl VerdictKind {
    /// All of them, in the order of their names, which is the order of their values.
    pub const ALL: [Self; 8] = [
        Self::Announcement,
        Self::Fax,
        Self::Human,
        Self::Machine,
        Self::Music,
        Self::Screener,
        Self::Silence,
        Self::Tone,
    ];

    /// The word of the books and of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Announcement => "announcement",
            Self::Fax => "fax",
            Self::Human => "human",
            Self::Machine => "machine",
            Self::Music => "music",
            Self::Screener => "screener",
            Self::Silence => "silence",
            Self::Tone => "tone",
        }
    }

    /// The kind that [`Self::as_str`] writes so.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a recording speaks where a person was called: all of them are hung up on alike
    /// unless the campaign says otherwise.
    pub fn is_recorded(self) -> bool {
        match self {
            Self::Announcement | Self::Machine | Self::Music | Self::Screener => true,
            Self::Fax | Self::Human | Self::Silence | Self::Tone => false,
        }
    }
}

impl std::fmt::Display for VerdictKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
