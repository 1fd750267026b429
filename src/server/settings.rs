//! What a server runs with, and how the configuration becomes it.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::event_log::Limits;
use crate::compliance::Rulebooks;
use crate::config::{Config, InboundNumber};
use crate::domain::Campaign;
use crate::media::MediaConfig;
use crate::station::{BrowserConfig, StationConfig};
use crate::store::RECORDINGS;
use crate::trunk::TrunksConfig;

/// What a server runs with.
#[derive(Debug)]
pub struct Settings {
    /// The data folder: books, recordings, token.
    pub data: PathBuf,
    /// Trunks and their socket.
    pub trunks: TrunksConfig,
    /// The agents' registrar and its socket.
    pub station: StationConfig,
    /// The socket of phones in browsers.
    pub browsers: BrowserConfig,
    /// The media ports.
    pub media: MediaConfig,
    /// Every campaign. Ids are given at the start, by name.
    pub campaigns: Vec<Campaign>,
    /// Where their files are; `None` when they are in none.
    pub campaign_folder: Option<PathBuf>,
    /// The numbers by which people call in.
    pub inbound: Vec<InboundNumber>,
    /// Every rulebook that a campaign names.
    pub rulebooks: Rulebooks,
    /// How much of the event log is kept; `None` writes none.
    pub event_log: Option<Limits>,
    /// Where alarms are told besides.
    pub webhook: Option<String>,
    /// The collector of OpenTelemetry's that is told of calls.
    pub collector: Option<String>,
    /// Where the dialer's chance comes from.
    pub seed: u64,
}

impl Settings {
    /// The settings of a configuration. `seed` also makes the tags, nonces and sources of SIP and
    /// RTP, which must not be guessed: give [`secret_seed`] on a real network.
    pub fn of(config: Config, seed: u64) -> Self {
        let Config {
            data,
            event_log,
            sip,
            media,
            trunks,
            inbound,
            campaigns,
            campaign_folder,
            rulebooks,
            webhook,
            collector,
            web,
            ..
        } = config;
        Self {
            trunks: TrunksConfig {
                trunks,
                channels_max: sip.channels_max,
                calls_per_second: sip.calls_per_second,
                listen_tcp: sip.trunk_listen_tcp,
                listen_tls: sip.trunk_listen_tls,
                name_servers: sip.name_servers,
                signers: sip.signers,
                ..TrunksConfig::new(sip.trunk_bind, seed ^ 1)
            },
            station: StationConfig::new(sip.agent_bind, sip.realm, seed ^ 2),
            browsers: web,
            media: MediaConfig {
                ip: media.ip,
                ports: media.ports,
                threads: media.threads,
                silence_max: media.silence_max,
                load_max: media.load_max,
                recordings: data.join(RECORDINGS),
                seed: seed ^ 3,
            },
            data,
            campaigns: campaigns.into_iter().map(|file| file.campaign).collect(),
            campaign_folder,
            inbound,
            rulebooks,
            event_log,
            webhook,
            collector,
            seed: of_dialer(seed),
        }
    }
}

/// The dialer's own seed: it stands in the event log, and gives nothing of the others away.
fn of_dialer(seed: u64) -> u64 {
    let digest = Sha256::digest([b"dialer".as_slice(), &seed.to_le_bytes()].concat());
    digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

/// A seed that nobody can guess, from the operating system.
///
/// # Errors
/// When the system has no randomness to give.
pub fn secret_seed() -> io::Result<u64> {
    secret().map(u64::from_le_bytes)
}

/// Bytes that nobody can guess, from the operating system.
pub(super) fn secret<const LENGTH: usize>() -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
