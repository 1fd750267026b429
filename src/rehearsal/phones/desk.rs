//! One phone on its desk: a task that registers, answers, speaks when its agent does.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};

use super::ears::Ears;
use super::{PhoneEvent, PhoneFact, PhoneReport};
use crate::clock;
use crate::domain::Codec;
use crate::media::{Engine, Leg, MediaEvent, MediaFact, Repeat};
use crate::sip::{Credentials, DialogId, Event, IncomingInvite, Register, RequestId, sdp};
use crate::transport::Udp;

/// The registration that is asked for, renewed at half of what is granted.
const EXPIRES_S: u32 = 600;
/// From a registration that failed to the next attempt.
const RETRY: SignedDuration = SignedDuration::from_secs(2);
/// How long the last words may take.
const GONE_MAX: SignedDuration = SignedDuration::from_secs(2);

/// What the agent at the phone does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Conduct {
    /// Leaves: hang up, unregister, and that is all.
    Gone,
    /// Listens.
    Hushed,
    /// Speaks.
    Speaking,
}

/// A phone, before it runs.
pub(super) struct Desk {
    pub(super) phone: usize,
    pub(super) aor: String,
    pub(super) credentials: Credentials,
    pub(super) registrar: SocketAddr,
    pub(super) records: bool,
    pub(super) voice: Arc<[i16]>,
    pub(super) udp: Udp,
    pub(super) engine: Engine,
    pub(super) ears: Ears,
    pub(super) facts: mpsc::UnboundedSender<PhoneFact>,
}

/// The call that a phone holds.
struct Held {
    dialog: DialogId,
    leg: Leg,
    sdp_version: u64,
    up: bool,
}

struct Running {
    desk: Desk,
    held: Option<Held>,
    /// A leg that is closing: its figures are still to come.
    closing: u32,
    speaking: bool,
    registering: Option<RequestId>,
    register_at: Option<Timestamp>,
    hear: mpsc::UnboundedSender<MediaFact>,
    report: PhoneReport,
    /// When to leave for good, once gone.
    leave_by: Option<Timestamp>,
}

impl Desk {
    /// Runs until the agent is gone.
    pub(super) async fn run(self, mut conduct: watch::Receiver<Conduct>) -> PhoneReport {
        let (hear, mut heard) = mpsc::unbounded_channel();
        let mut running = Running {
            desk: self,
            held: None,
            closing: 0,
            speaking: false,
            registering: None,
            register_at: Some(clock::now()),
            hear,
            report: PhoneReport::default(),
            leave_by: None,
        };
        loop {
            let now = clock::now();
            if running.register_at.is_some_and(|at| at <= now) {
                running.register(EXPIRES_S, now);
            }
            if running.has_left(now) {
                return running.report;
            }
            running.desk.udp.flush();
            let wake_at = running.register_at.into_iter().chain(running.leave_by).min();
            tokio::select! {
                events = running.desk.udp.next() => for event in events {
                    running.take_event(event, clock::now());
                },
                Some(fact) = heard.recv() => running.take_fact(fact),
                changed = conduct.changed(), if running.leave_by.is_none() => {
                    let gone = changed.is_err();
                    let conduct = if gone { Conduct::Gone } else { *conduct.borrow_and_update() };
                    running.conduct(conduct, clock::now());
                }
                () = clock::sleep_until(wake_at) => {}
            }
        }
    }
}

impl Running {
    fn tell(&self, event: PhoneEvent, at: Timestamp) {
        // Nobody needs to listen.
        let _ = self.desk.facts.send(PhoneFact { at, phone: self.desk.phone, event });
    }

    fn register(&mut self, expires_s: u32, now: Timestamp) {
        self.register_at = None;
        let register = Register {
            next_hop: self.desk.registrar,
            aor: self.desk.aor.clone(),
            expires_s,
            credentials: Some(self.desk.credentials.clone()),
        };
        self.registering = Some(self.desk.udp.endpoint.register(register, now));
    }

