//! SIP sockets: one `sip::Endpoint` driven on one transport.

mod udp;

pub use udp::Udp;
