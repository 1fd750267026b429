//! The task's state: extensions, bindings and legs. It touches neither socket nor clock.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::Timestamp;

use super::binding::Bindings;
use super::config::{Extension, StationConfig};
use super::fact::{LegEnd, StationEvent, StationFact};
use super::leg::{Leg, Stage};
use crate::domain::{AgentId, MediaTarget};
use crate::sip::digest::Verifier;
use crate::sip::sdp::{self, LocalMedia};
use crate::sip::{DialogId, Endpoint, Invite, Kept};

/// The user part that a phone dials to log in: `sip:login@..`.
pub(super) const LOGIN: &str = "login";

/// Extensions, bindings and legs.
pub(super) struct Desk {
    pub(super) config: StationConfig,
    pub(super) verifier: Verifier,
    pub(super) extensions: BTreeMap<String, Extension>,
    pub(super) bindings: Bindings,
    pub(super) legs: BTreeMap<AgentId, Leg>,
    pub(super) by_dialog: BTreeMap<DialogId, AgentId>,
    facts: Vec<StationFact>,
}

impl Desk {
    pub(super) fn new(config: StationConfig) -> Self {
        Self {
            verifier: Verifier::new(config.realm.clone(), config.seed),
            config,
            extensions: BTreeMap::new(),
            bindings: Bindings::default(),
            legs: BTreeMap::new(),
            by_dialog: BTreeMap::new(),
            facts: Vec::new(),
        }
    }

    /// Takes this table of extensions in place of the old one. Whose extension is gone loses
    /// registration and leg.
    pub(super) fn set_extensions(
        &mut self,
        extensions: Vec<Extension>,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let before: Vec<AgentId> = self.extensions.values().map(|known| known.agent).collect();
        self.extensions =
            extensions.into_iter().map(|extension| (extension.name.clone(), extension)).collect();
        for agent in before {
            if self.extensions.values().any(|known| known.agent == agent) {
                continue;
            }
            if self.bindings.remove(agent) {
                self.tell(agent, StationEvent::Unregistered, now);
            }
            self.drop(agent, sip, now);
        }
    }

    /// Calls the agent's phone.
    pub(super) fn call(
        &mut self,
        agent: AgentId,
        local: SocketAddr,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        if self.legs.contains_key(&agent) {
            tracing::error!(%agent, "called while a leg is there; ignored");
            return;
        }
        let Some(binding) = self.bindings.of(agent) else {
            return self.tell(agent, StationEvent::LegDown(LegEnd::NotRegistered), now);
        };
        let realm = &self.config.realm;
        let invite = Invite {
            next_hop: binding.source,
            request_uri: binding.contact.clone(),
            from: format!("<sip:{LOGIN}@{realm}>"),
            to: format!("<{}>", binding.contact),
            sdp: sdp::offer(&self.media(local), 1),
            headers: pick_up_by_itself(realm),
            credentials: None,
        };
        let dialog = sip.invite(invite, now);
        let give_up_at = now.saturating_add(self.config.ring_max).unwrap_or(Timestamp::MAX);
        let stage = Stage::Calling { give_up_at };
        self.add_leg(agent, Leg { dialog, local: Some(local), version: 1, stage });
    }

    /// Answers the phone that dials in.
    pub(super) fn accept(
        &mut self,
        agent: AgentId,
        local: SocketAddr,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let media = self.media(local);
        let Some(leg) = self.legs.get_mut(&agent) else { return };
        let Stage::Asking { offer, .. } = &leg.stage else { return };
        match sdp::answer(offer, &media, 1) {
            Ok((answer, target)) => {
                (leg.local, leg.version) = (Some(local), 1);
                leg.stage = Stage::Accepted(target);
                sip.answer(leg.dialog, answer, now);
            }
            Err(fault) => {
                leg.stage = Stage::Leaving(LegEnd::NoMedia);
                sip.reject(leg.dialog, fault.status(), Vec::new(), now);
            }
        }
    }

