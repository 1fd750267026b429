//! Calls that come in: a carrier calls one of our numbers (RFC 3261 §13.3).

use std::net::SocketAddr;

use jiff::Timestamp;

use super::desk::Desk;
use super::directory::{caller_of, check_of, diverted_from};
use super::fact::{Incoming, TrunkEvent};
use super::invite;
use crate::call::EndCause;
use crate::domain::{CallId, Fault, MediaTarget, Outcome, TrunkId};
use crate::sip::sdp::{self, LocalMedia, LocalSrtp, SdpFault};
use crate::sip::{DialogId, Endpoint, Failure, FailureKind, IncomingInvite};

/// A call that has come in.
pub(super) struct Guest {
    dialog: DialogId,
    trunk: TrunkId,
    sip_call_id: String,
    /// The offer; `None` when it asks for ours.
    offer: Option<String>,
    /// Our keys.
    srtp: Option<Box<LocalSrtp>>,
    stage: Stage,
}

enum Stage {
    /// It rings; the owner answers or refuses.
    Asking,
    /// Answered, from here on with audio at `local`.
    Answered {
        local: SocketAddr,
        /// The `o=` version of the last SDP that we sent.
        version: u64,
        /// Where the caller hears, once known: with a late offer the ACK says so.
        target: Option<MediaTarget>,
        /// The ACK has come.
        is_up: bool,
        /// The far end has asked for T.38: a fax machine.
        fax: bool,
    },
}

