//! Connections to peers that are spoken to over TCP or TLS: opened when there is something to send,
//! kept alive (RFC 5626 §4.4.1), and opened again when they have broken. Connections that peers have
//! opened are beside them, and are used for what goes to these peers, too (RFC 5923).

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::framing::{self, Frame};
use super::tls::{self, TlsFault, TlsPeer};
use crate::sip::{Network, Transport};

/// A connection that is not up by then will not be; the handshake is included.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// An idle connection is asked this often whether it lives (RFC 5626 §4.4.1: TCP, up to 120 s).
const PING_EVERY: Duration = Duration::from_secs(30);

/// A far end that has answered before and does not within this is gone (RFC 5626 §4.4.1).
const PONG_MAX: Duration = Duration::from_secs(10);

/// Connections of peers at once; further ones are refused.
const ACCEPTED_MAX: usize = 256;

/// Peers that were connected and are remembered.
const GONE_MAX: usize = 1_024;

/// How long nothing is taken when nothing can be.
const REST: Duration = Duration::from_millis(100);

/// Peers that are spoken to over a connection: the configured ones, and every address that the name
/// servers have named.
const PEERS_MAX: usize = 4_096;

/// Messages that wait for a connection; further ones are not sent.
const WAITING_MAX: usize = 1_024;

/// A peer that is not spoken to by datagrams.
#[derive(Clone, Debug)]
pub struct StreamPeer {
    /// Where it is.
    pub address: SocketAddr,
    /// What its certificate must say; `None` speaks in the clear.
    pub tls: Option<TlsPeer>,
}

/// What connections bring.
#[derive(Debug)]
pub(super) enum Inbound {
    /// A peer has connected to us.
    Accepted { from: SocketAddr, over: Transport, sender: mpsc::Sender<Bytes> },
    /// A peer that had connected to us is gone.
    Closed { from: SocketAddr },
    /// A message.
    Message { from: SocketAddr, bytes: Bytes },
    /// What could not be sent, and will not be.
    Unsent { bytes: Bytes },
}

/// Every connection. Peers are few and configured; there is one connection each, besides those that
/// they have opened.
#[derive(Debug)]
pub(super) struct Streams {
    peers: BTreeMap<SocketAddr, Option<TlsConnectorFor>>,
    open: BTreeMap<SocketAddr, mpsc::Sender<Bytes>>,
    /// Who has connected to us, and over what.
    accepted: BTreeMap<SocketAddr, Transport>,
    /// Peers whose requests came over a connection that they had opened, and offered for ours.
    aliases: BTreeMap<SocketAddr, SocketAddr>,
    /// Who was connected last and is gone: nothing goes there by datagrams.
    gone: VecDeque<SocketAddr>,
    places: Arc<Semaphore>,
    /// From where connections are taken.
    callers: watch::Sender<Vec<Network>>,
    inbound: mpsc::Receiver<Inbound>,
    told: mpsc::Sender<Inbound>,
}

/// How TLS is spoken with a peer.
#[derive(Clone)]
pub(super) struct TlsConnectorFor {
    connector: TlsConnector,
    name: tokio_rustls::rustls::pki_types::ServerName<'static>,
}

