//! What SIP says, put into the words of a phone.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::desk::{Desk, LOGIN};
use super::fact::{LegEnd, StationEvent};
use super::leg::{Leg, Stage};
use crate::domain::AgentId;
use crate::sip::{DialogId, Endpoint, Event, IncomingInvite, sdp};

impl Desk {
    /// Takes one event in.
    pub(super) fn absorb(&mut self, event: Event, sip: &mut Endpoint, now: Timestamp) {
        match event {
            Event::Answered { dialog, sdp } => self.answered(dialog, sdp.as_deref(), sip, now),
            Event::Confirmed { dialog, .. } => self.confirmed(dialog, now),
            Event::Ended { dialog, .. } => self.down(dialog, LegEnd::HungUp, now),
            Event::Failed { dialog, failure } => {
                self.down(dialog, LegEnd::NotAnswered(failure.status), now);
            }
            Event::Incoming { dialog, from, invite } => {
                self.dials_in(dialog, from, &invite, sip, now);
            }
            Event::Reoffer { dialog, sdp } => self.reoffered(dialog, sdp.as_deref(), sip, now),
            Event::Request { id, from, request } => {
                if request.method == rsip::Method::Register {
                    self.registered(id, from, &request, sip, now);
                } else {
                    sip.respond(id, 405, Vec::new(), None, now);
                }
            }
            Event::Info { .. }
            | Event::Provisional { .. }
            | Event::ReofferAnswered { .. }
            | Event::ReofferRefused { .. }
            | Event::Response { .. } => {}
        }
    }

    fn leg(&mut self, dialog: DialogId) -> Option<(AgentId, &mut Leg)> {
        let agent = *self.by_dialog.get(&dialog)?;
        Some((agent, self.legs.get_mut(&agent)?))
    }

    /// The phone has picked up.
    fn answered(
        &mut self,
        dialog: DialogId,
        sdp: Option<&str>,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let Some((agent, leg)) = self.leg(dialog) else { return };
        // A CANCEL that crossed the answer: the endpoint takes the leg down.
        let (Stage::Calling { .. }, Some(local)) = (&leg.stage, leg.local) else { return };
        let media = self.media(local);
        match sdp.and_then(|text| sdp::read_answer(text, &media).ok()) {
            Some(target) => {
                if let Some(kept) = sip.keep(dialog) {
                    self.tell(agent, StationEvent::Dialog(Box::new(kept)), now);
                }
                self.up(dialog, StationEvent::LegUp(target), now);
            }
            None => self.take_down(agent, LegEnd::NoMedia, sip, now),
        }
    }

    /// The phone that dialed in has heard that it is accepted.
    fn confirmed(&mut self, dialog: DialogId, now: Timestamp) {
        let Some((_, leg)) = self.leg(dialog) else { return };
        if let Stage::Accepted(target) = leg.stage {
            self.up(dialog, StationEvent::LegUp(target), now);
        }
    }

    fn up(&mut self, dialog: DialogId, event: StationEvent, now: Timestamp) {
        if let Some((agent, leg)) = self.leg(dialog) {
            leg.stage = Stage::Up;
            self.tell(agent, event, now);
        }
    }

    /// The leg is over: by our reason if we had one, else by what SIP says.
    fn down(&mut self, dialog: DialogId, heard: LegEnd, now: Timestamp) {
        let Some(agent) = self.by_dialog.remove(&dialog) else { return };
        let Some(leg) = self.legs.remove(&agent) else { return };
        let why = match leg.stage {
            Stage::Leaving(why) => why,
            Stage::Accepted(_) | Stage::Asking { .. } | Stage::Calling { .. } | Stage::Up => heard,
        };
        self.tell(agent, StationEvent::LegDown(why), now);
    }

    /// A phone calls `login`: it proves its extension as with REGISTER, and must be registered.
    fn dials_in(
        &mut self,
        dialog: DialogId,
        from: SocketAddr,
        invite: &IncomingInvite,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let request = to_verify(invite);
        let (agent, _) = match self.authenticate(&request, from, now) {
            Ok(known) => known,
            Err((status, headers)) => return sip.reject(dialog, status, headers, now),
        };
        let refusal = if user_of(&invite.request_uri) != Some(LOGIN) {
            Some(404)
        } else if self.bindings.of(agent).is_none() {
            Some(403)
        } else if self.legs.contains_key(&agent) {
            Some(486)
        } else {
            None
        };
        match (refusal, &invite.sdp) {
            (Some(status), _) => sip.reject(dialog, status, Vec::new(), now),
            (None, None) => sip.reject(dialog, 488, Vec::new(), now),
            (None, Some(offer)) => {
                sip.ring(dialog, 180, None, now);
                let give_up_at = now.saturating_add(self.config.ring_max).unwrap_or(Timestamp::MAX);
                let stage = Stage::Asking { offer: offer.clone(), give_up_at };
                self.add_leg(agent, Leg { dialog, local: None, version: 0, stage });
                self.tell(agent, StationEvent::IncomingLeg, now);
            }
        }
    }

    /// Hold, resume, another port (RFC 3264 §8).
    fn reoffered(
        &mut self,
        dialog: DialogId,
        sdp: Option<&str>,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let Some(local) = self.leg(dialog).and_then(|(_, leg)| leg.local) else {
            return sip.reject_reoffer(dialog, 488, now);
        };
        let media = self.media(local);
        let Some((agent, leg)) = self.leg(dialog) else { return };
        let version = leg.version + 1;
        let (answer, target) = match sdp.map(|offer| sdp::answer(offer, &media, version)) {
            None => (sdp::offer(&media, version), None),
            Some(Ok((answer, target))) => (answer, Some(target)),
            Some(Err(fault)) => return sip.reject_reoffer(dialog, fault.status(), now),
        };
        leg.version = version;
        sip.accept_reoffer(dialog, answer, now);
        if let Some(target) = target {
            self.tell(agent, StationEvent::Retarget(target), now);
        }
    }
}

/// As much of an INVITE as its digest covers (RFC 7616 §3.4.3: method and URI).
fn to_verify(invite: &IncomingInvite) -> rsip::Request {
    let authorization = invite
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Authorization"))
        .map(|(_, value)| rsip::Header::Authorization(value.clone().into()));
    rsip::Request {
        method: rsip::Method::Invite,
        uri: rsip::Uri::try_from(invite.request_uri.as_str()).unwrap_or_default(),
        version: rsip::Version::V2,
        headers: authorization.into_iter().collect::<Vec<_>>().into(),
        body: Vec::new(),
    }
}

/// The user part of a SIP URI.
fn user_of(uri: &str) -> Option<&str> {
    let (user, _) = uri.strip_prefix("sip:")?.split_once('@')?;
    Some(user)
}
