//! Requests of others that wait for our answer, or whose answer may be asked for again.

use std::hash::{DefaultHasher, Hasher};
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::Endpoint;
use super::deadlines::Wake;
use crate::sip::event::DialogId;
use crate::sip::message::{Message, Start, Via, Writer, echo, reason_phrase};
use crate::sip::reason::Reason;
use crate::sip::transaction::{invite_server, server};

/// The port of a sent-by that names none (RFC 3261 §18.2.2).
const DEFAULT_PORT: u16 = 5060;

/// A server transaction: what RFC 3261 §17.2.3 matches it by, hashed with a key of ours.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ServerId(pub(super) u64);

/// A server transaction with its last response.
#[derive(Debug)]
pub struct Server {
    machine: Machine,
    /// The dialog that an INVITE opens or is in.
    pub dialog: Option<DialogId>,
    /// The headers that every response copies.
    echo: String,
    last: Option<Bytes>,
    pub to: SocketAddr,
    armed: Option<(Timestamp, Reason)>,
}

#[derive(Debug)]
enum Machine {
    Invite(invite_server::State),
    Other(server::State),
}

/// Where responses go: the source of the request, and the port of its sent-by unless it asks for
/// the source's (RFC 3261 §18.2.2, RFC 3581 §4). A `received` or `maddr` in the request is not
/// believed.
pub fn reply_to(via: &Via<'_>, source: SocketAddr) -> SocketAddr {
    // Over a connection the answer goes back on it (§18.2.2).
    let is_datagram = via.sent.to_ascii_uppercase().contains("UDP");
    if via.params.has("rport") || !is_datagram {
        return source;
    }
    SocketAddr::new(source.ip(), via.port.unwrap_or(DEFAULT_PORT))
}