impl std::fmt::Debug for TlsConnectorFor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsConnectorFor").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Streams {
    /// For these peers; nothing is connected yet.
    pub(super) fn new(peers: Vec<StreamPeer>) -> Result<Self, TlsFault> {
        let (told, inbound) = mpsc::channel(WAITING_MAX);
        let mut streams = Self {
            peers: BTreeMap::new(),
            open: BTreeMap::new(),
            accepted: BTreeMap::new(),
            aliases: BTreeMap::new(),
            gone: VecDeque::new(),
            places: Arc::new(Semaphore::new(ACCEPTED_MAX)),
            callers: watch::Sender::new(Vec::new()),
            inbound,
            told,
        };
        peers.into_iter().try_for_each(|peer| streams.know(peer))?;
        Ok(streams)
    }

    /// A peer to speak to over a connection; nothing is connected yet. One that is known stays as it is.
    pub(super) fn know(&mut self, peer: StreamPeer) -> Result<(), TlsFault> {
        if self.peers.contains_key(&peer.address) {
            return Ok(());
        }
        if self.peers.len() == PEERS_MAX {
            tracing::error!(peer = %peer.address, "too many peers over connections");
            return Ok(());
        }
        let tls = peer.tls.map(|tls| tls::connector(&tls)).transpose()?;
        let tls = tls.map(|(connector, name)| TlsConnectorFor { connector, name });
        self.peers.insert(peer.address, tls);
        Ok(())
    }

    /// Connections are taken from these networks alone.
    pub(super) fn set_callers(&self, networks: Vec<Network>) {
        self.callers.send_replace(networks);
    }

    /// Takes connections from these networks from now on, at every listener alike.
    pub(super) fn listen(
        &self,
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        from: Vec<Network>,
    ) {
        self.set_callers(from);
        let from = self.callers.subscribe();
        let (told, places) = (self.told.clone(), self.places.clone());
        tokio::spawn(Listener { listener, tls, from, told, places }.run());
    }

    /// Whether this peer is spoken to over a connection.
    pub(super) fn has(&self, peer: SocketAddr) -> bool {
        self.peers.contains_key(&peer)
            || self.accepted.contains_key(&peer)
            || self.gone.contains(&peer)
    }

    /// A peer has connected to us.
    pub(super) fn adopt(&mut self, from: SocketAddr, over: Transport, sender: mpsc::Sender<Bytes>) {
        self.gone.retain(|gone| *gone != from);
        self.accepted.insert(from, over);
        self.open.insert(from, sender);
    }

    /// A peer that had connected to us is gone.
    pub(super) fn forget(&mut self, from: SocketAddr) {
        self.accepted.remove(&from);
        self.open.remove(&from);
        self.aliases.retain(|_, connection| *connection != from);
        if self.gone.len() == GONE_MAX {
            self.gone.pop_front();
        }
        self.gone.push_back(from);
    }

    /// A request came from there that may offer its connection for what goes to its peer (RFC 5923 §8).
    /// Only a peer of the very address and port that its Via names is taken at its word, and none over
    /// TLS, where its certificate would have to say so (§9) and is not asked for.
    pub(super) fn take_alias(&mut self, from: SocketAddr, message: &[u8]) {
        if self.accepted.get(&from) != Some(&Transport::Tcp) {
            return;
        }
        let peer = framing::alias(message).map(|port| SocketAddr::new(from.ip(), port));
        if let Some(peer) = peer.filter(|peer| matches!(self.peers.get(peer), Some(None))) {
            self.aliases.insert(peer, from);
        }
    }

    /// Sends over the peer's connection, its own or ours; ours is opened when there is none. Gives
    /// back what there is no room for, and what is for somebody who is gone.
    pub(super) fn send(&mut self, peer: SocketAddr, bytes: Bytes) -> Result<(), Bytes> {
        let alias = self.aliases.get(&peer).and_then(|connection| self.open.get(connection));
        let bytes = match self.open.get(&peer).or(alias).map(|open| open.try_send(bytes.clone())) {
            Some(Ok(())) => return Ok(()),
            Some(Err(mpsc::error::TrySendError::Full(bytes))) => return Err(bytes),
            // It has broken: another one.
            Some(Err(mpsc::error::TrySendError::Closed(bytes))) => bytes,
            None => bytes,
        };
        // Who had connected to us is called back where we know the way (RFC 3261 §18.2.2).
        let peer = match self.peers.contains_key(&peer) {
            true => peer,
            false => match self.peers.keys().find(|known| known.ip() == peer.ip()) {
                Some(known) => *known,
                None => return Err(bytes),
            },
        };
        let (sender, outbound) = mpsc::channel(WAITING_MAX);
        let queued = sender.try_send(bytes);
        let tls = self.peers.get(&peer).cloned().flatten();
        let connection = Connection { peer, outbound, told: self.told.clone() };
        tokio::spawn(connection.run(tls));
        self.open.insert(peer, sender);
        queued.map_err(|error| error.into_inner())
    }

    /// What comes next. Dropping the future loses nothing; it never ends while nothing comes.
    pub(super) async fn next(&mut self) -> Option<Inbound> {
        self.inbound.recv().await
    }

    /// What has come already.
    pub(super) fn take(&mut self) -> Option<Inbound> {
        self.inbound.try_recv().ok()
    }
}

struct Connection {
    peer: SocketAddr,
    outbound: mpsc::Receiver<Bytes>,
    told: mpsc::Sender<Inbound>,
}

