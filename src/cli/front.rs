//! The API in front of a running server: its listener, and the two files by which other
//! subcommands find it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::client::URL_FILE;
use crate::api::{self, Access, Problem, TlsFault, Token};
use crate::config;
use crate::server::Handle;

/// Where this machine's own commands ask when others speak TLS.
const OWN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// Why the API could not be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrontFault {
    /// The socket.
    #[error("the API cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    /// The link for the first administrator.
    #[error("no link for the first administrator: {0}")]
    Link(Problem),
    /// The certificate.
    #[error("[api]: {0}")]
    Tls(#[from] TlsFault),
    /// The token or the URL file.
    #[error("{folder}: the API's token cannot be kept here: {source}")]
    Token { folder: PathBuf, source: std::io::Error },
}

/// The API, open.
pub(super) struct Front {
    /// Where it listens.
    pub url: String,
    /// The link by which the first administrator comes in, while there is no user: printed once.
    pub set_up_link: Option<String>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<std::io::Result<()>>>,
    url_file: PathBuf,
}

impl Front {
    /// Opens it as configured and leaves its URL in the data folder.
    pub async fn open(
        handle: Handle,
        api: impl Into<config::Api>,
        data: &Path,
    ) -> Result<Self, FrontFault> {
        let config::Api { listen, hosts, tls, totp_required } = api.into();
        let unlistened = |address| move |source| FrontFault::Listen { address, source };
        let untold = |source| FrontFault::Token { folder: data.to_owned(), source };
        let tls = tls.as_ref().map(api::tls_acceptor).transpose()?;
        let listener = TcpListener::bind(listen).await.map_err(unlistened(listen))?;
        let address = listener.local_addr().map_err(unlistened(listen))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let name = hosts.first().filter(|_| tls.is_some());
        let url = match name {
            Some(name) => format!("{scheme}://{name}:{}", address.port()),
            None => format!("{scheme}://{address}"),
        };
        let (token, _) = Token::load_or_create(data).map_err(untold)?;
        let path = api::set_up_link(&handle).await.map_err(FrontFault::Link)?;
        let set_up_link = path.map(|path| format!("{url}{path}"));
        let stop = CancellationToken::new();
        let router = api::router(handle, Access { token, totp_required, hosts });
        let mut tasks = Vec::new();
        let mut near = url.clone();
        if tls.is_some() {
            // This machine's own commands: no certificate is made out to the loopback.
            let own = TcpListener::bind(OWN).await.map_err(unlistened(OWN))?;
            near = format!("http://{}", own.local_addr().map_err(unlistened(OWN))?);
            let served = api::serve(own, None, router.clone(), stop.clone().cancelled_owned());
            tasks.push(tokio::spawn(served));
        }
        let url_file = data.join(URL_FILE);
        fs::write(&url_file, &near).map_err(untold)?;
        let served = api::serve(listener, tls, router, stop.clone().cancelled_owned());
        tasks.push(tokio::spawn(served));
        Ok(Self { url, set_up_link, stop, tasks, url_file })
    }

    /// Answers what is open, and closes.
    pub async fn close(self) {
        self.stop.cancel();
        for task in self.tasks {
            if let Ok(Err(error)) = task.await {
                tracing::warn!(%error, "the API ended early");
            }
        }
        let _ = fs::remove_file(&self.url_file);
    }
}
