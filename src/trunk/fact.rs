//! What the trunks tell: facts about calls, and how each trunk is.

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::Serialize;

use crate::call::EndCause;
use crate::domain::{CallId, CallerCheck, CampaignId, Digit, MediaTarget, PhoneNumber, TrunkId};
use crate::sip::Kept;

/// A fact about one call, with the time the packet came.
#[derive(Clone, Debug, PartialEq)]
pub struct TrunkFact {
    /// When.
    pub at: Timestamp,
    /// Which call.
    pub call: CallId,
    /// What.
    pub event: TrunkEvent,
}

/// Somebody who calls in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Incoming {
    /// The queue of the number that was called.
    pub campaign: CampaignId,
    /// Who calls; [`PhoneNumber::WITHHELD`] when that is not shown.
    pub caller: PhoneNumber,
    /// The number that was called.
    pub called: PhoneNumber,
    /// Whether the caller may show it, where somebody says so.
    pub check: Option<CallerCheck>,
    /// The number from which the call was diverted to ours (RFC 5806, the last one).
    pub diverted_from: Option<PhoneNumber>,
    /// The trunk by name.
    pub trunk: String,
}

/// What happened. Every call that was originated or has come in has exactly one `Ended`, its last.
#[derive(Clone, Debug, PartialEq)]
pub enum TrunkEvent {
    /// The 200 to the INVITE, with usable audio; of a call that has come in, the ACK to ours. Once a
    /// call.
    Answered(MediaTarget),
    /// Audio before the answer (a 183 or 180 with SDP): for listening only.
    EarlyMedia(MediaTarget),
    /// What is to be written down so that another process could end it: when its INVITE leaves, and
    /// again whenever that changes. Before the `Answered` that it belongs to.
    Dialog(Box<Kept>),
    /// The far end pressed a key, and says so by INFO.
    Digit(Digit),
    /// It is over.
    Ended(EndCause),
    /// The first of a call that comes in: it rings until it is answered or refused.
    Incoming(Box<Incoming>),
    /// The far end has changed where or how audio flows (a re-INVITE: hold, resume, another port).
    Retarget(MediaTarget),
    /// A 180, or early media. A 100 is not ringing. Once a call.
    Ringing,
}

/// How a trunk is, for the floor view and the metrics.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TrunkStatus {
    /// Which.
    pub trunk: TrunkId,
    /// Its name.
    pub name: String,
    /// Where its calls went last; `None` while the name servers do not say where it is.
    pub address: Option<SocketAddr>,
    /// Whether it takes calls.
    pub health: TrunkHealth,
    /// Calls on it now.
    pub channels: u32,
    /// Calls that have come in by it since the start.
    pub came_in: u64,
    /// INVITEs sent for new calls since the start.
    pub invites: u64,
    /// Calls that failed by its fault since the start.
    pub failures: u64,
}

/// Whether a trunk takes calls, and if not, why.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "health")]
pub enum TrunkHealth {
    /// It has refused our user name and password; tried again after the rest.
    CredentialsRefused {
        /// Until when it is left alone.
        #[serde(serialize_with = "timestamp")]
        until: Timestamp,
    },
    /// It asked for rest (503, Retry-After) or failed to answer.
    Resting {
        /// Until when it is left alone.
        #[serde(serialize_with = "timestamp")]
        until: Timestamp,
    },
    /// Its rest is over; one call tries whether it works again, the others go elsewhere or wait.
    Trying,
    /// The last OPTIONS was not answered, or nobody says where it is; taken back at the first that is.
    Unreachable,
    /// It takes calls.
    Up,
}

fn timestamp<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}
