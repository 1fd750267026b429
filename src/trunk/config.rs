//! Trunks as meant: what the configuration says of each, checked, with its units.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use jiff::SignedDuration;

use super::directory::Directory;
use super::identity::Identity;
use super::outcome::Outcomes;
use super::passport::Signers;
use super::route::Routing;
use crate::clock::Pulse;
use crate::domain::{CallId, Codec, TrunkId};
use crate::sip::{EndpointConfig, Network, Transport};
use crate::transport::{Host, StreamPeer, TlsIdentity, TlsPeer};

/// The socket, and every trunk reached through it.
#[derive(Clone, Debug)]
pub struct TrunksConfig {
    /// The address that carriers see: the socket is bound to it and it goes into Via and Contact.
    pub bind: SocketAddr,
    /// Carriers may connect to this address by TCP; without one nothing listens.
    pub listen_tcp: Option<SocketAddr>,
    /// Carriers may connect to this address by TLS, and see this certificate.
    pub listen_tls: Option<(SocketAddr, TlsIdentity)>,
    /// Who is asked where trunks are that are known by name; whom the operating system asks when empty.
    pub name_servers: Vec<SocketAddr>,
    /// The User-Agent header.
    pub user_agent: String,
    /// For tags, branches, Call-IDs and nonces.
    pub seed: u64,
    /// At most this many calls at once on all trunks together.
    pub channels_max: Option<u32>,
    /// At most this many INVITEs a second on all trunks together, evenly spaced.
    pub calls_per_second: Option<NonZeroU32>,
    /// How long a call may wait for a free channel, for the call rate or for a resting trunk.
    pub queue_max: SignedDuration,
    /// Beats at each commit of the books; without one the trunks do not look.
    pub books_pulse: Option<Pulse>,
    /// No INVITE leaves when the last commit is older.
    pub books_age_max: SignedDuration,
    /// How many media threads have no time for more calls; without it the trunks do not look.
    pub strained: Option<Arc<AtomicUsize>>,
    /// The trunks; [`TrunkConfig::id`]s are distinct.
    pub trunks: Vec<TrunkConfig>,
    /// The numbers by which people call in.
    pub directory: Directory,
    /// Whose signatures are believed of who calls in (STIR); nobody's without.
    pub signers: Option<Arc<Signers>>,
    /// Calls that come in are numbered from here on.
    pub first_inbound: CallId,
    /// What SRTP's keys are made of: 32 bytes that nobody can guess. The zeros of [`TrunksConfig::new`]
    /// are for who uses no SRTP.
    pub srtp_secret: [u8; 32],
}

/// Whether a trunk's audio is encrypted (SRTP, RFC 3711, with the keys in the SDP, RFC 4568).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SrtpUse {
    /// Never.
    #[default]
    Off,
    /// Where the far end does so too.
    Optional,
    /// Always: who answers with plain RTP is hung up on.
    Required,
}

impl TrunksConfig {
    /// A configuration with nothing in it but the socket's address; calls wait at most 4 s, and
    /// nobody calls in.
    pub fn new(bind: SocketAddr, seed: u64) -> Self {
        Self {
            bind,
            listen_tcp: None,
            listen_tls: None,
            name_servers: Vec::new(),
            user_agent: concat!("outdial/", env!("CARGO_PKG_VERSION")).to_owned(),
            seed,
            channels_max: None,
            calls_per_second: None,
            queue_max: SignedDuration::from_secs(4),
            books_pulse: None,
            books_age_max: SignedDuration::from_secs(1),
            strained: None,
            trunks: Vec::new(),
            directory: Directory::default(),
            signers: None,
            first_inbound: CallId(1 << 40),
            srtp_secret: [0; 32],
        }
    }

    /// How the endpoint of the trunks presents itself.
    pub(super) fn endpoint(&self) -> EndpointConfig {
        EndpointConfig {
            user_agent: self.user_agent.clone(),
            takes_calls: !self.directory.is_empty(),
            callers: self.trunks.iter().flat_map(TrunkConfig::networks).collect(),
            registrar: false,
            ..EndpointConfig::new(self.bind, self.seed)
        }
    }
}

