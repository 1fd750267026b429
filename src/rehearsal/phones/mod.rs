//! Simulated agents' phones: each with its own SIP endpoint and UDP socket, registered with digest,
//! answering whoever calls it and holding the line; what an agent says comes from here, and what an
//! agent hears can be measured.

mod desk;
mod ears;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::audio;
use super::carrier::Ports;
use super::chance::chance_for;
use crate::domain::AgentState;
use crate::media::{Engine, LegStats, MediaConfig, MediaError};
use crate::sip::{Credentials, EndpointConfig};
use crate::transport::Udp;

use desk::{Conduct, Desk};
use ears::Ears;

/// How many different voices agents have.
const VOICES: usize = 4;
/// A leg that hears nothing for so long is told of by the media engine; here nobody asks.
const SILENCE_MAX: SignedDuration = SignedDuration::from_secs(3_600);

/// What the phones are set up with.
#[derive(Clone, Debug)]
pub struct PhonesConfig {
    /// One phone each.
    pub accounts: Vec<Account>,
    /// Where they register.
    pub registrar: SocketAddr,
    /// The domain of their addresses of record: `sip:101@domain`.
    pub domain: String,
    /// The address that they are bound to, with ports of the system's choice for SIP.
    pub ip: IpAddr,
    /// RTP ports, two a phone.
    pub rtp_ports: Ports,
    /// Records every leg there, when given: left what the agent hears, right what the agent says.
    pub recordings: Option<PathBuf>,
    /// For tags and voices.
    pub seed: u64,
}

/// Who a phone is.
#[derive(Clone, Eq, PartialEq)]
pub struct Account {
    /// The user part of its address of record, and the digest's user name.
    pub extension: String,
    /// The digest's password.
    pub password: String,
}

/// Never shows the password.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("extension", &self.extension).finish_non_exhaustive()
    }
}

/// Something that happened to a phone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PhoneFact {
    /// When.
    pub at: Timestamp,
    /// Which, by its place among the accounts.
    pub phone: usize,
    /// What.
    pub event: PhoneEvent,
}

/// What can happen to a phone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PhoneEvent {
    /// The first sound on this leg.
    Heard,
    /// The leg has ended.
    LegDown,
    /// A call came and was answered.
    LegUp,
    /// The registrar refuses it with this status, or answers nothing at all. It tries again.
    RegistrationFailed(Option<u16>),
    /// It is registered, or is so again.
    Registered,
}

/// What a phone has heard and said.
#[derive(Clone, Debug, Default)]
pub struct PhoneReport {
    /// Calls that it answered.
    pub legs: u64,
    /// When it first heard a sound.
    pub heard_at: Option<Timestamp>,
    /// The figures of its last leg that is over.
    pub audio: Option<LegStats>,
    /// The recording of that leg, when legs are recorded.
    pub recording: Option<String>,
}

/// Why the phones do not start.
#[derive(Debug, thiserror::Error)]
pub enum PhonesError {
    /// A SIP socket.
    #[error("a simulated phone cannot listen on {ip}: {source}")]
    Listen {
        /// Where.
        ip: IpAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The RTP ports.
    #[error(transparent)]
    Media(#[from] MediaError),
}

/// Simulated phones that run. Dropped, they hang up and unregister.
#[derive(Debug)]
pub struct Phones {
    desks: Vec<(watch::Sender<Conduct>, JoinHandle<PhoneReport>)>,
}

impl Phones {
    /// Starts them; they register at once, and again until they are let in. The second value hears
    /// what happens to them, and may be dropped. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`PhonesError`].
    pub fn start(
        config: PhonesConfig,
    ) -> Result<(Self, mpsc::UnboundedReceiver<PhoneFact>), PhonesError> {
        let voices = (0..VOICES.min(config.accounts.len()))
            .map(|voice| chance_for(config.seed, &format!("agent's voice {voice}")).random())
            .map(|seed| audio::talk(seed).into())
            .collect();
        Self::start_with(config, voices)
    }

    /// As [`start`](Self::start), with the voices given: 8 kHz, one phone each in turn, over and
    /// over. Without any the phones are dumb.
    ///
    /// # Errors
    /// [`PhonesError`].
    pub fn start_with(
        config: PhonesConfig,
        voices: Vec<Arc<[i16]>>,
    ) -> Result<(Self, mpsc::UnboundedReceiver<PhoneFact>), PhonesError> {
        let media = MediaConfig {
            ip: config.ip,
            ports: config.rtp_ports.range(),
            threads: 1,
            silence_max: SILENCE_MAX,
            load_max: 1.0,
            recordings: config.recordings.clone().unwrap_or_else(std::env::temp_dir),
            seed: config.seed,
        };
        let (media_facts, heard) = mpsc::unbounded_channel();
        let engine = Engine::start(media, media_facts)?;
        let ears = Ears::spawn(heard);
        let (facts, told) = mpsc::unbounded_channel();
        let mut desks = Vec::with_capacity(config.accounts.len());
        for (phone, account) in config.accounts.iter().enumerate() {
            let chance = &mut chance_for(config.seed, &account.extension);
            let contact = SocketAddr::new(config.ip, 0);
            let endpoint = EndpointConfig {
                user_agent: concat!("outdial-phone/", env!("CARGO_PKG_VERSION")).to_owned(),
                dialogs_max: 4,
                ..EndpointConfig::new(contact, chance.random())
            };
            let udp = Udp::bind(contact, endpoint)
                .map_err(|source| PhonesError::Listen { ip: config.ip, source })?;
            let (conduct, conducted) = watch::channel(Conduct::Hushed);
            let desk = Desk {
                phone,
                aor: format!("sip:{}@{}", account.extension, config.domain),
                credentials: Credentials {
                    username: account.extension.clone(),
                    password: account.password.clone(),
                    realm: None,
                },
                registrar: config.registrar,
                records: config.recordings.is_some(),
                voice: voices.get(phone % voices.len().max(1)).cloned().unwrap_or_default(),
                udp,
                engine: engine.clone(),
                ears: ears.clone(),
                facts: facts.clone(),
            };
            desks.push((conduct, tokio::spawn(desk.run(conducted))));
        }
        Ok((Self { desks }, told))
    }

    /// The agent at the phone speaks while talking with somebody, and holds the tongue otherwise.
    /// Nothing for a phone that is not there.
    pub fn follow(&self, phone: usize, state: &AgentState) {
        let Some((conduct, _)) = self.desks.get(phone) else { return };
        conduct.send_replace(match state {
            AgentState::Talking { .. } => Conduct::Speaking,
            AgentState::LoggedOut
            | AgentState::Paused { .. }
            | AgentState::Previewing { .. }
            | AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::WrapUp { .. } => Conduct::Hushed,
        });
    }

    /// Hangs up and unregisters, waiting at most 2 s for each, and says what each phone heard.
    pub async fn stop(self) -> Vec<PhoneReport> {
        for (conduct, _) in &self.desks {
            conduct.send_replace(Conduct::Gone);
        }
        let mut reports = Vec::with_capacity(self.desks.len());
        for (_, desk) in self.desks {
            reports.push(desk.await.unwrap_or_default());
        }
        reports
    }
}
