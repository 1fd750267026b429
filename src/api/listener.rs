//! The listening socket, with limits: so many connections, and none that says nothing for ever.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};
use tokio_rustls::TlsAcceptor;

use super::tls::Wire;

/// What a client may take up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// More clients than this wait in the listen queue.
    pub connections_max: usize,
    /// A connection on which nothing moves for so long is closed, after twice that at the latest.
    pub idle_max: Duration,
}

impl Default for Limits {
    /// 1,024 connections, two minutes: longer than a login, which rings a phone, and than the
    /// pause between two pings of a WebSocket.
    fn default() -> Self {
        Self { connections_max: 1_024, idle_max: Duration::from_secs(120) }
    }
}

/// The client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether it speaks TLS with us.
    pub tls: bool,
}

impl Connected<IncomingStream<'_, Limited>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Limited>) -> Self {
        Peer { address: *stream.remote_addr(), tls: !matches!(stream.io().stream, Wire::Clear(_)) }
    }
}

/// A listener that keeps to its [`Limits`].
pub(super) struct Limited {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    idle_max: Duration,
    seats: Arc<Semaphore>,
}

impl Limited {
    pub(super) fn new(listener: TcpListener, tls: Option<TlsAcceptor>, limits: Limits) -> Self {
        let seats = Arc::new(Semaphore::new(limits.connections_max));
        Self { listener, tls, idle_max: limits.idle_max, seats }
    }
}

impl Listener for Limited {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The semaphore is never closed; without a seat the connection would only lack its limit.
        let seat = self.seats.clone().acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Small frames must not wait for the acknowledgment of the one before.
        let _ = stream.set_nodelay(true);
        let stream = Wire::new(stream, self.tls.as_ref());
        let (idle_max, idle) = (self.idle_max, Box::pin(sleep(self.idle_max)));
        (Connection { stream, idle, idle_max, moved: false, _seat: seat }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends when it idles.
pub(super) struct Connection {
    stream: Wire,
    idle: Pin<Box<Sleep>>,
    idle_max: Duration,
    /// Whether anything has moved since the timer was set.
    moved: bool,
    _seat: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// Ready when the connection has idled too long. The timer is set again only when it has run
    /// out, not at every byte.
    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        while self.idle.as_mut().poll(context).is_ready() {
            if !self.moved {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.moved = false;
            self.idle.set(sleep(self.idle_max));
        }
        Poll::Pending
    }

    fn note<T>(
        &mut self,
        moved: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        match moved {
            Poll::Ready(result) => {
                self.moved = true;
                Poll::Ready(result)
            }
            Poll::Pending => self.poll_idle(context).map(Err),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.note(read, context)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::timeout;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

    async fn serve(connections_max: usize, idle_max: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limited = Limited::new(listener, None, Limits { connections_max, idle_max });
        let router = Router::new().route("/", get(async || "ok"));
        let service = router.into_make_service_with_connect_info::<Peer>();
        tokio::spawn(axum::serve(limited, service).into_future());
        address
    }

    /// What comes back within so long; `None` when nothing does.
    async fn answer(stream: &mut TcpStream, within: Duration) -> Option<Vec<u8>> {
        let mut bytes = vec![0; 1_024];
        let read = timeout(within, stream.read(&mut bytes)).await.ok()?.unwrap_or(0);
        bytes.truncate(read);
        Some(bytes)
    }

    #[tokio::test]
    async fn who_says_nothing_is_hung_up_on() {
        let address = serve(8, Duration::from_millis(50)).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(&REQUEST[..20]).await.unwrap();
        for stream in [&mut silent, &mut half] {
            let end = answer(stream, Duration::from_secs(5)).await.expect("an end");
            assert_eq!(end, b"", "the connection was closed");
        }
    }

    #[tokio::test]
    async fn who_comes_when_all_seats_are_taken_waits_for_one() {
        let address = serve(1, Duration::from_secs(60)).await;
        let first = TcpStream::connect(address).await.unwrap();
        // The first is accepted before the second: the listen queue is in order.
        let mut second = TcpStream::connect(address).await.unwrap();
        second.write_all(REQUEST).await.unwrap();
        assert_eq!(answer(&mut second, Duration::from_millis(200)).await, None);
        drop(first);
        let served = answer(&mut second, Duration::from_secs(5)).await.expect("an answer");
        assert!(served.starts_with(b"HTTP/1.1 200"));
    }
}
