//! The carrier and whom it calls: an endpoint of its own beyond the network, which writes down what it
//! sees. Some of its callees are rude, and now and then it contradicts itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::network::{self, Words};
use super::plan::second;
use super::witness::Callee;
use super::world::{Happening, World};
use crate::domain::{Codec, PhoneNumber};
use crate::sip::sdp::{self, LocalMedia};
use crate::sip::{DialogId, Endpoint, EndpointConfig, Event, IncomingInvite, Input, Output};

/// Where it is.
pub(super) const ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 9, 9, 9)), 5060);
/// A person who hears nobody leaves.
const PATIENCE_S: (f64, f64) = (3.0, 12.0);
/// Who is not hung up on goes at last.
const ENOUGH_S: f64 = 400.0;

/// What a line at the carrier will do, if it still can.
#[derive(Clone, Copy, Debug)]
pub(super) enum CarrierAct {
    Answer(DialogId, Callee),
    /// The person leaves unless an agent is there.
    LoseHeart(DialogId),
    /// Goes, whoever is there.
    Leave(DialogId),
    Refuse(DialogId, u16),
    Ring(DialogId),
    /// It wants to be called again by its timers.
    Wake,
}

/// The carrier.
pub(super) struct Carrier {
    sip: Endpoint,
    calls: BTreeMap<DialogId, String>,
    /// Calls of which it knows nothing any more.
    pub(super) forgotten: Vec<String>,
    wakes_at: Option<Timestamp>,
}

impl Carrier {
    pub(super) fn new(seed: u64) -> Self {
        let sip = Endpoint::new(EndpointConfig::new(ADDRESS, seed));
        Self { sip, calls: BTreeMap::new(), forgotten: Vec::new(), wakes_at: None }
    }
}

impl World {
    /// A packet has come to the carrier.
    pub(super) fn carrier_hears(&mut self, from: SocketAddr, bytes: &Bytes) {
        let Some(words) = Words::of(bytes) else { return };
        if self.carrier.forgotten.iter().any(|call_id| call_id == words.call_id) {
            return;
        }
        if words.asks("ACK") {
            let now = self.now;
            let seen = self.witness.call(words.call_id);
            let first = !seen.acked;
            seen.acked |= seen.answer.is_some_and(|(_, at)| at <= now);
            if first && seen.acked {
                self.trail.note(now, format_args!("carrier: {} acknowledged", words.call_id));
            }
        }
        let now = self.now;
        self.carrier.sip.handle_input(Input::Datagram { from, bytes }, now);
        self.carrier_settles();
    }

    pub(super) fn carrier_acts(&mut self, act: CarrierAct) {
        let now = self.now;
        match act {
            CarrierAct::Answer(dialog, callee) => self.callee_answers(dialog, callee),
            CarrierAct::LoseHeart(dialog) => {
                let call_id = self.carrier.calls.get(&dialog).cloned().unwrap_or_default();
                if self.witness.calls.get(&call_id).is_some_and(|seen| seen.agent_at.is_none()) {
                    self.carrier.sip.hang_up(dialog, now);
                }
            }
            CarrierAct::Leave(dialog) => self.carrier.sip.hang_up(dialog, now),
            CarrierAct::Refuse(dialog, status) => {
                self.carrier.sip.reject(dialog, status, Vec::new(), now);
            }
            CarrierAct::Ring(dialog) => {
                self.carrier.sip.ring(dialog, 180, None, now);
                if let Some(call_id) = self.carrier.calls.get(&dialog).cloned() {
                    self.witness.call(&call_id).rang = true;
                }
            }
            CarrierAct::Wake => self.carrier.sip.handle_input(Input::Timeout, now),
        }
        self.carrier_settles();
    }

    fn callee_answers(&mut self, dialog: DialogId, callee: Callee) {
        let now = self.now;
        let Some(call_id) = self.carrier.calls.get(&dialog).cloned() else { return };
        if self.witness.call(&call_id).over_at.is_some() {
            return;
        }
        let local = LocalMedia {
            address: (ADDRESS.ip(), 40_000).into(),
            codecs: vec![Codec::PCMU],
            srtp: None,
        };
        self.carrier.sip.answer(dialog, sdp::offer(&local, 1), now);
        self.witness.call(&call_id).answer = Some((callee, now));
        self.trail.note(now, format_args!("carrier: {call_id} answered by a {callee:?}"));
        let (least, most) = PATIENCE_S;
        let heart = second(now, least + (most - least) * self.chance.share());
        if callee == Callee::Person {
            self.timeline.plan(heart, Happening::Carrier(CarrierAct::LoseHeart(dialog)));
        }
        let enough =
            if self.chance.happens(0.3) { 8.0 + 20.0 * self.chance.share() } else { ENOUGH_S };
        let leaves_at = second(now, enough);
        self.timeline.plan(leaves_at, Happening::Carrier(CarrierAct::Leave(dialog)));
    }

