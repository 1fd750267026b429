//! The endpoint: every transaction and dialog of one transport, without the transport.
//!
//! It never waits and never reads the clock. Whoever drives it hands in datagrams and the time,
//! and after each call drains [`Endpoint::poll_output`], which only pops.

mod answered;
mod callee;
mod caller;
mod challenge;
mod client;
mod deadlines;
mod early;
mod kept;
mod outside;
mod purpose;
mod receive;
mod refresh;
mod server;
mod within;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::chance::Tokens;
use super::dialog::{Dialog, Phase};
use super::digest::Realms;
use super::event::{DialogId, Event, FailureKind};
use super::network::Network;
use super::reason::Reason;
use super::transport::Transport;
use client::Client;
use deadlines::{Deadlines, Wake};
use server::Server;

pub use client::ClientId;
pub use kept::Kept;
pub use server::ServerId;

/// The methods that may be sent to us.
const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";

/// How an endpoint presents itself.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// The address in Via and Contact.
    pub contact: SocketAddr,
    /// The User-Agent (requests) and Server (responses) header.
    pub user_agent: String,
    /// For tags, branches, Call-IDs and nonces: whoever knows it can guess them.
    pub seed: u64,
    /// INVITEs from outside are told to the owner; else they get 405.
    pub takes_calls: bool,
    /// Only INVITEs from there are; anybody's when empty. Nothing is kept of the others.
    pub callers: Vec<Network>,
    /// The address in Via and Contact toward TLS peers, where TLS is listened for.
    pub contact_tls: Option<SocketAddr>,
    /// Peers that are spoken to over a connection, and over which; everybody else by datagrams.
    pub streams: BTreeMap<SocketAddr, Transport>,
    /// REGISTERs are told to the owner; else they get 405.
    pub registrar: bool,
    /// At most this many dialogs; a further INVITE gets 503, a further call fails at once.
    pub dialogs_max: usize,
}

impl EndpointConfig {
    /// An endpoint that takes calls, registers nobody, and holds 20,000 dialogs.
    pub fn new(contact: SocketAddr, seed: u64) -> Self {
        Self {
            contact,
            user_agent: concat!("outdial/", env!("CARGO_PKG_VERSION")).to_owned(),
            seed,
            takes_calls: true,
            callers: Vec::new(),
            contact_tls: None,
            streams: BTreeMap::new(),
            registrar: false,
            dialogs_max: 20_000,
        }
    }
}

/// A fact for the endpoint.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A packet came.
    Datagram {
        /// From where.
        from: SocketAddr,
        /// What.
        bytes: &'a [u8],
    },
    /// The time of [`Endpoint::poll_timeout`] has come.
    Timeout,
    /// A packet could not be sent: there is no way to where it was to go (§17.1.4).
    Unsent {
        /// The packet.
        bytes: &'a [u8],
    },
}

/// What the endpoint wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Something for the owner.
    Event(Event),
    /// A packet to send.
    Transmit {
        /// Where to.
        to: SocketAddr,
        /// What.
        bytes: Bytes,
    },
}

/// Every transaction and dialog of one transport.
#[derive(Debug)]
pub struct Endpoint {
    config: EndpointConfig,
    tokens: Tokens,
    outputs: VecDeque<Output>,
    deadlines: Deadlines,
    // These are looked up, never gone through: their order is chance.
    clients: HashMap<ClientId, Client>,
    dialogs: HashMap<DialogId, Dialog>,
    servers: HashMap<ServerId, Server>,
    realms: Realms,
    register_seq: u32,
}

/// How much an endpoint holds: all of it goes back to nothing when nothing goes on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Held {
    /// Dialogs, early ones too.
    pub dialogs: usize,
    /// Transactions of either side (RFC 3261 §17).
    pub transactions: usize,
    /// Timers that are set.
    pub timers: usize,
}