impl Connection {
    /// Connects, and converses.
    async fn run(mut self, tls: Option<TlsConnectorFor>) {
        let peer = self.peer;
        let ended = match timeout(CONNECT_MAX, connect(peer, tls)).await {
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut)),
            Ok(Err(error)) => Err(error),
            Ok(Ok(stream)) => {
                tracing::info!(%peer, "connected");
                self.converse(stream).await
            }
        };
        self.end(ended).await;
    }

    /// What was to go out and has not is told, so that whoever waits for it need not.
    async fn end(mut self, ended: std::io::Result<()>) {
        let peer = self.peer;
        match ended {
            Err(error) => tracing::warn!(%peer, %error, "connection lost"),
            Ok(()) => tracing::info!(%peer, "connection closed"),
        }
        self.outbound.close();
        while let Ok(bytes) = self.outbound.try_recv() {
            if self.told.send(Inbound::Unsent { bytes }).await.is_err() {
                return;
            }
        }
    }

    /// Until either side has enough.
    async fn converse(&mut self, stream: Box<dyn Duplex>) -> std::io::Result<()> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut come = BytesMut::with_capacity(4_096);
        let mut answers_pings = false;
        let mut waits_for_pong = false;
        loop {
            let idle = if waits_for_pong && answers_pings { PONG_MAX } else { PING_EVERY };
            tokio::select! {
                read = reader.read_buf(&mut come) => {
                    if read? == 0 {
                        return Ok(());
                    }
                    answers_pings |= waits_for_pong && come.as_ref() == b"\r\n";
                    waits_for_pong = false;
                    while let Some(frame) = framing::next(&mut come).map_err(std::io::Error::other)? {
                        match frame {
                            Frame::Ping => writer.write_all(b"\r\n").await?,
                            Frame::Message(bytes) => {
                                let message = Inbound::Message { from: self.peer, bytes };
                                if self.told.send(message).await.is_err() {
                                    return Ok(());
                                }
                            }
                        }
                    }
                }
                bytes = self.outbound.recv() => match bytes {
                    None => return Ok(()),
                    Some(bytes) => writer.write_all(&bytes).await?,
                },
                () = tokio::time::sleep(idle) => {
                    if waits_for_pong && answers_pings {
                        return Err(std::io::ErrorKind::TimedOut.into());
                    }
                    writer.write_all(b"\r\n\r\n").await?;
                    waits_for_pong = true;
                }
            }
        }
    }
}

async fn connect(
    peer: SocketAddr,
    tls: Option<TlsConnectorFor>,
) -> std::io::Result<Box<dyn Duplex>> {
    let stream = TcpStream::connect(peer).await?;
    stream.set_nodelay(true)?;
    match tls {
        None => Ok(Box::new(stream)),
        Some(tls) => Ok(Box::new(tls.connector.connect(tls.name, stream).await?)),
    }
}

/// Takes connections.
struct Listener {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    /// Everybody else is hung up on before a byte is read.
    from: watch::Receiver<Vec<Network>>,
    told: mpsc::Sender<Inbound>,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Until nobody listens to what connections bring.
    async fn run(self) {
        loop {
            let accepted = tokio::select! {
                () = self.told.closed() => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, from)) => self.take(stream, from),
                Err(error) => {
                    // No more files, mostly: it gets better when others close.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    fn take(&self, stream: TcpStream, from: SocketAddr) {
        if !self.from.borrow().iter().any(|network| network.contains(from.ip())) {
            return tracing::debug!(%from, "a connection of no trunk is refused");
        }
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return tracing::warn!(%from, "too many connections; one more is refused");
        };
        let (tls, told) = (self.tls.clone(), self.told.clone());
        tokio::spawn(async move {
            serve(stream, tls, from, told).await;
            drop(place);
        });
    }
}

/// Converses with who has connected.
async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    from: SocketAddr,
    told: mpsc::Sender<Inbound>,
) {
    let over = if tls.is_some() { Transport::Tls } else { Transport::Tcp };
    let stream: Box<dyn Duplex> = match tls {
        None => Box::new(stream),
        Some(tls) => match timeout(CONNECT_MAX, tls.accept(stream)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(error)) => return tracing::warn!(%from, %error, "no TLS with who connects"),
            Err(_) => return tracing::warn!(%from, "who connects takes too long for TLS"),
        },
    };
    let (sender, outbound) = mpsc::channel(WAITING_MAX);
    if told.send(Inbound::Accepted { from, over, sender }).await.is_err() {
        return;
    }
    tracing::info!(%from, "a peer has connected");
    let mut connection = Connection { peer: from, outbound, told: told.clone() };
    let ended = connection.converse(stream).await;
    connection.end(ended).await;
    // Nobody listens any more: the program ends.
    let _ = told.send(Inbound::Closed { from }).await;
}

/// Both ways of a connection, encrypted or not.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