/// What is refused at once: the status, and why, for the log.
type Refusal = (u16, &'static str);

impl Desk {
    /// Somebody calls. Only the owner's tables are asked; nothing is kept of who is refused.
    pub(super) fn comes_in(
        &mut self,
        dialog: DialogId,
        from: SocketAddr,
        invite: IncomingInvite,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        match self.welcome(from, &invite, now) {
            Ok((trunk, incoming, srtp)) => {
                let call = CallId(self.next_inbound);
                self.next_inbound += 1;
                sip.ring(dialog, 180, None, now);
                let guest = Guest {
                    dialog,
                    trunk,
                    sip_call_id: invite.call_id,
                    offer: invite.sdp,
                    srtp,
                    stage: Stage::Asking,
                };
                self.by_dialog.insert(dialog, call);
                self.guests.insert(call, guest);
                self.tell(call, TrunkEvent::Incoming(Box::new(incoming)), now);
            }
            Err((status, why)) => {
                tracing::info!(%from, status, why, "a call that came in is refused");
                sip.reject(dialog, status, Vec::new(), now);
            }
        }
    }

    /// Whom the call is for; its channel is taken then.
    fn welcome(
        &mut self,
        from: SocketAddr,
        invite: &IncomingInvite,
        now: Timestamp,
    ) -> Result<(TrunkId, Incoming, Option<Box<LocalSrtp>>), Refusal> {
        let trunk = self.trunk_of(from).ok_or((403, "of no trunk"))?;
        if self.draining {
            return Err((503, "stopping"));
        }
        if self.is_strained() {
            return Err((503, "the media threads have no time for more"));
        }
        if self.is_full() {
            return Err((503, "every channel of all trunks is taken"));
        }
        let Some(route) = self.directory.find(&invite.request_uri, trunk) else {
            return Err((404, "no such number of ours"));
        };
        let line = self.lines.get_mut(&trunk).ok_or((403, "of no trunk"))?;
        let srtp = self.keys.for_call(line.config.srtp);
        if let Some(offer) = &invite.sdp {
            // Our port is not known yet, and does not matter for whether we understand each other.
            let media = invite::media(&line.config, from, srtp.as_deref());
            sdp::answer(offer, &media, 1).map_err(|fault| (fault.status(), "unusable audio"))?;
        }
        if !line.take_inbound() {
            return Err((486, "every channel of the trunk is taken"));
        }
        let incoming = Incoming {
            campaign: route.campaign,
            caller: caller_of(invite, route.country),
            check: check_of(invite, route, self.directory.signers.as_deref(), now),
            called: route.number,
            diverted_from: diverted_from(invite, route.country),
            trunk: line.config.name.clone(),
        };
        Ok((trunk, incoming, srtp))
    }

    /// The trunk whose carrier sends from there: the one with that very address and port, else the
    /// first with the address.
    fn trunk_of(&self, from: SocketAddr) -> Option<TrunkId> {
        let exact = self.lines.values().find(|line| line.is_at(from));
        let near =
            || self.lines.values().find(|line| line.networks().any(|n| n.contains(from.ip())));
        exact.or_else(near).map(|line| line.config.id)
    }

    /// Answers a call that rings. `Answered` follows when the caller has heard of it.
    pub(super) fn answer(
        &mut self,
        call: CallId,
        local: SocketAddr,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let Some(guest) = self.guests.get_mut(&call) else { return };
        let Some(line) = self.lines.get(&guest.trunk) else { return };
        let Stage::Asking = &guest.stage else { return };
        let media = invite::media(&line.config, local, guest.srtp.as_deref());
        let version = invite::FIRST;
        match agree(guest.offer.as_deref(), &media, version) {
            Ok((answer, target)) => {
                guest.stage = Stage::Answered { local, version, target, is_up: false, fax: false };
                sip.answer(guest.dialog, answer, now);
            }
            Err(fault) => sip.reject(guest.dialog, fault.status(), Vec::new(), now),
        }
    }

    /// Turns a call away that rings. `Ended` follows.
    pub(super) fn refuse(&mut self, call: CallId, status: u16, sip: &mut Endpoint, now: Timestamp) {
        if let Some(guest) = self.guests.get(&call) {
            sip.reject(guest.dialog, status, Vec::new(), now);
        }
    }

    /// The ACK: the call is up, when there is audio.
    pub(super) fn confirmed(
        &mut self,
        dialog: DialogId,
        sdp: Option<&str>,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let Some((call, guest)) = self.guest(dialog) else { return };
        let (trunk, srtp) = (guest.trunk, guest.srtp.clone());
        let Stage::Answered { local, target, is_up, .. } = &mut guest.stage else { return };
        if std::mem::replace(is_up, true) {
            return;
        }
        let local = *local;
        let found = match (*target, sdp, self.lines.get(&trunk)) {
            (Some(target), ..) => Some(target),
            (None, Some(answer), Some(line)) => {
                let media = invite::media(&line.config, local, srtp.as_deref());
                sdp::read_answer(answer, &media).ok()
            }
            (None, ..) => None,
        };
        match found {
            Some(target) => self.tell(call, TrunkEvent::Answered(target), now),
            None => {
                tracing::warn!(%call, "a caller's audio cannot be used; hung up");
                sip.hang_up(dialog, now);
            }
        }
    }

    /// A re-INVITE inside a call that came in; false when the dialog is none of these.
    pub(super) fn guest_reoffers(
        &mut self,
        dialog: DialogId,
        sdp: Option<&str>,
        sip: &mut Endpoint,
        now: Timestamp,
    ) -> bool {
        let Some(&call) = self.by_dialog.get(&dialog) else { return false };
        let Some(guest) = self.guests.get(&call) else { return false };
        let Stage::Answered { local, version, .. } = guest.stage else { return false };
        let Some(line) = self.lines.get(&guest.trunk) else { return false };
        let media = invite::media(&line.config, local, guest.srtp.as_deref());
        let agreed = agree(sdp, &media, version + 1);
        let Some((_, guest)) = self.guest(dialog) else { return false };
        let Stage::Answered { version, fax, .. } = &mut guest.stage else { return false };
        match agreed {
            Ok((answer, target)) => {
                *version += 1;
                sip.accept_reoffer(dialog, answer, now);
                if let Some(target) = target {
                    self.tell(call, TrunkEvent::Retarget(target), now);
                }
            }
            Err(fault) => {
                *fax |= sdp.is_some_and(|offer| offer.contains("m=image"));
                sip.reject_reoffer(dialog, fault.status(), now);
            }
        }
        true
    }

    /// A call that came in was answered, and is over; false when the dialog is none of these.
    pub(super) fn guest_ended(
        &mut self,
        dialog: DialogId,
        by_remote: bool,
        q850: Option<u8>,
        now: Timestamp,
    ) -> bool {
        let Some((_, guest)) = self.guest(dialog) else { return false };
        let (outcome, fault) = match guest.stage {
            Stage::Answered { is_up: true, fax: true, .. } => (Outcome::Fax, Fault::Callee),
            _ if by_remote => (Outcome::HungUp, Fault::Callee),
            Stage::Answered { is_up: true, .. } => (Outcome::Cancelled, Fault::Us),
            // No ACK for our answer, or one without usable audio.
            Stage::Answered { .. } | Stage::Asking => (Outcome::Failed, Fault::Carrier),
        };
        let how = (outcome, fault, by_remote);
        self.guest_leaves(dialog, how, Some(200), q850, now)
    }

    /// A call that came in was never answered; false when the dialog is none of these.
    pub(super) fn guest_failed(
        &mut self,
        dialog: DialogId,
        failure: &Failure,
        now: Timestamp,
    ) -> bool {
        let how = match failure.kind {
            FailureKind::Cancelled => (Outcome::Cancelled, Fault::Callee, true),
            FailureKind::AuthenticationRefused
            | FailureKind::Overloaded
            | FailureKind::Response
            | FailureKind::Timeout
            | FailureKind::Transport => (Outcome::Cancelled, Fault::Us, false),
        };
        self.guest_leaves(dialog, how, failure.status, failure.q850, now)
    }

    fn guest_leaves(
        &mut self,
        dialog: DialogId,
        (outcome, fault, by_callee): (Outcome, Fault, bool),
        sip_status: Option<u16>,
        q850: Option<u8>,
        now: Timestamp,
    ) -> bool {
        let Some((call, _)) = self.guest(dialog) else { return false };
        self.by_dialog.remove(&dialog);
        let Some(guest) = self.guests.remove(&call) else { return false };
        if let Some(line) = self.lines.get_mut(&guest.trunk) {
            line.free();
        }
        let cause = EndCause {
            outcome,
            fault,
            by_callee,
            sip_status,
            q850,
            retry_after: None,
            sip_call_id: Some(guest.sip_call_id),
            trunk: self.name_of(guest.trunk),
        };
        self.tell(call, TrunkEvent::Ended(cause), now);
        true
    }

    /// Ends a call that came in; false when there is none of that number.
    pub(super) fn hang_up_guest(
        &mut self,
        call: CallId,
        sip: &mut Endpoint,
        now: Timestamp,
    ) -> bool {
        let Some(guest) = self.guests.get(&call) else { return false };
        sip.hang_up(guest.dialog, now);
        true
    }

    fn guest(&mut self, dialog: DialogId) -> Option<(CallId, &mut Guest)> {
        let call = *self.by_dialog.get(&dialog)?;
        Some((call, self.guests.get_mut(&call)?))
    }
}

/// Our SDP to an offer, and where the audio goes; to none, an offer of ours.
fn agree(
    offer: Option<&str>,
    media: &LocalMedia,
    version: u64,
) -> Result<(String, Option<MediaTarget>), SdpFault> {
    match offer {
        None => Ok((sdp::offer(media, version), None)),
        Some(offer) => {
            sdp::answer(offer, media, version).map(|(answer, target)| (answer, Some(target)))
        }
    }
}