impl Endpoint {
    /// The transaction of a request; an ACK has its INVITE's, and `method` may ask for another's
    /// (the INVITE that a CANCEL means).
    pub(super) fn server_id(&self, request: &Message<'_>, method: &str) -> ServerId {
        let method = if method == "ACK" { "INVITE" } else { method };
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.config.seed);
        let mut add = |part: &str| {
            hasher.write_usize(part.len());
            hasher.write(part.as_bytes());
        };
        add(method);
        add(request.via.sent_by);
        match (request.via.branch(), request.start) {
            (Some(branch), _) => add(branch),
            // A peer of before RFC 3261 (§17.2.3).
            (None, Start::Request { uri, .. }) => {
                add(uri);
                add(request.call_id);
                add(request.from_tag.unwrap_or_default());
                add(request.via.params.get("branch").unwrap_or_default());
                hasher.write_u32(request.cseq.number);
            }
            (None, Start::Response { .. }) => {}
        }
        ServerId(hasher.finish())
    }

    /// Opens the transaction of a new request. `to_tag` is ours, for a request without one.
    pub(super) fn open_server(
        &mut self,
        id: ServerId,
        request: &Message<'_>,
        source: SocketAddr,
        to_tag: Option<u64>,
        dialog: Option<DialogId>,
        now: Timestamp,
    ) {
        let machine = match request.method() {
            "INVITE" => Machine::Invite(invite_server::State::start(now)),
            _ => Machine::Other(server::State::start(now)),
        };
        let server = Server {
            machine,
            dialog,
            echo: echo(request.fields(), source, to_tag),
            last: None,
            to: reply_to(&request.via, source),
            armed: None,
        };
        self.servers.insert(id, server);
        self.arm_server(id);
    }

    /// The request came again. Whether there is such a transaction.
    pub(super) fn repeat(&mut self, id: ServerId, now: Timestamp) -> bool {
        let Some(server) = self.servers.get_mut(&id) else { return false };
        let again = match &mut server.machine {
            Machine::Invite(state) => {
                state.step(invite_server::Fact::Invite, now).1 == invite_server::Act::Resend
            }
            Machine::Other(state) => {
                state.step(server::Fact::Request, now).1 == server::Act::Resend
            }
        };
        if again {
            self.resend_server(id);
        }
        true
    }

    /// The ACK to a final response other than 2xx came.
    pub(super) fn acknowledged(&mut self, id: ServerId, now: Timestamp) {
        if let Some(Server { machine: Machine::Invite(state), .. }) = self.servers.get_mut(&id) {
            (*state, _) = state.step(invite_server::Fact::Acknowledged, now);
            self.arm_server(id);
        }
    }

    /// Whether the owner may still answer.
    pub(super) fn is_open(&self, id: ServerId) -> bool {
        self.servers.get(&id).is_some_and(|server| match server.machine {
            Machine::Invite(state) => state.is_open(),
            Machine::Other(state) => state.is_open(),
        })
    }

    /// Answers, if that is still possible: `write` ends the message. The response and where it
    /// went.
    pub(super) fn reply(
        &mut self,
        id: ServerId,
        status: u16,
        write: impl FnOnce(Writer) -> Bytes,
        now: Timestamp,
    ) -> Option<(Bytes, SocketAddr)> {
        if !self.is_open(id) {
            return None;
        }
        let server = self.servers.get_mut(&id)?;
        let writer = Writer::response(status, reason_phrase(status), &server.echo)
            .header("Server", &self.config.user_agent);
        let bytes = write(writer);
        server.last = Some(bytes.clone());
        match &mut server.machine {
            Machine::Invite(state) => {
                let fact = match status {
                    ..200 => invite_server::Fact::Provisional,
                    200..300 => invite_server::Fact::Success,
                    300.. => invite_server::Fact::Failure,
                };
                (*state, _) = state.step(fact, now);
                if fact == invite_server::Fact::Success {
                    // From here on the dialog sends it again.
                    server.last = None;
                }
            }
            Machine::Other(state) if status >= 200 => {
                (*state, _) = state.step(server::Fact::Final, now);
            }
            Machine::Other(_) => {}
        }
        let to = server.to;
        self.arm_server(id);
        self.transmit(to, bytes.clone());
        Some((bytes, to))
    }

    /// Opens a transaction and answers at once.
    pub(super) fn reply_at_once(
        &mut self,
        id: ServerId,
        request: &Message<'_>,
        source: SocketAddr,
        status: u16,
        write: impl FnOnce(Writer) -> Bytes,
        now: Timestamp,
    ) {
        self.open_server(id, request, source, None, None, now);
        self.reply(id, status, write, now);
    }

    /// Refuses a request without keeping anything of it (§8.2.7): if it comes again, the same
    /// answer is made again. An ACK is never answered.
    pub(super) fn refuse(
        &mut self,
        request: &Message<'_>,
        source: SocketAddr,
        status: u16,
        write: impl FnOnce(Writer) -> Bytes,
    ) {
        let ServerId(tag) = self.server_id(request, request.method());
        let to_tag = request.to_tag.is_none().then_some(tag);
        let echo = echo(request.fields(), source, to_tag);
        let writer = Writer::response(status, reason_phrase(status), &echo)
            .header("Server", &self.config.user_agent);
        let bytes = write(writer);
        self.transmit(reply_to(&request.via, source), bytes);
    }

    /// The deadline of a transaction has come.
    pub(super) fn expire_server(&mut self, id: ServerId, now: Timestamp) {
        let Some(server) = self.servers.get_mut(&id) else { return };
        server.armed = None;
        match &mut server.machine {
            Machine::Invite(state) => {
                let act;
                (*state, act) = state.step(invite_server::Fact::Timeout, now);
                match act {
                    invite_server::Act::Nothing => {}
                    invite_server::Act::Resend => self.resend_server(id),
                    invite_server::Act::Trying => {
                        let trying = Writer::response(100, reason_phrase(100), &server.echo).end();
                        server.last = Some(trying);
                        self.resend_server(id);
                    }
                }
            }
            Machine::Other(state) => (*state, _) = state.step(server::Fact::Timeout, now),
        }
        self.arm_server(id);
    }

    fn resend_server(&mut self, id: ServerId) {
        if let Some(server) = self.servers.get(&id)
            && let Some(bytes) = server.last.clone()
        {
            let to = server.to;
            self.transmit(to, bytes);
        }
    }

    fn arm_server(&mut self, id: ServerId) {
        let Some(server) = self.servers.get_mut(&id) else { return };
        let (next, over) = match &server.machine {
            Machine::Invite(state) => {
                (state.deadline(), *state == invite_server::State::Terminated)
            }
            Machine::Other(state) => (state.deadline(), *state == server::State::Terminated),
        };
        self.deadlines.set(Wake::Server(id), &mut server.armed, next);
        if over {
            self.servers.remove(&id);
        }
    }

    /// The dialog that the INVITE of a CANCEL opens or is in.
    pub(super) fn dialog_of(&self, id: ServerId) -> Option<DialogId> {
        self.servers.get(&id).and_then(|server| server.dialog)
    }
}
