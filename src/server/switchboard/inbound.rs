//! Calls that come in, until the dialer knows of them: rung, written down, answered.

use jiff::Timestamp;

use super::line::Line;
use super::{Owner, Switchboard};
use crate::call::EndCause;
use crate::dialer::{CallRecord, CampaignPhase, Input, LedgerEntry, Record};
use crate::domain::{CallId, CampaignId, Lead, MediaTarget, Outcome};
use crate::media::Repeat;
use crate::server::books::Entry;
use crate::server::handle::Fact;
use crate::store::CallerBegun;
use crate::trunk::Incoming;

/// Busy, as a caller is to understand it (RFC 3261 §21.4.18): nobody is served now.
const NOBODY_SERVED: u16 = 480;
/// No port, or no disk (RFC 3261 §21.5.4): another carrier's way may do.
const NO_ROOM: u16 = 503;

/// A call that has come in.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) began_at: Timestamp,
    pub(super) stage: Stage,
}

/// How far it has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// It rings; the caller is being written down.
    Ringing,
    /// Written down and answered; the ACK has not come.
    Answering(Box<Lead>),
    /// Not written down, and turned away.
    Refused,
    /// The dialer has it.
    Told,
}

impl Switchboard {
    pub(super) fn comes_in(&mut self, at: Timestamp, call: CallId, incoming: Incoming) {
        let Incoming { campaign, caller, check, called, diverted_from, trunk } = incoming;
        if let Some(from) = diverted_from {
            tracing::info!(%call, ?from, ?called, "a caller was diverted to us");
        }
        if !self.serves(campaign) {
            tracing::info!(%call, %campaign, "nobody is served in the queue; a caller is refused");
            return self.trunks.refuse(call, NOBODY_SERVED);
        }
        let leg = match self.engine.open() {
            Ok(leg) => leg,
            Err(error) => {
                tracing::error!(%call, %error, "no media leg; a caller is refused");
                return self.trunks.refuse(call, NO_ROOM);
            }
        };
        self.owners.insert(leg.id, Owner::Call(call));
        let arrival = Arrival { began_at: at, stage: Stage::Ringing };
        self.lines.up.insert(call, Line::of_caller(leg, campaign, arrival));
        let begun = CallerBegun { call, campaign, caller, check, called, trunk, at };
        if self.reception.send(begun).is_err() {
            self.trunks.refuse(call, NO_ROOM);
        }
    }

    /// The dialer decides; what it said a quarter of a second ago at most saves a caller the price
    /// of an answer.
    fn serves(&self, campaign: CampaignId) -> bool {
        let view = self.views.borrow();
        let queue = view.campaigns.iter().find(|known| known.id == campaign);
        !view.draining && queue.is_some_and(|queue| queue.phase == CampaignPhase::Running)
    }

    /// The caller is written down.
    pub(super) fn welcome(&mut self, call: CallId, lead: Box<Lead>) {
        if let Some((began_at, at, cause)) = self.lines.gone.remove(&call) {
            return self.never_served(call, &lead, (began_at, at), &cause);
        }
        let Some(line) = self.lines.up.get_mut(&call) else { return };
        let Some(arrival) = &mut line.arrival else { return };
        arrival.stage = Stage::Answering(lead);
        self.trunks.answer(call, line.local);
    }

    /// The caller could not be written down; false when the call is none that has come in.
    pub(super) fn unwelcome(&mut self, call: CallId) -> bool {
        if self.lines.gone.remove(&call).is_some() {
            return true;
        }
        let arrival = self.lines.up.get_mut(&call).and_then(|line| line.arrival.as_mut());
        let Some(arrival) = arrival else { return false };
        arrival.stage = Stage::Refused;
        self.trunks.refuse(call, NO_ROOM);
        true
    }

    /// The caller has heard of our answer: hears the queue's music, and waits. False when the call
    /// is none that has come in.
    pub(super) async fn caller_is_up(
        &mut self,
        at: Timestamp,
        call: CallId,
        target: MediaTarget,
    ) -> bool {
        let Some(line) = self.lines.up.get_mut(&call) else { return false };
        let Some(arrival) = &mut line.arrival else { return false };
        if let Stage::Answering(lead) = std::mem::replace(&mut arrival.stage, Stage::Told) {
            self.engine.connect(line.leg, target);
            self.let_wait(call);
            let fact = Fact { at, input: Input::Inbound { call, lead }, absorbed: None };
            let _ = self.facts.send(fact).await;
        }
        true
    }

    /// Plays what the queue plays to a caller who waits. Nothing to one who was called.
    pub(super) fn let_wait(&self, call: CallId) {
        let Some(line) = self.lines.up.get(&call) else { return };
        let waits = line.arrival.is_some() && line.ended.is_none();
        if let Some(campaign) = self.lines.campaigns.get(&line.campaign).filter(|_| waits) {
            self.engine.play(line.leg, campaign.hold.clone(), Repeat::Forever);
        }
    }

    /// The leg of a call is closed that has come in and of which the dialer has not heard: what is
    /// known of it goes into the books, as soon as the caller is there.
    pub(super) fn left_early(
        &mut self,
        call: CallId,
        arrival: Arrival,
        at: Timestamp,
        cause: EndCause,
    ) {
        match arrival.stage {
            Stage::Answering(lead) => {
                self.never_served(call, &lead, (arrival.began_at, at), &cause);
            }
            Stage::Ringing => {
                self.lines.gone.insert(call, (arrival.began_at, at, cause));
            }
            Stage::Refused | Stage::Told => {}
        }
    }

    fn never_served(
        &self,
        call: CallId,
        lead: &Lead,
        (began_at, ended_at): (Timestamp, Timestamp),
        cause: &EndCause,
    ) {
        let record = CallRecord {
            call,
            lead: lead.id,
            campaign: lead.campaign,
            began_at,
            ringing_at: None,
            answered_at: None,
            verdict: None,
            screening: Default::default(),
            bridged_at: None,
            ended_at,
            agent: None,
            outcome: if cause.by_callee { Outcome::Cancelled } else { Outcome::Failed },
            ledger: LedgerEntry::NotCounted,
            counts: false,
            by_callee: cause.by_callee,
            sip_status: cause.sip_status,
            q850: cause.q850,
            sip_call_id: cause.sip_call_id.clone(),
            trunk: cause.trunk.clone(),
            digits: String::new(),
            recording: None,
            lead_due_at: None,
        };
        // A closed outbox: the server is stopping, and its next start closes the call.
        let _ = self.books.send(Entry::Record(Record::Ended(Box::new(record))));
    }
}
