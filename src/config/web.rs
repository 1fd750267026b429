//! `[web]`: the phones in agents' browsers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::section::Section;
use crate::station::BrowserConfig;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// On loopback, at a free port, unless it says otherwise.
pub(super) fn read(section: Option<Section<'_>>) -> BrowserConfig {
    let mut web = BrowserConfig::new(SocketAddr::new(LOOPBACK, 0));
    let Some(mut section) = section else { return web };
    // It goes into the answer as it is.
    let concrete =
        |text: &str| text.parse().ok().filter(|it: &SocketAddr| !it.ip().is_unspecified());
    let what = "an address of this machine with its port: \"192.0.2.10:4000\"";
    if let Some(bind) = section.read("media", what, concrete) {
        web.bind = bind;
    }
    let concrete = |text: &str| text.parse().ok().filter(|ip: &IpAddr| !ip.is_unspecified());
    web.outer = section.read("outer", "the address that browsers see: \"203.0.113.7\"", concrete);
    if let Some(grace) = section.duration("grace_s", 1.0, 1.0..=60.0) {
        web.grace = grace;
    }
    section.finish();
    web
}
