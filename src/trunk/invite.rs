//! The INVITE that a carrier gets.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::config::TrunkConfig;
use super::identity;
use crate::domain::PhoneNumber;
use crate::sip::sdp::{self, LocalMedia, LocalSrtp};
use crate::sip::{Credentials, Invite};

/// The `o=` version of the offer.
pub(super) const FIRST: u64 = 1;

/// A call to `number`, showing `from`, with audio at `local`.
pub(super) fn build(
    trunk: &TrunkConfig,
    number: PhoneNumber,
    from: PhoneNumber,
    local: SocketAddr,
    srtp: Option<&LocalSrtp>,
    now: Timestamp,
) -> Invite {
    let headers = identity::headers(trunk, from, number, now);
    let host = trunk.host();
    let to = format!("sip:{}@{host}", trunk.routing.called.write(number));
    let from = format!("<sip:{}@{host}>", trunk.routing.caller_id.write(from));
    Invite {
        next_hop: trunk.address,
        request_uri: to.clone(),
        from,
        to: format!("<{to}>"),
        sdp: sdp::offer(&media(trunk, local, srtp), FIRST),
        headers,
        credentials: credentials(trunk),
    }
}

/// Who we say we are when the carrier asks.
pub(super) fn credentials(trunk: &TrunkConfig) -> Option<Credentials> {
    trunk.login.as_ref().map(|login| Credentials {
        username: login.username.clone(),
        password: login.password.clone(),
        realm: login.realm.clone(),
    })
}

/// Our side of the audio.
pub(super) fn media(
    trunk: &TrunkConfig,
    local: SocketAddr,
    srtp: Option<&LocalSrtp>,
) -> LocalMedia {
    LocalMedia { address: local, codecs: trunk.codecs.clone(), srtp: srtp.cloned() }
}
