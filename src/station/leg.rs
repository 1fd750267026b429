//! One agent's leg, from its INVITE to its end.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::fact::LegEnd;
use crate::domain::MediaTarget;
use crate::sip::DialogId;

/// A leg.
pub(super) struct Leg {
    pub(super) dialog: DialogId,
    /// Where our audio is; unknown until a phone that dials in has been accepted.
    pub(super) local: Option<SocketAddr>,
    /// The `o=` version of the last SDP that we sent (RFC 3264 §8).
    pub(super) version: u64,
    pub(super) stage: Stage,
}

/// How far a leg has come.
pub(super) enum Stage {
    /// The phone dials in and waits to be accepted.
    Asking {
        /// Its SDP.
        offer: String,
        /// When it has waited long enough.
        give_up_at: Timestamp,
    },
    /// We have accepted; the phone's ACK is still out.
    Accepted(MediaTarget),
    /// We call the phone.
    Calling {
        /// When it has rung long enough.
        give_up_at: Timestamp,
    },
    /// On its way down, for this reason.
    Leaving(LegEnd),
    /// Up.
    Up,
}

impl Leg {
    /// When it has to be given up.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Asking { give_up_at, .. } | Stage::Calling { give_up_at } => Some(give_up_at),
            Stage::Accepted(_) | Stage::Leaving(_) | Stage::Up => None,
        }
    }
}
