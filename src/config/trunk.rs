//! `[trunks.NAME]`: one carrier's trunk each.

mod identity;
mod outcomes;
mod routing;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::section::Section;
use crate::domain::{Codec, TrunkId};
use crate::sip::{Network, NetworkFault, Transport};
use crate::transport::Host;
use crate::trunk::{Login, SrtpUse, TrunkConfig};

/// Reads every trunk of `[trunks]`: the name of each, and those that could be read.
pub(super) fn read(section: Section<'_>) -> (Vec<String>, Vec<TrunkConfig>) {
    let entries = section.entries();
    let names = entries.iter().map(|(name, _)| name.get_ref().clone()).collect();
    let trunk = |(id, (name, section)): (u16, (Spanned<String>, Section<'_>))| {
        trunk(TrunkId(id), name.into_inner(), section)
    };
    (names, (0..).zip(entries).filter_map(trunk).collect())
}

/// Where a trunk is: an address, or a name that says so when it is asked.
enum Place {
    Address(SocketAddr),
    Host(Host),
}

fn trunk(id: TrunkId, name: String, mut section: Section<'_>) -> Option<TrunkConfig> {
    let transport = transport(&mut section);
    let address = address(&mut section, transport);
    let authorities = authorities(&mut section, transport);
    let calls_from =
        section.texts("calls_from").map(|texts| networks(&section, "calls_from", &texts));
    let redirects_to =
        section.texts("redirects_to").map(|texts| networks(&section, "redirects_to", &texts));
    let domain = section.text("domain").map(Spanned::into_inner);
    let login = login(&mut section);
    let channels_max = section.integer("channels_max", 1..=20_000_u32);
    let calls_per_second = section.integer("calls_per_second", 1..=1_000_u32);
    let codecs = section.texts("codecs").map(|names| codecs(&section, &names));
    let srtp = srtp(&mut section);
    let probe_every = section.duration("probe_s_every", 1.0, 5.0..=3_600.0);
    let rest = section.duration("rest_s", 1.0, 1.0..=3_600.0);
    let silence_max = section.duration("silence_ms_max", 0.001, 200.0..=32_000.0);
    let register = section.duration("register_s", 1.0, 60.0..=86_400.0);
    let routing = routing::read(&mut section);
    let identity = identity::read(&mut section);
    let outcomes = section.sections("outcomes").map(outcomes::read);
    section.finish();

    let mut trunk = match address? {
        Place::Address(address) => TrunkConfig::new(id, name, address),
        Place::Host(host) => {
            TrunkConfig { host: Some(host), ..TrunkConfig::new(id, name, TrunkConfig::NOWHERE) }
        }
    };
    trunk.calls_from = calls_from.unwrap_or_default();
    trunk.redirects_to = redirects_to.unwrap_or_default();
    trunk.domain = domain;
    trunk.login = login;
    trunk.transport = transport.unwrap_or_default();
    trunk.srtp = srtp;
    trunk.identity = identity;
    trunk.authorities = authorities;
    trunk.probe_every = probe_every;
    trunk.register = register;
    trunk.routing = routing;
    if let Some(rest) = rest {
        trunk.rest = rest;
    }
    if let Some(silence_max) = silence_max {
        trunk.silence_max = silence_max;
    }
    if let Some(outcomes) = outcomes {
        trunk.outcomes = outcomes.into();
    }
    if let Some(channels_max) = channels_max {
        trunk.channels_max = channels_max;
    }
    if let Some(calls_per_second) = calls_per_second.and_then(NonZeroU32::new) {
        trunk.calls_per_second = calls_per_second;
    }
    if let Some(codecs) = codecs.filter(|codecs| !codecs.is_empty()) {
        trunk.codecs = codecs;
    }
    Some(trunk)
}

/// As it is written; a domain may say so itself.
fn transport(section: &mut Section<'_>) -> Option<Transport> {
    let read = |text: &str| match text {
        "tcp" => Some(Transport::Tcp),
        "tls" => Some(Transport::Tls),
        "udp" => Some(Transport::Udp),
        _ => None,
    };
    section.read("transport", "\"udp\", \"tcp\" or \"tls\"", read)
}

fn srtp(section: &mut Section<'_>) -> SrtpUse {
    let read = |text: &str| match text {
        "off" => Some(SrtpUse::Off),
        "optional" => Some(SrtpUse::Optional),
        "required" => Some(SrtpUse::Required),
        _ => None,
    };
    section.read("srtp", "\"off\", \"optional\" or \"required\"", read).unwrap_or_default()
}

/// Who may have signed a TLS trunk's certificate: a file of PEM, relative to the configuration's
/// folder.
fn authorities(section: &mut Section<'_>, transport: Option<Transport>) -> Option<PathBuf> {
    let file = section.text("tls_authorities")?;
    let path = section.folder().join(Path::new(file.get_ref()));
    if transport != Some(Transport::Tls) {
        let remedy = "write transport = \"tls\", or take it out";
        section.fault(file.span(), "tls_authorities without TLS", remedy);
    } else if let Err(error) = std::fs::read(&path) {
        let message = format!("{} cannot be read: {error}", path.display());
        section.fault(file.span(), message, "name a file of certificates in PEM");
    }
    Some(path)
}

/// An address with or without its port (5060, or 5061 for TLS, RFC 3261 §19.1.2), or a name with or
/// without one. A name is not looked up here: `trunk` asks the name servers, again and again.
fn address(section: &mut Section<'_>, transport: Option<Transport>) -> Option<Place> {
    let port = if transport == Some(Transport::Tls) { 5061 } else { 5060 };
    if !section.has("address") {
        section.missing("address", "\"sip.carrier.example\", or \"192.0.2.1:5060\"");
    }
    let what = "an address (\"192.0.2.1:5060\"), or a name (\"sip.carrier.example\")";
    section.read("address", what, |written| {
        let with_port = || written.parse().ok();
        let alone = || written.parse().ok().map(|ip: IpAddr| SocketAddr::new(ip, port));
        let host = || host(written, transport).map(Place::Host);
        with_port().or_else(alone).map(Place::Address).or_else(host)
    })
}

/// A domain name (RFC 1123 §2.1), and a port where there is one.
fn host(written: &str, transport: Option<Transport>) -> Option<Host> {
    let (name, port) = match written.split_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok().filter(|port| *port != 0)?)),
        None => (written, None),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len()) && label.bytes().all(allowed)
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    // What ends in a number is an address that is none.
    let is_name = !last.bytes().all(|byte| byte.is_ascii_digit());
    let fits = name.len() <= 253 && is_name && name.split('.').all(is_label);
    fits.then(|| Host { name: name.to_owned(), port, transport })
}

