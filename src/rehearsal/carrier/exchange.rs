//! The carrier at work: one task with a SIP socket, a media engine, and every line.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};

use super::caller::{CallIn, Caller};
use super::config::CarrierConfig;
use super::line::{Act, Line, Plan};
use super::repertoire::{Clip, Repertoire};
use super::report::{CallEnd, Ending, Totals};
use super::signalling::{ending_of, user_of};
use crate::clock;
use crate::domain::{Codec, Digit, PhoneNumber};
use crate::media::{Engine, Leg, LegId, LegStats, MediaEvent, MediaFact, Repeat};
use crate::sip::{DialogId, Event, IncomingInvite, digit_of, sdp};
use crate::transport::Udp;

/// Keys that are kept of a call.
const DIGITS_MAX: usize = 64;
/// Calls that are still up this long after the stop are left alone.
const STOP_MAX: SignedDuration = SignedDuration::from_secs(2);

/// One call.
struct Call {
    number: Option<PhoneNumber>,
    line: Line,
    offer: Option<String>,
    /// Our SDP, once there is a leg for it.
    media: Option<(Leg, String)>,
    sdp_version: u64,
    began_at: Timestamp,
    answered_at: Option<Timestamp>,
    heard_at: Option<Timestamp>,
    digits: String,
    /// A person has had enough of the silence.
    heard_nothing: bool,
}

/// Why a call cannot have media.
enum NoMedia {
    /// Every port is taken.
    Ports,
    /// The offer is none that we can take.
    Offer,
}

/// Everything that the task owns.
pub(super) struct Exchange {
    config: CarrierConfig,
    seed: u64,
    pub(super) repertoire: Repertoire,
    pub(super) udp: Udp,
    pub(super) engine: Engine,
    facts: mpsc::UnboundedReceiver<MediaFact>,
    calls: BTreeMap<DialogId, Call>,
    pub(super) callers: BTreeMap<DialogId, Caller>,
    pub(super) legs: BTreeMap<LegId, DialogId>,
    pub(super) deadlines: BTreeSet<(Timestamp, DialogId)>,
    /// Calls that are over and wait for their legs' figures.
    pub(super) closing: BTreeMap<LegId, CallEnd>,
    ends: mpsc::UnboundedSender<CallEnd>,
    totals: Totals,
    /// Until when to wait for live calls, once stopped.
    stop_by: Option<Timestamp>,
}

impl Exchange {
    pub(super) fn new(
        config: CarrierConfig,
        seed: u64,
        repertoire: Repertoire,
        udp: Udp,
        (engine, facts): (Engine, mpsc::UnboundedReceiver<MediaFact>),
        ends: mpsc::UnboundedSender<CallEnd>,
    ) -> Self {
        Self {
            config,
            seed,
            repertoire,
            udp,
            engine,
            facts,
            calls: BTreeMap::new(),
            callers: BTreeMap::new(),
            legs: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            closing: BTreeMap::new(),
            ends,
            totals: Totals::default(),
            stop_by: None,
        }
    }

    /// Takes calls until `stop` says so (or is dropped); then ends those that are up.
    pub(super) async fn run(
        mut self,
        mut calls_in: mpsc::UnboundedReceiver<CallIn>,
        mut stop: oneshot::Receiver<()>,
    ) -> Totals {
        loop {
            let next = self.deadlines.first().map(|(at, _)| *at);
            let wake_at = next.into_iter().chain(self.stop_by).min();
            tokio::select! {
                events = self.udp.next() => for event in events {
                    self.take_event(event, clock::now());
                },
                Some(fact) = self.facts.recv() => self.take_fact(fact),
                Some(call) = calls_in.recv(), if self.stop_by.is_none() => {
                    self.call_in(call, clock::now());
                }
                () = clock::sleep_until(wake_at) => {}
                _ = &mut stop, if self.stop_by.is_none() => self.stop(clock::now()),
            }
            let now = clock::now();
            self.expire(now);
            self.udp.flush();
            let calls = self.calls.len() + self.callers.len();
            let idle = calls == 0 && self.closing.is_empty();
            if self.stop_by.is_some_and(|stop_by| idle || stop_by <= now) {
                return self.totals;
            }
        }
    }

    fn stop(&mut self, now: Timestamp) {
        self.stop_by = Some(now + STOP_MAX);
        self.deadlines.clear();
        for dialog in self.calls.keys().chain(self.callers.keys()) {
            self.udp.endpoint.hang_up(*dialog, now);
        }
    }

