//! Requests inside a dialog, both ways: BYE, INFO, and new media by re-INVITE and UPDATE (RFC 3261
//! §12.2, §14, §15; RFC 3311).

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use super::callee::SUPPORTED;
use super::client::{ClientId, Outgoing};
use super::purpose::{Conclusion, Purpose};
use super::refresh::{asking_for, with_session};
use super::server::ServerId;
use super::{ALLOW, Endpoint};
use crate::sip::chance::token;
use crate::sip::dialog::{INTERVAL_S_MIN, Offered, Phase, Session, Unacknowledged};
use crate::sip::event::{DialogId, Event, FailureKind};
use crate::sip::message::{Message, Name, Writer, fields};

/// The longest INFO body that is handed on; a longer one is no key press.
const INFO_MAX: usize = 1_024;

impl Endpoint {
    /// The dialog that a request is in (§12.2.2).
    pub(super) fn dialog_in(&self, request: &Message<'_>) -> Option<DialogId> {
        let id = DialogId(token(request.to_tag?)?);
        self.dialogs.get(&id).filter(|dialog| dialog.has(request)).map(|_| id)
    }

    /// A new request with a To tag, other than ACK and CANCEL.
    pub(super) fn handle_within(
        &mut self,
        server: ServerId,
        message: &Message<'_>,
        from: SocketAddr,
        now: Timestamp,
    ) {
        let Some(id) = self.dialog_in(message) else {
            return self.refuse(message, from, 481, Writer::end);
        };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if !dialog.take_seq(message.cseq.number) {
            return self.refuse(message, from, 500, Writer::end);
        }
        match message.method() {
            "BYE" => self.handle_bye(id, server, message, from, now),
            "INFO" => self.handle_info(id, server, message, from, now),
            "INVITE" | "UPDATE" => self.handle_offer(id, server, message, from, now),
            "OPTIONS" => self.reply_at_once(server, message, from, 200, allow, now),
            // We never send a reliable 1xx.
            "PRACK" => self.refuse(message, from, 481, Writer::end),
            _ => self.refuse_method(message, from),
        }
    }

    fn handle_bye(
        &mut self,
        id: DialogId,
        server: ServerId,
        message: &Message<'_>,
        from: SocketAddr,
        now: Timestamp,
    ) {
        if self.dialogs.get(&id).is_some_and(|d| matches!(d.phase, Phase::Inviting(_))) {
            // A callee may not end an early dialog so (§15).
            return self.refuse(message, from, 481, Writer::end);
        }
        self.reply_at_once(server, message, from, 200, Writer::end, now);
        let q850 = message.all(Name::Reason).find_map(fields::q850);
        match self.dialogs.get(&id).map(|dialog| &dialog.phase) {
            Some(Phase::Ringing(_)) => {
                self.turn_away(id, 487, FailureKind::Cancelled, &[], now);
            }
            Some(Phase::Answered { .. } | Phase::Confirmed) => {
                self.withdraw_offer(id, now);
                self.forget(id);
                self.tell(Event::Ended { dialog: id, by_remote: true, q850 });
            }
            // The two BYEs crossed: the owner has had its last event.
            Some(Phase::Closing | Phase::Inviting(_)) | None => {}
        }
    }

    fn handle_info(
        &mut self,
        id: DialogId,
        server: ServerId,
        message: &Message<'_>,
        from: SocketAddr,
        now: Timestamp,
    ) {
        self.reply_at_once(server, message, from, 200, Writer::end, now);
        if message.body.len() <= INFO_MAX && !self.is_over(id) {
            let content_type = message.get(Name::ContentType).unwrap_or_default().to_owned();
            let body = String::from_utf8_lossy(message.body).into_owned();
            self.tell(Event::Info { dialog: id, content_type, body });
        }
    }

    fn is_over(&self, id: DialogId) -> bool {
        self.dialogs.get(&id).is_none_or(|dialog| matches!(dialog.phase, Phase::Closing))
    }

    /// A re-INVITE or UPDATE.
    fn handle_offer(
        &mut self,
        id: DialogId,
        server: ServerId,
        message: &Message<'_>,
        from: SocketAddr,
        now: Timestamp,
    ) {
        let invite = (message.method() == "INVITE").then_some(message.cseq.number);
        let Some(dialog) = self.dialogs.get(&id) else { return };
        let settled = match dialog.phase {
            Phase::Confirmed => true,
            Phase::Inviting(_) | Phase::Ringing(_) | Phase::Answered { .. } => false,
            Phase::Closing => return self.refuse(message, from, 481, Writer::end),
        };
        if Self::asks_for_too_short_a_session(message) {
            let write = |writer: Writer| writer.header("Min-SE", INTERVAL_S_MIN).end();
            return self.refuse(message, from, 422, write);
        }
        if !message.has_known_body() {
            return self.refuse(message, from, 415, |writer| {
                writer.header("Accept", "application/sdp").end()
            });
        }
        let sdp = message.sdp();
        if invite.is_none() && sdp.is_none() {
            return self.handle_refresh(id, server, message, from, now);
        }
        if dialog.offering {
            // Both ends offered at once (§14.2).
            return self.refuse(message, from, 491, Writer::end);
        }
        if dialog.offered.is_some() || dialog.unacknowledged.is_some() || !settled {
            return self.refuse(message, from, 500, |writer| writer.header("Retry-After", 3).end());
        }
        let session = Session::agree(message, now);
        if let Some(dialog) = self.dialogs.get_mut(&id) {
            dialog.take_target(message);
            dialog.offered = Some(Offered { server, invite, offerless: sdp.is_none(), session });
        }
        self.open_server(server, message, from, None, Some(id), now);
        self.tell(Event::Reoffer { dialog: id, sdp });
    }

