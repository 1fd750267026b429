//! Dialogs that outlive the process: what is written down of one, and how another endpoint on the
//! same address takes it up in order to end it.

use std::net::SocketAddr;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Endpoint;
use super::client::ClientId;
use crate::sip::chance::token;
use crate::sip::dialog::{Dialog, Inviting, Phase};
use crate::sip::event::DialogId;
use crate::sip::message::value_of;
use crate::sip::order::Credentials;

/// How far the CSeq of the next request is past the last that was written down: past whatever went
/// out between, and a gap is allowed (RFC 3261 §12.2.1.1: it rises).
const SEQ_GAP: u32 = 1_000;
/// The headers of an INVITE that its CANCEL is made of (§9.1).
const OF_A_CANCEL: [&str; 7] =
    ["Call-ID: ", "CSeq: ", "From: ", "Max-Forwards: ", "Route: ", "To: ", "Via: "];

/// What is to be known of a dialog to end it later, also by another process: its state (RFC 3261
/// §12.1) and, while it rings, the INVITE that a CANCEL names. No credentials.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Kept {
    call_id: String,
    /// Our address with our tag.
    local: String,
    /// The far end's, with its tag once there is one.
    remote: String,
    target: String,
    routes: Vec<String>,
    peer: SocketAddr,
    cseq: u32,
    /// The INVITE, while it has no final response: its first line and what a CANCEL repeats of it.
    invite: Option<String>,
}

impl Kept {
    /// The Call-ID.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The CSeq of its last request that is known.
    pub(super) fn cseq(&self) -> u32 {
        self.cseq
    }

    /// Where its requests go.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }
}

impl Endpoint {
    /// What is to be written down of a call of ours that rings or is up; `None` for any other.
    pub fn keep(&self, id: DialogId) -> Option<Kept> {
        let dialog = self.dialogs.get(&id)?;
        let invite = match &dialog.phase {
            Phase::Confirmed => None,
            Phase::Inviting(inviting) => {
                let client = self.clients.get(&inviting.client)?;
                Some(of_a_cancel(std::str::from_utf8(&client.resend).ok()?))
            }
            Phase::Answered { .. } | Phase::Closing | Phase::Ringing(_) => return None,
        };
        Some(Kept {
            call_id: dialog.call_id.clone(),
            local: dialog.local.clone(),
            remote: dialog.remote.clone(),
            target: dialog.target.clone(),
            routes: dialog.routes.clone(),
            peer: dialog.peer,
            cseq: dialog.local_seq,
            invite,
        })
    }

    /// Takes up a dialog that another endpoint on this address has left, to be hung up: a BYE when
    /// it was up; while it rang a CANCEL, and a BYE should the answer cross it. `None` when it is
    /// none of ours. Nothing leaves before [`Endpoint::hang_up`].
    pub fn take_up(&mut self, kept: &Kept, credentials: Option<Credentials>) -> Option<DialogId> {
        let (_, tag) = kept.local.rsplit_once(";tag=")?;
        let id = DialogId(token(tag)?);
        if self.is_full() || self.dialogs.contains_key(&id) {
            return None;
        }
        let phase = match &kept.invite {
            None => Phase::Confirmed,
            Some(invite) => {
                let invite = Bytes::from(format!("{invite}\r\n"));
                let client = ClientId::of_token(branch_of(&invite)?);
                self.resume_invite(client, invite, id, kept);
                Phase::Inviting(Inviting { heard: true, ..Inviting::new(client) })
            }
        };
        let remote_tag = kept.remote.rsplit_once(";tag=").map_or("", |(_, tag)| tag);
        let dialog = Dialog {
            call_id: kept.call_id.clone(),
            local: kept.local.clone(),
            remote: kept.remote.clone(),
            remote_tag: remote_tag.split(';').next().unwrap_or_default().to_owned(),
            target: kept.target.clone(),
            routes: kept.routes.clone(),
            peer: kept.peer,
            contact: self.contact_of(None, kept.peer),
            local_seq: kept.cseq.saturating_add(SEQ_GAP),
            remote_seq: None,
            phase,
            credentials,
            sdp: String::new(),
            takes_update: false,
            session: None,
            offered: None,
            offering: false,
            unacknowledged: None,
            armed: None,
        };
        self.dialogs.insert(id, dialog);
        Some(id)
    }
}

/// The first line of an INVITE and the headers that its CANCEL repeats.
fn of_a_cancel(invite: &str) -> String {
    let head = invite.split("\r\n").take_while(|line| !line.is_empty());
    let told = |(place, line): &(usize, &str)| {
        *place == 0 || OF_A_CANCEL.iter().any(|name| line.starts_with(name))
    };
    head.enumerate().filter(told).map(|(_, line)| format!("{line}\r\n")).collect()
}

fn branch_of(invite: &Bytes) -> Option<u64> {
    let (_, branch) = value_of(invite, "Via")?.split_once(";branch=z9hG4bK")?;
    token(branch.split(';').next()?)
}
