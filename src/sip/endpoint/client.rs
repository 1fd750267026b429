//! Requests of ours on their way: the client transactions and what each is for.

use std::hash::{DefaultHasher, Hasher};
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::deadlines::Wake;
use super::kept::Kept;
use super::purpose::{Conclusion, Purpose};
use super::{Endpoint, Output};
use crate::sip::chance::token;
use crate::sip::event::DialogId;
use crate::sip::message::{Head, Message, Name, acknowledge};
use crate::sip::order::Credentials;
use crate::sip::reason::Reason;
use crate::sip::transaction::{client, invite_client};
use crate::sip::transport::Transport;

/// What every branch of ours starts with (RFC 3261 §8.1.1.7).
const COOKIE: &str = "z9hG4bK";

/// A client transaction: the number in its branch. A CANCEL shares it with its INVITE (§9.1).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ClientId {
    token: u64,
    cancel: bool,
}

impl ClientId {
    /// The transaction of a new branch.
    pub fn of_token(token: u64) -> Self {
        Self { token, cancel: false }
    }

    /// The number in its branch.
    pub fn token(self) -> u64 {
        self.token
    }

    /// The CANCEL of this INVITE.
    pub fn cancel(self) -> Self {
        Self { cancel: true, ..self }
    }

    /// Which one a response answers (§17.1.3), if its branch is ours.
    pub(super) fn of(response: &Message<'_>) -> Option<Self> {
        let token = token(response.via.branch()?.strip_prefix(COOKIE)?)?;
        Some(Self { token, cancel: response.cseq.method == "CANCEL" })
    }
}

/// A client transaction with its request.
#[derive(Debug)]
pub struct Client {
    machine: Machine,
    pub purpose: Purpose,
    /// What goes out again: the request, or the ACK to its refusal.
    pub resend: Bytes,
    pub to: SocketAddr,
    method: &'static str,
    pub cseq: u32,
    /// Call-ID and From tag, hashed: what a response must have besides the branch.
    identity: u64,
    /// Times that it has gone out with credentials.
    pub attempts: u8,
    /// For a request outside any dialog.
    pub credentials: Option<Credentials>,
    /// The ACK sent to each fork's 2xx, by its tag (§13.2.2.4).
    pub acks: Vec<(String, Bytes)>,
    armed: Option<(Timestamp, Reason)>,
}

#[derive(Debug)]
enum Machine {
    Invite(invite_client::State),
    Other(client::State),
}

impl Machine {
    fn start(method: &str, transport: Transport, now: Timestamp) -> Self {
        let reliable = transport.is_reliable();
        match method {
            "INVITE" => Self::Invite(invite_client::State::start_over(reliable, now)),
            _ => Self::Other(client::State::start_over(reliable, now)),
        }
    }
}

impl Client {
    /// The transaction of the same request with credentials (§22.2).
    pub fn again(&self, request: Bytes, cseq: u32, transport: Transport, now: Timestamp) -> Self {
        Self {
            machine: Machine::start(self.method, transport, now),
            resend: request,
            cseq,
            attempts: self.attempts + 1,
            credentials: self.credentials.clone(),
            acks: Vec::new(),
            armed: None,
            ..*self
        }
    }
}

/// A request about to leave.
pub struct Outgoing<'a> {
    pub id: ClientId,
    pub method: &'static str,
    pub bytes: Bytes,
    pub to: SocketAddr,
    pub purpose: Purpose,
    pub call_id: &'a str,
    pub tag: u64,
    pub cseq: u32,
    pub credentials: Option<Credentials>,
}

fn identity(call_id: &str, tag: Option<u64>) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(call_id.as_bytes());
    hasher.write_u64(tag.unwrap_or_default());
    hasher.finish()
}

