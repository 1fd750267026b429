//! The task's state: calls, trunks, and who waits for room. It touches neither socket nor clock.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::call::{Call, Out, Progress, Stage};
use super::config::TrunksConfig;
use super::directory::Directory;
use super::fact::{TrunkEvent, TrunkFact, TrunkStatus};
use super::guest::Guest;
use super::invite;
use super::keys::Keys;
use super::line::{Line, Room, after};
use super::pace::{Leave, Whole};
use super::route;
use crate::call::EndCause;
use crate::clock::Pulse;
use crate::compliance::Permit;
use crate::domain::{CallId, Fault, Outcome, TrunkId};
use crate::sip::{DialogId, Endpoint, Kept, RequestId};

/// While the books are behind, or the media threads strained, they are looked at so often.
const BOOKS_LOOK_EVERY: SignedDuration = SignedDuration::from_millis(50);

/// Calls and trunks.
pub(super) struct Desk {
    pub(super) lines: BTreeMap<TrunkId, Line>,
    pub(super) calls: BTreeMap<CallId, Call>,
    /// Calls that have come in.
    pub(super) guests: BTreeMap<CallId, Guest>,
    pub(super) next_inbound: i64,
    pub(super) directory: Directory,
    /// Of calls in both directions.
    pub(super) by_dialog: BTreeMap<DialogId, CallId>,
    /// INVITEs that were given up because their trunk was silent, until they are over.
    pub(super) orphans: BTreeMap<DialogId, TrunkId>,
    /// Until when calls wait for a first word of their trunk.
    pub(super) patience: BTreeSet<(Timestamp, CallId)>,
    /// Calls whose network has said by its tones how they end, and when they are given up.
    pub(super) doomed: BTreeSet<(Timestamp, CallId)>,
    /// OPTIONS that have not been answered.
    pub(super) probes: BTreeMap<RequestId, TrunkId>,
    /// REGISTERs that have not been answered.
    pub(super) registrations: BTreeMap<RequestId, TrunkId>,
    /// Keys for SRTP.
    pub(super) keys: Keys,
    /// What all trunks together may do.
    pub(super) whole: Whole,
    /// Shares calls among trunks by their weights.
    pub(super) chance: Pcg64Mcg,
    facts: Vec<TrunkFact>,
    queue_max: SignedDuration,
    books_pulse: Option<Pulse>,
    books_age_max: SignedDuration,
    pub(super) strained: Option<Arc<AtomicUsize>>,
    /// Calls whose INVITE has not left, oldest first.
    waiting: Vec<CallId>,
    /// When one of them may find room, or has waited long enough.
    look_again_at: Option<Timestamp>,
    pub(super) draining: bool,
    /// INVITEs since the last time that somebody asked.
    invited: u32,
}

/// The answer to a call that looks for a trunk.
enum Placed {
    /// No trunk will take it.
    Nowhere(EndCause),
    /// Its INVITE is on its way.
    Out,
    /// Not yet; worth another look then.
    Waits(Timestamp),
}

impl Desk {
    pub(super) fn new(config: TrunksConfig, now: Timestamp) -> Self {
        let lines =
            config.trunks.into_iter().map(|trunk| (trunk.id, Line::new(trunk, now))).collect();
        Self {
            lines,
            calls: BTreeMap::new(),
            guests: BTreeMap::new(),
            next_inbound: config.first_inbound.0,
            directory: config.directory.believing(config.signers),
            by_dialog: BTreeMap::new(),
            orphans: BTreeMap::new(),
            patience: BTreeSet::new(),
            doomed: BTreeSet::new(),
            probes: BTreeMap::new(),
            registrations: BTreeMap::new(),
            keys: Keys::new(&config.srtp_secret),
            whole: Whole::new(config.channels_max, config.calls_per_second),
            chance: Pcg64Mcg::seed_from_u64(config.seed),
            facts: Vec::new(),
            queue_max: config.queue_max,
            books_pulse: config.books_pulse,
            books_age_max: config.books_age_max,
            strained: config.strained,
            waiting: Vec::new(),
            look_again_at: None,
            draining: false,
            invited: 0,
        }
    }

