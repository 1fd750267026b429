//! What an owner asks of the endpoint: a call, a registration, and who we say we are.

use std::net::SocketAddr;

/// A call to place.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Where every request of this dialog is sent, whatever its Contact and routes say: a trunk is
    /// one peer, and a far end never chooses whom we send to.
    pub next_hop: SocketAddr,
    /// The Request-URI, `sip:+15551230001@carrier.example`.
    pub request_uri: String,
    /// The From header without a tag: `"Acme" <sip:+15557650000@dialer.example>`.
    pub from: String,
    /// The To header: `<sip:+15551230001@carrier.example>`.
    pub to: String,
    /// The offer.
    pub sdp: String,
    /// Further headers, in order. A name or value with a line end in it is left out.
    pub headers: Vec<(String, String)>,
    /// For a 401 or 407.
    pub credentials: Option<Credentials>,
}

/// A registration to make, to renew or (with 0 s) to take back.
#[derive(Clone, Debug)]
pub struct Register {
    /// The registrar.
    pub next_hop: SocketAddr,
    /// The address of record, `sip:agent7@dialer.example`: To, From, and the user of the Contact.
    pub aor: String,
    /// For how long.
    pub expires_s: u32,
    /// For a 401 or 407.
    pub credentials: Option<Credentials>,
}

/// Who we say we are when asked (RFC 3261 §22).
#[derive(Clone, Eq, PartialEq)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
    /// The realm they are for. `None` binds them to the realm of the next hop's first challenge to
    /// an INVITE or a REGISTER. No other realm ever gets an answer.
    pub realm: Option<String>,
}

/// Never shows the password.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .field("realm", &self.realm)
            .finish_non_exhaustive()
    }
}
