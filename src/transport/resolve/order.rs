//! What goes first: services by a domain's own word (NAPTR, RFC 3263 §4.1), targets by priority and
//! weight (SRV, RFC 2782).

use std::net::SocketAddr;

use hickory_resolver::proto::rr::rdata::NAPTR;

use crate::sip::Transport;

/// A machine that serves a domain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// Lower ones go first.
    pub priority: u16,
    /// Its share of the calls among those of its priority.
    pub weight: u16,
    /// Where it is, in the order in which its name server has them.
    pub addresses: Vec<SocketAddr>,
}

/// The name under which a domain's service of SIP is found.
pub(super) fn service(transport: Transport, domain: &str) -> String {
    match transport {
        Transport::Tcp => format!("_sip._tcp.{domain}"),
        Transport::Tls => format!("_sips._tcp.{domain}"),
        Transport::Udp => format!("_sip._udp.{domain}"),
    }
}

/// The port where a name has none (RFC 3261 §19.1.2).
pub(super) fn default_port(transport: Transport) -> u16 {
    match transport {
        Transport::Tls => 5061,
        Transport::Tcp | Transport::Udp => 5060,
    }
}

/// The services that pointers lead to and that we speak, best first. Pointers that rewrite (RFC 3402)
/// lead nowhere here: RFC 3263 knows those to services alone.
pub(super) fn services<'a>(pointers: impl Iterator<Item = &'a NAPTR>) -> Vec<(Transport, String)> {
    let mut found: Vec<_> = pointers
        .filter(|naptr| naptr.flags.eq_ignore_ascii_case(b"s") && naptr.regexp.is_empty())
        .filter_map(|naptr| {
            let transport = spoken(&naptr.services)?;
            Some(((naptr.order, naptr.preference), transport, naptr.replacement.to_ascii()))
        })
        .collect();
    found.sort_by_key(|(order, ..)| *order);
    found.into_iter().map(|(_, transport, service)| (transport, service)).collect()
}

fn spoken(service: &[u8]) -> Option<Transport> {
    let known: [(&[u8], Transport); 3] =
        [(b"SIP+D2T", Transport::Tcp), (b"SIPS+D2T", Transport::Tls), (b"SIP+D2U", Transport::Udp)];
    let it = known.into_iter().find(|(name, _)| service.eq_ignore_ascii_case(name));
    it.map(|(_, transport)| transport)
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::Name;

    use super::*;

    fn pointer(order: u16, preference: u16, flags: &str, service: &str, to: &str) -> NAPTR {
        let bytes = |text: &str| text.as_bytes().to_vec().into_boxed_slice();
        let to = Name::from_ascii(to).unwrap();
        NAPTR::new(order, preference, bytes(flags), bytes(service), Box::default(), to)
    }

    #[test]
    fn the_order_goes_before_the_preference_and_what_we_do_not_speak_is_passed_over() {
        let pointers = [
            pointer(20, 1, "s", "SIP+D2U", "_sip._udp.h."),
            pointer(10, 9, "S", "sip+d2t", "_sip._tcp.h."),
            pointer(10, 2, "s", "SIPS+D2T", "_sips._tcp.h."),
            pointer(1, 1, "s", "SIP+D2S", "_sip._sctp.h."),
            pointer(1, 1, "u", "SIP+D2U", "."),
        ];
        let found = services(pointers.iter());
        let order: Vec<_> = found.iter().map(|(transport, _)| *transport).collect();
        assert_eq!(order, [Transport::Tls, Transport::Tcp, Transport::Udp]);
        assert_eq!(found[2].1, "_sip._udp.h.");
    }
}