fn login(section: &mut Section<'_>) -> Option<Login> {
    let has_password = section.has("password") || section.has("password_file");
    let username = section.text("username").map(Spanned::into_inner);
    let realm = section.text("realm").map(Spanned::into_inner);
    let password = section.text("password");
    let file = section.text("password_file");
    let password = match (password, file) {
        (Some(_), Some(file)) => {
            let message = "a password and a password_file";
            section.fault(file.span(), message, "keep one of them, the file if you can");
            None
        }
        (Some(password), None) => Some(password.into_inner()),
        (None, Some(file)) => password_from(section, &file),
        (None, None) => None,
    };
    match (username, password) {
        (Some(username), Some(password)) => Some(Login { username, password, realm }),
        (Some(_), None) if !has_password => {
            section.missing("password_file", "\"main.password\", for its username");
            None
        }
        (None, Some(_)) => {
            section.missing("username", "\"..\", for its password");
            None
        }
        (Some(_) | None, None) => None,
    }
}

/// The first line of the file, relative to the configuration's folder.
fn password_from(section: &Section<'_>, file: &Spanned<String>) -> Option<String> {
    let path = section.folder().join(Path::new(file.get_ref()));
    match std::fs::read_to_string(&path) {
        Ok(text) => match text.lines().next().map(str::trim) {
            Some(line) if !line.is_empty() => Some(line.to_owned()),
            Some(_) | None => {
                let message = format!("{} is empty", path.display());
                section.fault(file.span(), message, "write the password on its first line");
                None
            }
        },
        Err(error) => {
            let message = format!("{} cannot be read: {error}", path.display());
            section.fault(
                file.span(),
                message,
                "write the password into it, for you alone to read",
            );
            None
        }
    }
}

fn networks(section: &Section<'_>, key: &str, texts: &[Spanned<String>]) -> Vec<Network> {
    let network = |text: &Spanned<String>| match text.get_ref().parse() {
        Ok(network) => Some(network),
        Err(fault) => {
            let message = format!("{key} has {:?}", text.get_ref());
            section.fault(text.span(), message, NetworkFault::to_string(&fault));
            None
        }
    };
    texts.iter().filter_map(network).collect()
}

fn codecs(section: &Section<'_>, names: &[Spanned<String>]) -> Vec<Codec> {
    let codec = |name: &Spanned<String>| {
        let codec = Codec::named(name.get_ref());
        if codec.is_none() {
            let message = format!("no codec {:?}", name.get_ref());
            section.fault(name.span(), message, "write pcma, pcmu, g722 or opus");
        }
        codec
    };
    names.iter().filter_map(codec).collect()
}
