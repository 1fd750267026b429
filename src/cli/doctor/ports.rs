//! Ports and addresses: free, ours, and the ones that carriers can reach.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use super::Finding;
use crate::config::Config;
use crate::store::DataFolder;

/// Ports of a call: RTP and RTCP, toward the carrier and toward the agent.
const PORTS_A_CALL: usize = 4;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let runs = DataFolder::is_taken(&config.data);
    let sip = &config.sip;
    let mut findings = vec![
        port("SIP toward carriers", sip.trunk_bind, udp, runs),
        port("SIP of agents' phones", sip.agent_bind, udp, runs),
        port("API", config.api.listen, tcp, runs),
    ];
    let tcp_of = |what, at: Option<SocketAddr>| at.map(|at| port(what, at, tcp, runs));
    findings.extend(tcp_of("SIP over TCP", sip.trunk_listen_tcp));
    let tls = sip.trunk_listen_tls.as_ref().map(|(at, _)| *at);
    findings.extend(tcp_of("SIP over TLS", tls));
    findings.push(media(config, runs));
    findings.extend(config.trunks.iter().filter_map(|trunk| {
        let host = trunk.host.is_some();
        (!host).then(|| way_out(&trunk.name, trunk.address, sip.trunk_bind.ip(), config.media.ip))
    }));
    findings
}

fn udp(at: SocketAddr) -> io::Result<()> {
    UdpSocket::bind(at).map(drop)
}

fn tcp(at: SocketAddr) -> io::Result<()> {
    TcpListener::bind(at).map(drop)
}

fn port(what: &str, at: SocketAddr, bind: fn(SocketAddr) -> io::Result<()>, runs: bool) -> Finding {
    let error = match bind(at) {
        Ok(()) => return Finding::well(what, format!("{at} is free")),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::AddrInUse if runs => {
            Finding::well(what, format!("{at} is the running server's"))
        }
        ErrorKind::AddrInUse => Finding::wrong(
            what,
            format!("{at} is another program's"),
            format!(
                "see whose it is (ss -lpn 'sport = :{}') and stop it, or set another",
                at.port()
            ),
        ),
        ErrorKind::AddrNotAvailable => Finding::wrong(
            what,
            format!("{} is no address of this machine", at.ip()),
            "set one that `ip addr` shows; behind a NAT the inner one",
        ),
        ErrorKind::PermissionDenied => Finding::wrong(
            what,
            format!("{at} is not to be had by this user"),
            "set a port above 1023, or run as the user of the unit (deploy/outdial.service)",
        ),
        _ => Finding::wrong(what, format!("{at}: {error}"), "mend that first"),
    }
}

/// Every port of the range, at once: as a full dialer takes them.
fn media(config: &Config, runs: bool) -> Finding {
    let (ports, ip) = (config.media.ports.clone(), config.media.ip);
    let what = "RTP ports";
    let wanted: usize = config.trunks.iter().map(|trunk| trunk.channels_max as usize).sum();
    let all = ports.clone().count();
    let is_taken = |port: &u16| {
        let bound = UdpSocket::bind((ip, *port));
        bound.is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
    };
    let taken = ports.clone().filter(is_taken).count();
    let (first, last) = (*ports.start(), *ports.end());
    let room = (all - taken) / PORTS_A_CALL;
    let found = format!("{first} to {last}: {taken} taken, room for {room} calls");
    if room < wanted && !runs {
        let remedy = format!(
            "widen [media] ports: the trunks allow {wanted} calls, {PORTS_A_CALL} ports each"
        );
        return Finding::wrong(what, found, remedy);
    }
    match ephemeral() {
        Some((low, high)) if low <= last && first <= high => Finding::look(
            what,
            format!("{found}; the system gives {low} to {high} to any program"),
            format!("sysctl -w net.ipv4.ip_local_reserved_ports={first}-{last}"),
        ),
        _ => Finding::well(what, found),
    }
}

/// The ports that the system gives to whoever asks for none.
fn ephemeral() -> Option<(u16, u16)> {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut words = text.split_whitespace().map(str::parse);
    Some((words.next()?.ok()?, words.next()?.ok()?))
}

/// From which of our addresses a carrier is reached, and whether it can send back there.
fn way_out(trunk: &str, carrier: SocketAddr, bound: IpAddr, media: IpAddr) -> Finding {
    let what = format!("the way to trunk {trunk}");
    let local = UdpSocket::bind((if carrier.is_ipv4() { "0.0.0.0" } else { "::" }, 0))
        .and_then(|socket| socket.connect(carrier).and_then(|()| socket.local_addr()));
    let local = match local {
        Ok(local) => local.ip(),
        Err(error) => {
            let remedy = "give the machine a route there (ip route get ADDRESS)";
            return Finding::wrong(what, format!("no way to {}: {error}", carrier.ip()), remedy);
        }
    };
    if bound != local || media != local {
        return Finding::wrong(
            what,
            format!("leaves from {local}, while SIP is bound to {bound} and RTP to {media}"),
            format!("set [sip] trunk_bind and [media] ip to {local}"),
        );
    }
    if is_inner(local) && !is_inner(carrier.ip()) {
        return Finding::wrong(
            what,
            format!("a NAT: {local} is no address that {} can send to", carrier.ip()),
            "run on the outer address, or over a tunnel or a session border controller that the \
             carrier reaches you by: no outer address can be set",
        );
    }
    Finding::well(what, format!("leaves from {local}, no NAT"))
}

/// Whether only neighbours can send there (RFC 1918, RFC 6598, RFC 4193, loopback, link-local).
pub(super) fn is_inner(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            let is_carriers = first == 100 && (64..128).contains(&second);
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_carriers
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
