//! By what a peer is reached, and what our Via says of it.

use std::fmt;
use std::net::SocketAddr;

/// By what a peer is reached (RFC 3261 §18).
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Transport {
    /// A connection.
    Tcp,
    /// A connection under TLS (§26.2.1).
    Tls,
    /// Datagrams.
    #[default]
    Udp,
}

impl Transport {
    /// Nothing is sent again over it (§17.1.1.2: timers A and E).
    pub fn is_reliable(self) -> bool {
        self != Transport::Udp
    }

    /// The URI parameter that asks for it, empty for the default (§19.1.1).
    pub(super) fn parameter(self) -> &'static str {
        match self {
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
            Transport::Udp => "",
        }
    }
}

/// As in a Via: `UDP`, `TCP`, `TLS`.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
            Transport::Udp => "UDP",
        })
    }
}

/// The transport and sent-by of our Via (§20.42).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SentBy {
    /// The transport toward the peer.
    pub transport: Transport,
    /// Our address.
    pub address: SocketAddr,
}

impl fmt::Display for SentBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.transport, self.address)?;
        // The peer's requests may come back over the connection (RFC 5923 §8).
        f.write_str(if self.transport.is_reliable() { ";alias" } else { "" })
    }
}
