//! How calls end, and what their trunk learns from it.

use jiff::{SignedDuration, Timestamp};

use super::call::{Out, Progress, Stage};
use super::desk::Desk;
use super::line::{Line, after};
use super::outcome::{Event, LastWord, Meaning, Word};
use crate::call::EndCause;
use crate::domain::{CallId, Fault, Outcome};
use crate::sip::{DialogId, Endpoint, Failure, FailureKind};

/// How long a network may take to say in words what its tones have said.
const ANNOUNCEMENT: SignedDuration = SignedDuration::from_secs(8);

/// Patience ends this late: the process stood still, and what the trunk has said may lie in the socket.
const STOOD_STILL: SignedDuration = SignedDuration::from_millis(300);

impl Desk {
    /// The call was never answered: it goes to the next trunk where it may, else it is over.
    pub(super) fn failed(&mut self, dialog: DialogId, failure: Failure, now: Timestamp) {
        if self.orphan_is_over(dialog) {
            return;
        }
        let Some((call, out)) = self.take_out(dialog, now) else { return };
        if failure.kind == FailureKind::Overloaded {
            tracing::error!(%call, "no room for another SIP dialog; the call is not placed");
        }
        let word = LastWord {
            status: failure.status,
            q850: failure.q850,
            sip_cause: failure.sip_cause,
            by_analytics: failure.by_analytics,
            unsent: failure.kind == FailureKind::Transport,
            rang: matches!(out.progress, Progress::Ringing { .. }),
            hung_up: out.hung_up,
        };
        let Some(line) = self.lines.get_mut(&out.trunk) else { return };
        let table = &line.config.outcomes;
        let (meaning, next_trunk) = (word.meaning(table).cloned(), word.may_fail_over(table));
        let meaning = meaning.unwrap_or_else(unknown);
        if word.rang {
            line.vouch();
        }
        // A call may go to the trunk's next address before it goes to the next trunk.
        let elsewhere = next_trunk
            && asks_for_next(&failure)
            && line.moves_on(out.at, failure.retry_after, now);
        match elsewhere {
            true => line.free(),
            false => line.learn(&failure, meaning.fault, now),
        }
        if meaning.outcome == Outcome::Blocked || failure.status == Some(607) {
            let (trunk, disputed_at) = (&line.config.name, failure.redress.as_deref());
            tracing::warn!(%call, %trunk, status = ?failure.status, disputed_at, "blocked as unwanted");
        }
        // A trunk that was silent for Timer B has outlived the permit: the gate is asked first.
        let may_go_on = self.calls.get_mut(&call).is_some_and(|call| {
            call.untried.splice(..0, elsewhere.then_some(out.trunk));
            !call.untried.is_empty() && call.permit.number(now).is_ok()
        });
        if next_trunk && may_go_on {
            tracing::info!(%call, status = ?word.status, "the trunk has failed; on to the next");
            return self.wait_again(call, now);
        }
        tracing::debug!(%call, status = ?word.status, source = %meaning.source, "not answered");
        let cause = EndCause {
            outcome: meaning.outcome,
            fault: meaning.fault,
            by_callee: failure.status.is_some() && !out.hung_up,
            sip_status: failure.status,
            q850: failure.q850,
            retry_after: failure.retry_after,
            sip_call_id: out.sip_call_id,
            trunk: self.name_of(out.trunk),
        };
        self.end(call, cause, now);
    }

    /// The call was answered, and is over.
    pub(super) fn ended(
        &mut self,
        dialog: DialogId,
        by_remote: bool,
        q850: Option<u8>,
        now: Timestamp,
    ) {
        if self.orphan_is_over(dialog) {
            return;
        }
        let Some((call, out)) = self.take_out(dialog, now) else { return };
        let (outcome, fault) = match out.progress {
            Progress::Talking { fax: true } => (Outcome::Fax, Fault::Callee),
            Progress::Talking { fax: false } if by_remote => (Outcome::HungUp, Fault::Callee),
            Progress::Talking { fax: false } => (Outcome::Cancelled, Fault::Us),
            Progress::Calling | Progress::Ringing { .. } | Progress::Unusable => {
                let table = self.lines.get(&out.trunk).map(|line| &line.config.outcomes);
                table
                    .and_then(|table| table.of(Word::Event(Event::Unusable)))
                    .map_or((Outcome::Failed, Fault::Carrier), |said| (said.outcome, said.fault))
            }
        };
        if let Some(line) = self.lines.get_mut(&out.trunk) {
            line.release(fault, now);
        }
        let cause = EndCause {
            outcome,
            fault,
            by_callee: by_remote,
            sip_status: Some(200),
            q850,
            retry_after: None,
            sip_call_id: out.sip_call_id,
            trunk: self.name_of(out.trunk),
        };
        self.end(call, cause, now);
    }

