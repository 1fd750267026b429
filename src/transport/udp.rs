//! SIP over UDP: one socket, one endpoint; beside it the connections to peers that are spoken to
//! over TCP or TLS.
//!
//! ```text
//! loop {
//!     select! { events = udp.next() => .., command = commands.recv() => .. }
//!     udp.flush();
//! }
//! ```

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpListener as StdTcpListener, UdpSocket as StdUdpSocket};

use bytes::Bytes;
use tokio::net::{TcpListener, UdpSocket};

use super::streams::{Inbound, StreamPeer, Streams};
use super::tls::{self, TlsFault, TlsIdentity};
use crate::clock;
use crate::sip::{Endpoint, EndpointConfig, Event, Input, Network, Output, Transport};

/// The largest UDP payload.
const DATAGRAM_MAX: usize = 65_535;
/// Datagrams taken from the socket before events are handed over.
const BATCH_MAX: usize = 64;
/// Datagrams kept while the socket's send buffer is full; further ones are lost, which UDP allows
/// and retransmission mends.
const BACKLOG_MAX: usize = 4_096;

/// A SIP endpoint on a UDP socket.
#[derive(Debug)]
pub struct Udp {
    /// The engine. Call [`Udp::flush`] after calling its methods.
    pub endpoint: Endpoint,
    socket: UdpSocket,
    buffer: Box<[u8]>,
    events: Vec<Event>,
    backlog: VecDeque<(SocketAddr, Bytes)>,
    streams: Streams,
}

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindFault {
    /// What the operating system says: the address is in use or not ours.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A peer with which TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] TlsFault),
}

impl Udp {
    /// Binds `address`. A contact of port 0 gets the port that was bound. Must be called inside a
    /// tokio runtime.
    ///
    /// # Errors
    /// What the operating system says: the address is in use or not ours.
    pub fn bind(address: SocketAddr, config: EndpointConfig) -> io::Result<Self> {
        Self::bind_with(address, config, Vec::new()).map_err(|fault| match fault {
            BindFault::Io(error) => error,
            BindFault::Tls(fault) => io::Error::other(fault),
        })
    }

    /// As [`Udp::bind`], with peers that are spoken to over connections.
    ///
    /// # Errors
    /// [`BindFault`].
    pub fn bind_with(
        address: SocketAddr,
        mut config: EndpointConfig,
        peers: Vec<StreamPeer>,
    ) -> Result<Self, BindFault> {
        config.streams = peers.iter().map(|peer| (peer.address, transport_of(peer))).collect();
        let streams = Streams::new(peers)?;
        let socket = StdUdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket)?;
        if config.contact.port() == 0 {
            config.contact.set_port(socket.local_addr()?.port());
        }
        Ok(Self {
            endpoint: Endpoint::new(config),
            socket,
            buffer: vec![0; DATAGRAM_MAX].into_boxed_slice(),
            events: Vec::new(),
            backlog: VecDeque::new(),
            streams,
        })
    }

    /// Takes connections at `address` from `networks`, and says where: a port of 0 is one of the
    /// system's choice. With an identity they are of TLS.
    ///
    /// # Errors
    /// [`BindFault`].
    pub fn listen(
        &mut self,
        address: SocketAddr,
        identity: Option<&TlsIdentity>,
        networks: Vec<Network>,
    ) -> Result<SocketAddr, BindFault> {
        let tls = identity.map(tls::acceptor).transpose()?;
        let listener = StdTcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let bound = listener.local_addr()?;
        if tls.is_some() {
            self.endpoint.set_contact_tls(bound);
        }
        self.streams.listen(TcpListener::from_std(listener)?, tls, networks);
        Ok(bound)
    }

    /// A peer that is spoken to over a connection from now on.
    ///
    /// # Errors
    /// [`TlsFault`]: TLS cannot be spoken with it.
    pub fn know(&mut self, peer: StreamPeer) -> Result<(), TlsFault> {
        let (address, transport) = (peer.address, transport_of(&peer));
        self.streams.know(peer)?;
        self.endpoint.set_stream(address, transport);
        Ok(())
    }

    /// Calls, and connections, are taken from these networks alone.
    pub fn set_callers(&mut self, networks: Vec<Network>) {
        self.streams.set_callers(networks.clone());
        self.endpoint.set_callers(networks);
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Waits for packets and timers and answers them, until there is something for the owner.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Vec<Event> {
        loop {
            self.flush();
            if !self.events.is_empty() {
                return std::mem::take(&mut self.events);
            }
            let wake_at = self.endpoint.poll_timeout().map(|(at, _)| at);
            tokio::select! {
                () = clock::sleep_until(wake_at) => {
                    self.endpoint.handle_input(Input::Timeout, clock::now());
                }
                // An error here is the last packet's (ICMP), not the socket's: read on.
                _ = self.socket.readable() => self.read(),
                Some(inbound) = self.streams.next() => {
                    self.hear(inbound);
                    for _ in 0..BATCH_MAX {
                        let Some(inbound) = self.streams.take() else { break };
                        self.hear(inbound);
                    }
                }
                _ = self.socket.writable(), if !self.backlog.is_empty() => {}
            }
        }
    }

    /// Sends what the endpoint has ready.
    pub fn flush(&mut self) {
        self.collect();
        self.send();
        // What could not be sent may have had an event for its owner.
        self.collect();
    }

    fn hear(&mut self, inbound: Inbound) {
        let input = match &inbound {
            Inbound::Accepted { from, over, sender } => {
                self.streams.adopt(*from, *over, sender.clone());
                return self.endpoint.has_connected(*from, Some(*over));
            }
            Inbound::Closed { from } => {
                self.streams.forget(*from);
                return self.endpoint.has_connected(*from, None);
            }
            Inbound::Message { from, bytes } => {
                self.streams.take_alias(*from, bytes);
                Input::Datagram { from: *from, bytes }
            }
            Inbound::Unsent { bytes } => Input::Unsent { bytes },
        };
        self.endpoint.handle_input(input, clock::now());
    }

    fn collect(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Event(event) => self.events.push(event),
                Output::Transmit { to, bytes } if self.streams.has(to) => {
                    if let Err(bytes) = self.streams.send(to, bytes) {
                        let unsent = Input::Unsent { bytes: &bytes };
                        self.endpoint.handle_input(unsent, clock::now());
                    }
                }
                Output::Transmit { to, bytes } if self.backlog.len() < BACKLOG_MAX => {
                    self.backlog.push_back((to, bytes));
                }
                Output::Transmit { to, .. } => tracing::warn!(%to, "send buffer full, packet lost"),
            }
        }
    }

    fn send(&mut self) {
        while let Some((to, bytes)) = self.backlog.front() {
            match self.socket.try_send_to(bytes, *to) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if is_lasting(&error) => {
                    tracing::debug!(%to, %error, "not sent");
                    self.endpoint.handle_input(Input::Unsent { bytes }, clock::now());
                }
                Err(error) => tracing::debug!(%to, %error, "lost"),
                Ok(_) => {}
            }
            self.backlog.pop_front();
        }
    }

    fn read(&mut self) {
        for _ in 0..BATCH_MAX {
            match self.socket.try_recv_from(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => tracing::debug!(%error, "not received"),
                Ok((length, from)) => {
                    let bytes = &self.buffer[..length];
                    self.endpoint.handle_input(Input::Datagram { from, bytes }, clock::now());
                }
            }
        }
    }
}