    fn take_event(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Incoming { dialog, invite, .. } => self.pick_up(dialog, &invite, now),
            Event::Confirmed { dialog, .. } => {
                if let Some(held) = self.held.as_mut().filter(|held| held.dialog == dialog) {
                    held.up = true;
                    self.report.legs += 1;
                    self.tell(PhoneEvent::LegUp, now);
                }
            }
            Event::Ended { dialog, .. } | Event::Failed { dialog, .. } => self.hung_up(dialog, now),
            Event::Reoffer { dialog, sdp } => self.reoffered(dialog, sdp, now),
            Event::Response { id, status, expires_s } if self.registering == Some(id) => {
                self.registering = None;
                self.registered(status, expires_s, now);
            }
            // What only a caller or a registrar hears.
            Event::Answered { .. }
            | Event::Info { .. }
            | Event::Provisional { .. }
            | Event::ReofferAnswered { .. }
            | Event::ReofferRefused { .. }
            | Event::Request { .. }
            | Event::Response { .. } => {}
        }
    }

    fn registered(&mut self, status: Option<u16>, expires_s: Option<u32>, now: Timestamp) {
        if self.leave_by.is_some() {
            return;
        }
        if status.is_some_and(|status| (200..300).contains(&status)) {
            let granted_s = expires_s.unwrap_or(EXPIRES_S).clamp(2, EXPIRES_S);
            self.register_at = Some(now + SignedDuration::from_secs(i64::from(granted_s / 2)));
            self.tell(PhoneEvent::Registered, now);
        } else {
            self.register_at = Some(now + RETRY);
            self.tell(PhoneEvent::RegistrationFailed(status), now);
        }
    }

    /// Answers at once; a phone holds one call.
    fn pick_up(&mut self, dialog: DialogId, invite: &IncomingInvite, now: Timestamp) {
        let desk = &mut self.desk;
        if self.held.is_some() || self.leave_by.is_some() {
            return desk.udp.endpoint.reject(dialog, 486, Vec::new(), now);
        }
        let Some(offer) = invite.sdp.as_deref() else {
            return desk.udp.endpoint.reject(dialog, 488, Vec::new(), now);
        };
        let Ok(leg) = desk.engine.open() else {
            return desk.udp.endpoint.reject(dialog, 503, Vec::new(), now);
        };
        desk.ears.listen(leg.id, self.hear.clone());
        match sdp::answer(offer, &local_media(leg.local), 1) {
            Ok((answer, target)) => {
                if desk.records {
                    desk.engine.record(leg.id, format!("phone-{}-{}.wav", desk.phone, leg.id));
                }
                desk.engine.connect(leg.id, target);
                desk.udp.endpoint.answer(dialog, answer, now);
                self.held = Some(Held { dialog, leg, sdp_version: 1, up: false });
                self.voice();
            }
            Err(fault) => {
                self.closing += 1;
                desk.engine.close(leg.id);
                desk.udp.endpoint.reject(dialog, fault.status(), Vec::new(), now);
            }
        }
    }

    fn reoffered(&mut self, dialog: DialogId, offer: Option<String>, now: Timestamp) {
        let endpoint = &mut self.desk.udp.endpoint;
        let held = self.held.as_mut().filter(|held| held.dialog == dialog);
        let (Some(held), Some(offer)) = (held, offer) else {
            return endpoint.reject_reoffer(dialog, 488, now);
        };
        match sdp::answer(&offer, &local_media(held.leg.local), held.sdp_version + 1) {
            Ok((answer, target)) => {
                held.sdp_version += 1;
                self.desk.engine.connect(held.leg.id, target);
                endpoint.accept_reoffer(dialog, answer, now);
            }
            Err(fault) => endpoint.reject_reoffer(dialog, fault.status(), now),
        }
    }

    fn hung_up(&mut self, dialog: DialogId, now: Timestamp) {
        let Some(held) = self.held.take_if(|held| held.dialog == dialog) else { return };
        self.closing += 1;
        self.desk.engine.close(held.leg.id);
        if held.up {
            self.tell(PhoneEvent::LegDown, now);
        }
    }

    fn take_fact(&mut self, fact: MediaFact) {
        match fact.event {
            MediaEvent::Heard => {
                self.report.heard_at.get_or_insert(fact.at);
                self.tell(PhoneEvent::Heard, fact.at);
            }
            MediaEvent::Closed { stats, recording } => {
                self.closing = self.closing.saturating_sub(1);
                self.report.audio = Some(stats);
                self.report.recording = recording.map(|(file_name, _)| file_name);
            }
            MediaEvent::Digit(_)
            | MediaEvent::Features(_)
            | MediaEvent::Played
            | MediaEvent::GreetingOver(_)
            | MediaEvent::Likely(_)
            | MediaEvent::Screened(_)
            | MediaEvent::Silent
            | MediaEvent::Tone(_) => {}
        }
    }

    fn conduct(&mut self, conduct: Conduct, now: Timestamp) {
        self.speaking = conduct == Conduct::Speaking;
        self.voice();
        if conduct == Conduct::Gone {
            self.leave_by = Some(now + GONE_MAX);
            if let Some(held) = &self.held {
                self.desk.udp.endpoint.hang_up(held.dialog, now);
            }
            self.register(0, now);
        }
    }

    fn voice(&self) {
        let Some(held) = &self.held else { return };
        if self.speaking {
            let voice = Arc::clone(&self.desk.voice);
            self.desk.engine.play(held.leg.id, voice, Repeat::Forever);
        } else {
            self.desk.engine.stop(held.leg.id);
        }
    }

    fn has_left(&self, now: Timestamp) -> bool {
        let quiet = self.held.is_none() && self.closing == 0 && self.registering.is_none();
        self.leave_by.is_some_and(|leave_by| quiet || leave_by <= now)
    }
}

fn local_media(address: SocketAddr) -> sdp::LocalMedia {
    sdp::LocalMedia { address, codecs: Codec::LAWS.to_vec(), srtp: None }
}
