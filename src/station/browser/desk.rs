//! The task's state: a seat for each agent with a page open. It touches neither socket nor clock.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::Timestamp;

use super::config::{BrowserConfig, OfferFault};
use super::peer::{Peer, Source, Told};
use super::seat::Seat;
use crate::domain::AgentId;
use crate::station::fact::{LegEnd, StationEvent, StationFact};
use crate::transport::pipe::TowardLeg;

/// Seats, and what has happened at them.
pub(super) struct Desk {
    config: BrowserConfig,
    /// Where browsers reach us.
    shown: SocketAddr,
    seats: BTreeMap<AgentId, Seat>,
    /// Who was heard from there last: a hint, looked at first.
    sources: BTreeMap<SocketAddr, AgentId>,
    facts: Vec<StationFact>,
}

impl Desk {
    pub(super) fn new(config: BrowserConfig, shown: SocketAddr) -> Self {
        let (seats, sources) = (BTreeMap::new(), BTreeMap::new());
        Self { config, shown, seats, sources, facts: Vec::new() }
    }

    /// A page offers; its answer.
    pub(super) fn offer(
        &mut self,
        agent: AgentId,
        offer: &str,
        now: Timestamp,
    ) -> Result<String, OfferFault> {
        let mut told = Vec::new();
        let (peer, answer) = Peer::answer(offer, self.shown, now, &mut told)?;
        let seat = self.seats.entry(agent).or_default();
        let event = seat.seat(peer, self.config.grace, now);
        seat.told.extend(told);
        if let Some(event) = event {
            self.tell(agent, event, now);
        }
        Ok(answer)
    }

    pub(super) fn is_connected(&self, agent: AgentId) -> bool {
        self.seats.get(&agent).is_some_and(Seat::is_connected)
    }

    /// Gives the agent's browser its leg.
    pub(super) fn attach(&mut self, agent: AgentId, toward: TowardLeg, now: Timestamp) {
        let event = self.seats.entry(agent).or_default().attach(toward);
        self.tell(agent, event, now);
    }

    /// Ends the agent's leg, if there is one; the page stays.
    pub(super) fn drop(&mut self, agent: AgentId, now: Timestamp) {
        if self.seats.get_mut(&agent).and_then(|seat| seat.leg.take()).is_some() {
            self.tell(agent, StationEvent::LegDown(LegEnd::Dropped), now);
        }
    }

    /// The page has hung its phone up.
    pub(super) fn leave(&mut self, agent: AgentId, now: Timestamp) {
        let Some(seat) = self.seats.get_mut(&agent) else { return };
        let peer = seat.peer.take();
        if let Some(mut peer) = peer {
            peer.close(now, &mut seat.told);
        }
        let event = match seat.leg.take() {
            Some(_) => StationEvent::LegDown(LegEnd::HungUp),
            None => StationEvent::Unregistered,
        };
        self.tell(agent, event, now);
    }

    pub(super) fn set_echo(&mut self, agent: AgentId, on: bool) {
        if let Some(seat) = self.seats.get_mut(&agent) {
            seat.set_echo(on);
        }
    }

    pub(super) fn close_all(&mut self, now: Timestamp) {
        let agents: Vec<AgentId> = self.seats.keys().copied().collect();
        for agent in agents {
            self.drop(agent, now);
            self.leave(agent, now);
        }
    }

    /// Takes a datagram of the socket. One that is nobody's is dropped.
    pub(super) fn receive(&mut self, from: SocketAddr, bytes: &[u8], now: Timestamp) {
        let hinted = self.sources.get(&from).copied();
        let others = self.seats.keys().copied().filter(|agent| hinted != Some(*agent));
        let asked: Vec<AgentId> = hinted.into_iter().chain(others).collect();
        for agent in asked {
            let Some(seat) = self.seats.get_mut(&agent) else { continue };
            let Some(peer) = &mut seat.peer else { continue };
            if !peer.receive(from, self.shown, bytes, now, &mut seat.told) {
                continue;
            }
            if hinted != Some(agent) {
                // What was known of this agent's connections before is of no more use.
                self.sources.retain(|_, known| *known != agent);
                self.sources.insert(from, agent);
            }
            return self.hear(agent, now);
        }
    }

    /// A leg said something.
    pub(super) fn tell_browser(&mut self, agent: AgentId, packet: &[u8], now: Timestamp) {
        if let Some(seat) = self.seats.get_mut(&agent) {
            seat.tell(Source::Leg, packet, now);
            self.hear(agent, now);
        }
    }

    /// Lets time pass.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        let is_due = |seat: &Seat| seat.wake_at().is_some_and(|at| at <= now);
        let due: Vec<AgentId> =
            self.seats.iter().filter(|(_, seat)| is_due(seat)).map(|(agent, _)| *agent).collect();
        for agent in due {
            self.hear(agent, now);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.seats.values().filter_map(Seat::wake_at).min()
    }

    /// What is to be sent, all of it.
    pub(super) fn take_datagrams(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        let told = self.seats.values_mut().flat_map(|seat| std::mem::take(&mut seat.told));
        let sent = told.filter_map(|told| match told {
            Told::Transmit(to, bytes) => Some((to, bytes)),
            Told::Connected | Told::Said(_) => None,
        });
        let sent = sent.collect();
        self.seats.retain(|_, seat| !seat.is_empty());
        sent
    }

    /// What has happened since the last time.
    pub(super) fn take_facts(&mut self) -> Vec<StationFact> {
        std::mem::take(&mut self.facts)
    }

    /// Deals with what the agent's connection has told.
    fn hear(&mut self, agent: AgentId, now: Timestamp) {
        let Some(seat) = self.seats.get_mut(&agent) else { return };
        let mut events = Vec::new();
        for told in std::mem::take(&mut seat.told) {
            match told {
                Told::Connected => events.extend(seat.connected()),
                Told::Said(packet) => seat.said(packet, now),
                told @ Told::Transmit(..) => seat.told.push(told),
            }
        }
        events.extend(seat.pass_time(self.config.grace, now));
        for event in events {
            self.tell(agent, event, now);
        }
    }

    fn tell(&mut self, agent: AgentId, event: StationEvent, at: Timestamp) {
        self.facts.push(StationFact { at, agent, event });
    }
}
