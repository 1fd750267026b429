//! The caller's side of a call: how it begins, and how it ends without an answer (RFC 3261 §13.2,
//! §9.1).

use std::net::SocketAddr;

use jiff::Timestamp;

use super::client::{ClientId, Outgoing};
use super::purpose::{Conclusion, Purpose};
use super::{ALLOW, Endpoint, Output};
use crate::sip::dialog::{Dialog, HangUp, Inviting, Phase};
use crate::sip::event::{DialogId, Event, Failure, FailureKind};
use crate::sip::message::{Address, Message, Name, cancel, fields};
use crate::sip::network::Network;
use crate::sip::order::Invite;
use crate::sip::transaction::{PATIENCE, after};
use crate::sip::transport::{SentBy, Transport};
use crate::sip::uri::Uri;

/// What an INVITE of ours takes.
const SUPPORTED: &str = "100rel, timer";

impl Endpoint {
    /// Places a call.
    pub fn invite(&mut self, invite: Invite, now: Timestamp) -> DialogId {
        let call_id = format!("{:016x}{:016x}", self.tokens.next(), self.tokens.next());
        self.invite_as(invite, call_id, now)
    }

    /// Places a call under a Call-ID of the owner's: unique over space and time (RFC 3261 §8.1.1.4),
    /// and known to the owner before anything leaves.
    pub fn invite_as(&mut self, invite: Invite, call_id: String, now: Timestamp) -> DialogId {
        let id = DialogId(self.tokens.next());
        if self.is_full() {
            let failure = Failure::plain(FailureKind::Overloaded, None);
            self.tell(Event::Failed { dialog: id, failure });
            return id;
        }
        let client = ClientId::of_token(self.tokens.next());
        let mut dialog = self.dialog_for(id, client, call_id, &invite);
        let bytes = dialog
            .request("INVITE", client.token(), self.sent_by(Some(invite.next_hop)))
            .header("Contact", &dialog.contact)
            .header("Allow", ALLOW)
            .header("Supported", SUPPORTED)
            .header("User-Agent", &self.config.user_agent)
            .headers(&invite.headers)
            .sdp(Some(&invite.sdp));
        let outgoing = Outgoing {
            id: client,
            method: "INVITE",
            bytes,
            to: dialog.peer,
            purpose: Purpose::Invite(id),
            call_id: &dialog.call_id,
            tag: id.0,
            cseq: dialog.local_seq,
            credentials: None,
        };
        self.start(outgoing, now);
        self.dialogs.insert(id, dialog);
        id
    }

    fn dialog_for(
        &self,
        id: DialogId,
        client: ClientId,
        call_id: String,
        invite: &Invite,
    ) -> Dialog {
        let from = plain(&invite.from);
        let user = Address::parse(&from).and_then(|from| Uri::parse(from.uri)?.user);
        let contact = self.contact_of(user, invite.next_hop);
        Dialog {
            call_id: plain(&call_id),
            local: format!("{from};tag={id}"),
            remote: plain(&invite.to),
            remote_tag: String::new(),
            target: plain(&invite.request_uri),
            routes: Vec::new(),
            peer: invite.next_hop,
            contact,
            local_seq: 0,
            remote_seq: None,
            phase: Phase::Inviting(Inviting::new(client)),
            credentials: invite.credentials.clone(),
            sdp: invite.sdp.clone(),
            takes_update: false,
            session: None,
            offered: None,
            offering: false,
            unacknowledged: None,
            armed: None,
        }
    }

    /// The INVITE is over without a 2xx. A 3xx is not followed: its Contact would have us call
    /// whom the far end likes.
    pub(super) fn invite_failed(&mut self, id: DialogId, conclusion: Conclusion<'_>) {
        if !self.is_inviting(id) {
            return;
        }
        let failure = match conclusion {
            Conclusion::Timeout => Failure::plain(FailureKind::Timeout, None),
            Conclusion::Unsent => Failure::plain(FailureKind::Transport, None),
            Conclusion::Response(message, status) => refusal(message, status),
        };
        self.forget(id);
        self.tell(Event::Failed { dialog: id, failure });
    }

