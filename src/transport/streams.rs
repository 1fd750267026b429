//! Connections to peers that are spoken to over TCP or TLS: opened when there is something to send,
//! kept alive (RFC 5626 §4.4.1), and opened again when they have broken.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::framing::{self, Frame};
use super::tls::{self, TlsFault, TlsPeer};

/// A connection that is not up by then will not be; the handshake is included.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// An idle connection is asked this often whether it lives (RFC 5626 §4.4.1: TCP, up to 120 s).
const PING_EVERY: Duration = Duration::from_secs(30);

/// A far end that has answered before and does not within this is gone (RFC 5626 §4.4.1).
const PONG_MAX: Duration = Duration::from_secs(10);

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
    /// A message.
    Message { from: SocketAddr, bytes: Bytes },
    /// What could not be sent, and will not be.
    Unsent { bytes: Bytes },
}

/// Every connection. Peers are few and configured; there is one connection each.
#[derive(Debug)]
pub(super) struct Streams {
    peers: BTreeMap<SocketAddr, Option<TlsConnectorFor>>,
    open: BTreeMap<SocketAddr, mpsc::Sender<Bytes>>,
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
        let mut known = BTreeMap::new();
        for peer in peers {
            let tls = peer.tls.map(|tls| tls::connector(&tls)).transpose()?;
            let tls = tls.map(|(connector, name)| TlsConnectorFor { connector, name });
            known.insert(peer.address, tls);
        }
        Ok(Self { peers: known, open: BTreeMap::new(), inbound, told })
    }

    /// Whether this peer is spoken to over a connection.
    pub(super) fn has(&self, peer: SocketAddr) -> bool {
        self.peers.contains_key(&peer)
    }

    /// Sends over the peer's connection, which is opened when there is none; gives back what there
    /// is no room for.
    pub(super) fn send(&mut self, peer: SocketAddr, bytes: Bytes) -> Result<(), Bytes> {
        let bytes = match self.open.get(&peer).map(|open| open.try_send(bytes.clone())) {
            Some(Ok(())) => return Ok(()),
            Some(Err(mpsc::error::TrySendError::Full(bytes))) => return Err(bytes),
            // It has broken: another one.
            Some(Err(mpsc::error::TrySendError::Closed(bytes))) => bytes,
            None => bytes,
        };
        let (sender, outbound) = mpsc::channel(WAITING_MAX);
        let queued = sender.try_send(bytes);
        let tls = self.peers.get(&peer).cloned().flatten();
        tokio::spawn(Connection { peer, tls, outbound, told: self.told.clone() }.run());
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
    tls: Option<TlsConnectorFor>,
    outbound: mpsc::Receiver<Bytes>,
    told: mpsc::Sender<Inbound>,
}

impl Connection {
    async fn run(mut self) {
        let peer = self.peer;
        let ended = match timeout(CONNECT_MAX, self.connect()).await {
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut)),
            Ok(Err(error)) => Err(error),
            Ok(Ok(stream)) => {
                tracing::info!(%peer, "connected");
                self.converse(stream).await
            }
        };
        match ended {
            Err(error) => tracing::warn!(%peer, %error, "connection lost"),
            Ok(()) => tracing::info!(%peer, "connection closed"),
        }
        // What was to go out and has not is told, so that whoever waits for it need not.
        self.outbound.close();
        while let Ok(bytes) = self.outbound.try_recv() {
            if self.told.send(Inbound::Unsent { bytes }).await.is_err() {
                return;
            }
        }
    }

    async fn connect(&self) -> std::io::Result<Box<dyn Duplex>> {
        let stream = TcpStream::connect(self.peer).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some(tls) => {
                let stream = tls.connector.connect(tls.name.clone(), stream).await?;
                Ok(Box::new(stream))
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

/// Both ways of a connection, encrypted or not.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
