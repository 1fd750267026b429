//! The station as meant: its socket, its realm, and whose phone may register.

use std::net::SocketAddr;

use jiff::SignedDuration;

use crate::domain::{AgentId, Codec};

/// The registrar and the legs that it reaches.
#[derive(Clone, Debug)]
pub struct StationConfig {
    /// The address that phones see: the socket is bound to it and it goes into Via and Contact.
    pub bind: SocketAddr,
    /// The User-Agent and Server header.
    pub user_agent: String,
    /// For tags, branches, Call-IDs and nonces.
    pub seed: u64,
    /// The realm of the phones' passwords; an [`Extension`]'s digests are made for it.
    pub realm: String,
    /// What is spoken with phones, best first.
    pub codecs: Vec<Codec>,
    /// A phone that wants a shorter registration is told so (423, RFC 3261 §10.3 step 6).
    pub expires_min: SignedDuration,
    /// The longest registration, granted to a phone that asks for more.
    pub expires_max: SignedDuration,
    /// How long a phone may ring until its leg is given up, and how long a phone that dials in
    /// waits to be accepted.
    pub ring_max: SignedDuration,
}

impl StationConfig {
    /// Both laws of G.711, registrations of a minute to an hour, 30 s of ringing.
    pub fn new(bind: SocketAddr, realm: impl Into<String>, seed: u64) -> Self {
        Self {
            bind,
            user_agent: concat!("outdial/", env!("CARGO_PKG_VERSION")).to_owned(),
            seed,
            realm: realm.into(),
            codecs: Codec::LAWS.to_vec(),
            expires_min: SignedDuration::from_mins(1),
            expires_max: SignedDuration::from_hours(1),
            ring_max: SignedDuration::from_secs(30),
        }
    }
}

/// The extension of an agent: what the phone registers as. Passwords are not kept, only their
/// digests ([`sip::digest::ha1`](fn@crate::sip::digest::ha1)) for the station's realm.
#[derive(Clone)]
pub struct Extension {
    /// Whose.
    pub agent: AgentId,
    /// The user part of the address of record, and the digest's user name.
    pub name: String,
    /// H(A1) by MD5; `None` refuses phones that know nothing better.
    pub md5: Option<String>,
    /// H(A1) by SHA-256 (RFC 8760).
    pub sha256: Option<String>,
}

/// Never shows a digest: it is as good as the password.
impl std::fmt::Debug for Extension {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extension")
            .field("agent", &self.agent)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
