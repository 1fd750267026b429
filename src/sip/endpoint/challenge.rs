//! A 401 or 407 to a request of ours (RFC 3261 §22).

use bytes::Bytes;
use jiff::Timestamp;

use super::Endpoint;
use super::client::{Client, ClientId};
use super::purpose::Purpose;
use crate::sip::dialog::{Dialog, Inviting, Phase};
use crate::sip::digest::Challenge;
use crate::sip::message::{Message, authorize, line_of};

/// Times that a request goes out with credentials: once, and again while its nonce was stale.
const ATTEMPTS_MAX: u8 = 3;

impl Endpoint {
    /// Sends the request again with credentials, if the challenge is one that we answer. It is the
    /// same attempt to the owner: same Call-ID, same tag, next CSeq (§22.2).
    pub(super) fn answer_challenge(
        &mut self,
        id: ClientId,
        request: &Bytes,
        message: &Message<'_>,
        status: u16,
        now: Timestamp,
    ) -> bool {
        let Some(client) = self.clients.get(&id) else { return false };
        let in_dialog = match client.purpose {
            Purpose::Nothing => return false,
            Purpose::Options(_) | Purpose::Register(_) => None,
            Purpose::Bye(id)
            | Purpose::Invite(id)
            | Purpose::Prack(id)
            | Purpose::Refresh(id)
            | Purpose::Reinvite { dialog: id, .. } => match self.dialogs.get(&id) {
                Some(dialog) if !dialog.is_given_up() => Some(dialog),
                _ => return false,
            },
        };
        let credentials =
            in_dialog.map_or(client.credentials.as_ref(), |dialog| dialog.credentials.as_ref());
        let (method, uri) = line_of(request);
        let Some((credentials, challenge)) = credentials.and_then(|credentials| {
            let (peer, realms) = (client.to, &mut self.realms);
            Challenge::find(message, status, method, credentials, peer, realms)
                .map(|challenge| (credentials, challenge))
        }) else {
            return false;
        };
        if client.attempts > 0 && !challenge.stale || client.attempts >= ATTEMPTS_MAX {
            return false;
        }
        let answer = challenge.answer(credentials, method, uri, self.tokens.next());
        let branch = self.tokens.next();
        let (purpose, last) = (client.purpose, client.cseq);
        let cseq = self.next_seq(purpose, last);
        let bytes = authorize(request, branch, cseq, challenge.header, &answer);
        let transport = self.sent_by(self.clients.get(&id).map(|client| client.to)).transport;
        let again = |client: &Client| client.again(bytes, cseq, transport, now);
        let Some(again) = self.clients.get(&id).map(again) else {
            return false;
        };
        let next = ClientId::of_token(branch);
        self.insert_client(next, again);
        self.replaced(purpose, next);
        true
    }

    /// The CSeq of the next request for that purpose.
    fn next_seq(&mut self, purpose: Purpose, last: u32) -> u32 {
        match purpose {
            Purpose::Bye(id)
            | Purpose::Invite(id)
            | Purpose::Prack(id)
            | Purpose::Refresh(id)
            | Purpose::Reinvite { dialog: id, .. } => match self.dialogs.get_mut(&id) {
                Some(dialog) => {
                    dialog.local_seq += 1;
                    dialog.local_seq
                }
                None => last + 1,
            },
            Purpose::Register(_) => {
                self.register_seq += 1;
                self.register_seq
            }
            Purpose::Nothing | Purpose::Options(_) => last + 1,
        }
    }

    /// The request for that purpose goes on as another transaction, with credentials.
    fn replaced(&mut self, purpose: Purpose, client: ClientId) {
        if let Purpose::Invite(id) = purpose
            && let Some(Dialog { phase: Phase::Inviting(inviting), .. }) = self.dialogs.get_mut(&id)
        {
            *inviting = Inviting::new(client);
        }
    }
}
