//! Provisional responses to our INVITEs, the reliable ones acknowledged (RFC 3262 §4).

use jiff::Timestamp;

use super::Endpoint;
use super::client::{ClientId, Outgoing};
use super::purpose::Purpose;
use crate::sip::dialog::{HangUp, Phase, contact_uri};
use crate::sip::event::{DialogId, Event};
use crate::sip::message::grammar::number;
use crate::sip::message::{Message, Name};

impl Endpoint {
    /// A 1xx to an INVITE.
    pub(super) fn progressed(
        &mut self,
        client: ClientId,
        message: &Message<'_>,
        status: u16,
        now: Timestamp,
    ) {
        let Some(Purpose::Invite(id)) = self.purpose_of(client) else { return };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Phase::Inviting(inviting) = &mut dialog.phase else { return };
        inviting.heard = true;
        let reliable = status > 100 && message.lists(Name::Require, "100rel");
        let rseq = message.get(Name::RSeq).and_then(number::<u32>).filter(|rseq| *rseq > 0);
        let wanted = inviting.hang_up == HangUp::Wanted;
        let silent = inviting.hang_up != HangUp::No;
        // One that asks to be acknowledged but cannot be is passed over, as is one heard before.
        let news = (!reliable || rseq.is_some())
            && (status == 100
                || inviting.note(message.to_tag.unwrap_or_default(), rseq.filter(|_| reliable)));
        if wanted {
            self.send_cancel(id, now);
        }
        if !news {
            return;
        }
        if let Some(rseq) = rseq.filter(|_| reliable) {
            self.acknowledge_reliable(id, message, rseq, now);
        }
        if !silent {
            self.tell(Event::Provisional { dialog: id, status, sdp: message.sdp() });
        }
    }

    /// PRACK (RFC 3262 §7.2): a request inside the early dialog of that fork.
    fn acknowledge_reliable(
        &mut self,
        id: DialogId,
        message: &Message<'_>,
        rseq: u32,
        now: Timestamp,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.local_seq += 1;
        let (cseq, to, call_id) = (dialog.local_seq, dialog.peer, dialog.call_id.clone());
        let target = contact_uri(message).unwrap_or(&dialog.target).to_owned();
        let client = ClientId::of_token(self.tokens.next());
        let bytes = self
            .follow_up(message, "PRACK", client.token(), cseq, &target)
            .header("RAck", format_args!("{rseq} {} INVITE", message.cseq.number))
            .header("User-Agent", &self.config.user_agent)
            .end();
        let outgoing = Outgoing {
            id: client,
            method: "PRACK",
            bytes,
            to,
            purpose: Purpose::Prack(id),
            call_id: &call_id,
            tag: id.0,
            cseq,
            credentials: None,
        };
        self.start(outgoing, now);
    }
}