    /// The owner gives up an INVITE that has no final response.
    pub(super) fn give_up(&mut self, id: DialogId, now: Timestamp) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Phase::Inviting(inviting) = &mut dialog.phase else { return };
        if inviting.hang_up != HangUp::No {
            return;
        }
        inviting.hang_up = HangUp::Wanted;
        if inviting.heard {
            self.send_cancel(id, now);
        }
    }

    pub(super) fn send_cancel(&mut self, id: DialogId, now: Timestamp) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Phase::Inviting(inviting) = &mut dialog.phase else { return };
        let Some(invite) = self.clients.get(&inviting.client) else { return };
        inviting.hang_up = HangUp::Sent { give_up_at: after(now, PATIENCE) };
        let outgoing = Outgoing {
            id: inviting.client.cancel(),
            method: "CANCEL",
            bytes: cancel(&invite.resend),
            to: invite.to,
            purpose: Purpose::Nothing,
            call_id: &dialog.call_id.clone(),
            tag: id.0,
            cseq: invite.cseq,
            credentials: None,
        };
        self.start(outgoing, now);
        self.arm_dialog(id);
    }

    /// 64*T1 after the CANCEL and nothing final (§9.1).
    pub(super) fn cancel_ignored(&mut self, id: DialogId, now: Timestamp) {
        let client = match self.dialogs.get(&id).map(|dialog| &dialog.phase) {
            Some(Phase::Inviting(inviting)) => inviting.client,
            _ => return,
        };
        self.abandon(client, now);
        self.invite_failed(id, Conclusion::Timeout);
    }

    /// `<sip:user@contact>`, with the transport toward this peer.
    pub(super) fn contact_of(&self, user: Option<&str>, peer: SocketAddr) -> String {
        let SentBy { transport, address } = self.sent_by(Some(peer));
        let transport = transport.parameter();
        match user {
            None => format!("<sip:{address}{transport}>"),
            Some(user) => format!("<sip:{user}@{address}{transport}>"),
        }
    }

    /// What our Via to this peer says.
    pub(super) fn sent_by(&self, peer: Option<SocketAddr>) -> SentBy {
        let transport = peer.and_then(|peer| self.config.streams.get(&peer)).copied();
        let transport = transport.unwrap_or_default();
        let tls = self.config.contact_tls.filter(|_| transport == Transport::Tls);
        SentBy { transport, address: tls.unwrap_or(self.config.contact) }
    }

    /// TLS is listened for at this address.
    pub fn set_contact_tls(&mut self, address: SocketAddr) {
        self.config.contact_tls = Some(address);
    }

    /// Whoever is there is spoken to over a connection from now on.
    pub fn set_stream(&mut self, peer: SocketAddr, over: Transport) {
        self.config.streams.insert(peer, over);
    }

    /// INVITEs are told to the owner from these networks alone; anybody's when there are none.
    pub fn set_callers(&mut self, callers: Vec<Network>) {
        self.config.callers = callers;
    }

    /// Whoever is there has connected to us, or (`None`) is connected no more.
    pub fn has_connected(&mut self, peer: SocketAddr, over: Option<Transport>) {
        match over {
            Some(transport) => drop(self.config.streams.insert(peer, transport)),
            None => drop(self.config.streams.remove(&peer)),
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

/// What a final response that is no 2xx says.
fn refusal(message: &Message<'_>, status: u16) -> Failure {
    let kind = match status {
        401 | 407 => FailureKind::AuthenticationRefused,
        _ => FailureKind::Response,
    };
    let analytics = message.all(Name::Reason).find_map(fields::analytics);
    let disputed_at = || message.all(Name::CallInfo).find_map(fields::jwscard);
    let moved_to = || Some(Address::parse(message.all(Name::Contact).next()?)?.uri.to_owned());
    Failure {
        q850: message.all(Name::Reason).find_map(fields::q850),
        sip_cause: message.all(Name::Reason).find_map(fields::sip_cause),
        retry_after: message.get(Name::RetryAfter).and_then(fields::retry_after),
        by_analytics: status == 603 && analytics.is_some(),
        redress: disputed_at().or(analytics.flatten()),
        moved_to: if status < 400 { moved_to() } else { None },
        ..Failure::plain(kind, Some(status))
    }
}

/// Without control characters: what the owner wants said never ends a line.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}
