//! What an owner hears from the endpoint, and the names by which both speak of a dialog.

use std::net::SocketAddr;

use jiff::SignedDuration;

/// A call as the endpoint knows it, from the INVITE to its last event. It is the number in our tag,
/// so it cannot be guessed and does not count upward.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DialogId(pub(super) u64);

/// A request outside any dialog: one that we sent and wait for, or one that waits for our answer.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RequestId(pub(super) u64);

/// What happened. Every dialog has exactly one last event: [`Event::Ended`] or [`Event::Failed`].
#[derive(Clone, Debug)]
pub enum Event {
    /// Caller: the 200 came, and its ACK is on the way. Once a dialog.
    Answered {
        /// Whose.
        dialog: DialogId,
        /// Its body, when that is SDP.
        sdp: Option<String>,
    },
    /// Callee: the ACK to our answer came.
    Confirmed {
        /// Whose.
        dialog: DialogId,
        /// The SDP in the ACK: the answer to our offer, when the INVITE had none.
        sdp: Option<String>,
    },
    /// The last event of a call that was answered.
    Ended {
        /// Whose.
        dialog: DialogId,
        /// The far end's BYE did it; else we did, or a timer on our side.
        by_remote: bool,
        /// The Q.850 cause of the BYE's Reason header (RFC 3326).
        q850: Option<u8>,
    },
    /// The last event of a call that was never answered.
    Failed {
        /// Whose.
        dialog: DialogId,
        /// Why.
        failure: Failure,
    },
    /// Somebody calls: answer with [`Endpoint::ring`](super::Endpoint::ring),
    /// [`answer`](super::Endpoint::answer) or [`reject`](super::Endpoint::reject).
    Incoming {
        /// The new dialog.
        dialog: DialogId,
        /// Where the packet came from.
        from: SocketAddr,
        /// What it says.
        invite: Box<IncomingInvite>,
    },
    /// An INFO inside a dialog (RFC 6086); it has been answered with 200.
    Info {
        /// Whose.
        dialog: DialogId,
        /// Its Content-Type, `application/dtmf-relay` for instance.
        content_type: String,
        /// Its body.
        body: String,
    },
    /// Caller: a 1xx came, 100 among them. A retransmitted reliable one is not told twice.
    Provisional {
        /// Whose.
        dialog: DialogId,
        /// 100 to 199.
        status: u16,
        /// Its body, when that is SDP.
        sdp: Option<String>,
    },
    /// The far end wants other media (re-INVITE or UPDATE): answer with
    /// [`Endpoint::accept_reoffer`](super::Endpoint::accept_reoffer) or
    /// [`reject_reoffer`](super::Endpoint::reject_reoffer).
    Reoffer {
        /// Whose.
        dialog: DialogId,
        /// The offer; `None` asks for one from us.
        sdp: Option<String>,
    },
    /// The answer to an offer of ours inside the dialog, after
    /// [`Endpoint::reoffer`](super::Endpoint::reoffer).
    ReofferAnswered {
        /// Whose.
        dialog: DialogId,
        /// The answer.
        sdp: Option<String>,
    },
    /// The far end keeps the media as they are.
    ReofferRefused {
        /// Whose.
        dialog: DialogId,
        /// Its final response, `None` when none came.
        status: Option<u16>,
    },
    /// A REGISTER for the owner: answer with [`Endpoint::respond`](super::Endpoint::respond).
    Request {
        /// By which it is answered.
        id: RequestId,
        /// Where the packet came from.
        from: SocketAddr,
        /// The request, which has passed the strict parser.
        request: Box<rsip::Request>,
    },
    /// The answer to [`Endpoint::options`](super::Endpoint::options) or
    /// [`Endpoint::register`](super::Endpoint::register).
    Response {
        /// To which.
        id: RequestId,
        /// Its final response, `None` when none came (Timer F).
        status: Option<u16>,
        /// What the registrar granted.
        expires_s: Option<u32>,
    },
}

/// A call from somebody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IncomingInvite {
    /// The Request-URI.
    pub request_uri: String,
    /// The From header, without its tag.
    pub from: String,
    /// The To header.
    pub to: String,
    /// The Call-ID.
    pub call_id: String,
    /// The offer, if there is one.
    pub sdp: Option<String>,
    /// What else an owner may want, in order, by its long name: Authorization, Reason, Supported,
    /// and every header that the endpoint has no use for.
    pub headers: Vec<(String, String)>,
}

/// Why a call was never answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The final response, 300 to 699.
    pub status: Option<u16>,
    /// What kind of end it was.
    pub kind: FailureKind,
    /// The Q.850 cause of its Reason header (RFC 3326).
    pub q850: Option<u8>,
    /// The SIP status of its Reason header (RFC 3326): what somebody further on had said.
    pub sip_cause: Option<u16>,
    /// Its Retry-After (RFC 3261 §20.33), at most a week.
    pub retry_after: Option<SignedDuration>,
    /// Analytics have blocked it, and say so in the Reason of a 603 (ATIS-1000099, "603+").
    pub by_analytics: bool,
    /// Where a block may be disputed, as the Call-Info (RFC 8688 §3.4) or the Reason says it: for
    /// people to read, never fetched. At most 256 bytes.
    pub redress: Option<String>,
    /// The URI of a 3xx's first Contact. The endpoint does not follow it.
    pub moved_to: Option<String>,
}

impl Failure {
    /// An end without a response, or with nothing in it but its status.
    pub fn plain(kind: FailureKind, status: Option<u16>) -> Self {
        Self {
            status,
            kind,
            q850: None,
            sip_cause: None,
            retry_after: None,
            by_analytics: false,
            redress: None,
            moved_to: None,
        }
    }
}

/// The kind of end of a call that was never answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FailureKind {
    /// A 401 or 407 that we cannot or must not answer: no credentials, a foreign realm, or our
    /// credentials refused.
    AuthenticationRefused,
    /// Callee: the caller gave up (CANCEL) before we answered.
    Cancelled,
    /// The endpoint has no room for another dialog; nothing was sent.
    Overloaded,
    /// A final response, or the one that we gave.
    Response,
    /// Nothing came: Timer B, or 64*T1 after a CANCEL (RFC 3261 §9.1).
    Timeout,
    /// The transport could not send.
    Transport,
}

/// Never shows what was dialed.
impl std::fmt::Display for DialogId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
