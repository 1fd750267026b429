//! The configuration: `outdial.toml`, the campaigns and the rulebooks beside it.
//!
//! [`load`] reads them twice over: as written (`section.rs`: every value with its place in the
//! file) and as meant ([`Config`]). It never stops at the first fault: [`Faults`] holds every one,
//! with file, line, column, what is wrong and what to do.

mod calendar;
mod campaign;
mod catalog;
mod defaults;
mod disposition;
mod fault;
mod files;
mod inbound;
mod limits;
mod pacing;
mod recycling;
mod rehearsal;
mod scenario;
mod screening;
mod script;
mod section;
mod settings;
mod spelling;
mod trunk;
mod web;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;

use crate::api::TlsFiles;
use crate::compliance::Rulebooks;
use crate::domain::{Campaign, PhoneNumber};
use crate::server::event_log::Limits;
use crate::station::BrowserConfig;
use crate::transport::TlsIdentity;
use crate::trunk::{Signers, TrunkConfig};

pub use campaign::is_name as is_campaign_name;
pub use catalog::settings as settings_page;
pub use fault::{Fault, Faults};
pub use files::{check_campaign, load};
pub use limits::{Breach, breaches};
pub use rehearsal::{AgentTimes, Rehearsal};
pub use scenario::{load_scenario, scenario};

/// Everything that is configured, checked: what refers to something refers to something that is
/// there.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Where the books are when they are not in the data folder: `postgres://...`.
    pub store: Option<String>,
    /// Where the API listens.
    pub api: Api,
    /// How much of the event log is kept; `None` when none is written.
    pub event_log: Option<Limits>,
    /// Where alarms are told besides.
    pub webhook: Option<String>,
    /// The collector of OpenTelemetry's that is told of calls.
    pub collector: Option<String>,
    /// The socket of phones in agents' browsers.
    pub web: BrowserConfig,
    /// The SIP sockets.
    pub sip: Sip,
    /// The RTP sockets.
    pub media: Media,
    /// In the order of the file; a trunk's id is its place.
    pub trunks: Vec<TrunkConfig>,
    /// The numbers by which people call in.
    pub inbound: Vec<InboundNumber>,
    /// By name.
    pub campaigns: Vec<CampaignFile>,
    /// Where their files are; `None` when they are built in.
    pub campaign_folder: Option<PathBuf>,
    /// Those that are built in, and the user's own.
    pub rulebooks: Rulebooks,
}

/// `[api]`
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Api {
    /// Loopback unless configured otherwise.
    pub listen: SocketAddr,
    /// Host names under which it is reached, besides addresses and `localhost`: those of a reverse
    /// proxy. A request under any other name is refused.
    pub hosts: Vec<String>,
    /// The certificate of TLS; in the clear without.
    pub tls: Option<TlsFiles>,
    /// Administrators sign in with a second factor.
    pub totp_required: bool,
}

impl From<SocketAddr> for Api {
    fn from(listen: SocketAddr) -> Self {
        Self { listen, hosts: Vec::new(), tls: None, totp_required: false }
    }
}

/// `[sip]`
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sip {
    /// The socket toward carriers: the address that they see.
    pub trunk_bind: SocketAddr,
    /// Carriers may connect there by TCP.
    pub trunk_listen_tcp: Option<SocketAddr>,
    /// Carriers may connect there by TLS, and see this certificate.
    pub trunk_listen_tls: Option<(SocketAddr, TlsIdentity)>,
    /// Whose signatures are believed of who calls in (STIR).
    pub signers: Option<Arc<Signers>>,
    /// Who is asked where trunks are; whom the operating system asks when empty.
    pub name_servers: Vec<SocketAddr>,
    /// The socket for agents' phones: where they register.
    pub agent_bind: SocketAddr,
    /// The realm in which agents' phones authenticate.
    pub realm: String,
    /// At most this many calls at once on all trunks together.
    pub channels_max: Option<u32>,
    /// At most this many INVITEs a second on all trunks together.
    pub calls_per_second: Option<NonZeroU32>,
}

/// `[media]`
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// The address in the SDP.
    pub ip: std::net::IpAddr,
    /// RTP takes the even ports, RTCP the odd ones: a call needs four of them.
    pub ports: RangeInclusive<u16>,
    /// OS threads that send and receive.
    pub threads: usize,
    /// A leg without RTP for so long is given up.
    pub silence_max: SignedDuration,
    /// The share of a media thread's time, 0 to 1, above which no new call is let in.
    pub load_max: f64,
}

/// `[[inbound]]`: a number by which people call in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InboundNumber {
    /// The number.
    pub number: PhoneNumber,
    /// The name of its campaign, which is a queue.
    pub campaign: String,
}

/// A campaign with its file.
#[derive(Clone, Debug)]
pub struct CampaignFile {
    /// Where it was read; `campaigns/demo.toml` when it is built in.
    pub path: PathBuf,
    /// As meant. Its id is zero until the store has numbered it by its name.
    pub campaign: Campaign,
    /// `[rehearsal]`: the made-up carrier and agents of a demo.
    pub rehearsal: Option<Rehearsal>,
    /// What is no fault, and yet hardly meant.
    pub advice: Vec<Fault>,
}

impl Config {
    /// The configuration of the demo: everything on loopback, ports chosen by the system, the one
    /// campaign `demo`, and no trunk yet, since the test carrier's address is known only when it
    /// runs.
    ///
    /// # Errors
    /// [`Faults`] in `campaigns/demo.toml`, which a test excludes.
    pub fn embedded(data: &Path) -> Result<Self, Faults> {
        defaults::demo(data)
    }

    /// What is no fault, and yet hardly meant: told by `outdial check`, and at the start.
    pub fn advice(&self) -> impl Iterator<Item = Fault> {
        let silent = |file: &&CampaignFile| {
            let name = &file.campaign.name;
            file.campaign.pacing.is_inbound()
                && !self.inbound.iter().any(|inbound| inbound.campaign == *name)
        };
        let silent = self.campaigns.iter().filter(silent).map(|file| Fault {
            file: file.path.clone(),
            place: None,
            message: "nobody can call in: no number leads to this queue".to_owned(),
            remedy: "write [[inbound]] with number and campaign in outdial.toml".to_owned(),
        });
        let written = self.campaigns.iter().flat_map(|file| file.advice.iter().cloned());
        written.chain(silent)
    }
}

#[cfg(test)]
mod tests;