    #[cfg(test)]
    pub(super) fn set_books_pulse(&mut self, pulse: Pulse) {
        self.books_pulse = Some(pulse);
    }

    /// Takes a call in; [`Desk::place`] sends it on its way.
    pub(super) fn originate(
        &mut self,
        call: CallId,
        sip_call_id: String,
        permit: Permit,
        local: SocketAddr,
        order: Vec<TrunkId>,
        now: Timestamp,
    ) {
        if self.calls.contains_key(&call) {
            tracing::error!(%call, "originated twice; the second is ignored");
            return;
        }
        let order = match permit.number(now) {
            Ok(number) => {
                let named = order
                    .into_iter()
                    .filter_map(|trunk| self.lines.get(&trunk).map(|line| (trunk, &line.config)));
                route::order(named, number, &mut self.chance)
            }
            // It is refused before any trunk is asked.
            Err(_) => order,
        };
        if order.is_empty() {
            tracing::error!(%call, "none of the campaign's trunks takes numbers that begin so");
        }
        let give_up_at = after(now, self.queue_max);
        let stage = Stage::Waiting { give_up_at };
        let taken = Call { permit, sip_call_id, tries: 0, local, untried: order, stage };
        self.calls.insert(call, taken);
        self.waiting.push(call);
        if self.draining {
            self.end(call, never_left(Outcome::Cancelled, Fault::Us), now);
        }
    }

    /// Ends a call, whatever its stage.
    pub(super) fn hang_up(&mut self, call: CallId, sip: &mut Endpoint, now: Timestamp) {
        if self.hang_up_guest(call, sip, now) {
            return;
        }
        match self.calls.get_mut(&call).map(|call| &mut call.stage) {
            None => {}
            Some(Stage::Out(out)) => {
                out.hung_up = true;
                sip.hang_up(out.dialog, now);
            }
            Some(Stage::Waiting { .. }) => {
                // Nobody was called: whatever the dialer gives up for, it is no no-answer.
                self.end(call, never_left(Outcome::Failed, Fault::Us), now);
            }
        }
    }

    /// Ends what another process has left up or ringing. A trunk that is configured no more gets no
    /// credentials.
    pub(super) fn end_strays(&mut self, strays: &[Kept], sip: &mut Endpoint, now: Timestamp) {
        for stray in strays {
            let line = self.lines.values().find(|line| line.is_at(stray.peer()));
            let credentials = line.and_then(|line| invite::credentials(&line.config));
            match sip.take_up(stray, credentials) {
                Some(dialog) => sip.hang_up(dialog, now),
                None => tracing::warn!(call_id = stray.call_id(), "a stray call cannot be ended"),
            }
        }
    }

    /// No new calls.
    pub(super) fn drain(&mut self) {
        self.draining = true;
    }

    /// No new calls, and every call is ended.
    pub(super) fn hang_up_all(&mut self, sip: &mut Endpoint, now: Timestamp) {
        self.draining = true;
        self.unregister(sip, now);
        let calls: Vec<CallId> = self.calls.keys().chain(self.guests.keys()).copied().collect();
        for call in calls {
            self.hang_up(call, sip, now);
        }
    }

    /// The name of a trunk, for the books.
    pub(super) fn name_of(&self, trunk: TrunkId) -> Option<String> {
        self.lines.get(&trunk).map(|line| line.config.name.clone())
    }

    /// Whether every call has ended.
    pub(super) fn is_idle(&self) -> bool {
        self.calls.is_empty() && self.guests.is_empty() && self.orphans.is_empty()
    }

