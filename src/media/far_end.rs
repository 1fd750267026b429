//! Who the far end is on the wire: symmetric RTP (RFC 4961), locked to one source.
//!
//! Whoever can send a packet to an open port must not be heard, and must not be sent a stranger's
//! voice ("RTP Bleed"). So only the address that the SDP names is listened to. Its port may be
//! another than the SDP's, behind a port-changing NAT: it is learned from the first good packet. An
//! authenticated phone is also heard from the address that it signals from.
//! After that nothing but this source is heard, with one exception: the very address and port of
//! the SDP always take the place of one that was learned.

use std::net::{IpAddr, SocketAddr};

/// The far end's addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct FarEnd {
    signalled: SocketAddr,
    behind: Option<IpAddr>,
    source: Option<SocketAddr>,
}

impl FarEnd {
    /// From the address of the SDP; nothing has come yet.
    pub(super) fn new(signalled: SocketAddr, behind: Option<IpAddr>) -> Self {
        Self { signalled, behind, source: None }
    }

    /// Whether the SDP names this address.
    pub(super) fn is_at(&self, signalled: SocketAddr) -> bool {
        self.signalled == signalled
    }

    /// Whether RTP from there may be the far end's.
    pub(super) fn may_be(&self, from: SocketAddr) -> bool {
        match self.source {
            None => self.is_known(from.ip()),
            Some(source) => from == source || from == self.signalled,
        }
    }

    /// Whether RTCP from there may be the far end's: its port is not agreed.
    pub(super) fn may_report(&self, from: IpAddr) -> bool {
        self.is_known(from)
    }

    fn is_known(&self, from: IpAddr) -> bool {
        from == self.signalled.ip() || self.behind == Some(from)
    }

    /// A good packet came from there: that is the source now.
    pub(super) fn heard(&mut self, from: SocketAddr) {
        self.source = Some(from);
    }

    /// Where RTP goes; `None` for an address that means nowhere (RFC 3264 §8.4: 0.0.0.0 is hold)
    /// or ourselves.
    pub(super) fn to(&self, ours: SocketAddr) -> Option<SocketAddr> {
        let to = self.source.unwrap_or(self.signalled);
        (!to.ip().is_unspecified() && to.port() != 0 && to != ours).then_some(to)
    }

    /// Where RTCP goes: the next port (RFC 3550 §11).
    pub(super) fn reports_to(&self, ours: SocketAddr) -> Option<SocketAddr> {
        let to = self.to(ours)?;
        Some(SocketAddr::new(to.ip(), self.signalled.port().checked_add(1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_the_address_of_the_sdp_is_heard_and_its_port_is_learned_once() {
        let mut far_end = FarEnd::new(at("10.0.0.1:4000"), None);
        assert!(!far_end.may_be(at("10.0.0.2:4000")));
        assert!(far_end.may_be(at("10.0.0.1:5000")));
        far_end.heard(at("10.0.0.1:5000"));
        assert!(far_end.may_be(at("10.0.0.1:5000")));
        assert!(!far_end.may_be(at("10.0.0.1:6000")));
        assert_eq!(far_end.to(at("10.9.9.9:1")), Some(at("10.0.0.1:5000")));
    }

    #[test]
    fn a_phone_behind_a_nat_is_heard_from_where_it_signals() {
        let mut far_end = FarEnd::new(at("192.168.1.9:4000"), Some(at("203.0.113.7:1").ip()));
        assert!(far_end.may_be(at("203.0.113.7:61000")));
        assert!(!far_end.may_be(at("203.0.113.8:61000")));
        far_end.heard(at("203.0.113.7:61000"));
        assert_eq!(far_end.to(at("10.9.9.9:1")), Some(at("203.0.113.7:61000")));
    }

    #[test]
    fn the_very_address_of_the_sdp_takes_the_place_of_a_learned_one() {
        let mut far_end = FarEnd::new(at("10.0.0.1:4000"), None);
        far_end.heard(at("10.0.0.1:5000"));
        assert!(far_end.may_be(at("10.0.0.1:4000")));
        far_end.heard(at("10.0.0.1:4000"));
        assert!(!far_end.may_be(at("10.0.0.1:5000")));
    }

    #[test]
    fn nowhere_and_ourselves_are_not_sent_to() {
        let ours = at("10.9.9.9:4000");
        for nowhere in ["0.0.0.0:4000", "10.0.0.1:0", "10.9.9.9:4000"] {
            assert_eq!(FarEnd::new(at(nowhere), None).to(ours), None);
            assert_eq!(FarEnd::new(at(nowhere), None).reports_to(ours), None);
        }
        assert_eq!(FarEnd::new(at("10.0.0.1:65535"), None).reports_to(ours), None);
    }
}
