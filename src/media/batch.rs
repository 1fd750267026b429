//! Many datagrams from a socket with one system call.

use std::io::IoSliceMut;
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;

use jiff::Timestamp;
use nix::cmsg_space;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, recvmmsg,
};
use nix::sys::time::TimeSpec;

/// Datagrams of a call.
const BATCH: usize = 8;
/// The longest datagram that is taken; longer ones are no audio of ours.
pub(super) const LENGTH_MAX: usize = 2048;
/// Calls for one socket at a time. What a flood brings beyond 512 packets in 20 ms stays with the
/// kernel, which drops it.
const CALLS_MAX: usize = 64;

/// Room for one call.
pub(super) struct Batch {
    headers: MultiHeaders<SockaddrStorage>,
    buffers: Box<[[u8; LENGTH_MAX]; BATCH]>,
}

/// One datagram.
pub(super) struct Datagram<'a> {
    pub bytes: &'a [u8],
    pub from: SocketAddr,
    /// When the kernel got it, on the wall clock: good for differences only. `None` when it does
    /// not say.
    pub arrived: Option<Timestamp>,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            headers: MultiHeaders::preallocate(BATCH, Some(cmsg_space!(TimeSpec))),
            buffers: Box::new([[0; LENGTH_MAX]; BATCH]),
        }
    }

    /// Reads what the socket holds and does not wait for more.
    pub(super) fn read(&mut self, socket: &UdpSocket, mut take: impl FnMut(Datagram<'_>)) {
        for _ in 0..CALLS_MAX {
            let mut slices = self.buffers.each_mut().map(|buffer| [IoSliceMut::new(buffer)]);
            let flags = MsgFlags::MSG_DONTWAIT;
            let read =
                recvmmsg(socket.as_raw_fd(), &mut self.headers, slices.iter_mut(), flags, None);
            // Nothing there, or an ICMP error about a packet of ours: both are no news.
            let Ok(read) = read else { return };
            let mut count = 0;
            for message in read {
                count += 1;
                let is_whole = !message.flags.contains(MsgFlags::MSG_TRUNC);
                let from = message.address.as_ref().and_then(address).filter(|_| is_whole);
                let Some(from) = from else { continue };
                let bytes = message.iovs().next().unwrap_or_default();
                take(Datagram { bytes, from, arrived: arrived(&message) });
            }
            if count < BATCH {
                return;
            }
        }
    }
}

fn address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|address| SocketAddrV4::from(*address).into());
    v4.or_else(|| address.as_sockaddr_in6().map(|address| SocketAddrV6::from(*address).into()))
}

fn arrived(message: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<Timestamp> {
    let time = message.cmsgs().ok()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(time) => Some(time),
        _ => None,
    })?;
    Timestamp::new(time.tv_sec(), time.tv_nsec() as i32).ok()
}

#[cfg(test)]
mod tests {
    use nix::sys::socket::{setsockopt, sockopt};

    use super::*;
    use crate::clock;

    #[test]
    fn what_came_is_read_whole_with_its_sender_and_its_time() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true).unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        let lengths: Vec<usize> = (0..30).chain([2_048, 2_049, 60_000, 12]).collect();
        for length in &lengths {
            sender.send_to(&vec![7; *length], socket.local_addr().unwrap()).unwrap();
        }
        let mut batch = Batch::new();
        for round in 0..2 {
            let mut read = Vec::new();
            batch.read(&socket, |datagram| {
                assert_eq!(datagram.from, sender.local_addr().unwrap());
                assert!(datagram.bytes.iter().all(|byte| *byte == 7));
                let age = clock::now().duration_since(datagram.arrived.unwrap());
                assert!(age.abs().as_secs() < 2, "{age}");
                read.push(datagram.bytes.len());
            });
            let taken = lengths.iter().copied().filter(|length| *length <= 2_048 && round == 0);
            assert_eq!(read, taken.collect::<Vec<_>>());
        }
    }

    #[test]
    fn ipv6_senders_are_told_too() {
        let Ok(socket) = UdpSocket::bind("[::1]:0") else {
            return println!("skipped: no IPv6 here");
        };
        let sender = UdpSocket::bind("[::1]:0").unwrap();
        sender.send_to(b"x", socket.local_addr().unwrap()).unwrap();
        let mut from = None;
        Batch::new().read(&socket, |datagram| from = Some(datagram.from));
        assert_eq!(from, sender.local_addr().ok());
    }
}
