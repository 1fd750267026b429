//! SIP sockets: one `sip::Endpoint` driven on one transport; where a host is; and RTP inside this
//! process.

mod framing;
pub mod pipe;
mod resolve;
mod streams;
mod tls;
mod udp;

#[cfg(test)]
mod listening;
#[cfg(test)]
mod tests;

pub use resolve::{AnswerFault, Host, Located, Offer, Records, ResolveFault, Resolver, Target};
pub use streams::StreamPeer;
pub use tls::{TlsFault, TlsIdentity, TlsPeer};
pub use udp::{BindFault, Udp};