    /// A call comes in: what becomes of it is drawn.
    fn call_comes(&mut self, dialog: DialogId, invite: &IncomingInvite) {
        let now = self.now;
        self.trail.note(now, format_args!("carrier: {} comes", invite.call_id));
        let seen = self.witness.call(&invite.call_id);
        if seen.invite_at.is_some() {
            // Said again by the network, long after it was answered: no second call.
            return self.carrier.sip.reject(dialog, 482, Vec::new(), now);
        }
        seen.number = called(&invite.request_uri).map_or(0, PhoneNumber::digits);
        seen.invite_at = Some(now);
        self.carrier.calls.insert(dialog, invite.call_id.clone());
        let mut plan = |at, act| self.timeline.plan(at, Happening::Carrier(act));
        let chance = &mut self.chance;
        let refusals = [404, 486, 486, 486, 500, 503, 603];
        let draw = chance.share();
        let refused_at = second(now, 0.5 + 3.0 * chance.share());
        if draw < 0.20 {
            let status = refusals[chance.one_of(refusals.len())];
            return plan(refused_at, CarrierAct::Refuse(dialog, status));
        }
        plan(second(now, 0.2 + 0.5 * chance.share()), CarrierAct::Ring(dialog));
        let answers_at = second(now, 0.9 + 9.0 * chance.share());
        if draw < 0.60 {
            plan(answers_at, CarrierAct::Answer(dialog, Callee::Person));
        } else if draw < 0.78 {
            plan(answers_at, CarrierAct::Answer(dialog, Callee::Machine));
        } else if draw < 0.80 && self.plan.faults {
            // It forgets the call on the way, and says nothing of it.
            self.carrier.forgotten.push(invite.call_id.clone());
            self.witness.call(&invite.call_id).over_at = Some(now);
        } else {
            // It rings on until the network has enough.
            plan(second(now, 60.0), CarrierAct::Refuse(dialog, 480));
        }
    }

    fn carrier_settles(&mut self) {
        while let Some(output) = self.carrier.sip.poll_output() {
            match output {
                Output::Event(event) => self.carrier_notes(event),
                Output::Transmit { to, bytes } => self.carrier_sends(to, bytes),
            }
        }
        let wake_at = self.carrier.sip.poll_timeout().map(|(at, _)| at);
        if let Some(at) = wake_at
            .filter(|at| self.carrier.wakes_at.is_none_or(|known| *at < known || known <= self.now))
        {
            self.carrier.wakes_at = Some(at);
            self.timeline.plan(at.max(self.now), Happening::Carrier(CarrierAct::Wake));
        }
    }

    fn carrier_notes(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Incoming { dialog, invite, .. } => self.call_comes(dialog, &invite),
            Event::Ended { dialog, by_remote, .. } => {
                let Some(call_id) = self.carrier.calls.remove(&dialog) else { return };
                let seen = self.witness.call(&call_id);
                (seen.over_at, seen.ended_by_dialer) = (Some(now), by_remote);
                self.trail.note(now, format_args!("carrier: {call_id} over, by us {by_remote}"));
            }
            Event::Failed { dialog, failure } => {
                let Some(call_id) = self.carrier.calls.remove(&dialog) else { return };
                let seen = self.witness.call(&call_id);
                (seen.over_at, seen.refused) = (Some(now), failure.status);
                self.trail.note(now, format_args!("carrier: {call_id} {:?}", failure.status));
            }
            Event::Answered { .. }
            | Event::Confirmed { .. }
            | Event::Info { .. }
            | Event::Provisional { .. }
            | Event::Reoffer { .. }
            | Event::ReofferAnswered { .. }
            | Event::ReofferRefused { .. }
            | Event::Request { .. }
            | Event::Response { .. } => {}
        }
    }

    fn carrier_sends(&mut self, to: SocketAddr, bytes: Bytes) {
        if let Some(words) = Words::of(&bytes)
            && self.chance.happens(self.rates.lies)
        {
            self.contradict(to, &bytes, words.status_of_invite());
        }
        self.send(ADDRESS, to, bytes);
    }

    /// A second final response, after the answer or before it.
    fn contradict(&mut self, to: SocketAddr, bytes: &Bytes, status: Option<u16>) {
        let line = match status {
            Some(180) => "SIP/2.0 503 Service Unavailable",
            Some(200) => "SIP/2.0 486 Busy Here",
            Some(_) | None => return,
        };
        let Some(lie) = network::contradiction(bytes, line) else { return };
        let at = self.now + SignedDuration::from_millis(self.chance.one_of(3_000) as i64);
        self.timeline.plan(at, Happening::Packet { from: ADDRESS, to, bytes: lie });
    }
}

/// The number of a Request-URI.
pub(super) fn called(uri: &str) -> Option<PhoneNumber> {
    PhoneNumber::from_e164(uri.strip_prefix("sip:")?.split('@').next()?)
}