    /// What follows from what was heard, at `now`: registrations, probes, calls given up and placed.
    pub(super) fn settle(&mut self, sip: &mut Endpoint, now: Timestamp) {
        self.register(sip, now);
        self.probe(sip, now);
        self.outwait(sip, now);
        self.give_up_doomed(sip, now);
        self.place(sip, now);
    }

    /// Ends rests that are over and finds room for waiting calls, oldest first.
    pub(super) fn place(&mut self, sip: &mut Endpoint, now: Timestamp) {
        for line in self.lines.values_mut() {
            line.wake(now);
        }
        self.look_again_at = None;
        for call in std::mem::take(&mut self.waiting) {
            match self.place_one(call, sip, now) {
                Placed::Nowhere(cause) => self.end(call, cause, now),
                Placed::Out => {}
                Placed::Waits(until) => {
                    self.waiting.push(call);
                    self.look_again_at =
                        Some(self.look_again_at.map_or(until, |known| known.min(until)));
                }
            }
        }
    }

    fn place_one(&mut self, id: CallId, sip: &mut Endpoint, now: Timestamp) -> Placed {
        let refused = || Placed::Nowhere(never_left(Outcome::Cancelled, Fault::Us));
        let behind = self.books_are_behind(now) || self.is_strained();
        let Some(call) = self.calls.get_mut(&id) else { return refused() };
        let Stage::Waiting { give_up_at } = call.stage else { return Placed::Out };
        if call.untried.is_empty() {
            return Placed::Nowhere(never_left(Outcome::Failed, Fault::Us));
        }
        let Ok(number) = call.permit.number(now) else {
            tracing::info!(call = %id, "the permit has run out; the call is not placed");
            return refused();
        };
        if behind {
            let again = after(now, BOOKS_LOOK_EVERY);
            return if give_up_at <= now {
                Placed::Nowhere(never_left(Outcome::Failed, Fault::Us))
            } else {
                Placed::Waits(again.min(give_up_at))
            };
        }
        let channels = self.lines.values().map(Line::channels).sum();
        let found = match self.whole.leave(channels, now) {
            Leave::Full => Err(NoRoom { until: None, fault: Fault::Us }),
            Leave::Later(until) => Err(NoRoom { until: Some(until), fault: Fault::Us }),
            Leave::Now => find_room(&mut self.lines, &mut call.untried, now),
        };
        let no_room = match found {
            Err(no_room) => no_room,
            Ok(trunk) => {
                let Some(line) = self.lines.get_mut(&trunk) else { return refused() };
                line.aim(now, &mut self.chance);
                let at = line.config.address;
                let srtp = self.keys.for_call(line.config.srtp);
                let caller_id = call.permit.caller_id();
                let invite = invite::build(
                    &line.config,
                    number,
                    caller_id,
                    call.local,
                    srtp.as_deref(),
                    now,
                );
                self.whole.take(now);
                self.invited += 1;
                let dialog = sip.invite_as(invite, call.next_sip_call_id(), now);
                let patient_until = after(now, line.config.silence_max);
                self.patience.insert((patient_until, id));
                call.stage = Stage::Out(Box::new(Out {
                    dialog,
                    sip_call_id: sip.call_id(dialog).map(str::to_owned),
                    trunk,
                    at,
                    version: invite::FIRST,
                    srtp,
                    progress: Progress::Calling,
                    moved: false,
                    heard: false,
                    patient_until: Some(patient_until),
                    hung_up: false,
                }));
                self.by_dialog.insert(dialog, id);
                self.write_down(id, dialog, sip, now);
                return Placed::Out;
            }
        };
        if give_up_at <= now || call.untried.is_empty() {
            let retry_after = no_room.until.map(|at| at.duration_since(now));
            let cause = never_left(Outcome::Failed, no_room.fault);
            return Placed::Nowhere(EndCause { retry_after, ..cause });
        }
        Placed::Waits(no_room.until.map_or(give_up_at, |at| at.min(give_up_at)))
    }

