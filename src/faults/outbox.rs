//! What a process says to its books, and what it does when it hears of them: attempts before their
//! INVITEs, records in their order, fetches after the records before them.

use jiff::SignedDuration;

use super::Bug;
use super::books::{Answer, BYE_MAX, Request};
use super::process::{Asked, Item};
use super::world::{Happening, World};
use crate::dialer::{Command, Input};
use crate::domain::CallId;
use crate::server::promises::{self, Work};
use crate::server::{DialRequest, Entry, Order};
use crate::store::{AttemptBegun, StrayLeg};

/// From one beat to the next, as the server has it.
const BEAT_EVERY: SignedDuration = SignedDuration::from_millis(400);
/// How long the books are left alone after they could not be written, as the server has it.
const RETRY_AFTER: SignedDuration = SignedDuration::from_millis(250);
/// Of the numbers that are dialed, so many are forbidden between the decision and the attempt.
const FORBIDDEN_MEANWHILE: f64 = 0.02;

/// A call whose attempt is being written.
pub(super) struct Dial {
    request: DialRequest,
    sip_call_id: String,
}

impl World {
    pub(super) fn enter(&mut self, id: u32, entry: Entry) {
        if let Some(process) = self.processes.get_mut(&id) {
            process.waiting.add(entry);
        }
    }

    /// What the books are to do next, one thing at a time.
    pub(super) fn work(&mut self, id: u32) {
        let idle = |process: &&mut super::process::Process| !process.books_busy && !process.fenced;
        let Some(process) = self.processes.get_mut(&id).filter(idle) else { return };
        let Some(work) = process.waiting.work() else { return };
        process.books_busy = true;
        match work {
            Work::Fetch { campaign, count } => {
                self.ask(id, Asked::Claim(campaign), Request::Claim { campaign, count });
            }
            Work::LetGo { held, .. } => self.ask(id, Asked::LetGo, Request::LetGo(held)),
            Work::Write(said) => self.ask(id, Asked::Write, Request::Write(said)),
        }
    }

    /// The attempt goes to the books; its INVITE waits for their word.
    pub(super) fn write_ahead(&mut self, id: u32, request: DialRequest) {
        let call = request.call;
        self.order(id, Item::Order(Order::Expect { call }));
        let hurried = self.plan.bug == Some(Bug::InviteBeforeCommit);
        let Some(process) = self.processes.get_mut(&id) else { return };
        let sip_call_id = process.call_maker.of(call);
        let Ok(number) = request.permit.number(request.at) else {
            return self.order(id, Item::Order(Order::Unwritten { call }));
        };
        let begun = AttemptBegun {
            call,
            lead: request.permit.lead(),
            campaign: request.permit.campaign(),
            number,
            caller_id: Some(request.permit.caller_id()),
            sip_call_id: Some(sip_call_id.clone()),
            trunk: None,
            at: request.at,
            commitment: None,
        };
        if hurried {
            let permit = request.permit;
            self.order(id, Item::Order(Order::Dial { call, sip_call_id, permit }));
        } else {
            process.dials.insert(call, Dial { request, sip_call_id });
        }
        if self.plan.faults && self.chance.happens(FORBIDDEN_MEANWHILE) {
            self.ask(id, Asked::DoNotCall, Request::DoNotCall(number));
        }
        self.ask(id, Asked::Begin(call), Request::Begin(Box::new(begun)));
    }

    pub(super) fn books_said(&mut self, id: u32, asked: Asked, answer: Option<Answer>) {
        let lost = answer.is_none() && self.plan.bug == Some(Bug::RecordLost);
        let Some(process) = self.processes.get_mut(&id) else { return };
        let now = self.now + process.off;
        if answer.is_some() {
            process.pulse.beat(now);
        }
        match asked {
            Asked::Beat => {
                let at = self.now + BEAT_EVERY;
                self.timeline.plan(at, Happening::Op(id, Item::Beat));
            }
            Asked::Begin(call) => {
                let begun = matches!(answer, Some(Answer::Begun(true)));
                self.begun(id, call, begun);
            }
            Asked::Claim(campaign) => {
                process.books_busy = false;
                match &answer {
                    Some(Answer::Claimed(_, leads, _)) => {
                        process.waiting.fetched(leads.iter().map(|lead| lead.id));
                    }
                    _ => process.waiting.fetch_failed(campaign),
                }
            }
            Asked::LetGo if answer.is_some() => {
                process.waiting.let_go();
                process.books_busy = false;
            }
            Asked::DoNotCall | Asked::Forget => {}
            Asked::Write if answer.is_some() || lost => {
                process.waiting.written();
                process.books_busy = false;
            }
            Asked::LetGo | Asked::Write => {
                let at = self.now + RETRY_AFTER;
                self.timeline.plan(at, Happening::Op(id, Item::WriteAgain));
            }
        }
        match answer {
            Some(Answer::Claimed(campaign, leads, next_due)) => {
                self.fact(id, Input::Leads { campaign, leads, next_due });
            }
            Some(Answer::DoNotCall(number)) if self.plan.bug == Some(Bug::DoNotCallLate) => {
                self.witness.forbidden.insert(number.digits(), self.now);
            }
            Some(Answer::DoNotCall(number)) => {
                self.fact(id, Input::Command(Command::DoNotCallAdd(number)));
            }
            Some(
                Answer::Beat
                | Answer::Begun(_)
                | Answer::Forgotten
                | Answer::LetGo
                | Answer::Written,
            )
            | None => {}
        }
        self.work(id);
    }

    fn begun(&mut self, id: u32, call: CallId, begun: bool) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        let now = self.now + process.off;
        let Some(Dial { request, sip_call_id }) = process.dials.remove(&call) else { return };
        let order = if begun && promises::in_time(request.at, now) {
            Order::Dial { call, sip_call_id, permit: request.permit }
        } else {
            Order::Unwritten { call }
        };
        self.order(id, Item::Order(order));
    }

    /// A BYE is sent again for so long (RFC 3261 §17.1.2.2, timer F).
    pub(super) fn forget_later(&mut self, id: u32, strays: Vec<(StrayLeg, String)>) {
        if !strays.is_empty() {
            let at = self.now + BYE_MAX;
            self.timeline.plan(at, Happening::Op(id, Item::Forget(strays)));
        }
    }
}
