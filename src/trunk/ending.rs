//! How calls end, and what their trunk learns from it.

use jiff::Timestamp;

use super::call::{Out, Progress, Stage};
use super::desk::Desk;
use super::outcome::LastWord;
use crate::call::EndCause;
use crate::domain::{CallId, Fault, Outcome};
use crate::sip::{DialogId, Failure, FailureKind};

impl Desk {
    /// The call was never answered: it goes to the next trunk where it may, else it is over.
    pub(super) fn failed(&mut self, dialog: DialogId, failure: Failure, now: Timestamp) {
        let Some((call, out)) = self.take_out(dialog, now) else { return };
        if failure.kind == FailureKind::Overloaded {
            tracing::error!(%call, "no room for another SIP dialog; the call is not placed");
        }
        let word = LastWord {
            status: failure.status,
            q850: failure.q850,
            rang: matches!(out.progress, Progress::Ringing { .. }),
            hung_up: out.hung_up,
        };
        let meaning = word.meaning();
        if let Some(line) = self.lines.get_mut(&out.trunk) {
            line.learn(failure, meaning.fault, now);
        }
        // A trunk that was silent for Timer B has outlived the permit: the gate is asked first.
        let may_go_on = self
            .calls
            .get(&call)
            .is_some_and(|call| !call.untried.is_empty() && call.permit.number(now).is_ok());
        if word.may_fail_over() && may_go_on {
            tracing::info!(%call, status = ?word.status, "the trunk has failed; on to the next");
            return self.wait_again(call, now);
        }
        tracing::debug!(%call, status = ?word.status, source = meaning.source, "not answered");
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
        let Some((call, out)) = self.take_out(dialog, now) else { return };
        let (outcome, fault) = match out.progress {
            Progress::Talking { fax: true } => (Outcome::Fax, Fault::Callee),
            Progress::Talking { fax: false } if by_remote => (Outcome::HungUp, Fault::Callee),
            Progress::Talking { fax: false } => (Outcome::Cancelled, Fault::Us),
            Progress::Calling | Progress::Ringing { .. } | Progress::Unusable => {
                (Outcome::Failed, Fault::Carrier)
            }
        };
        if let Some(line) = self.lines.get_mut(&out.trunk) {
            line.release(fault);
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

    /// Takes the dialog off its call, which is left without an INVITE out.
    fn take_out(&mut self, dialog: DialogId, now: Timestamp) -> Option<(CallId, Out)> {
        let id = self.by_dialog.remove(&dialog)?;
        let call = self.calls.get_mut(&id)?;
        match std::mem::replace(&mut call.stage, Stage::Waiting { give_up_at: now }) {
            Stage::Out(out) => Some((id, out)),
            Stage::Waiting { .. } => None,
        }
    }
}
