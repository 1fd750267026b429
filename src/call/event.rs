//! What a trunk, the media and the detector say of a call.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::domain::{AgentId, Digit, Fault, Feature, GreetingOver, Outcome, Verdict};

/// A fact about one call.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEvent {
    /// The callee answered (the 200 to the INVITE, RFC 3261 §13.2.2.4), with usable audio.
    Answered,
    /// Both legs are joined: the agent hears the person.
    Bridged {
        /// Whose leg it is.
        agent: AgentId,
    },
    /// The agent's leg could not be joined (the phone is gone).
    BridgeFailed {
        /// Whose leg it was.
        agent: AgentId,
    },
    /// The person pressed a key.
    Digit(Digit),
    /// Audio comes before the answer (183 with SDP).
    EarlyMedia,
    /// The call is over; the last fact of a call.
    Ended(EndCause),
    /// What the detector's next word is made of.
    Features(Vec<Feature>),
    /// The machine's greeting is over.
    GreetingOver(GreetingOver),
    /// The detector has not decided; a person is as likely as the verdict says, and was not, or was
    /// more so, before.
    Likely(Verdict),
    /// No packet of audio for the media time-out.
    MediaTimeout,
    /// What [`Output::Play`](crate::dialer::Output::Play) started has been played to its end.
    Played,
    /// The recording is closed; comes before `Ended`, when there was one.
    Recorded {
        /// The file, relative to the data folder.
        file: String,
        /// Its length.
        length: SignedDuration,
    },
    /// A 180, or early media: the phone rings. A 100 is not ringing.
    Ringing,
    /// The detector has decided; once more when it has come to another kind.
    Screened(Verdict),
    /// What the detector heard is kept in this file, in the folder of the recordings; comes before
    /// `Ended`.
    ScreeningKept(String),
    /// What the network's tone means that the detector has heard after the answer.
    ToneMeans(Outcome),
}

/// How the line says a call ended. The dialer makes the [`Outcome`] of the call of it: a call that
/// was answered keeps what happened after the answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct EndCause {
    /// What the line's last word means for a call that was never answered; `Fax` for one that was,
    /// when the far end has asked for T.38.
    pub outcome: Outcome,
    /// Whose fault it is.
    pub fault: Fault,
    /// True when the far end ended it (BYE or a final response), false when we did.
    pub by_callee: bool,
    /// The final SIP status, when there was one.
    pub sip_status: Option<u16>,
    /// The Q.850 cause of a Reason header (RFC 3326), when there was one.
    pub q850: Option<u8>,
    /// The callee or the carrier asked not to be called before this has passed (Retry-After, RFC
    /// 3261 §20.33).
    pub retry_after: Option<SignedDuration>,
    /// The SIP Call-ID, for the books.
    pub sip_call_id: Option<String>,
    /// The name of the trunk that its INVITE left by, for the books.
    pub trunk: Option<String>,
}
