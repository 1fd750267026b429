//! RTP inside this process: between a media leg and what carries its packets where no socket of the
//! leg's own could, a browser's encrypted connection.
//!
//! A pipe is as unreliable as a network: bounded, and what does not fit is lost. The carrier is one
//! for many legs and hears all of them on one channel, each packet with its leg's tag.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Packets toward a leg that may wait for its next tick: a second.
const TOWARD_LEG_MAX: usize = 50;

/// Stands for the carrier's end where an address is asked for. Nothing is ever sent there.
pub const FAR_END: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 2);
/// Stands for the leg's end.
pub const NEAR_END: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// A packet from a leg, with the leg's tag.
pub type Tagged = (u64, Bytes);

/// The leg's end.
#[derive(Debug)]
pub struct PipeEnd {
    tag: u64,
    out: Sender<Tagged>,
    inward: Receiver<(Timestamp, Bytes)>,
}

/// The carrier's end, toward the leg. The leg hears nothing more when it is dropped.
#[derive(Clone, Debug)]
pub struct TowardLeg(Sender<(Timestamp, Bytes)>);

/// A pipe for one leg. What the leg says comes out of `out`'s other end, tagged.
pub fn pipe(tag: u64, out: Sender<Tagged>) -> (PipeEnd, TowardLeg) {
    let (toward, inward) = channel(TOWARD_LEG_MAX);
    (PipeEnd { tag, out, inward }, TowardLeg(toward))
}

impl PipeEnd {
    /// Sends a packet to the carrier; false when it was lost.
    pub fn send(&self, packet: &[u8]) -> bool {
        self.out.try_send((self.tag, Bytes::copy_from_slice(packet))).is_ok()
    }

    /// The next packet that has come, and when it came.
    pub fn take(&mut self) -> Option<(Timestamp, Bytes)> {
        // A carrier that is gone is told by its owner, not by its silence.
        self.inward.try_recv().ok()
    }
}

impl TowardLeg {
    /// Sends a packet to the leg, which came at this time; false when it was lost.
    pub fn send(&self, arrived: Timestamp, packet: Bytes) -> bool {
        self.0.try_send((arrived, packet)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_out_tagged_and_in_order_and_too_many_are_lost() {
        let (out, mut heard) = channel(2);
        let (mut end, toward) = pipe(7, out);
        assert!(end.send(b"one") && end.send(b"two"));
        assert!(!end.send(b"three"), "the carrier does not read");
        assert_eq!(heard.try_recv().ok(), Some((7, Bytes::from_static(b"one"))));

        let sent = (0..60).filter(|_| toward.send(Timestamp::UNIX_EPOCH, Bytes::new())).count();
        assert_eq!(sent, TOWARD_LEG_MAX);
        assert_eq!(std::iter::from_fn(|| end.take()).count(), TOWARD_LEG_MAX);
        drop(toward);
        assert_eq!(end.take(), None);
    }
}