    /// Whose trunk has said nothing for too long: another one takes the call at once, and the first
    /// INVITE is given up, so that whatever still comes of it is cancelled or ended.
    pub(super) fn outwait(&mut self, sip: &mut Endpoint, now: Timestamp) {
        while let Some((at, id)) = self.patience.first().copied().filter(|(at, _)| *at <= now) {
            self.patience.remove(&(at, id));
            let Some(call) = self.calls.get_mut(&id) else { continue };
            let Stage::Out(out) = &mut call.stage else { continue };
            let has_next = |line: &Line| line.places.has_other(out.at, now);
            let elsewhere = self.lines.get(&out.trunk).is_some_and(has_next);
            let others = (elsewhere || !call.untried.is_empty()) && call.permit.number(now).is_ok();
            let silent = matches!(out.progress, Progress::Calling) && !out.heard && !out.hung_up;
            if !others || !silent || out.patient_until != Some(at) {
                continue;
            }
            if after(at, STOOD_STILL) <= now {
                let until = after(now, STOOD_STILL);
                out.patient_until = Some(until);
                self.patience.insert((until, id));
                continue;
            }
            let (dialog, trunk, at) = (out.dialog, out.trunk, out.at);
            call.untried.splice(..0, elsewhere.then_some(trunk));
            sip.hang_up(dialog, now);
            self.by_dialog.remove(&dialog);
            self.orphans.insert(dialog, trunk);
            if let Some(line) = self.lines.get_mut(&trunk) {
                tracing::info!(call = %id, trunk = %line.config.name, "silent; on to the next");
                if !(elsewhere && line.moves_on(at, None, now)) {
                    line.is_silent(now);
                }
            }
            self.wait_again(id, now);
        }
    }

    /// Gives the call up in a while, unless it is answered or over by then: the network has said by
    /// its tones how it ends, and mostly sends the response when its announcement is over.
    pub(super) fn doom(&mut self, call: CallId, now: Timestamp) {
        self.doomed.insert((after(now, ANNOUNCEMENT), call));
    }

    /// Gives up whose time has come.
    pub(super) fn give_up_doomed(&mut self, sip: &mut Endpoint, now: Timestamp) {
        while let Some((at, id)) = self.doomed.first().copied().filter(|(at, _)| *at <= now) {
            self.doomed.remove(&(at, id));
            let is_talking = self.calls.get(&id).is_some_and(|call| match &call.stage {
                Stage::Out(out) => matches!(out.progress, Progress::Talking { .. }),
                Stage::Waiting { .. } => false,
            });
            if !is_talking {
                self.hang_up(id, sip, now);
            }
        }
    }

    /// A dialog whose call has gone to another trunk is over.
    fn orphan_is_over(&mut self, dialog: DialogId) -> bool {
        let Some(trunk) = self.orphans.remove(&dialog) else { return false };
        if let Some(line) = self.lines.get_mut(&trunk) {
            line.free();
        }
        true
    }

    /// Takes the dialog off its call, which is left without an INVITE out.
    fn take_out(&mut self, dialog: DialogId, now: Timestamp) -> Option<(CallId, Out)> {
        let id = self.by_dialog.remove(&dialog)?;
        let call = self.calls.get_mut(&id)?;
        match std::mem::replace(&mut call.stage, Stage::Waiting { give_up_at: now }) {
            Stage::Out(out) => Some((id, *out)),
            Stage::Waiting { .. } => None,
        }
    }
}

/// Whether a failure is one after which the next address of the same domain is asked (RFC 3263 §4.3):
/// no way there, no answer, or a 503.
fn asks_for_next(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Timeout | FailureKind::Transport => true,
        FailureKind::Response => failure.status == Some(503),
        FailureKind::AuthenticationRefused | FailureKind::Cancelled | FailureKind::Overloaded => {
            false
        }
    }
}

/// What a word means that no table knows.
fn unknown() -> Meaning {
    Meaning {
        outcome: Outcome::Failed,
        fault: Fault::Carrier,
        next_trunk: false,
        source: "in no table".into(),
    }
}
