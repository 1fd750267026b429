//! Dialogs (RFC 3261 §12): what the two ends of a call know of each other.

mod route;
mod session;

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::endpoint::{ClientId, ServerId};
use super::message::{Message, Opening, Writer};
use super::order::Credentials;
use super::reason::Reason;
use super::transaction::{PATIENCE, T1, after, doubled};
use super::transport::SentBy;
pub use route::{contact_uri, route_set};
pub use session::{INTERVAL_S_MIN, Session};

/// Early dialogs of one INVITE that are told apart; further forks are not waited for.
const EARLY_MAX: usize = 16;

/// One call.
#[derive(Debug)]
pub struct Dialog {
    /// The Call-ID.
    pub call_id: String,
    /// Our address with our tag, as we write it in From (To, in an answer).
    pub local: String,
    /// The far end's, with its tag once there is one.
    pub remote: String,
    /// The far end's tag; empty for one of before RFC 3261, and before any response.
    pub remote_tag: String,
    /// The remote target (§12.2.1.1): the Request-URI, never where packets go.
    pub target: String,
    /// The route set: it is written down, and never where packets go.
    pub routes: Vec<String>,
    /// Where everything is sent.
    pub peer: SocketAddr,
    /// Our Contact.
    pub contact: String,
    /// The CSeq of our last request.
    pub local_seq: u32,
    /// The CSeq of the far end's last request.
    pub remote_seq: Option<u32>,
    /// How far it has come.
    pub phase: Phase,
    /// For challenges.
    pub credentials: Option<Credentials>,
    /// What we last offered or answered, for a refresh by re-INVITE.
    pub sdp: String,
    /// The far end takes UPDATE (RFC 3311 §5).
    pub takes_update: bool,
    /// The session timer, if the two ends agreed on one.
    pub session: Option<Session>,
    /// A re-INVITE or UPDATE of the far end that the owner has not answered.
    pub offered: Option<Offered>,
    /// Our re-INVITE is out (§14.1: one at a time).
    pub offering: bool,
    /// Our 2xx that has no ACK yet.
    pub unacknowledged: Option<Unacknowledged>,
    /// The deadline that the endpoint keeps for it.
    pub armed: Option<(Timestamp, Reason)>,
}

/// How far a call has come.
#[derive(Debug)]
pub enum Phase {
    /// Callee: we have answered, the ACK has not come.
    Answered {
        /// The owner wants it over; a BYE may not go out before the ACK (§15).
        hang_up: bool,
    },
    /// Our BYE is out; the owner has had its last event.
    Closing,
    /// Both ends are in it.
    Confirmed,
    /// Caller: our INVITE is out.
    Inviting(Inviting),
    /// Callee: the owner has not answered.
    Ringing(Ringing),
}

/// An INVITE of the far end that the owner has not answered.
#[derive(Clone, Copy, Debug)]
pub struct Ringing {
    /// The server transaction that waits.
    pub server: ServerId,
    /// It has no SDP: the offer is in our answer, and theirs in the ACK.
    pub offerless: bool,
    /// The session timer that our answer agrees to.
    pub session: Option<Session>,
}

/// An INVITE of ours without a final response.
#[derive(Debug)]
pub struct Inviting {
    /// The client transaction.
    pub client: ClientId,
    /// A 1xx came, so that a CANCEL may go out (§9.1).
    pub heard: bool,
    /// Whether the owner wants it over.
    pub hang_up: HangUp,
    /// The forks that rang, by their tags, with the last RSeq of each (RFC 3262 §4).
    pub early: Vec<(String, Option<u32>)>,
}

/// Whether the owner wants an INVITE over.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum HangUp {
    /// No.
    #[default]
    No,
    /// The CANCEL is out; if nothing final comes by then, that is the end (§9.1).
    Sent {
        /// 64*T1 later.
        give_up_at: Timestamp,
    },
    /// Yes, but nothing has been heard yet.
    Wanted,
}

/// A far end's offer inside the dialog.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// The server transaction that waits.
    pub server: ServerId,
    /// A re-INVITE, whose 2xx needs an ACK, with its CSeq; `None` for an UPDATE.
    pub invite: Option<u32>,
    /// It has no SDP: the offer is in our answer, and theirs in the ACK.
    pub offerless: bool,
    /// The session timer that our answer agrees to.
    pub session: Option<Session>,
}

/// A 2xx that goes out until its ACK comes (§13.3.1.4).
#[derive(Debug)]
pub struct Unacknowledged {
    /// The response.
    pub response: bytes::Bytes,
    /// Where it goes.
    pub to: SocketAddr,
    /// The INVITE's CSeq, which the ACK shares.
    pub cseq: u32,
    /// The ACK carries the answer to our offer.
    pub offerless: bool,
    resend_at: Timestamp,
    interval: SignedDuration,
    give_up_at: Timestamp,
}

impl Unacknowledged {
    /// The response has just been sent.
    pub fn new(
        response: bytes::Bytes,
        to: SocketAddr,
        cseq: u32,
        offerless: bool,
        now: Timestamp,
    ) -> Self {
        Self {
            response,
            to,
            cseq,
            offerless,
            resend_at: after(now, T1),
            interval: T1,
            give_up_at: after(now, PATIENCE),
        }
    }

