//! TLS in front of the API, by the user's own certificate.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::{Accept, TlsAcceptor, server::TlsStream};

/// Where certificate and key lie.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsFiles {
    /// PEM: the server's certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
}

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file that cannot be read.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// Certificate and key do not belong together, or are of a kind that is not known.
    #[error("certificate and key: {0}")]
    Rustls(#[from] rustls::Error),
}

/// Reads the files.
///
/// # Errors
/// [`TlsFault`].
pub fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, TlsFault> {
    let fault = |path: &PathBuf| {
        let path = path.clone();
        move |source| TlsFault::File { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(fault(&files.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(fault(&files.key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A client's connection, in the clear or not. The handshake goes on as the connection is read or
/// written, so that a slow one keeps nobody else waiting.
pub(super) enum Wire {
    Clear(TcpStream),
    Greeting(Box<Accept<TcpStream>>),
    Secret(Box<TlsStream<TcpStream>>),
}

impl Wire {
    pub fn new(stream: TcpStream, tls: Option<&TlsAcceptor>) -> Self {
        match tls {
            Some(tls) => Wire::Greeting(Box::new(tls.accept(stream))),
            None => Wire::Clear(stream),
        }
    }

    fn poll_greeted(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Wire::Greeting(greeting) = self {
            let stream = ready!(Pin::new(greeting.as_mut()).poll(context))?;
            *self = Wire::Secret(Box::new(stream));
        }
        Poll::Ready(Ok(()))
    }
}

/// Hands a call on to the stream that is there.
macro_rules! on {
    ($self:ident, $context:ident, $method:ident($($argument:expr),*)) => {{
        ready!($self.poll_greeted($context))?;
        match &mut *$self {
            Wire::Clear(stream) => Pin::new(stream).$method($context, $($argument),*),
            Wire::Secret(stream) => Pin::new(stream.as_mut()).$method($context, $($argument),*),
            Wire::Greeting(_) => Poll::Pending,
        }
    }};
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        on!(self, context, poll_read(buffer))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        on!(self, context, poll_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        on!(self, context, poll_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, context, poll_flush())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, context, poll_shutdown())
    }
}
