//! The configuration that is built in: the demo's.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use jiff::SignedDuration;

use super::campaign::Known;
use super::fault::Faults;
use super::files::read_campaign;
use super::{Config, Media, Sip};
use crate::compliance::Rulebooks;
use crate::server::event_log::Limits;
use crate::station::BrowserConfig;

/// A month, and a few million calls.
pub(super) const EVENT_LOG: Limits =
    Limits { bytes_max: 8192 << 20, age_max: SignedDuration::from_hours(30 * 24) };

const DEMO: &str = include_str!("../../campaigns/demo.toml");

/// Everything on loopback, on ports that the system chooses.
pub(super) fn demo(data: &Path) -> Result<Config, Faults> {
    let rulebooks = Rulebooks::embedded();
    let mut faults = Vec::new();
    let path = Path::new("campaigns/demo.toml");
    let known = Known { trunks: None, rulebooks: &rulebooks };
    let campaigns = read_campaign(path, DEMO, &known, &mut faults).into_iter().collect();
    if let Some(faults) = Faults::of(faults) {
        return Err(faults);
    }
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let any_port = SocketAddr::new(loopback, 0);
    Ok(Config {
        data: data.to_owned(),
        store: None,
        api: any_port.into(),
        campaign_folder: None,
        webhook: None,
        collector: None,
        web: BrowserConfig::new(any_port),
        event_log: Some(EVENT_LOG),
        sip: Sip {
            trunk_bind: any_port,
            trunk_listen_tcp: None,
            trunk_listen_tls: None,
            signers: None,
            name_servers: Vec::new(),
            agent_bind: any_port,
            realm: "outdial".to_owned(),
            channels_max: None,
            calls_per_second: None,
        },
        media: Media {
            ip: loopback,
            // Apart from the test carrier's, which stand in the campaign.
            ports: 24_000..=27_999,
            threads: 2,
            silence_max: SignedDuration::from_secs(30),
            load_max: 0.9,
        },
        trunks: Vec::new(),
        inbound: Vec::new(),
        campaigns,
        rulebooks,
    })
}