    /// Whether it is to be sent again now; else the far end is given up.
    pub fn resend(&mut self, now: Timestamp) -> bool {
        self.interval = doubled(self.interval);
        self.resend_at = after(now, self.interval);
        now < self.give_up_at
    }
}

impl Dialog {
    /// The start of our next request in it; an ACK is made by its INVITE's rules instead.
    pub fn request(&mut self, method: &str, branch: u64, sent_by: SentBy) -> Writer {
        self.local_seq += 1;
        let writer = Writer::request(&Opening {
            method,
            uri: &self.target,
            sent_by,
            branch,
            from: &self.local,
            to: &self.remote,
            call_id: &self.call_id,
            cseq: self.local_seq,
        });
        self.routes.iter().fold(writer, |writer, route| writer.header("Route", route))
    }

    /// The start of the ACK to a 2xx inside it (§13.2.2.4).
    pub fn acknowledgement(&self, branch: u64, sent_by: SentBy, cseq: u32, target: &str) -> Writer {
        let writer = Writer::request(&Opening {
            method: "ACK",
            uri: target,
            sent_by,
            branch,
            from: &self.local,
            to: &self.remote,
            call_id: &self.call_id,
            cseq,
        });
        self.routes.iter().fold(writer, |writer, route| writer.header("Route", route))
    }

    /// Whether the owner has given up an INVITE that is still out.
    pub fn is_given_up(&self) -> bool {
        match &self.phase {
            Phase::Inviting(inviting) => inviting.hang_up != HangUp::No,
            Phase::Answered { .. } | Phase::Closing | Phase::Confirmed | Phase::Ringing(_) => false,
        }
    }

    /// Whether a request of the far end belongs to it (§12.2.2). Its To has our tag.
    pub fn has(&self, request: &Message<'_>) -> bool {
        let tag = request.from_tag.unwrap_or_default();
        let known = match &self.phase {
            Phase::Inviting(inviting) => inviting.early.iter().any(|(early, _)| early == tag),
            Phase::Answered { .. } | Phase::Closing | Phase::Confirmed | Phase::Ringing(_) => {
                self.remote_tag == tag
            }
        };
        known && self.call_id == request.call_id
    }

    /// Takes the far end's CSeq, if it rises (§12.2.2).
    pub fn take_seq(&mut self, cseq: u32) -> bool {
        let rises = self.remote_seq.is_none_or(|last| cseq > last);
        if rises {
            self.remote_seq = Some(cseq);
        }
        rises
    }

    /// Takes the Contact of a target refresh (§12.2.1.2), if it is usable.
    pub fn take_target(&mut self, message: &Message<'_>) {
        if let Some(target) = contact_uri(message) {
            target.clone_into(&mut self.target);
        }
    }

    /// When the endpoint is to look at it, and why.
    pub fn deadline(&self) -> Option<(Timestamp, Reason)> {
        let cancel = match &self.phase {
            Phase::Inviting(Inviting { hang_up: HangUp::Sent { give_up_at }, .. }) => {
                Some((*give_up_at, Reason::CancelIgnored))
            }
            _ => None,
        };
        let unacknowledged = self
            .unacknowledged
            .as_ref()
            .map(|wait| (wait.resend_at.min(wait.give_up_at), Reason::Unacknowledged));
        let session = self.session.as_ref().map(Session::deadline);
        [cancel, unacknowledged, session].into_iter().flatten().min()
    }
}

impl Inviting {
    /// The INVITE has just been sent.
    pub fn new(client: ClientId) -> Self {
        Self { client, heard: false, hang_up: HangUp::No, early: Vec::new() }
    }

    /// Notes a fork that rings, and its RSeq if it has one. Whether it is news: a reliable response
    /// that came before, or out of order, is none (RFC 3262 §4).
    pub fn note(&mut self, tag: &str, rseq: Option<u32>) -> bool {
        match self.early.iter_mut().find(|(known, _)| known == tag) {
            Some((_, last)) => {
                let news = match (rseq, *last) {
                    (Some(rseq), Some(last)) => Some(rseq) == last.checked_add(1),
                    (Some(_) | None, _) => true,
                };
                if news {
                    *last = rseq.or(*last);
                }
                news
            }
            // Of before RFC 3261: there is no early dialog.
            None if tag.is_empty() => rseq.is_none(),
            None => {
                let room = self.early.len() < EARLY_MAX;
                if room {
                    self.early.push((tag.to_owned(), rseq));
                }
                room
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reliable_response_is_news_once_and_in_order() {
        let mut inviting = Inviting::new(ClientId::of_token(1));
        assert!(inviting.note("a", Some(7)));
        assert!(!inviting.note("a", Some(7)), "sent again");
        assert!(!inviting.note("a", Some(9)), "out of order");
        assert!(inviting.note("a", Some(8)));
        assert!(inviting.note("a", None), "not reliable");
        assert!(inviting.note("b", Some(1)), "another fork");
        assert!(!inviting.note("a", Some(8)));
    }
}
