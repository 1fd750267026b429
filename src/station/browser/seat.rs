//! One agent's place: the page's connection, and the leg that it carries.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::echo::Echo;
use super::peer::{Peer, Source, Told};
use crate::rtp::Packet;
use crate::station::fact::{LegEnd, StationEvent};
use crate::transport::pipe::TowardLeg;

/// One agent's place.
#[derive(Default)]
pub(super) struct Seat {
    pub peer: Option<Peer>,
    pub leg: Option<Leg>,
    echo: Option<Echo>,
    /// What is to be sent.
    pub told: Vec<Told>,
}

/// A leg, with or without a browser.
pub(super) struct Leg {
    toward: TowardLeg,
    /// Until when it is kept without a browser.
    pub kept_until: Option<Timestamp>,
}

impl Seat {
    pub(super) fn is_empty(&self) -> bool {
        self.peer.is_none() && self.leg.is_none()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.peer.as_ref().is_some_and(Peer::is_connected)
    }

    /// Another connection takes the place of the one before; until it is up, a leg has no browser.
    pub(super) fn seat(
        &mut self,
        peer: Peer,
        grace: SignedDuration,
        now: Timestamp,
    ) -> Option<StationEvent> {
        if let Some(mut before) = self.peer.replace(peer) {
            before.close(now, &mut self.told);
        }
        self.echo = None;
        self.away(grace, now)
    }

    /// Gives the seat its leg; `LegUp` or `LegDown`.
    pub(super) fn attach(&mut self, toward: TowardLeg) -> StationEvent {
        match self.peer.as_ref().filter(|peer| peer.is_connected()) {
            None => StationEvent::LegDown(LegEnd::NotRegistered),
            Some(peer) => {
                self.leg = Some(Leg { toward, kept_until: None });
                self.echo = None;
                StationEvent::LegUp(peer.target())
            }
        }
    }

    /// The seat's connection is up.
    pub(super) fn connected(&mut self) -> Option<StationEvent> {
        let target = self.peer.as_ref()?.target();
        Some(match &mut self.leg {
            None => StationEvent::Registered,
            Some(leg) => {
                leg.kept_until = None;
                StationEvent::Retarget(target)
            }
        })
    }

    /// The browser said something: to the leg, or to itself.
    pub(super) fn said(&mut self, packet: Bytes, now: Timestamp) {
        match (&self.leg, &mut self.echo) {
            // A leg that does not keep up loses the packet.
            (Some(leg), _) => drop(leg.toward.send(now, packet)),
            (None, Some(echo)) => echo.hear(packet, now),
            (None, None) => {}
        }
    }

    /// The leg said something.
    pub(super) fn tell(&mut self, source: Source, packet: &[u8], now: Timestamp) {
        if let (Some(peer), Some(packet)) = (&mut self.peer, Packet::read(packet)) {
            peer.say(source, &packet, now, &mut self.told);
        }
    }

    pub(super) fn set_echo(&mut self, on: bool) {
        self.echo = on.then(Echo::default);
    }

    /// Lets its time pass: what that means for the agent's phone, at most one thing.
    pub(super) fn pass_time(
        &mut self,
        grace: SignedDuration,
        now: Timestamp,
    ) -> Option<StationEvent> {
        while let Some(packet) = self.echo.as_mut().and_then(|echo| echo.due(now)) {
            self.tell(Source::Echo, &packet, now);
        }
        if let Some(peer) = self.peer.as_mut().filter(|peer| peer.wake_at() <= now) {
            peer.pass_time(now, &mut self.told);
        }
        if self.peer.as_ref().is_some_and(|peer| peer.is_over(now)) {
            return self.gone(grace, now);
        }
        if self.leg.as_ref()?.kept_until? <= now {
            self.leg = None;
            return Some(StationEvent::LegDown(LegEnd::Lost));
        }
        None
    }

    /// The connection is no more.
    fn gone(&mut self, grace: SignedDuration, now: Timestamp) -> Option<StationEvent> {
        let was_connected = self.peer.take()?.is_known();
        self.echo = None;
        match self.leg {
            None => was_connected.then_some(StationEvent::Unregistered),
            Some(_) => self.away(grace, now),
        }
    }

    /// The leg has no browser. A page that is loaded again and again gets one grace.
    fn away(&mut self, grace: SignedDuration, now: Timestamp) -> Option<StationEvent> {
        let leg = self.leg.as_mut().filter(|leg| leg.kept_until.is_none())?;
        leg.kept_until = Some(now.saturating_add(grace).unwrap_or(Timestamp::MAX));
        Some(StationEvent::Away)
    }

    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        let peer = self.peer.as_ref().map(Peer::wake_at);
        let leg = self.leg.as_ref().and_then(|leg| leg.kept_until);
        let echo = self.echo.as_ref().and_then(Echo::wake_at);
        [peer, leg, echo].into_iter().flatten().min()
    }
}
