//! The callee's side of a call (RFC 3261 §13.3, §9.2).

use std::net::SocketAddr;

use jiff::Timestamp;

use super::refresh::with_session;
use super::server::{ServerId, reply_to};
use super::{ALLOW, Endpoint};
use crate::sip::dialog::{Dialog, Phase, Ringing, Session, Unacknowledged, contact_uri, route_set};
use crate::sip::event::{DialogId, Event, Failure, FailureKind, IncomingInvite};
use crate::sip::message::{Message, Name, Start, Writer};
use crate::sip::uri::Uri;

/// What an answer of ours takes.
pub(super) const SUPPORTED: &str = "timer";

impl Endpoint {
    /// An INVITE that opens a dialog, and has passed every check.
    pub(super) fn incoming(
        &mut self,
        server: ServerId,
        message: &Message<'_>,
        from: SocketAddr,
        now: Timestamp,
    ) {
        let Start::Request { uri, .. } = message.start else { return };
        let id = DialogId(self.tokens.next());
        let sdp = message.sdp();
        let to = message.get(Name::To).unwrap_or_default();
        let contact = self.contact_of(Uri::parse(uri).and_then(|uri| uri.user), from);
        let dialog = Dialog {
            call_id: message.call_id.to_owned(),
            local: format!("{to};tag={id}"),
            remote: message.get(Name::From).unwrap_or_default().to_owned(),
            remote_tag: message.from_tag.unwrap_or_default().to_owned(),
            target: contact_uri(message).unwrap_or(message.from.uri).to_owned(),
            routes: route_set(message),
            peer: reply_to(&message.via, from),
            contact,
            local_seq: 0,
            remote_seq: Some(message.cseq.number),
            phase: Phase::Ringing(Ringing {
                server,
                offerless: sdp.is_none(),
                session: Session::agree(message, now),
            }),
            credentials: None,
            sdp: String::new(),
            takes_update: message.lists(Name::Allow, "UPDATE"),
            session: None,
            offered: None,
            offering: false,
            unacknowledged: None,
            armed: None,
        };
        self.dialogs.insert(id, dialog);
        self.open_server(server, message, from, Some(id.0), Some(id), now);
        let invite = Box::new(IncomingInvite {
            request_uri: uri.to_owned(),
            from: message.get(Name::From).unwrap_or_default().to_owned(),
            to: to.to_owned(),
            call_id: message.call_id.to_owned(),
            sdp,
            headers: other_headers(message),
        });
        self.tell(Event::Incoming { dialog: id, from, invite });
    }

    /// Tells the caller 180 or 183, with early media if there is SDP.
    pub fn ring(&mut self, dialog: DialogId, status: u16, sdp: Option<String>, now: Timestamp) {
        let Some((ringing, contact)) = self.ringing(dialog) else { return };
        let status = status.clamp(101, 199);
        let write = |writer: Writer| writer.header("Contact", contact).sdp(sdp.as_deref());
        self.reply(ringing.server, status, write, now);
    }

    fn ringing(&self, id: DialogId) -> Option<(Ringing, String)> {
        let dialog = self.dialogs.get(&id)?;
        match &dialog.phase {
            Phase::Ringing(ringing) => Some((*ringing, dialog.contact.clone())),
            _ => None,
        }
    }

    /// Answers the caller with 200; it goes out again until the ACK comes.
    pub fn answer(&mut self, dialog: DialogId, sdp: String, now: Timestamp) {
        let Some((ringing, contact)) = self.ringing(dialog) else { return };
        let session = ringing.session.map(|session| session.restart(now));
        let write = |writer: Writer| {
            let writer = writer
                .header("Contact", contact)
                .header("Allow", ALLOW)
                .header("Supported", SUPPORTED);
            with_session(writer, session).sdp(Some(&sdp))
        };
        let Some((response, to)) = self.reply(ringing.server, 200, write, now) else { return };
        let Some(opened) = self.dialogs.get_mut(&dialog) else { return };
        let cseq = opened.remote_seq.unwrap_or_default();
        opened.unacknowledged =
            Some(Unacknowledged::new(response, to, cseq, ringing.offerless, now));
        opened.phase = Phase::Answered { hang_up: false };
        opened.session = session;
        opened.sdp = sdp;
        self.arm_dialog(dialog);
    }