    /// Ends the agent's leg, if there is one.
    pub(super) fn drop(&mut self, agent: AgentId, sip: &mut Endpoint, now: Timestamp) {
        self.take_down(agent, LegEnd::Dropped, sip, now);
    }

    /// Ends every leg.
    pub(super) fn drop_all(&mut self, sip: &mut Endpoint, now: Timestamp) {
        let agents: Vec<AgentId> = self.legs.keys().copied().collect();
        for agent in agents {
            self.drop(agent, sip, now);
        }
    }

    /// Ends legs that another process has left up.
    pub(super) fn end_strays(&mut self, strays: &[Kept], sip: &mut Endpoint, now: Timestamp) {
        for stray in strays {
            match sip.take_up(stray, None) {
                Some(dialog) => sip.hang_up(dialog, now),
                None => tracing::warn!(call_id = stray.call_id(), "a stray leg cannot be ended"),
            }
        }
    }

    /// Ends registrations that have run out and legs that nobody picks up.
    pub(super) fn expire(&mut self, sip: &mut Endpoint, now: Timestamp) {
        for agent in self.bindings.expire(now) {
            self.tell(agent, StationEvent::Unregistered, now);
        }
        let late = |leg: &Leg| leg.deadline().is_some_and(|at| at <= now);
        let agents: Vec<AgentId> =
            self.legs.iter().filter(|(_, leg)| late(leg)).map(|(agent, _)| *agent).collect();
        for agent in agents {
            self.take_down(agent, LegEnd::NotAnswered(None), sip, now);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        let leg = self.legs.values().filter_map(Leg::deadline).min();
        [leg, self.bindings.next_expiry()].into_iter().flatten().min()
    }

    /// Whether every leg is down.
    pub(super) fn is_idle(&self) -> bool {
        self.legs.is_empty()
    }

    pub(super) fn add_leg(&mut self, agent: AgentId, leg: Leg) {
        self.by_dialog.insert(leg.dialog, agent);
        self.legs.insert(agent, leg);
    }

    pub(super) fn take_down(
        &mut self,
        agent: AgentId,
        why: LegEnd,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let Some(leg) = self.legs.get_mut(&agent) else { return };
        if !matches!(leg.stage, Stage::Leaving(_)) {
            leg.stage = Stage::Leaving(why);
            sip.hang_up(leg.dialog, now);
        }
    }

    pub(super) fn media(&self, local: SocketAddr) -> LocalMedia {
        LocalMedia { address: local, codecs: self.config.codecs.clone(), srtp: None }
    }

    pub(super) fn tell(&mut self, agent: AgentId, event: StationEvent, at: Timestamp) {
        let signals_from = self.bindings.of(agent).map(|binding| binding.source.ip());
        let behind = |target| MediaTarget { behind: signals_from, ..target };
        let event = match event {
            StationEvent::LegUp(target) => StationEvent::LegUp(behind(target)),
            StationEvent::Retarget(target) => StationEvent::Retarget(behind(target)),
            event @ (StationEvent::Away
            | StationEvent::Dialog(_)
            | StationEvent::IncomingLeg
            | StationEvent::LegDown(_)
            | StationEvent::Registered
            | StationEvent::Unregistered) => event,
        };
        self.facts.push(StationFact { at, agent, event });
    }

    /// What has happened since the last time.
    pub(super) fn take_facts(&mut self) -> Vec<StationFact> {
        std::mem::take(&mut self.facts)
    }
}

/// The three ways to ask a phone to pick up by itself: the standard's and the two that desk phones
/// know (Snom, Cisco and Grandstream the second, Polycom and Yealink the third).
fn pick_up_by_itself(realm: &str) -> Vec<(String, String)> {
    let header = |name: &str, value: String| (name.to_owned(), value);
    vec![
        header("Answer-Mode", "Auto".to_owned()), // RFC 5373 §4.1
        header("Call-Info", format!("<sip:{LOGIN}@{realm}>;answer-after=0")),
        header("Alert-Info", format!("<http://{realm}>;info=alert-autoanswer;delay=0")),
    ]
}
