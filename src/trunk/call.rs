//! One call on its way through the trunks.

use std::net::SocketAddr;

use jiff::Timestamp;

use crate::compliance::Permit;
use crate::domain::{MediaTarget, TrunkId};
use crate::sip::DialogId;
use crate::sip::sdp::LocalSrtp;

/// What the task knows of a call.
pub(super) struct Call {
    /// The gate's word; asked again before each INVITE.
    pub(super) permit: Permit,
    /// The Call-ID of its first INVITE, in the books before that leaves.
    pub(super) sip_call_id: String,
    /// INVITEs that have left.
    pub(super) tries: u32,
    /// Where our audio is.
    pub(super) local: SocketAddr,
    /// Trunks that have not been tried yet, best first.
    pub(super) untried: Vec<TrunkId>,
    /// Where the call is.
    pub(super) stage: Stage,
}

impl Call {
    /// The Call-ID of its next INVITE: each trunk gets one of its own, so that no carrier takes
    /// the second for a copy of the first (RFC 3261 §8.2.2.2).
    pub(super) fn next_sip_call_id(&mut self) -> String {
        self.tries += 1;
        match self.tries {
            1 => self.sip_call_id.clone(),
            later => format!("{}-{later}", self.sip_call_id),
        }
    }
}

/// Where a call is between `originate` and `Ended`.
pub(super) enum Stage {
    /// An INVITE has left.
    Out(Box<Out>),
    /// No INVITE is out: no trunk has room yet.
    Waiting {
        /// When the wait has been long enough.
        give_up_at: Timestamp,
    },
}

/// A call whose INVITE has left.
pub(super) struct Out {
    pub(super) dialog: DialogId,
    /// Its Call-ID.
    pub(super) sip_call_id: Option<String>,
    pub(super) trunk: TrunkId,
    /// Where the INVITE has gone.
    pub(super) at: SocketAddr,
    /// The `o=` version of the last SDP that we sent (RFC 3264 §8: each new one is one higher).
    pub(super) version: u64,
    /// Our keys, in this INVITE and in every SDP after it.
    pub(super) srtp: Option<Box<LocalSrtp>>,
    pub(super) progress: Progress,
    /// A redirect has been followed.
    pub(super) moved: bool,
    /// A 1xx has come, be it a 100.
    pub(super) heard: bool,
    /// When another trunk may take the call if nothing has come by then.
    pub(super) patient_until: Option<Timestamp>,
    /// We have asked for the end.
    pub(super) hung_up: bool,
}

/// How far a call has come.
pub(super) enum Progress {
    /// Nothing better than a 100 has come.
    Calling,
    /// It rings, or early media has come.
    Ringing {
        /// Where early media would go; the answer, when the 200 brings none (RFC 3261 §13.2.1).
        early: Option<MediaTarget>,
    },
    /// It is answered.
    Talking {
        /// The far end has asked for T.38: a fax machine.
        fax: bool,
    },
    /// It was answered with audio that cannot be used, and is being taken down.
    Unusable,
}