    /// Turns the caller away with 300 to 699. [`Event::Failed`] follows.
    pub fn reject(
        &mut self,
        dialog: DialogId,
        status: u16,
        headers: Vec<(String, String)>,
        now: Timestamp,
    ) {
        self.turn_away(dialog, status.clamp(300, 699), FailureKind::Response, &headers, now);
    }

    pub(super) fn turn_away(
        &mut self,
        id: DialogId,
        status: u16,
        kind: FailureKind,
        headers: &[(String, String)],
        now: Timestamp,
    ) {
        let Some((ringing, _)) = self.ringing(id) else { return };
        self.reply(ringing.server, status, |writer| writer.headers(headers).end(), now);
        self.forget(id);
        let failure = Failure::plain(kind, Some(status));
        self.tell(Event::Failed { dialog: id, failure });
    }

    /// A CANCEL (§9.2): 200 to it if it means an INVITE that we know, and 487 to that INVITE if it
    /// has no final response yet.
    pub(super) fn handle_cancel(
        &mut self,
        message: &Message<'_>,
        from: SocketAddr,
        now: Timestamp,
    ) {
        let invite = self.server_id(message, "INVITE");
        let id = self.server_id(message, "CANCEL");
        if self.repeat(id, now) {
            return;
        }
        if !self.servers.contains_key(&invite) {
            return self.refuse(message, from, 481, Writer::end);
        }
        self.reply_at_once(id, message, from, 200, Writer::end, now);
        let Some(dialog) = self.dialog_of(invite).filter(|_| self.is_open(invite)) else { return };
        if self.ringing(dialog).is_some() {
            self.turn_away(dialog, 487, FailureKind::Cancelled, &[], now);
        } else {
            self.withdraw_offer(dialog, now);
        }
    }

    /// An ACK: to a final response other than 2xx it belongs to the INVITE's transaction, to a 2xx
    /// it is in the dialog.
    pub(super) fn handle_ack(&mut self, message: &Message<'_>, now: Timestamp) {
        let invite = self.server_id(message, "ACK");
        self.acknowledged(invite, now);
        let Some(id) = self.dialog_in(message) else { return };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(wait) = dialog.unacknowledged.take_if(|wait| wait.cseq == message.cseq.number)
        else {
            return;
        };
        let sdp = if wait.offerless { message.sdp() } else { None };
        match dialog.phase {
            Phase::Answered { hang_up } => {
                dialog.phase = Phase::Confirmed;
                self.tell(Event::Confirmed { dialog: id, sdp });
                if hang_up {
                    self.end(id, now);
                }
            }
            Phase::Confirmed if wait.offerless => {
                self.tell(Event::ReofferAnswered { dialog: id, sdp });
            }
            Phase::Closing | Phase::Confirmed | Phase::Inviting(_) | Phase::Ringing(_) => {}
        }
        self.arm_dialog(id);
    }

    /// Our 2xx has no ACK yet: again, or after 64*T1 the end (§13.3.1.4).
    pub(super) fn unacknowledged(&mut self, id: DialogId, now: Timestamp) {
        let Some(wait) = self.dialogs.get_mut(&id).and_then(|d| d.unacknowledged.as_mut()) else {
            return;
        };
        if wait.resend(now) {
            let (to, bytes) = (wait.to, wait.response.clone());
            self.transmit(to, bytes);
        } else {
            self.end(id, now);
        }
    }
}

/// What an owner may want besides what the endpoint reads: the caller's credentials among it, which
/// only the owner can check.
fn other_headers(message: &Message<'_>) -> Vec<(String, String)> {
    message
        .fields()
        .iter()
        .filter(|(name, _)| {
            matches!(name, Name::Authorization | Name::Other(_) | Name::Reason | Name::Supported)
        })
        .map(|(name, value)| (name.as_str().to_owned(), (*value).to_owned()))
        .collect()
}
