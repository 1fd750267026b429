//! SIP sockets: one `sip::Endpoint` driven on one transport.

mod framing;
mod streams;
mod tls;
mod udp;

#[cfg(test)]
mod listening;
#[cfg(test)]
mod tests;

pub use streams::StreamPeer;
pub use tls::{TlsFault, TlsIdentity, TlsPeer};
pub use udp::{BindFault, Udp};