    /// The books take no writes: what leaves now might not be known to have left.
    fn books_are_behind(&self, now: Timestamp) -> bool {
        self.books_pulse.as_ref().is_some_and(|pulse| pulse.age(now) > self.books_age_max)
    }

    /// Tells what has to be known of a dialog to end it after a crash.
    pub(super) fn write_down(
        &mut self,
        id: CallId,
        dialog: DialogId,
        sip: &Endpoint,
        now: Timestamp,
    ) {
        if let Some(kept) = sip.keep(dialog) {
            self.tell(id, TrunkEvent::Dialog(Box::new(kept)), now);
        }
    }

    /// Sends a call that its trunk has failed back to look for another.
    pub(super) fn wait_again(&mut self, id: CallId, now: Timestamp) {
        let give_up_at = after(now, self.queue_max);
        if let Some(call) = self.calls.get_mut(&id) {
            call.stage = Stage::Waiting { give_up_at };
            self.waiting.push(id);
        }
    }

    /// The call is over: its last fact.
    pub(super) fn end(&mut self, call: CallId, cause: EndCause, now: Timestamp) {
        if self.calls.remove(&call).is_some() {
            self.waiting.retain(|waiting| *waiting != call);
            self.tell(call, TrunkEvent::Ended(cause), now);
        }
    }

    pub(super) fn tell(&mut self, call: CallId, event: TrunkEvent, at: Timestamp) {
        self.facts.push(TrunkFact { at, call, event });
    }

    /// What has happened since the last time.
    pub(super) fn take_facts(&mut self) -> Vec<TrunkFact> {
        std::mem::take(&mut self.facts)
    }

    /// INVITEs that have been handed to the endpoint since the last time.
    pub(super) fn take_invited(&mut self) -> u32 {
        std::mem::take(&mut self.invited)
    }

    /// When [`Desk::place`] and the probes want to be asked again.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        let rest = self.lines.values().filter_map(Line::resting_until).min();
        let probe = self.lines.values().filter_map(|line| line.probe_at).min();
        let register = self.lines.values().filter_map(|line| line.registration).map(|r| r.at).min();
        let silence = [self.patience.first(), self.doomed.first()];
        let silence = silence.into_iter().flatten().map(|(at, _)| *at).min();
        [rest, self.look_again_at, probe, register, silence].into_iter().flatten().min()
    }

    pub(super) fn status(&self) -> Vec<TrunkStatus> {
        self.lines.values().map(Line::status).collect()
    }
}

/// No trunk has room for a call.
struct NoRoom {
    /// When one may; `None` when nobody knows.
    until: Option<Timestamp>,
    /// The carrier's when every trunk is out of order, ours when one is only busy.
    fault: Fault,
}

/// Takes a place on the first of `untried` that has one, and takes that trunk off the list.
fn find_room(
    lines: &mut BTreeMap<TrunkId, Line>,
    untried: &mut Vec<TrunkId>,
    now: Timestamp,
) -> Result<TrunkId, NoRoom> {
    let mut no_room = NoRoom { until: None, fault: Fault::Carrier };
    for at in 0..untried.len() {
        let Some(line) = lines.get_mut(&untried[at]) else { continue };
        match line.take(now) {
            Room::Full => no_room.fault = Fault::Us,
            Room::Later(until) => {
                if line.resting_until().is_none() {
                    no_room.fault = Fault::Us;
                }
                no_room.until = Some(no_room.until.map_or(until, |known| known.min(until)));
            }
            Room::Now => return Ok(untried.remove(at)),
            Room::Out => {}
        }
    }
    Err(no_room)
}

/// The cause of a call of which not one byte was sent.
fn never_left(outcome: Outcome, fault: Fault) -> EndCause {
    EndCause {
        outcome,
        fault,
        by_callee: false,
        sip_status: None,
        q850: None,
        retry_after: None,
        sip_call_id: None,
        trunk: None,
    }
}
