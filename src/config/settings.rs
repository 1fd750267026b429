//! `outdial.toml`, section by section.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use toml::Spanned;

use super::defaults::EVENT_LOG;
use super::inbound::{self, Written};
use super::section::Section;
use super::{Api, Media, Sip, trunk, web};
use crate::api::TlsFiles;
use crate::server::event_log::Limits;
use crate::station::BrowserConfig;
use crate::transport::TlsIdentity;
use crate::trunk::{Signers, TrunkConfig};

/// A leg that has gone silent is given up after this.
const SILENCE_MAX: SignedDuration = SignedDuration::from_secs(30);
const PORTS: RangeInclusive<u16> = 20_000..=29_999;
const NAME_SERVER_PORT: u16 = 53;
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What `outdial.toml` says by itself; its folders are read next.
pub(super) struct Settings {
    pub data: PathBuf,
    pub store: Option<String>,
    pub api: Api,
    pub event_log: Option<Limits>,
    pub webhook: Option<String>,
    pub collector: Option<String>,
    pub web: BrowserConfig,
    pub sip: Sip,
    pub media: Media,
    pub trunks: Vec<TrunkConfig>,
    /// Of every trunk that is written, right or wrong.
    pub trunk_names: Vec<String>,
    pub inbound: Vec<Written>,
    pub campaigns: Folder,
    pub rulebooks: Option<Folder>,
}

/// A folder, relative to the file's own.
pub(super) struct Folder {
    pub path: PathBuf,
    /// Where it is written; `None` for the default.
    pub span: Option<Range<usize>>,
}

impl From<Spanned<String>> for Folder {
    fn from(written: Spanned<String>) -> Self {
        Self { path: PathBuf::from(written.get_ref()), span: Some(written.span()) }
    }
}

impl Settings {
    pub fn read(mut root: Section<'_>) -> Self {
        let default = || Folder { path: PathBuf::from("campaigns"), span: None };
        let campaigns = root.text("campaigns").map_or_else(default, Folder::from);
        let rulebooks = root.text("rulebooks").map(Folder::from);
        let store = store(&mut root);
        let (trunk_names, trunks) = root.section("trunks").map(trunk::read).unwrap_or_default();
        let settings = Self {
            data: data(root.section("data")),
            store,
            api: api(root.section("api")),
            event_log: event_log(root.section("event_log")),
            webhook: url(
                root.section("alarms"),
                "webhook",
                "a URL: \"https://alarms.example.com/outdial\"",
            ),
            collector: url(root.section("traces"), "collector", "a URL: \"http://127.0.0.1:4318\""),
            web: web::read(root.section("web")),
            sip: sip(root.section("sip"), &root),
            media: media(root.section("media")),
            trunks,
            trunk_names,
            inbound: inbound::read(root.sections("inbound")),
            campaigns,
            rulebooks,
        };
        root.finish();
        settings
    }
}

/// Books that are not in the data folder.
fn store(root: &mut Section<'_>) -> Option<String> {
    let url = root.text("store")?;
    let is_postgres =
        ["postgres://", "postgresql://"].iter().any(|scheme| url.get_ref().starts_with(scheme));
    if !is_postgres {
        let remedy = "write store = \"postgres://outdial@db.example/outdial\", or leave it out: the \
                      books are then a file of SQLite's in the data folder";
        root.fault(url.span(), "the books are kept in SQLite or in PostgreSQL", remedy);
    }
    is_postgres.then(|| url.into_inner())
}

fn data(section: Option<Section<'_>>) -> PathBuf {
    let default = || PathBuf::from("outdial-data");
    let Some(mut section) = section else { return default() };
    let dir = section.text("dir").map(|dir| PathBuf::from(dir.get_ref()));
    section.finish();
    dir.unwrap_or_else(default)
}

fn api(section: Option<Section<'_>>) -> Api {
    let default = SocketAddr::new(LOOPBACK, 8088);
    let Some(mut section) = section else { return default.into() };
    let listen = section.parsed("listen", "an address with its port: \"127.0.0.1:8088\"");
    let mut hosts = Vec::new();
    for host in section.texts("hosts").unwrap_or_default() {
        let name = host.get_ref().to_ascii_lowercase();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            let message = format!("{name:?} is no host name");
            section.fault(host.span(), message, "write the name alone: \"dialer.example.com\"");
        }
        hosts.push(name);
    }
    let tls = tls(&mut section);
    let totp_required = section.boolean("totp_required").unwrap_or(false);
    section.finish();
    Api { listen: listen.unwrap_or(default), hosts, tls, totp_required }
}

