//! The media ports: pairs of an even port for RTP and the next for RTCP (RFC 3550 §11), lent and
//! returned.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

use super::MediaError;

/// The sockets of one leg.
#[derive(Debug)]
pub(super) struct Pair {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
}

/// Which pairs are lent. They are lent in turn, so that a port rests as long as possible before
/// the next call gets it and what is left of the last one hits nobody.
#[derive(Debug)]
pub(super) struct Ports {
    ip: IpAddr,
    first: u16,
    pairs: u16,
    next: u16,
    taken: BTreeSet<u16>,
}

impl Ports {
    pub(super) fn new(ip: IpAddr, range: &RangeInclusive<u16>) -> Result<Self, MediaError> {
        let (start, end) = (*range.start(), *range.end());
        let first = u32::from(start).next_multiple_of(2);
        let pairs = (u32::from(end) + 1).saturating_sub(first) / 2;
        if start == 0 || pairs == 0 {
            return Err(MediaError::Range(start, end));
        }
        Ok(Self { ip, first: first as u16, pairs: pairs as u16, next: 0, taken: BTreeSet::new() })
    }

    /// A pair that is bound. Ports that somebody else holds are passed over.
    pub(super) fn lend(&mut self) -> Result<(u16, Pair), MediaError> {
        for _ in 0..self.pairs {
            let port = self.first + 2 * self.next;
            self.next = (self.next + 1) % self.pairs;
            if self.taken.contains(&port) {
                continue;
            }
            if let Ok(pair) = bind(self.ip, port) {
                self.taken.insert(port);
                return Ok((port, pair));
            }
        }
        Err(MediaError::PortsTaken(usize::from(self.pairs)))
    }

    pub(super) fn give_back(&mut self, port: u16) {
        self.taken.remove(&port);
    }
}

fn bind(ip: IpAddr, port: u16) -> io::Result<Pair> {
    let rtp = UdpSocket::bind(SocketAddr::new(ip, port))?;
    let rtcp = UdpSocket::bind(SocketAddr::new(ip, port + 1))?;
    rtp.set_nonblocking(true)?;
    rtcp.set_nonblocking(true)?;
    Ok(Pair { rtp, rtcp })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn pairs_are_even_bounded_and_come_back() {
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut ports = Ports::new(ip, &(41_001..=41_005)).unwrap();
        let (one, first) = ports.lend().unwrap();
        let (two, _second) = ports.lend().unwrap();
        assert_eq!((one, two), (41_002, 41_004));
        assert!(matches!(ports.lend(), Err(MediaError::PortsTaken(2))));
        drop(first);
        ports.give_back(one);
        assert_eq!(ports.lend().unwrap().0, one);
        assert!(Ports::new(ip, &(41_001..=41_001)).is_err());
        assert_eq!(Ports::new(ip, &(65_534..=65_535)).unwrap().pairs, 1);
    }
}