impl Endpoint {
    /// Sends a request and waits for its responses.
    pub(super) fn start(&mut self, outgoing: Outgoing<'_>, now: Timestamp) {
        let Outgoing { id, method, bytes, to, purpose, call_id, tag, cseq, credentials } = outgoing;
        let client = Client {
            machine: Machine::start(method, self.sent_by(Some(to)).transport, now),
            purpose,
            resend: bytes,
            to,
            method,
            cseq,
            identity: identity(call_id, Some(tag)),
            attempts: 0,
            credentials,
            acks: Vec::new(),
            armed: None,
        };
        self.insert_client(id, client);
    }

    /// Takes up an INVITE that another endpoint has sent and that rings: nothing is sent for it.
    pub(super) fn resume_invite(
        &mut self,
        id: ClientId,
        invite: Bytes,
        dialog: DialogId,
        kept: &Kept,
    ) {
        let client = Client {
            machine: Machine::Invite(invite_client::State::Proceeding),
            purpose: Purpose::Invite(dialog),
            resend: invite,
            to: kept.peer(),
            method: "INVITE",
            cseq: kept.cseq(),
            identity: identity(kept.call_id(), Some(dialog.0)),
            attempts: 0,
            credentials: None,
            acks: Vec::new(),
            armed: None,
        };
        self.clients.insert(id, client);
        self.arm_client(id);
    }

    pub(super) fn insert_client(&mut self, id: ClientId, client: Client) {
        self.transmit(client.to, client.resend.clone());
        self.clients.insert(id, client);
        self.arm_client(id);
    }

    /// Brings the deadline of a transaction up to date, and drops it when it is over.
    fn arm_client(&mut self, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let (next, over) = match &client.machine {
            Machine::Invite(state) => {
                (state.deadline(), *state == invite_client::State::Terminated)
            }
            Machine::Other(state) => (state.deadline(), *state == client::State::Terminated),
        };
        self.deadlines.set(Wake::Client(id), &mut client.armed, next);
        if over {
            self.clients.remove(&id);
        }
    }

    /// A response came. One that answers nothing of ours is dropped (§18.1.2), as is one with more
    /// than our Via (§8.1.3.3).
    pub(super) fn handle_response(&mut self, message: &Message<'_>, status: u16, now: Timestamp) {
        let Some(id) = ClientId::of(message).filter(|_| message.vias == 1) else { return };
        let Some(client) = self.clients.get_mut(&id) else { return };
        let tag = message.from_tag.and_then(token);
        if client.method != message.cseq.method
            || client.cseq != message.cseq.number
            || client.identity != identity(message.call_id, tag)
        {
            return;
        }
        match &mut client.machine {
            Machine::Invite(state) => {
                let fact = match status {
                    ..200 => invite_client::Fact::Provisional,
                    200..300 => invite_client::Fact::Success,
                    300.. => invite_client::Fact::Failure,
                };
                let act;
                (*state, act) = state.step(fact, now);
                self.arm_client(id);
                self.act_on_invite(id, act, Conclusion::Response(message, status), now);
            }
            Machine::Other(state) => {
                let fact = match status {
                    ..200 => client::Fact::Provisional,
                    200.. => client::Fact::Final,
                };
                let act;
                (*state, act) = state.step(fact, now);
                self.arm_client(id);
                if act == client::Act::Tell {
                    self.concluded(id, Conclusion::Response(message, status), now);
                }
            }
        }
    }

