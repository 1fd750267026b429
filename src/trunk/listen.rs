//! What SIP says, put into the words of a call.

use jiff::Timestamp;

use super::call::{Out, Progress, Stage};
use super::desk::Desk;
use super::fact::TrunkEvent;
use super::invite;
use crate::domain::CallId;
use crate::sip::sdp::{self, LocalMedia};
use crate::sip::{DialogId, Endpoint, Event, digit_of};

impl Desk {
    /// Takes one event in.
    pub(super) fn absorb(&mut self, event: Event, sip: &mut Endpoint, now: Timestamp) {
        match event {
            Event::Answered { dialog, sdp } => self.answered(dialog, sdp.as_deref(), sip, now),
            Event::Confirmed { dialog, sdp } => self.confirmed(dialog, sdp.as_deref(), sip, now),
            Event::Info { dialog, content_type, body } => {
                if let Some(digit) = digit_of(&content_type, &body)
                    && let Some(&call) = self.by_dialog.get(&dialog)
                {
                    self.tell(call, TrunkEvent::Digit(digit), now);
                }
            }
            Event::ReofferAnswered { .. } | Event::ReofferRefused { .. } => {}
            Event::Ended { dialog, by_remote, q850 } => {
                if !self.guest_ended(dialog, by_remote, q850, now) {
                    self.ended(dialog, by_remote, q850, now);
                }
            }
            Event::Failed { dialog, failure } => {
                let goes_on = self.follow(dialog, &failure, sip, now);
                if !goes_on && !self.guest_failed(dialog, &failure, now) {
                    self.failed(dialog, failure, now);
                }
            }
            Event::Incoming { dialog, from, invite } => {
                self.comes_in(dialog, from, *invite, sip, now);
            }
            Event::Provisional { dialog, status, sdp } => {
                self.progressed(dialog, status, sdp.as_deref(), sip, now);
            }
            Event::Reoffer { dialog, sdp } => {
                if !self.guest_reoffers(dialog, sdp.as_deref(), sip, now) {
                    self.reoffered(dialog, sdp.as_deref(), sip, now);
                }
            }
            // Nobody registers here, and the endpoint is told so.
            Event::Request { id, .. } => sip.respond(id, 403, Vec::new(), None, now),
            Event::Response { id, status, expires_s } => {
                if !self.registered(id, status, expires_s, now) {
                    self.probed(id, status);
                }
            }
        }
    }

    /// The call of a dialog, and our side of its audio.
    fn out(&mut self, dialog: DialogId) -> Option<(CallId, &mut Out, LocalMedia)> {
        let id = *self.by_dialog.get(&dialog)?;
        let call = self.calls.get_mut(&id)?;
        let Stage::Out(out) = &mut call.stage else { return None };
        let line = self.lines.get(&out.trunk)?;
        let media = invite::media(&line.config, call.local, out.srtp.as_deref());
        Some((id, out, media))
    }

    fn progressed(
        &mut self,
        dialog: DialogId,
        status: u16,
        sdp: Option<&str>,
        sip: &Endpoint,
        now: Timestamp,
    ) {
        let Some((id, out, _)) = self.out(dialog) else { return };
        out.heard = true;
        if let Some(until) = out.patient_until.take() {
            self.patience.remove(&(until, id));
        }
        let Some((id, out, media)) = self.out(dialog) else { return };
        let target = sdp.and_then(|text| sdp::read_answer(text, &media).ok());
        if status != 180 && target.is_none() {
            return;
        }
        let (first, early) = match out.progress {
            Progress::Calling => (true, None),
            Progress::Ringing { early } => (false, early),
            Progress::Talking { .. } | Progress::Unusable => return,
        };
        out.progress = Progress::Ringing { early: target.or(early) };
        if first {
            let trunk = out.trunk;
            if let Some(line) = self.lines.get_mut(&trunk) {
                line.vouch();
            }
            self.ringing(id, dialog, sip, now);
        }
        if let Some(target) = target.filter(|target| early != Some(*target)) {
            self.tell(id, TrunkEvent::EarlyMedia(target), now);
        }
    }

    /// After a challenge another INVITE than the first rings.
    fn ringing(&mut self, id: CallId, dialog: DialogId, sip: &Endpoint, now: Timestamp) {
        if self.may_be_challenged(id) {
            self.write_down(id, dialog, sip, now);
        }
        self.tell(id, TrunkEvent::Ringing, now);
    }

    fn may_be_challenged(&self, id: CallId) -> bool {
        let Some(Stage::Out(out)) = self.calls.get(&id).map(|call| &call.stage) else {
            return false;
        };
        self.lines.get(&out.trunk).is_some_and(|line| line.config.login.is_some())
    }

    fn answered(
        &mut self,
        dialog: DialogId,
        sdp: Option<&str>,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let Some((id, out, media)) = self.out(dialog) else { return };
        let read = |text| {
            let fault = |fault| tracing::warn!(call = %id, %fault, "the answer's audio");
            sdp::read_answer(text, &media).map_err(fault).ok()
        };
        let target = match (sdp, &out.progress) {
            (Some(text), _) => read(text),
            (None, Progress::Ringing { early }) => *early,
            (None, Progress::Calling | Progress::Talking { .. } | Progress::Unusable) => None,
        };
        match target {
            Some(target) => {
                out.progress = Progress::Talking { fax: false };
                let trunk = out.trunk;
                if let Some(line) = self.lines.get_mut(&trunk) {
                    line.vouch();
                }
                self.write_down(id, dialog, sip, now);
                self.tell(id, TrunkEvent::Answered(target), now);
            }
            None => {
                tracing::warn!(call = %id, "answered with audio that cannot be used; hung up");
                out.progress = Progress::Unusable;
                sip.hang_up(dialog, now);
            }
        }
    }

    /// A re-INVITE (RFC 3261 §14.2): hold, resume and a new port are answered in kind (RFC 3264
    /// §8.4), T.38 is refused and the audio goes on (RFC 3261 §14.2, 488).
    fn reoffered(
        &mut self,
        dialog: DialogId,
        sdp: Option<&str>,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let Some((id, out, media)) = self.out(dialog) else {
            return sip.reject_reoffer(dialog, 481, now);
        };
        let version = out.version + 1;
        let (answer, target) = match sdp {
            None => (sdp::offer(&media, version), None),
            Some(offer) => match sdp::answer(offer, &media, version) {
                Ok((answer, target)) => (answer, Some(target)),
                Err(fault) => {
                    if let Progress::Talking { fax } = &mut out.progress {
                        *fax |= offer.contains("m=image");
                    }
                    tracing::debug!(call = %id, %fault, "re-INVITE refused");
                    return sip.reject_reoffer(dialog, fault.status(), now);
                }
            },
        };
        out.version = version;
        sip.accept_reoffer(dialog, answer, now);
        if let Some(target) = target {
            self.tell(id, TrunkEvent::Retarget(target), now);
        }
    }
}
