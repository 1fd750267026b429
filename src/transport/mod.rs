//! SIP sockets: one `sip::Endpoint` driven on one transport.
