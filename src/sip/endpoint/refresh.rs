//! The session timer at work (RFC 4028): both ends say now and then that the call lives.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::Endpoint;
use super::callee::SUPPORTED;
use super::purpose::{Conclusion, Purpose};
use super::server::ServerId;
use crate::sip::dialog::{INTERVAL_S_MIN, Phase, Session};
use crate::sip::event::DialogId;
use crate::sip::message::{Message, Name, Writer, fields};

impl Endpoint {
    /// An UPDATE without an offer: the session lives.
    pub(super) fn handle_refresh(
        &mut self,
        id: DialogId,
        server: ServerId,
        message: &Message<'_>,
        from: SocketAddr,
        now: Timestamp,
    ) {
        let session = Session::agree(message, now);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.take_target(message);
        if matches!(dialog.phase, Phase::Confirmed) {
            dialog.session = session;
        }
        let contact = dialog.contact.clone();
        self.arm_dialog(id);
        let write = |writer: Writer| {
            let writer = writer.header("Contact", contact).header("Supported", SUPPORTED);
            with_session(writer, session).end()
        };
        self.reply_at_once(server, message, from, 200, write, now);
    }

    /// Our refresh, or any request of ours in the dialog, is over.
    pub(super) fn refreshed(&mut self, id: DialogId, conclusion: Conclusion<'_>, now: Timestamp) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        match conclusion {
            // The dialog is gone at the far end (§12.2.1.2).
            Conclusion::Timeout | Conclusion::Response(_, 408 | 481) => return self.end(id, now),
            Conclusion::Response(message, 200..300) => {
                dialog.session = Session::agreed(message, now)
            }
            Conclusion::Response(message, 422) => {
                let min = message.get(Name::MinSe).and_then(fields::session_expires);
                if let (Some(session), Some((min, _))) = (&mut dialog.session, min) {
                    session.raise(min, now);
                }
            }
            Conclusion::Response(..) | Conclusion::Unsent => {}
        }
        self.arm_dialog(id);
    }

    /// It is our turn to say that the session lives (RFC 4028 §10).
    pub(super) fn refresh_session(&mut self, id: DialogId, now: Timestamp) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let busy = dialog.offering || dialog.offered.is_some() || dialog.unacknowledged.is_some();
        let (takes_update, Some(session)) = (dialog.takes_update, &mut dialog.session) else {
            return;
        };
        if busy {
            return session.postpone(now);
        }
        session.refresh_sent(now);
        let asked = Some(*session);
        if takes_update {
            let write = |writer: Writer| asking_for(writer, asked).end();
            self.send_within(id, "UPDATE", Purpose::Refresh(id), write, now);
        } else {
            self.send_reinvite(id, true, now);
        }
    }

    /// The Session-Expires that a request asks for is shorter than anyone may (RFC 4028 §8).
    pub(super) fn asks_for_too_short_a_session(request: &Message<'_>) -> bool {
        request
            .get(Name::SessionExpires)
            .and_then(fields::session_expires)
            .is_some_and(|(seconds, _)| seconds < INTERVAL_S_MIN)
    }
}

/// Adds the agreed session timer to a 2xx (RFC 4028 §9).
pub(super) fn with_session(writer: Writer, session: Option<Session>) -> Writer {
    match session {
        None => writer,
        Some(session) if session.is_ours() => writer.header("Session-Expires", session.in_answer()),
        Some(session) => {
            writer.header("Session-Expires", session.in_answer()).header("Require", "timer")
        }
    }
}

/// Adds the session timer to a request that refreshes it.
pub(super) fn asking_for(writer: Writer, session: Option<Session>) -> Writer {
    let writer = writer.header("Supported", SUPPORTED);
    match session {
        None => writer,
        Some(session) => writer.header("Session-Expires", session.in_request()),
    }
}