/// Certificate and key: both or none.
fn tls(section: &mut Section<'_>) -> Option<TlsFiles> {
    let folder = section.folder().to_owned();
    let certificate = section.text("certificate");
    let key = section.text("key");
    match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => {
            for file in [&certificate, &key] {
                if !folder.join(file.get_ref()).is_file() {
                    let message = format!("{:?} is no file", file.get_ref());
                    section.fault(file.span(), message, "write the path of a PEM file");
                }
            }
            Some(TlsFiles {
                certificate: folder.join(certificate.get_ref()),
                key: folder.join(key.get_ref()),
            })
        }
        (Some(alone), None) | (None, Some(alone)) => {
            let message = "certificate and key go together";
            section.fault(alone.span(), message, "write both, or neither: \"server.pem\"");
            None
        }
    }
}

fn event_log(section: Option<Section<'_>>) -> Option<Limits> {
    let mut limits = EVENT_LOG;
    let Some(mut section) = section else { return Some(limits) };
    let enabled = section.boolean("enabled").unwrap_or(true);
    if let Some(days) = section.integer("days_max", 1..=3_660_u32) {
        limits.age_max = SignedDuration::from_hours(24 * i64::from(days));
    }
    if let Some(megabytes) = section.integer("megabytes_max", 16..=16_777_216_u32) {
        limits.bytes_max = u64::from(megabytes) << 20;
    }
    section.finish();
    enabled.then_some(limits)
}

/// The one setting of `[alarms]` and of `[traces]`.
fn url(section: Option<Section<'_>>, key: &'static str, what: &'static str) -> Option<String> {
    let mut section = section?;
    let url = |text: &str| {
        let known = text.starts_with("https://") || text.starts_with("http://");
        (known && text.parse::<ureq::http::Uri>().is_ok()).then(|| text.to_owned())
    };
    let url = section.read(key, what, url);
    section.finish();
    url
}

fn sip(section: Option<Section<'_>>, root: &Section<'_>) -> Sip {
    let mut sip = Sip {
        trunk_bind: SocketAddr::new(LOOPBACK, 5060),
        trunk_listen_tcp: None,
        trunk_listen_tls: None,
        signers: None,
        name_servers: Vec::new(),
        agent_bind: SocketAddr::new(LOOPBACK, 5070),
        realm: "outdial".to_owned(),
        channels_max: None,
        calls_per_second: None,
    };
    let Some(mut section) = section else {
        root.missing(
            "[sip]",
            "trunk_bind and agent_bind, the addresses that carriers and phones see",
        );
        return sip;
    };
    if let Some(bind) = bind(&mut section, "trunk_bind") {
        sip.trunk_bind = bind;
    }
    if section.has("trunk_listen_tcp") {
        sip.trunk_listen_tcp = bind(&mut section, "trunk_listen_tcp");
    }
    sip.trunk_listen_tls = listen_tls(&mut section);
    sip.signers = signers(&mut section).map(Arc::new);
    if let Some(servers) = section.texts("name_servers") {
        sip.name_servers = name_servers(&section, &servers);
    }
    if let Some(bind) = bind(&mut section, "agent_bind") {
        sip.agent_bind = bind;
    }
    if sip.trunk_bind == sip.agent_bind {
        let message = format!("trunk_bind and agent_bind are both {}", sip.trunk_bind);
        section.fault(section.span(), message, "give agents' phones a port of their own");
    }
    let realm = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        (!text.is_empty() && text.bytes().all(plain)).then(|| text.to_owned())
    };
    if let Some(realm) = section.read("realm", "letters, digits, points", realm) {
        sip.realm = realm;
    }
    sip.channels_max = section.integer("channels_max", 1..=20_000_u32);
    let rate = section.integer("calls_per_second", 1..=5_000_u32);
    sip.calls_per_second = rate.and_then(NonZeroU32::new);
    section.finish();
    sip
}