    fn take_event(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Incoming { dialog, invite, .. } => self.ring_up(dialog, *invite, now),
            Event::Ended { dialog, by_remote, .. } => {
                let by_caller = by_remote != self.callers.contains_key(&dialog);
                let ending = if by_caller { Ending::CallerHungUp } else { Ending::HungUp };
                self.end(dialog, ending, now);
            }
            Event::Failed { dialog, failure } => self.end(dialog, ending_of(&failure), now),
            Event::Info { dialog, content_type, body } => {
                if let Some(digit) = digit_of(&content_type, &body) {
                    self.press(dialog, digit);
                }
            }
            Event::Reoffer { dialog, sdp } => self.reoffered(dialog, sdp, now),
            Event::Answered { dialog, sdp } => self.caller_is_answered(dialog, sdp.as_deref(), now),
            // What only a registrar hears, ringing, and the ACK.
            Event::Confirmed { .. }
            | Event::Provisional { .. }
            | Event::ReofferAnswered { .. }
            | Event::ReofferRefused { .. }
            | Event::Request { .. }
            | Event::Response { .. } => {}
        }
    }

    fn take_fact(&mut self, fact: MediaFact) {
        let MediaFact { at, leg, event } = fact;
        if let MediaEvent::Closed { stats, .. } = event {
            return self.close(leg, stats);
        }
        let Some(dialog) = self.legs.get(&leg).copied() else { return };
        match event {
            MediaEvent::Digit(digit) => self.press(dialog, digit),
            MediaEvent::Heard => self.hear(dialog, at),
            MediaEvent::Closed { .. }
            | MediaEvent::Features(_)
            | MediaEvent::Played
            | MediaEvent::GreetingOver(_)
            | MediaEvent::Likely(_)
            | MediaEvent::Screened(_)
            | MediaEvent::Silent
            | MediaEvent::Tone(_) => {}
        }
    }

    /// An INVITE: what its number will do is drawn now.
    fn ring_up(&mut self, dialog: DialogId, invite: IncomingInvite, now: Timestamp) {
        if self.stop_by.is_some() {
            return self.udp.endpoint.reject(dialog, 503, Vec::new(), now);
        }
        let user = user_of(&invite.request_uri);
        let plan = Plan::draw(&self.config, &self.repertoire, self.seed, user);
        let call = Call {
            number: PhoneNumber::from_e164(user),
            line: Line::new(plan, now),
            offer: invite.sdp,
            media: None,
            sdp_version: 1,
            began_at: now,
            answered_at: None,
            heard_at: None,
            digits: String::new(),
            heard_nothing: false,
        };
        self.deadlines.extend(call.line.deadline().map(|at| (at, dialog)));
        self.calls.insert(dialog, call);
    }

    fn expire(&mut self, now: Timestamp) {
        while let Some((at, dialog)) = self.deadlines.pop_first() {
            if at > now {
                self.deadlines.insert((at, dialog));
                break;
            }
            if self.callers.contains_key(&dialog) {
                self.udp.endpoint.hang_up(dialog, now);
            }
            let Some(call) = self.calls.get_mut(&dialog) else { continue };
            let waiting = call.line.is_waiting();
            let act = call.line.expire(now);
            call.heard_nothing = waiting && act == Some(Act::HangUp);
            self.deadlines.extend(call.line.deadline().map(|at| (at, dialog)));
            self.act(dialog, act, now);
        }
    }

    fn act(&mut self, dialog: DialogId, act: Option<Act>, now: Timestamp) {
        match act {
            None => {}
            Some(Act::Answer(clip)) => match self.open_media(dialog) {
                Ok(sdp) => {
                    self.udp.endpoint.answer(dialog, sdp, now);
                    if let Some(call) = self.calls.get_mut(&dialog) {
                        call.answered_at = Some(now);
                    }
                    self.play(dialog, clip);
                }
                Err(why) => self.refuse_media(dialog, &why, now),
            },
            Some(Act::EarlyMedia(clip)) => match self.open_media(dialog) {
                Ok(sdp) => {
                    self.udp.endpoint.ring(dialog, 183, Some(sdp), now);
                    self.play(dialog, Some(clip));
                }
                Err(why) => self.refuse_media(dialog, &why, now),
            },
            Some(Act::HangUp) => self.udp.endpoint.hang_up(dialog, now),
            Some(Act::Play(clip)) => self.play(dialog, Some(clip)),
            Some(Act::Refuse { status, cause }) => {
                let reason = ("Reason".to_owned(), format!("Q.850;cause={cause}"));
                self.udp.endpoint.reject(dialog, status, vec![reason], now);
            }
            Some(Act::Ring) => self.udp.endpoint.ring(dialog, 180, None, now),
        }
    }

    /// A leg for the call, and our SDP.
    fn open_media(&mut self, dialog: DialogId) -> Result<String, NoMedia> {
        let call = self.calls.get_mut(&dialog).ok_or(NoMedia::Offer)?;
        if let Some((_, sdp)) = &call.media {
            return Ok(sdp.clone());
        }
        let offer = call.offer.as_deref().ok_or(NoMedia::Offer)?;
        let leg = self.engine.open().map_err(|_| NoMedia::Ports)?;
        match sdp::answer(offer, &local_media(leg.local), call.sdp_version) {
            Ok((sdp, target)) => {
                self.engine.connect(leg.id, target);
                self.legs.insert(leg.id, dialog);
                call.media = Some((leg, sdp.clone()));
                Ok(sdp)
            }
            Err(_) => {
                self.engine.close(leg.id);
                Err(NoMedia::Offer)
            }
        }
    }

    fn refuse_media(&mut self, dialog: DialogId, why: &NoMedia, now: Timestamp) {
        let status = match why {
            NoMedia::Offer => 488,
            NoMedia::Ports => 503,
        };
        self.udp.endpoint.reject(dialog, status, Vec::new(), now);
    }

    fn play(&mut self, dialog: DialogId, clip: Option<Clip>) {
        let (Some(clip), Some(call)) = (clip, self.calls.get(&dialog)) else { return };
        let Some((leg, _)) = &call.media else { return };
        let repeat = if clip == Clip::Talk { Repeat::Forever } else { Repeat::Once };
        self.engine.play(leg.id, self.repertoire.clip(clip, call.line.plan.voice), repeat);
    }

    fn hear(&mut self, dialog: DialogId, at: Timestamp) {
        self.caller_hears(dialog, at);
        let Some(call) = self.calls.get_mut(&dialog) else { return };
        call.heard_at.get_or_insert(at);
        if let Some(old) = call.line.deadline() {
            self.deadlines.remove(&(old, dialog));
        }
        let act = call.line.heard(at);
        self.deadlines.extend(call.line.deadline().map(|at| (at, dialog)));
        self.act(dialog, act, at);
    }

    fn press(&mut self, dialog: DialogId, digit: Digit) {
        if let Some(call) = self.calls.get_mut(&dialog)
            && call.digits.len() < DIGITS_MAX
        {
            call.digits.push(digit.as_char());
        }
    }

    fn reoffered(&mut self, dialog: DialogId, offer: Option<String>, now: Timestamp) {
        let endpoint = &mut self.udp.endpoint;
        let Some(call) = self.calls.get_mut(&dialog) else { return };
        let (Some(offer), Some((leg, sdp))) = (offer, &mut call.media) else {
            return endpoint.reject_reoffer(dialog, 488, now);
        };
        match sdp::answer(&offer, &local_media(leg.local), call.sdp_version + 1) {
            Ok((answer, target)) => {
                call.sdp_version += 1;
                sdp.clone_from(&answer);
                self.engine.connect(leg.id, target);
                endpoint.accept_reoffer(dialog, answer, now);
            }
            Err(_) => endpoint.reject_reoffer(dialog, 488, now),
        }
    }

    /// The dialog's last event has come.
    fn end(&mut self, dialog: DialogId, ending: Ending, now: Timestamp) {
        if self.caller_leaves(dialog, ending, now) {
            return;
        }
        let Some(call) = self.calls.remove(&dialog) else { return };
        if let Some(deadline) = call.line.deadline() {
            self.deadlines.remove(&(deadline, dialog));
        }
        let end = CallEnd {
            number: call.number,
            answer: call.line.plan.answer,
            called_in: false,
            began_at: call.began_at,
            answered_at: call.answered_at,
            ended_at: now,
            ending: if call.heard_nothing { Ending::HeardNothing } else { ending },
            heard_at: call.heard_at,
            digits: call.digits,
            audio: None,
        };
        match call.media {
            Some((leg, _)) => {
                self.engine.close(leg.id);
                self.closing.insert(leg.id, end);
            }
            None => self.report(end),
        }
    }

    fn close(&mut self, leg: LegId, stats: LegStats) {
        self.legs.remove(&leg);
        if let Some(end) = self.closing.remove(&leg) {
            self.report(CallEnd { audio: Some(stats), ..end });
        }
    }

    fn report(&mut self, end: CallEnd) {
        self.totals.count(&end);
        // Nobody needs to listen.
        let _ = self.ends.send(end);
    }
}

pub(super) fn local_media(address: SocketAddr) -> sdp::LocalMedia {
    sdp::LocalMedia { address, codecs: Codec::LAWS.to_vec(), srtp: None }
}