/// One carrier's trunk.
#[derive(Clone)]
pub struct TrunkConfig {
    /// Which.
    pub id: TrunkId,
    /// Its name in campaigns and logs.
    pub name: String,
    /// Where INVITEs go; of a trunk that is known by name wherever the name servers said last.
    pub address: SocketAddr,
    /// The name, where it is known by one (RFC 3263).
    pub host: Option<Host>,
    /// By what it is reached; of a trunk that is known by name whatever its domain said last, where that
    /// is left to it.
    pub transport: Transport,
    /// PEM: who may have signed its certificate (TLS); `None` is whom the operating system trusts.
    pub authorities: Option<PathBuf>,
    /// Where its calls come in from, besides `address`.
    pub calls_from: Vec<Network>,
    /// The host part of Request-URI, From and To (`sip.carrier.example`); `None` uses `address`.
    pub domain: Option<String>,
    /// Where it may move a call by a 3xx; nowhere unless said.
    pub redirects_to: Vec<Network>,
    /// Who we say we are, when the carrier asks (RFC 3261 §22).
    pub login: Option<Login>,
    /// At most this many calls at once.
    pub channels_max: u32,
    /// At most this many INVITEs a second, evenly spaced.
    pub calls_per_second: NonZeroU32,
    /// What is offered, best first.
    pub codecs: Vec<Codec>,
    /// Whether its audio is encrypted.
    pub srtp: SrtpUse,
    /// What it is told of who calls.
    pub identity: Identity,
    /// Which calls it may take, and how their numbers are written.
    pub routing: Routing,
    /// For how long it is asked to have us registered (RFC 3261 §10.2); `None` never asks, and takes
    /// calls without.
    pub register: Option<SignedDuration>,
    /// The trunk is asked by OPTIONS this often whether it lives; `None` never asks.
    pub probe_every: Option<SignedDuration>,
    /// What its responses mean, where it does not mean what everybody does.
    pub outcomes: Arc<Outcomes>,
    /// How long it rests after three failed calls in a row, or a call that nothing answered; twice
    /// as long each time that the call which tries it again fails too. A 503 with Retry-After rests
    /// it for as long as it asks (RFC 3261 §21.5.4).
    pub rest: SignedDuration,
    /// A call that has heard nothing for so long, not even a 100, goes on to the next trunk.
    pub silence_max: SignedDuration,
    /// How long it rests after it has refused our credentials twice.
    pub rest_refused: SignedDuration,
}

/// Credentials for one trunk.
#[derive(Clone)]
pub struct Login {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
    /// The realm they are for; `None` is the realm of the trunk's first challenge, and no other
    /// from there on.
    pub realm: Option<String>,
}

impl TrunkConfig {
    /// A trunk with no credentials and no probe, 1,000 channels, 100 calls a second, both laws of G.711,
    /// resting 5 s after a failure and 60 s after refused credentials.
    pub fn new(id: TrunkId, name: impl Into<String>, address: SocketAddr) -> Self {
        Self {
            id,
            name: name.into(),
            address,
            host: None,
            transport: Transport::Udp,
            authorities: None,
            calls_from: Vec::new(),
            redirects_to: Vec::new(),
            domain: None,
            login: None,
            channels_max: 1000,
            calls_per_second: NonZeroU32::MIN.saturating_add(99),
            codecs: Codec::LAWS.to_vec(),
            srtp: SrtpUse::Off,
            identity: Identity::default(),
            routing: Routing::default(),
            register: None,
            probe_every: None,
            outcomes: Arc::new(Outcomes::built_in().clone()),
            rest: SignedDuration::from_secs(5),
            silence_max: SignedDuration::from_millis(900),
            rest_refused: SignedDuration::from_secs(60),
        }
    }

    /// The address that stands for none: of a trunk whose name has not been looked up.
    pub const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

    /// Where it is, as it is written.
    pub fn place(&self) -> String {
        match &self.host {
            None => self.address.to_string(),
            Some(Host { name, port: Some(port), .. }) => format!("{name}:{port}"),
            Some(Host { name, port: None, .. }) => name.clone(),
        }
    }

    /// Where its calls come in from, as far as that is configured.
    pub(super) fn networks(&self) -> impl Iterator<Item = Network> {
        let own = self.host.is_none().then(|| Network::from(self.address.ip()));
        own.into_iter().chain(self.calls_from.iter().copied())
    }

    /// The connection that it is reached over at its configured address, when it is not reached by
    /// datagrams.
    pub(super) fn stream(&self) -> Option<StreamPeer> {
        self.host.is_none().then(|| self.stream_at(self.address)).flatten()
    }

    /// The connection to one of its addresses. Its certificate must have the name of its domain (RFC
    /// 5922 §7.1), or its address where it has none.
    pub fn stream_at(&self, address: SocketAddr) -> Option<StreamPeer> {
        let tls = || {
            let address = || address.ip().to_string();
            let named = || self.host.as_ref().map(|host| host.name.clone());
            let name = self.domain.clone().or_else(named).unwrap_or_else(address);
            TlsPeer { name, authorities: self.authorities.clone() }
        };
        let tls = match self.transport {
            Transport::Tcp => None,
            Transport::Tls => Some(tls()),
            Transport::Udp => return None,
        };
        Some(StreamPeer { address, tls })
    }

    /// Whether its SDP has keys that anybody on the way can read (RFC 4568 §7 wants TLS).
    pub(super) fn shows_its_keys(&self) -> bool {
        self.srtp != SrtpUse::Off && self.transport != Transport::Tls
    }

    /// The host part of the URIs that this trunk is given.
    pub fn host(&self) -> String {
        let named = || self.host.as_ref().map(|host| host.name.clone());
        self.domain.clone().or_else(named).unwrap_or_else(|| self.address.to_string())
    }
}

/// Never shows a password.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("username", &self.username)
            .field("realm", &self.realm)
            .finish_non_exhaustive()
    }
}

/// Name and address are enough for a log.
impl std::fmt::Debug for TrunkConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrunkConfig")
            .field("name", &self.name)
            .field("address", &self.place())
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}
