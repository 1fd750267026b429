//! The API in front of a running server: its listener, and the two files by which other
//! subcommands find it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::client::URL_FILE;
use crate::api::{self, Access, Token};
use crate::config;
use crate::server::Handle;

/// Why the API could not be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrontFault {
    /// The socket.
    #[error("the API cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    /// The token or the URL file.
    #[error("{folder}: the API's token cannot be kept here: {source}")]
    Token { folder: PathBuf, source: std::io::Error },
}

/// The API, open.
pub(super) struct Front {
    /// Where it listens.
    pub url: String,
    /// The token, when it was made just now: printed once, kept as a digest and in a file of the
    /// owner's.
    pub new_token: Option<String>,
    stop: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
    url_file: PathBuf,
}

impl Front {
    /// Opens it as configured and leaves its URL in the data folder.
    pub async fn open(
        handle: Handle,
        api: impl Into<config::Api>,
        data: &Path,
    ) -> Result<Self, FrontFault> {
        let config::Api { listen, hosts } = api.into();
        let unlistened = |source| FrontFault::Listen { address: listen, source };
        let untold = |source| FrontFault::Token { folder: data.to_owned(), source };
        let listener = TcpListener::bind(listen).await.map_err(unlistened)?;
        let url = format!("http://{}", listener.local_addr().map_err(unlistened)?);
        let (token, new_token) = Token::load_or_create(data).map_err(untold)?;
        let url_file = data.join(URL_FILE);
        fs::write(&url_file, &url).map_err(untold)?;
        let stop = CancellationToken::new();
        let router = api::router(handle, Access { token, hosts });
        let task = tokio::spawn(api::serve(listener, router, stop.clone().cancelled_owned()));
        Ok(Self { url, new_token, stop, task, url_file })
    }

    /// Answers what is open, and closes.
    pub async fn close(self) {
        self.stop.cancel();
        if let Ok(Err(error)) = self.task.await {
            tracing::warn!(%error, "the API ended early");
        }
        let _ = fs::remove_file(&self.url_file);
    }
}
