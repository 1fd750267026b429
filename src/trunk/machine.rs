//! The trunks without socket, clock and task: what [`Trunks`](super::Trunks) drives, for an owner
//! that has a network and a time of its own.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::config::TrunksConfig;
use super::desk::Desk;
use super::fact::TrunkFact;
use crate::compliance::Permit;
use crate::domain::{CallId, TrunkId};
use crate::sip::{Endpoint, Input, Kept, Output};

/// Every trunk and its endpoint. After each call that takes the time it has packets to send and
/// facts to tell.
pub struct Machine {
    desk: Desk,
    sip: Endpoint,
    packets: Vec<(SocketAddr, Bytes)>,
}

impl Machine {
    /// Trunks with nothing going on.
    pub fn new(config: TrunksConfig, now: Timestamp) -> Self {
        let sip = Endpoint::new(config.endpoint());
        Self { desk: Desk::new(config, now), sip, packets: Vec::new() }
    }

    /// A packet came, or the time of [`Machine::poll_timeout`] has come.
    pub fn handle_input(&mut self, input: Input<'_>, now: Timestamp) {
        self.sip.handle_input(input, now);
        self.settle(now);
    }

    /// As [`Trunks::originate`](super::Trunks::originate).
    pub fn originate(
        &mut self,
        call: CallId,
        sip_call_id: String,
        permit: Permit,
        local: SocketAddr,
        order: Vec<TrunkId>,
        now: Timestamp,
    ) {
        self.desk.originate(call, sip_call_id, permit, local, order, now);
        self.settle(now);
    }

    /// As [`Trunks::hang_up`](super::Trunks::hang_up).
    pub fn hang_up(&mut self, call: CallId, now: Timestamp) {
        self.desk.hang_up(call, &mut self.sip, now);
        self.settle(now);
    }

    /// As [`Trunks::shutdown`](super::Trunks::shutdown), which also waits until all are down.
    pub fn hang_up_all(&mut self, now: Timestamp) {
        self.desk.hang_up_all(&mut self.sip, now);
        self.settle(now);
    }

    /// As [`Trunks::end_strays`](super::Trunks::end_strays).
    pub fn end_strays(&mut self, strays: &[Kept], now: Timestamp) {
        self.desk.end_strays(strays, &mut self.sip, now);
        self.settle(now);
    }

    /// The packets that are to be sent, in order.
    pub fn take_packets(&mut self) -> Vec<(SocketAddr, Bytes)> {
        std::mem::take(&mut self.packets)
    }

    /// What has happened since the last time.
    pub fn take_facts(&mut self) -> Vec<TrunkFact> {
        self.desk.take_facts()
    }

    /// When it wants [`Input::Timeout`].
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let sip = self.sip.poll_timeout().map(|(at, _)| at);
        sip.into_iter().chain(self.desk.poll_timeout()).min()
    }

    fn settle(&mut self, now: Timestamp) {
        self.absorb(now);
        self.desk.settle(&mut self.sip, now);
        self.absorb(now);
    }

    /// What the endpoint says, and what that makes it say.
    fn absorb(&mut self, now: Timestamp) {
        while let Some(output) = self.sip.poll_output() {
            match output {
                Output::Event(event) => self.desk.absorb(event, &mut self.sip, now),
                Output::Transmit { to, bytes } => self.packets.push((to, bytes)),
            }
        }
    }
}