impl Endpoint {
    /// An endpoint with nothing going on.
    pub fn new(config: EndpointConfig) -> Self {
        Self {
            tokens: Tokens::new(config.seed),
            config,
            outputs: VecDeque::new(),
            deadlines: Deadlines::default(),
            clients: HashMap::new(),
            dialogs: HashMap::new(),
            servers: HashMap::new(),
            realms: Realms::default(),
            register_seq: 0,
        }
    }

    /// The address in Via and Contact.
    pub fn contact(&self) -> SocketAddr {
        self.config.contact
    }

    /// How much it holds.
    pub fn held(&self) -> Held {
        Held {
            dialogs: self.dialogs.len(),
            transactions: self.clients.len() + self.servers.len(),
            timers: self.deadlines.len(),
        }
    }

    /// Takes a fact in. `now` is when it happened and never goes back.
    pub fn handle_input(&mut self, input: Input<'_>, now: Timestamp) {
        match input {
            Input::Datagram { from, bytes } => self.handle_datagram(from, bytes, now),
            Input::Timeout => self.expire(now),
            Input::Unsent { bytes } => self.handle_unsent(bytes, now),
        }
    }

    fn expire(&mut self, now: Timestamp) {
        while let Some((wake, reason)) = self.deadlines.pop(now) {
            match wake {
                Wake::Client(id) => self.expire_client(id, now),
                Wake::Dialog(id) => self.expire_dialog(id, reason, now),
                Wake::Server(id) => self.expire_server(id, now),
            }
        }
    }

    fn expire_dialog(&mut self, id: DialogId, reason: Reason, now: Timestamp) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.armed = None;
        match reason {
            Reason::CancelIgnored => self.cancel_ignored(id, now),
            Reason::SessionExpired => self.end(id, now),
            Reason::SessionRefresh => self.refresh_session(id, now),
            Reason::Unacknowledged => self.unacknowledged(id, now),
            Reason::A
            | Reason::B
            | Reason::D
            | Reason::E
            | Reason::F
            | Reason::G
            | Reason::H
            | Reason::I
            | Reason::J
            | Reason::K
            | Reason::L
            | Reason::M
            | Reason::Trying => {}
        }
        self.arm_dialog(id);
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Reason)> {
        self.deadlines.first()
    }

    /// Ends a call, whatever its state: CANCEL while early (held back until a provisional response
    /// came, RFC 3261 §9.1), BYE once answered, 480 to a caller who still waits. Nothing for a
    /// dialog that is over.
    pub fn hang_up(&mut self, dialog: DialogId, now: Timestamp) {
        let Some(known) = self.dialogs.get_mut(&dialog) else { return };
        match &mut known.phase {
            // A BYE may not go out before the ACK (§15).
            Phase::Answered { hang_up } => *hang_up = true,
            Phase::Closing => {}
            Phase::Confirmed => self.end(dialog, now),
            Phase::Inviting(_) => self.give_up(dialog, now),
            Phase::Ringing(_) => self.turn_away(dialog, 480, FailureKind::Response, &[], now),
        }
    }

    /// The Call-ID of a dialog that is not over.
    pub fn call_id(&self, dialog: DialogId) -> Option<&str> {
        self.dialogs.get(&dialog).map(|dialog| dialog.call_id.as_str())
    }

    /// How many dialogs there are.
    pub fn dialogs(&self) -> usize {
        self.dialogs.len()
    }

    fn is_full(&self) -> bool {
        self.dialogs.len() >= self.config.dialogs_max
    }

    /// Transactions outlive their dialogs by half a minute.
    fn servers_max(&self) -> usize {
        self.config.dialogs_max.saturating_mul(8).saturating_add(1_024)
    }

    fn arm_dialog(&mut self, id: DialogId) {
        if let Some(dialog) = self.dialogs.get_mut(&id) {
            let next = dialog.deadline();
            self.deadlines.set(Wake::Dialog(id), &mut dialog.armed, next);
        }
    }

    /// Drops a dialog.
    fn forget(&mut self, id: DialogId) {
        if let Some(mut dialog) = self.dialogs.remove(&id) {
            self.deadlines.set(Wake::Dialog(id), &mut dialog.armed, None);
        }
    }
}