    /// Takes a [`Event::Reoffer`] with this answer.
    pub fn accept_reoffer(&mut self, dialog: DialogId, sdp: String, now: Timestamp) {
        let Some(known) = self.dialogs.get_mut(&dialog) else { return };
        let Some(offered) = known.offered.take() else { return };
        let contact = known.contact.clone();
        let session = offered.session.map(|session| session.restart(now));
        let write = |writer: Writer| {
            let writer = writer
                .header("Contact", contact)
                .header("Allow", ALLOW)
                .header("Supported", SUPPORTED);
            with_session(writer, session).sdp(Some(&sdp))
        };
        let Some((response, to)) = self.reply(offered.server, 200, write, now) else { return };
        let Some(known) = self.dialogs.get_mut(&dialog) else { return };
        known.session = session;
        known.unacknowledged = offered
            .invite
            .map(|cseq| Unacknowledged::new(response, to, cseq, offered.offerless, now));
        known.sdp = sdp;
        self.arm_dialog(dialog);
    }

    /// Refuses a [`Event::Reoffer`], with 488 for instance; the call goes on as it was.
    pub fn reject_reoffer(&mut self, dialog: DialogId, status: u16, now: Timestamp) {
        let offered = self.dialogs.get_mut(&dialog).and_then(|known| known.offered.take());
        if let Some(offered) = offered {
            self.reply(offered.server, status.clamp(300, 699), Writer::end, now);
        }
    }

    /// The far end's offer came to nothing: it was cancelled, or the dialog is over.
    pub(super) fn withdraw_offer(&mut self, id: DialogId, now: Timestamp) {
        self.reject_reoffer(id, 487, now);
    }

    /// Offers other media inside the dialog (re-INVITE, RFC 3261 §14).
    /// [`Event::ReofferAnswered`] or [`Event::ReofferRefused`] follows while the dialog lives.
    pub fn reoffer(&mut self, dialog: DialogId, sdp: String, now: Timestamp) {
        let Some(known) = self.dialogs.get_mut(&dialog) else { return };
        let busy = known.offering || known.offered.is_some() || known.unacknowledged.is_some();
        if busy || !matches!(known.phase, Phase::Confirmed) {
            return self.tell(Event::ReofferRefused { dialog, status: Some(491) });
        }
        known.sdp = sdp;
        self.send_reinvite(dialog, false, now);
    }

    pub(super) fn send_reinvite(&mut self, id: DialogId, refresh: bool, now: Timestamp) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.offering = true;
        let (sdp, session) = (dialog.sdp.clone(), dialog.session);
        let purpose = Purpose::Reinvite { dialog: id, refresh };
        let write = |writer: Writer| {
            let writer = writer.header("Allow", ALLOW);
            asking_for(writer, session).sdp(Some(&sdp))
        };
        self.send_within(id, "INVITE", purpose, write, now);
    }

    /// A 2xx to our re-INVITE; its ACK is on the way.
    pub(super) fn reoffer_answered(&mut self, id: DialogId, message: &Message<'_>, now: Timestamp) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.offering = false;
        if !matches!(dialog.phase, Phase::Confirmed) {
            return;
        }
        dialog.take_target(message);
        dialog.session = Session::agreed(message, now);
        self.arm_dialog(id);
        self.tell(Event::ReofferAnswered { dialog: id, sdp: message.sdp() });
    }

    /// Our re-INVITE is over without a 2xx.
    pub(super) fn reoffer_failed(
        &mut self,
        id: DialogId,
        refresh: bool,
        conclusion: Conclusion<'_>,
        now: Timestamp,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.offering = false;
        if !refresh && matches!(dialog.phase, Phase::Confirmed) {
            self.tell(Event::ReofferRefused { dialog: id, status: conclusion.status() });
        }
        self.refreshed(id, conclusion, now);
    }

    /// Ends an answered call: BYE, and the owner's last event.
    pub(super) fn end(&mut self, id: DialogId, now: Timestamp) {
        if self.is_over(id) {
            return;
        }
        self.withdraw_offer(id, now);
        if let Some(dialog) = self.dialogs.get_mut(&id) {
            dialog.phase = Phase::Closing;
            (dialog.session, dialog.unacknowledged) = (None, None);
        }
        self.arm_dialog(id);
        self.send_within(id, "BYE", Purpose::Bye(id), Writer::end, now);
        self.tell(Event::Ended { dialog: id, by_remote: false, q850: None });
    }

    pub(super) fn send_within(
        &mut self,
        id: DialogId,
        method: &'static str,
        purpose: Purpose,
        write: impl FnOnce(Writer) -> Bytes,
        now: Timestamp,
    ) {
        let client = ClientId::of_token(self.tokens.next());
        let sent_by = self.sent_by(self.dialogs.get(&id).map(|dialog| dialog.peer));
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let mut writer = dialog
            .request(method, client.token(), sent_by)
            .header("User-Agent", &self.config.user_agent);
        if method != "BYE" {
            writer = writer.header("Contact", &dialog.contact);
        }
        let outgoing = Outgoing {
            id: client,
            method,
            bytes: write(writer),
            to: dialog.peer,
            purpose,
            call_id: &dialog.call_id.clone(),
            tag: id.0,
            cseq: dialog.local_seq,
            credentials: None,
        };
        self.start(outgoing, now);
    }
}

/// A 200 to OPTIONS (§11.2).
pub(super) fn allow(writer: Writer) -> Bytes {
    writer
        .header("Allow", ALLOW)
        .header("Accept", "application/sdp")
        .header("Supported", SUPPORTED)
        .end()
}
