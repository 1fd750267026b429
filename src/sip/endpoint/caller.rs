//! The caller's side of a call (RFC 3261 §13.2, §9.1; RFC 3262 §4).

use bytes::Bytes;
use jiff::Timestamp;

use super::client::{ClientId, Outgoing, Purpose};
use super::{ALLOW, Endpoint, Output};
use crate::sip::dialog::{Dialog, HangUp, Inviting, Phase, Session, contact_uri, route_set};
use crate::sip::event::{DialogId, Event, Failure, FailureKind};
use crate::sip::message::grammar::number;
use crate::sip::message::{
    Address, Message, Name, Opening, Writer, afresh, cancel, fields, line_of, value_of,
};
use crate::sip::order::Invite;
use crate::sip::transaction::{PATIENCE, after};
use crate::sip::uri::Uri;

/// What an INVITE of ours takes.
const SUPPORTED: &str = "100rel, timer";
/// Forks of one INVITE that are answered for; of more than these the 2xx are left unheard.
const FORKS_MAX: usize = 16;

impl Endpoint {
    /// Places a call.
    pub fn invite(&mut self, invite: Invite, now: Timestamp) -> DialogId {
        let id = DialogId(self.tokens.next());
        if self.is_full() {
            let failure = Failure {
                status: None,
                kind: FailureKind::Overloaded,
                q850: None,
                retry_after: None,
            };
            self.tell(Event::Failed { dialog: id, failure });
            return id;
        }
        let client = ClientId::of_token(self.tokens.next());
        let mut dialog = self.dialog_for(id, client, &invite);
        let bytes = dialog
            .request("INVITE", client.token(), self.config.contact)
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

    fn dialog_for(&mut self, id: DialogId, client: ClientId, invite: &Invite) -> Dialog {
        let from = plain(&invite.from);
        let user = Address::parse(&from).and_then(|from| Uri::parse(from.uri)?.user);
        let contact = self.contact_of(user);
        Dialog {
            call_id: format!("{:016x}{:016x}", self.tokens.next(), self.tokens.next()),
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

    /// A 1xx to an INVITE.
    pub(super) fn progressed(
        &mut self,
        client: ClientId,
        message: &Message<'_>,
        status: u16,
        now: Timestamp,
    ) {
        let Some(Purpose::Invite(id)) = self.purpose_of(client) else { return };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Phase::Inviting(inviting) = &mut dialog.phase else { return };
        inviting.heard = true;
        let reliable = status > 100 && message.lists(Name::Require, "100rel");
        let rseq = message.get(Name::RSeq).and_then(number::<u32>).filter(|rseq| *rseq > 0);
        let wanted = inviting.hang_up == HangUp::Wanted;
        let silent = inviting.hang_up != HangUp::No;
        // One that asks to be acknowledged but cannot be is passed over, as is one heard before.
        let news = (!reliable || rseq.is_some())
            && (status == 100
                || inviting.note(message.to_tag.unwrap_or_default(), rseq.filter(|_| reliable)));
        if wanted {
            self.send_cancel(id, now);
        }
        if !news {
            return;
        }
        if let Some(rseq) = rseq.filter(|_| reliable) {
            self.acknowledge_reliable(id, message, rseq, now);
        }
        if !silent {
            self.tell(Event::Provisional { dialog: id, status, sdp: message.sdp() });
        }
    }

    /// PRACK (RFC 3262 §7.2): a request inside the early dialog of that fork.
    fn acknowledge_reliable(
        &mut self,
        id: DialogId,
        message: &Message<'_>,
        rseq: u32,
        now: Timestamp,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.local_seq += 1;
        let (cseq, to, call_id) = (dialog.local_seq, dialog.peer, dialog.call_id.clone());
        let target = contact_uri(message).unwrap_or(&dialog.target).to_owned();
        let client = ClientId::of_token(self.tokens.next());
        let bytes = self
            .follow_up(message, "PRACK", client.token(), cseq, &target)
            .header("RAck", format_args!("{rseq} {} INVITE", message.cseq.number))
            .header("User-Agent", &self.config.user_agent)
            .end();
        let outgoing = Outgoing {
            id: client,
            method: "PRACK",
            bytes,
            to,
            purpose: Purpose::Prack(id),
            call_id: &call_id,
            tag: id.0,
            cseq,
            credentials: None,
        };
        self.start(outgoing, now);
    }

    /// A request inside the dialog that a response opens, made from that response: its From, To,
    /// Call-ID and the route set in reverse (RFC 3261 §12.1.2).
    fn follow_up(
        &self,
        response: &Message<'_>,
        method: &str,
        branch: u64,
        cseq: u32,
        target: &str,
    ) -> Writer {
        let writer = Writer::request(&Opening {
            method,
            uri: target,
            sent_by: self.config.contact,
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
        let (invite, purpose) = (client.resend.clone(), client.purpose());
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
            |dialog| dialog.acknowledgement(branch, self.config.contact, cseq, target),
        );
        ["Authorization", "Proxy-Authorization"]
            .iter()
            .filter_map(|name| value_of(invite, name).map(|value| (name, value)))
            .fold(writer, |writer, (name, value)| writer.header(name, value))
            .end()
    }

    fn is_inviting(&self, id: DialogId) -> bool {
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
    fn end_fork(
        &mut self,
        message: &Message<'_>,
        invite: &Bytes,
        to: std::net::SocketAddr,
        now: Timestamp,
    ) {
        let client = ClientId::of_token(self.tokens.next());
        let target = contact_uri(message).unwrap_or_else(|| line_of(invite).1);
        // Its own sequence: nothing else has been sent in this dialog.
        let cseq = message.cseq.number + 1;
        let bytes = self
            .follow_up(message, "BYE", client.token(), cseq, target)
            .header("User-Agent", &self.config.user_agent)
            .end();
        let tag = message.from_tag.and_then(crate::sip::chance::token).unwrap_or_default();
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

    /// The INVITE is over without a 2xx. A 3xx is not followed: its Contact would have us call
    /// whom the far end likes.
    pub(super) fn invite_failed(
        &mut self,
        id: DialogId,
        answer: Option<(&Message<'_>, u16)>,
        _now: Timestamp,
    ) {
        if !self.is_inviting(id) {
            return;
        }
        let failure = match answer {
            None => {
                Failure { status: None, kind: FailureKind::Timeout, q850: None, retry_after: None }
            }
            Some((message, status)) => Failure {
                status: Some(status),
                kind: match status {
                    401 | 407 => FailureKind::AuthenticationRefused,
                    _ => FailureKind::Response,
                },
                q850: message.all(Name::Reason).find_map(fields::q850),
                retry_after: message.get(Name::RetryAfter).and_then(fields::retry_after),
            },
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

    fn send_cancel(&mut self, id: DialogId, now: Timestamp) {
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
            cseq: invite.cseq(),
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
        self.invite_failed(id, None, now);
    }

    /// `<sip:user@contact>`.
    pub(super) fn contact_of(&self, user: Option<&str>) -> String {
        let contact = self.config.contact;
        match user {
            None => format!("<sip:{contact}>"),
            Some(user) => format!("<sip:{user}@{contact}>"),
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
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

/// Without control characters: what the owner wants said never ends a line.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}
