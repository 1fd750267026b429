//! People who call in: the test carrier calls a number of the dialer's.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::exchange::{Exchange, local_media};
use super::numbers::Answer;
use super::repertoire::Clip;
use super::report::{CallEnd, Ending};
use crate::domain::PhoneNumber;
use crate::media::{Leg, Repeat};
use crate::sip::{DialogId, Invite, sdp};

/// A call to be placed.
#[derive(Clone, Debug)]
pub struct CallIn {
    /// Where the dialer takes calls.
    pub to: SocketAddr,
    /// The number that is called.
    pub number: PhoneNumber,
    /// Who calls; `None` does not show the number (RFC 3323 §4.1).
    pub caller: Option<PhoneNumber>,
    /// From the answer on; then the caller hangs up.
    pub stays: SignedDuration,
}

/// Somebody who calls.
pub(super) struct Caller {
    leg: Leg,
    end: CallEnd,
    stays: SignedDuration,
}

impl Exchange {
    pub(super) fn call_in(&mut self, call: CallIn, now: Timestamp) {
        let CallIn { to, number, caller, stays } = call;
        let Ok(leg) = self.engine.open() else {
            return tracing::warn!("the test carrier has no port for a caller");
        };
        let (number_text, host) = (number.to_e164(), self.udp.endpoint.contact());
        let from = match caller {
            Some(caller) => format!("<sip:{}@{host}>", caller.to_e164()),
            None => "\"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned(),
        };
        let invite = Invite {
            next_hop: to,
            request_uri: format!("sip:{number_text}@{to}"),
            from,
            to: format!("<sip:{number_text}@{to}>"),
            sdp: sdp::offer(&local_media(leg.local), 1),
            headers: Vec::new(),
            credentials: None,
        };
        let dialog = self.udp.endpoint.invite(invite, now);
        let end = CallEnd {
            number: Some(number),
            answer: Answer::Person,
            called_in: true,
            began_at: now,
            answered_at: None,
            ended_at: now,
            ending: Ending::Vanished,
            heard_at: None,
            digits: String::new(),
            audio: None,
        };
        self.legs.insert(leg.id, dialog);
        self.callers.insert(dialog, Caller { leg, end, stays });
    }

    /// The dialer has answered: the caller talks.
    pub(super) fn caller_is_answered(
        &mut self,
        dialog: DialogId,
        sdp: Option<&str>,
        now: Timestamp,
    ) {
        let Some(caller) = self.callers.get_mut(&dialog) else { return };
        let media = local_media(caller.leg.local);
        let Some(target) = sdp.and_then(|sdp| sdp::read_answer(sdp, &media).ok()) else {
            return self.udp.endpoint.hang_up(dialog, now);
        };
        caller.end.answered_at = Some(now);
        self.engine.connect(caller.leg.id, target);
        self.engine.play(caller.leg.id, self.repertoire.clip(Clip::Talk, 0), Repeat::Forever);
        self.deadlines.insert((now + caller.stays, dialog));
    }

    pub(super) fn caller_hears(&mut self, dialog: DialogId, at: Timestamp) {
        if let Some(caller) = self.callers.get_mut(&dialog) {
            caller.end.heard_at.get_or_insert(at);
        }
    }

    /// The dialog's last event has come; false when nobody called by it.
    pub(super) fn caller_leaves(
        &mut self,
        dialog: DialogId,
        ending: Ending,
        now: Timestamp,
    ) -> bool {
        let Some(caller) = self.callers.remove(&dialog) else { return false };
        self.deadlines.retain(|(_, waits)| *waits != dialog);
        self.engine.close(caller.leg.id);
        self.closing.insert(caller.leg.id, CallEnd { ending, ended_at: now, ..caller.end });
        true
    }
}