fn transport_of(peer: &StreamPeer) -> Transport {
    match peer.tls {
        Some(_) => Transport::Tls,
        None => Transport::Tcp,
    }
}

/// Whether the next packet there would fare no better.
fn is_lasting(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::PermissionDenied
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sip::{FailureKind, Invite};

    fn udp(seed: u64) -> Udp {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        Udp::bind(any, EndpointConfig::new(any, seed)).unwrap()
    }

    fn invite(next_hop: SocketAddr) -> Invite {
        Invite {
            next_hop,
            request_uri: "sip:b@h".into(),
            from: "<sip:a@h>".into(),
            to: "<sip:b@h>".into(),
            sdp: "v=0\r\n".into(),
            headers: Vec::new(),
            credentials: None,
        }
    }

    /// Drives both ends until `is` is found in an event of either; every wait is dropped again and
    /// again on the way.
    async fn until(ends: &mut [Udp; 2], is: impl Fn(&Event) -> bool) -> Event {
        let driven = async {
            loop {
                for end in ends.iter_mut() {
                    let wait = tokio::time::timeout(Duration::from_millis(1), end.next());
                    if let Ok(events) = wait.await
                        && let Some(event) = events.into_iter().find(&is)
                    {
                        return event;
                    }
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(5), driven).await.unwrap()
    }

    #[tokio::test]
    async fn a_call_over_real_sockets_survives_waits_that_are_dropped() {
        let mut ends = [udp(1), udp(2)];
        let to = ends[1].local_addr().unwrap();
        assert_eq!(ends[1].endpoint.contact(), to, "a contact of port 0 gets the bound one");
        let dialog = ends[0].endpoint.invite(invite(to), clock::now());
        let incoming = until(&mut ends, |event| matches!(event, Event::Incoming { .. })).await;
        let Event::Incoming { dialog: callee, .. } = incoming else { return };
        ends[1].endpoint.answer(callee, "v=0\r\n".into(), clock::now());
        until(&mut ends, |event| matches!(event, Event::Confirmed { .. })).await;
        ends[0].endpoint.hang_up(dialog, clock::now());
        until(&mut ends, |event| matches!(event, Event::Ended { by_remote: true, .. })).await;
    }

    #[tokio::test]
    async fn a_peer_that_no_route_leads_to_fails_the_call_at_once() {
        let mut udp = udp(1);
        // From a loopback address nothing leads outside.
        udp.endpoint.invite(invite("192.0.2.1:5060".parse().unwrap()), clock::now());
        let events = tokio::time::timeout(Duration::from_secs(5), udp.next()).await.unwrap();
        assert!(
            matches!(&events[..], [Event::Failed { failure, .. }]
                if failure.kind == FailureKind::Transport),
            "{events:?}"
        );
    }
}
