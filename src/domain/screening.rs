//! Who picked up: whether a detector listens, for how long, and what is done with its word.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Share, Verdict};

/// Whether a detector listens to an answer, and whether somebody waits for its word.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Amd {
    /// The agent is connected at the answer and the detector listens beside, at most this long:
    /// what proves to be no person is taken from the agent.
    Alongside {
        /// The longest screening.
        limit: SignedDuration,
    },
    /// The detector listens first, at most this long; undecided counts as a person.
    BeforeConnect {
        /// The longest screening.
        limit: SignedDuration,
    },
    /// The agent is connected at the answer, and only the tones of a fax or a modem end the call.
    FaxOnly {
        /// The longest screening.
        limit: SignedDuration,
    },
    /// Every answer is a person's.
    Off,
}

impl Amd {
    /// How long the detector may listen; `None` without one.
    pub fn limit(self) -> Option<SignedDuration> {
        match self {
            Amd::Alongside { limit } | Amd::BeforeConnect { limit } | Amd::FaxOnly { limit } => {
                Some(limit)
            }
            Amd::Off => None,
        }
    }

    /// Whether nobody is connected before the detector has spoken.
    pub fn is_first(self) -> bool {
        matches!(self, Amd::BeforeConnect { .. })
    }
}

/// Whether the time that a person may wait for an agent cuts the detector short.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum AmdDeadline {
    /// The detector's word comes while there is still time to bring the person to an agent; who is
    /// undecided by then is a person.
    #[default]
    Legal,
    /// The detector takes its whole time, whoever waits.
    None,
}

/// How long the detector may listen to one call, and what it says before it is sure.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Listening {
    /// At most this long after the answer.
    pub limit: SignedDuration,
    /// At most this long after the end of the person's greeting.
    pub after_greeting: SignedDuration,
    /// After its word it listens on until this long after the answer, and speaks again when it has
    /// come to another kind.
    pub on: SignedDuration,
    /// Undecided, it tells when a person has become this likely, and when no longer; `None`: not.
    pub likely: Option<Share>,
}

/// What is done with an answer that is no person's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct AnswerRules {
    /// With a machine.
    pub machine: MachineRule,
    /// What a machine is left after its greeting: a WAV file, mono, 8 kHz.
    pub machine_message: Option<PathBuf>,
    /// The longest greeting that is waited for.
    pub greeting_max: SignedDuration,
    /// With a phone that answers for its owner and asks who calls.
    pub screener: ScreenerRule,
    /// What it is told: a WAV file, mono, 8 kHz.
    pub identification: Option<PathBuf>,
    /// How long its owner is waited for.
    pub screener_max: SignedDuration,
    /// With an agent who is connected to what proves to be no person.
    pub take_back: TakeBack,
    /// The detector listens on until this long after the answer.
    pub listens_on: SignedDuration,
    /// Who is undecided and a person's with this probability is connected to an idle agent at once;
    /// `None`: nobody.
    pub likely_person: Option<Share>,
    /// This share of the machines is sent to agents all the same, so that the detector's mistakes
    /// are seen.
    pub sampled: Share,
    /// Of those who are called machines and hung up on, as many count as abandoned as were people among
    /// the samples.
    #[serde(default)]
    pub counts_misjudged: bool,
    /// What is added to the log-odds of a person, so that the detector fits who is called.
    #[serde(default)]
    pub person_bias: f64,
    /// The audio of the screening is kept for so long; `None`: not.
    #[serde(default)]
    pub keep_audio: Option<SignedDuration>,
}

impl Default for AnswerRules {
    fn default() -> Self {
        Self {
            machine: MachineRule::HangUp,
            machine_message: None,
            greeting_max: SignedDuration::from_secs(60),
            screener: ScreenerRule::NoAnswer,
            identification: None,
            screener_max: SignedDuration::from_secs(20),
            take_back: TakeBack::Ready,
            listens_on: SignedDuration::from_secs(10),
            likely_person: None,
            sampled: Share::ZERO,
            counts_misjudged: true,
            person_bias: 0.0,
            keep_audio: None,
        }
    }
}

/// What is done with a machine.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MachineRule {
    /// The call is ended.
    #[default]
    HangUp,
    /// Its greeting is waited out and the campaign's message left.
    LeaveMessage,
}

/// What is done with a phone that answers for its owner.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenerRule {
    /// It is told who calls, and its owner waited for.
    Identify,
    /// The call is ended.
    #[default]
    NoAnswer,
    /// As `Identify`, and an agent is kept for the owner.
    ReserveAgent,
}

/// What becomes of an agent who is connected to what proves to be no person.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TakeBack {
    /// The agent is told, and keeps the call.
    Keep,
    /// The call is taken back; the agent is ready at once.
    #[default]
    Ready,
    /// The call is taken back; the agent wraps up.
    WrapUp,
}

/// How a machine's greeting was found to be over.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GreetingOver {
    /// It beeped.
    Beep,
    /// It fell silent.
    Silence,
}

/// One thing that the detector measured, for whoever examines its word later.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Feature {
    /// `voice_ms`.
    pub name: String,
    /// In the unit of the name.
    pub value: f64,
}

/// What else is known of a call's screening, for the books.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ScreeningNotes {
    /// The detector's last word, where it came to another kind than at first.
    pub revised: Option<Verdict>,
    /// When the call was taken from its agent.
    pub taken_back_at: Option<Timestamp>,
    /// Sent to an agent although it was called a machine, to see whether it was.
    pub sampled: bool,
    /// How the greeting of a machine was found to be over.
    pub greeting_over: Option<GreetingOver>,
    /// What the detector's word was made of.
    #[serde(default)]
    pub features: Vec<Feature>,
    /// The file with the audio that it heard, in the folder of the recordings, while it is kept.
    #[serde(default)]
    pub audio: Option<String>,
}