    /// The deadline of a transaction has come.
    pub(super) fn expire_client(&mut self, id: ClientId, now: Timestamp) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.armed = None;
        match &mut client.machine {
            Machine::Invite(state) => {
                let act;
                (*state, act) = state.step(invite_client::Fact::Timeout, now);
                self.act_on_invite(id, act, Conclusion::Timeout, now);
            }
            Machine::Other(state) => {
                let act;
                (*state, act) = state.step(client::Fact::Timeout, now);
                match act {
                    client::Act::Nothing | client::Act::Tell => {}
                    client::Act::Resend => self.resend_client(id),
                    client::Act::TimedOut => self.concluded(id, Conclusion::Timeout, now),
                }
            }
        }
        self.arm_client(id);
    }

    fn act_on_invite(
        &mut self,
        id: ClientId,
        act: invite_client::Act,
        heard: Conclusion<'_>,
        now: Timestamp,
    ) {
        match (act, heard) {
            (invite_client::Act::Acknowledge | invite_client::Act::Resend, _) => {
                self.resend_client(id);
            }
            (invite_client::Act::AcknowledgeAndTell, Conclusion::Response(message, _)) => {
                let Some(client) = self.clients.get_mut(&id) else { return };
                let to = message.get(Name::To).unwrap_or_default();
                let ack = acknowledge(&client.resend, to);
                let invite = std::mem::replace(&mut client.resend, ack);
                self.resend_client(id);
                self.conclude(id, &invite, heard, now);
            }
            (invite_client::Act::Tell, Conclusion::Response(message, status @ ..200)) => {
                self.progressed(id, message, status, now);
            }
            (invite_client::Act::Tell, Conclusion::Response(message, _)) => {
                self.succeeded(id, message, now);
            }
            (invite_client::Act::TimedOut, _) => self.concluded(id, heard, now),
            (
                invite_client::Act::AcknowledgeAndTell
                | invite_client::Act::Nothing
                | invite_client::Act::Tell,
                _,
            ) => {}
        }
    }

    /// A packet could not be sent. If it was a request of ours, that is how it ends (§17.1.4).
    pub(super) fn handle_unsent(&mut self, packet: &[u8], now: Timestamp) {
        let Some(head) = Head::read(packet) else { return };
        let Ok(message) = Message::parse(&head.text, head.rest) else { return };
        let Some(id) = ClientId::of(&message) else { return };
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.method == message.method() {
            match &mut client.machine {
                Machine::Invite(state) => *state = invite_client::State::Terminated,
                Machine::Other(state) => *state = client::State::Terminated,
            }
            self.concluded(id, Conclusion::Unsent, now);
            self.arm_client(id);
        }
    }

    fn resend_client(&mut self, id: ClientId) {
        if let Some(client) = self.clients.get(&id) {
            let (to, bytes) = (client.to, client.resend.clone());
            self.transmit(to, bytes);
        }
    }

    fn concluded(&mut self, id: ClientId, conclusion: Conclusion<'_>, now: Timestamp) {
        if let Some(client) = self.clients.get_mut(&id) {
            let request = std::mem::take(&mut client.resend);
            self.conclude(id, &request, conclusion, now);
        }
    }

    /// The request is over: whom it concerns.
    fn conclude(
        &mut self,
        id: ClientId,
        request: &Bytes,
        conclusion: Conclusion<'_>,
        now: Timestamp,
    ) {
        let Some(purpose) = self.purpose_of(id) else { return };
        if let Conclusion::Response(message, status @ (401 | 407)) = conclusion
            && self.answer_challenge(id, request, message, status, now)
        {
            return;
        }
        match purpose {
            Purpose::Bye(dialog) => self.forget(dialog),
            Purpose::Invite(dialog) => self.invite_failed(dialog, conclusion),
            Purpose::Nothing | Purpose::Prack(_) => {}
            Purpose::Options(request) | Purpose::Register(request) => {
                self.tell_response(request, conclusion);
            }
            Purpose::Refresh(dialog) => self.refreshed(dialog, conclusion, now),
            Purpose::Reinvite { dialog, refresh } => {
                self.reoffer_failed(dialog, refresh, conclusion, now);
            }
        }
    }

    /// The owner waits no longer for this INVITE.
    pub(super) fn abandon(&mut self, id: ClientId, now: Timestamp) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.machine = Machine::Invite(invite_client::State::abandon(now));
            self.arm_client(id);
        }
    }

    /// What a transaction is for.
    pub(super) fn purpose_of(&self, id: ClientId) -> Option<Purpose> {
        self.clients.get(&id).map(|client| client.purpose)
    }

    pub(super) fn transmit(&mut self, to: SocketAddr, bytes: Bytes) {
        self.outputs.push_back(Output::Transmit { to, bytes });
    }
}