/// `host:port`, or an address alone, which is port 53.
fn name_servers(section: &Section<'_>, texts: &[Spanned<String>]) -> Vec<SocketAddr> {
    let server = |text: &Spanned<String>| {
        let written = text.get_ref();
        let with_port = written
            .parse()
            .or_else(|_| written.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, NAME_SERVER_PORT)));
        if with_port.is_err() {
            let message = format!("name_servers has {written:?}");
            section.fault(text.span(), message, "write addresses: \"192.0.2.53\"");
        }
        with_port.ok()
    };
    texts.iter().filter_map(server).collect()
}

/// Where TLS is listened for, with `tls_certificate` and `tls_key`.
fn listen_tls(section: &mut Section<'_>) -> Option<(SocketAddr, TlsIdentity)> {
    let keys = ["trunk_listen_tls", "tls_certificate", "tls_key"];
    let examples = ["\"192.0.2.10:5061\"", "\"outdial.pem\"", "\"outdial.key\""];
    if !keys.iter().any(|key| section.has(key)) {
        return None;
    }
    for (key, example) in keys.iter().zip(examples) {
        if !section.has(key) {
            section.missing(key, example);
        }
    }
    let address = bind(section, "trunk_listen_tls");
    let mut file = |key| {
        let file = section.text(key)?;
        let path = section.folder().join(file.get_ref());
        if let Err(error) = std::fs::File::open(&path) {
            let message = format!("{} cannot be read: {error}", path.display());
            section.fault(file.span(), message, "name a file in PEM");
        }
        Some(path)
    };
    let (certificate, key) = (file("tls_certificate"), file("tls_key"));
    Some((address?, TlsIdentity { certificate: certificate?, key: key? }))
}

/// Who signs for callers: `stir_certificates`, a folder, and `stir_authorities`.
fn signers(section: &mut Section<'_>) -> Option<Signers> {
    let keys = ["stir_certificates", "stir_authorities"];
    if !keys.iter().any(|key| section.has(key)) {
        return None;
    }
    for (key, example) in keys.iter().zip(["\"shaken\"", "\"shaken-authorities.pem\""]) {
        if !section.has(key) {
            section.missing(key, example);
        }
    }
    let (folder, authorities) = (section.text(keys[0])?, section.text(keys[1])?);
    let path = |written: &Spanned<String>| section.folder().join(written.get_ref());
    Signers::read(&path(&folder), &path(&authorities))
        .map_err(|fault| {
            let remedy = "put each certificate at cert.example/shaken.pem for its URL, in PEM";
            section.fault(folder.span(), fault.to_string(), remedy);
        })
        .ok()
}

/// An address that goes into Via and Contact as it is, so that `0.0.0.0` will not do.
fn bind(section: &mut Section<'_>, key: &'static str) -> Option<SocketAddr> {
    let what = "an address of this machine with its port: \"192.0.2.10:5060\"";
    let concrete = |text: &str| {
        let address: SocketAddr = text.parse().ok()?;
        (!address.ip().is_unspecified() && address.port() != 0).then_some(address)
    };
    if !section.has(key) {
        section.missing(key, "\"192.0.2.10:5060\", an address of this machine with its port");
    }
    section.read(key, what, concrete)
}

fn media(section: Option<Section<'_>>) -> Media {
    let mut media =
        Media { ip: LOOPBACK, ports: PORTS, threads: 2, silence_max: SILENCE_MAX, load_max: 0.9 };
    let Some(mut section) = section else { return media };
    let concrete = |text: &str| text.parse().ok().filter(|ip: &IpAddr| !ip.is_unspecified());
    if let Some(ip) = section.read("ip", "an address of this machine: \"192.0.2.10\"", concrete) {
        media.ip = ip;
    }
    if let Some(ports) = section.read("ports", "first and last port: \"20000-29999\"", ports) {
        media.ports = ports;
    }
    if let Some(threads) = section.integer("threads", 1..=64_u32) {
        media.threads = threads as usize;
    }
    if let Some(silence_max) = section.duration("silence_s_max", 1.0, 1.0..=3_600.0) {
        media.silence_max = silence_max;
    }
    if let Some(load_max) = section.number("load_max", 0.1..=1.0) {
        media.load_max = load_max;
    }
    section.finish();
    media
}

/// `20000-29999`: not a port of the system, and room for one call at least (two legs, RTP and RTCP
/// each).
fn ports(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first >= 1_024 && last >= first.checked_add(3)?).then_some(first..=last)
}
