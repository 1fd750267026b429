//! The media ports: pairs of an even port for RTP and the next for RTCP (RFC 3550 §11), lent and
//! returned.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{setsockopt, sockopt};

use super::MediaError;

/// File descriptors that are not ours: the store's, SIP's, the API's.
const OTHER_FILES: u64 = 4_096;

/// The sockets of one leg. The ports are returned when they are closed.
#[derive(Debug)]
pub(super) struct Pair {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    /// Of the RTP socket.
    pub local: SocketAddr,
    // Dropped last, after the sockets.
    _lease: Lease,
}

/// Who lends the ports; clones lend the same ones.
#[derive(Clone, Debug)]
pub(super) struct Ports {
    ip: IpAddr,
    first: u16,
    pairs: u16,
    lent: Arc<Mutex<Lent>>,
}

/// Which pairs are lent. They are lent in turn, so that a port rests as long as possible before
/// the next call gets it and what is left of the last one hits nobody.
#[derive(Debug, Default)]
struct Lent {
    next: u16,
    taken: BTreeSet<u16>,
}

#[derive(Debug)]
struct Lease {
    port: u16,
    lent: Arc<Mutex<Lent>>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        lock(&self.lent).taken.remove(&self.port);
    }
}

impl Ports {
    pub(super) fn new(ip: IpAddr, range: &RangeInclusive<u16>) -> Result<Self, MediaError> {
        let (start, end) = (*range.start(), *range.end());
        let first = u32::from(start).next_multiple_of(2);
        let pairs = (u32::from(end) + 1).saturating_sub(first) / 2;
        if start == 0 || pairs == 0 {
            return Err(MediaError::Range(start, end));
        }
        allow_files(2 * u64::from(pairs) + OTHER_FILES);
        Ok(Self { ip, first: first as u16, pairs: pairs as u16, lent: Arc::default() })
    }

    /// A pair that is bound. Ports that somebody else holds are passed over.
    pub(super) fn lend(&self) -> Result<Pair, MediaError> {
        let mut reason = "all are in use".to_owned();
        for _ in 0..self.pairs {
            let Some(lease) = self.lease_next() else { continue };
            match bind(self.ip, lease) {
                Ok(pair) => return Ok(pair),
                Err(error) => reason = error.to_string(),
            }
        }
        Err(MediaError::PortsTaken { pairs: usize::from(self.pairs), reason })
    }

    fn lease_next(&self) -> Option<Lease> {
        let mut lent = lock(&self.lent);
        let port = self.first + 2 * lent.next;
        lent.next = (lent.next + 1) % self.pairs;
        lent.taken.insert(port).then(|| Lease { port, lent: self.lent.clone() })
    }
}

fn bind(ip: IpAddr, lease: Lease) -> io::Result<Pair> {
    let local = SocketAddr::new(ip, lease.port);
    let rtp = UdpSocket::bind(local)?;
    let rtcp = UdpSocket::bind(SocketAddr::new(ip, lease.port + 1))?;
    for socket in [&rtp, &rtcp] {
        socket.set_nonblocking(true)?;
    }
    setsockopt(&rtp, sockopt::ReceiveTimestampns, &true)?;
    Ok(Pair { rtp, rtcp, local, _lease: lease })
}

/// Two sockets a leg are more than a shell's usual limit of 1,024 files. The most that the system
/// allows is allowed; what is missing then shows as [`MediaError::PortsTaken`].
fn allow_files(wanted: u64) {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    if soft < wanted && soft < hard {
        let allowed = wanted.min(hard);
        if let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, allowed, hard) {
            tracing::warn!(%error, soft, wanted, "the limit of open files stays");
        }
    }
}

fn lock(lent: &Mutex<Lent>) -> MutexGuard<'_, Lent> {
    lent.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn pairs_are_even_bounded_and_come_back() {
        let ports = Ports::new(IP, &(41_001..=41_005)).unwrap();
        let (one, two) = (ports.lend().unwrap(), ports.lend().unwrap());
        assert_eq!((one.local.port(), two.local.port()), (41_002, 41_004));
        assert_eq!(one.rtcp.local_addr().unwrap().port(), 41_003);
        assert!(matches!(ports.lend(), Err(MediaError::PortsTaken { pairs: 2, .. })));
        drop(one);
        assert_eq!(ports.lend().unwrap().local.port(), 41_002);
    }

    #[test]
    fn a_range_without_a_pair_is_refused() {
        assert!(Ports::new(IP, &(41_001..=41_001)).is_err());
        assert!(Ports::new(IP, &(0..=100)).is_err());
        assert_eq!(Ports::new(IP, &(65_534..=65_535)).unwrap().pairs, 1);
    }

    #[test]
    fn a_port_that_another_program_holds_is_passed_over_and_not_lost() {
        let other = UdpSocket::bind((IP, 41_011)).unwrap();
        let ports = Ports::new(IP, &(41_010..=41_013)).unwrap();
        assert_eq!(ports.lend().unwrap().local.port(), 41_012);
        drop(other);
        assert_eq!(ports.lend().unwrap().local.port(), 41_010);
    }
}
