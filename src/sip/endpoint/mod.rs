//! The endpoint: every transaction and dialog of one transport, without the transport.
//!
//! It never waits and never reads the clock. Whoever drives it hands in datagrams and the time,
//! and after each call drains [`Endpoint::poll_output`], which only pops.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::event::{DialogId, Event, RequestId};
use super::order::{Invite, Register};
use super::reason::Reason;

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
    outputs: VecDeque<Output>,
}

impl Endpoint {
    /// An endpoint with nothing going on.
    pub fn new(config: EndpointConfig) -> Self {
        Self { config, outputs: VecDeque::new() }
    }

    /// The address in Via and Contact.
    pub fn contact(&self) -> SocketAddr {
        self.config.contact
    }

    /// Takes a fact in. `now` is when it happened and never goes back.
    pub fn handle_input(&mut self, input: Input<'_>, now: Timestamp) {
        let _ = (input, now);
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Timestamp, Reason)> {
        None
    }

    /// Places a call.
    pub fn invite(&mut self, invite: Invite, now: Timestamp) -> DialogId {
        let _ = (invite, now);
        DialogId(0)
    }

    /// Ends a call, whatever its state: CANCEL while early (held back until a provisional response
    /// came, RFC 3261 §9.1), BYE once answered, 480 to a caller who still waits. Nothing for a
    /// dialog that is over.
    pub fn hang_up(&mut self, dialog: DialogId, now: Timestamp) {
        let _ = (dialog, now);
    }

    /// Asks whether a peer is there (RFC 3261 §11). Its [`Event::Response`] always comes.
    pub fn options(&mut self, next_hop: SocketAddr, uri: String, now: Timestamp) -> RequestId {
        let _ = (next_hop, uri, now);
        RequestId(0)
    }

    /// Registers (RFC 3261 §10.2). Its [`Event::Response`] always comes.
    pub fn register(&mut self, register: Register, now: Timestamp) -> RequestId {
        let _ = (register, now);
        RequestId(0)
    }

    /// Tells the caller 180 or 183, with early media if there is SDP.
    pub fn ring(&mut self, dialog: DialogId, status: u16, sdp: Option<String>, now: Timestamp) {
        let _ = (dialog, status, sdp, now);
    }

    /// Answers the caller with 200; it goes out again until the ACK comes.
    pub fn answer(&mut self, dialog: DialogId, sdp: String, now: Timestamp) {
        let _ = (dialog, sdp, now);
    }

    /// Turns the caller away with 300 to 699. [`Event::Failed`] follows.
    pub fn reject(
        &mut self,
        dialog: DialogId,
        status: u16,
        headers: Vec<(String, String)>,
        now: Timestamp,
    ) {
        let _ = (dialog, status, headers, now);
    }

    /// Takes a [`Event::Reoffer`] with this answer.
    pub fn accept_reoffer(&mut self, dialog: DialogId, sdp: String, now: Timestamp) {
        let _ = (dialog, sdp, now);
    }

    /// Refuses a [`Event::Reoffer`], with 488 for instance; the call goes on as it was.
    pub fn reject_reoffer(&mut self, dialog: DialogId, status: u16, now: Timestamp) {
        let _ = (dialog, status, now);
    }

    /// Offers other media inside the dialog (re-INVITE, RFC 3261 §14).
    pub fn reoffer(&mut self, dialog: DialogId, sdp: String, now: Timestamp) {
        let _ = (dialog, sdp, now);
    }

    /// Answers an [`Event::Request`] with 200 to 699; `body` is its type and text.
    pub fn respond(
        &mut self,
        request: RequestId,
        status: u16,
        headers: Vec<(String, String)>,
        body: Option<(String, String)>,
        now: Timestamp,
    ) {
        let _ = (request, status, headers, body, now);
    }

    /// The Call-ID of a dialog, until its last event has been polled.
    pub fn call_id(&self, dialog: DialogId) -> Option<&str> {
        let _ = dialog;
        None
    }
}
