//! 2xx to our INVITEs: each one acknowledged, each fork that is not kept ended (RFC 3261 §13.2.2.4).

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::Endpoint;
use super::client::{ClientId, Outgoing};
use super::purpose::Purpose;
use crate::sip::chance::token;
use crate::sip::dialog::{Phase, Session, contact_uri, route_set};
use crate::sip::event::{DialogId, Event};
use crate::sip::message::{Message, Name, Opening, Writer, afresh, line_of, value_of};

/// Forks of one INVITE that are answered for; of more than these the 2xx are left unheard.
const FORKS_MAX: usize = 16;
/// How far the CSeq of a fork's BYE is past its INVITE's: past any PRACK that went out between.
const FORK_SEQ: u32 = 1_000;

impl Endpoint {
    /// A request inside the dialog that a response opens, made from that response: its From, To,
    /// Call-ID and the route set in reverse (RFC 3261 §12.1.2).
    pub(super) fn follow_up(
        &self,
        response: &Message<'_>,
        method: &str,
        branch: u64,
        cseq: u32,
        target: &str,
    ) -> Writer {
        let peer =
            ClientId::of(response).and_then(|id| self.clients.get(&id)).map(|known| known.to);
        let sent_by = self.sent_by(peer);
        let writer = Writer::request(&Opening {
            method,
            uri: target,
            sent_by,
            branch,
            from: response.get(Name::From).unwrap_or_default(),
            to: response.get(Name::To).unwrap_or_default(),
            call_id: response.call_id,
            cseq,
        });
        route_set(response).iter().rev().fold(writer, |writer, route| writer.header("Route", route))
    }

    /// A 2xx to an INVITE or re-INVITE: acknowledged, each time that it comes (§13.2.2.4).
    pub(super) fn succeeded(&mut self, id: ClientId, message: &Message<'_>, now: Timestamp) {
        let Some(client) = self.clients.get(&id) else { return };
        let to = client.to;
        let tag = message.to_tag.unwrap_or_default();
        if let Some((_, ack)) = client.acks.iter().find(|(known, _)| known == tag) {
            // Under a branch of its own: a peer that takes an identical ACK for a copy of the first
            // answers with its 2xx again, and so for ever.
            let ack = afresh(ack, self.tokens.next());
            return self.transmit(to, ack);
        }
        if client.acks.len() == FORKS_MAX {
            return;
        }
        let (invite, purpose) = (client.resend.clone(), client.purpose);
        let ack = self.ack_to_success(message, &invite, purpose);
        if let Some(client) = self.clients.get_mut(&id) {
            client.acks.push((tag.to_owned(), ack.clone()));
        }
        self.transmit(to, ack);
        match purpose {
            Purpose::Invite(dialog) if self.is_inviting(dialog) => {
                self.confirm(dialog, message, now);
            }
            Purpose::Reinvite { dialog, .. } => self.reoffer_answered(dialog, message, now),
            // Another fork answered too, or a call that we have given up.
            _ => self.end_fork(message, &invite, to, now),
        }
    }

    /// The ACK to a 2xx is a request of its own, with the INVITE's CSeq and credentials.
    fn ack_to_success(&mut self, message: &Message<'_>, invite: &Bytes, purpose: Purpose) -> Bytes {
        let branch = self.tokens.next();
        let cseq = message.cseq.number;
        let target = contact_uri(message).unwrap_or_else(|| line_of(invite).1);
        // Inside a dialog the route set stands (§12.2).
        let writer = match purpose {
            Purpose::Reinvite { dialog, .. } => self.dialogs.get(&dialog),
            _ => None,
        }
        .map_or_else(
            || self.follow_up(message, "ACK", branch, cseq, target),
            |dialog| {
                let sent_by = self.sent_by(Some(dialog.peer));
                dialog.acknowledgement(branch, sent_by, cseq, target)
            },
        );
        ["Authorization", "Proxy-Authorization"]
            .iter()
            .filter_map(|name| value_of(invite, name).map(|value| (name, value)))
            .fold(writer, |writer, (name, value)| writer.header(name, value))
            .end()
    }

    pub(super) fn is_inviting(&self, id: DialogId) -> bool {
        self.dialogs.get(&id).is_some_and(|dialog| matches!(dialog.phase, Phase::Inviting(_)))
    }

    fn confirm(&mut self, id: DialogId, message: &Message<'_>, now: Timestamp) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let given_up = dialog.is_given_up();
        dialog.phase = Phase::Confirmed;
        dialog.remote = message.get(Name::To).unwrap_or_default().to_owned();
        dialog.remote_tag = message.to_tag.unwrap_or_default().to_owned();
        dialog.take_target(message);
        dialog.routes = route_set(message);
        dialog.routes.reverse();
        dialog.takes_update = message.lists(Name::Allow, "UPDATE");
        dialog.session = Session::agreed(message, now);
        self.arm_dialog(id);
        self.tell(Event::Answered { dialog: id, sdp: message.sdp() });
        // An extension that it requires and we do not have cannot be refused any more (§8.1.3.5).
        if given_up || unknown_extensions(message, &["100rel", "timer"]).next().is_some() {
            self.end(id, now);
        }
    }

    /// A fork that we do not keep is acknowledged and ended at once (§13.2.2.4).
    fn end_fork(&mut self, message: &Message<'_>, invite: &Bytes, to: SocketAddr, now: Timestamp) {
        let client = ClientId::of_token(self.tokens.next());
        let target = contact_uri(message).unwrap_or_else(|| line_of(invite).1);
        let cseq = message.cseq.number + FORK_SEQ;
        let bytes = self
            .follow_up(message, "BYE", client.token(), cseq, target)
            .header("User-Agent", &self.config.user_agent)
            .end();
        let tag = message.from_tag.and_then(token).unwrap_or_default();
        let outgoing = Outgoing {
            id: client,
            method: "BYE",
            bytes,
            to,
            purpose: Purpose::Nothing,
            call_id: message.call_id,
            tag,
            cseq,
            credentials: None,
        };
        self.start(outgoing, now);
    }
}

/// The option tags that a message requires and `known` has not.
pub(super) fn unknown_extensions<'a>(
    message: &Message<'a>,
    known: &[&str],
) -> impl Iterator<Item = &'a str> {
    message
        .all(Name::Require)
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty() && !known.iter().any(|known| known.eq_ignore_ascii_case(tag)))
}
