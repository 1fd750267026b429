//! The pages of a dialer in this process, for a browser that another program drives.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use outdial::api::{self, Access, Token};
use outdial::server::Server;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::peers::{Peer, have};

/// Where the tests of the pages are; `None`, and said, where a browser cannot be driven.
pub fn web() -> Option<PathBuf> {
    if !have(&["node", "chromium"]) {
        return None;
    }
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    if !web.join("node_modules/playwright-core").is_dir() {
        assert!(std::env::var_os("CI").is_none(), "web/node_modules is incomplete: npm ci in web/");
        println!("skipped: web/node_modules is not there (the build installs it where Node is)");
        return None;
    }
    Some(web)
}

/// A test of `web/tests` that is to look at this server.
pub fn node(web: &Path, test: &str, url: &str, token: &str) -> Command {
    let mut node = Command::new("node");
    node.args(["--test", &format!("tests/{test}")]).current_dir(web);
    node.env("OUTDIAL_URL", url.trim()).env("OUTDIAL_TOKEN", token.trim());
    node
}

/// Served until they are closed.
pub struct Pages {
    pub url: String,
    pub token: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Pages {
    /// Of a server with its data in `folder`.
    pub async fn open(server: &Server, folder: &Path) -> Self {
        let (token, _) = Token::load_or_create(folder).unwrap();
        let secret = std::fs::read_to_string(folder.join(Token::FILE)).unwrap();
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(any_port).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let access = Access { token, totp_required: false, hosts: Vec::new() };
        let router = api::router(server.handle().clone(), access);
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = async move { drop(stopped.await) };
        let served = tokio::spawn(api::serve(listener, None, router, ended));
        Self { url, token: secret, stop, served }
    }

    /// Whoever looks at them is gone.
    pub async fn close(self) {
        let _ = self.stop.send(());
        let _ = self.served.await;
    }
}

/// Runs it beside the server of this process; what it has said is printed, or is the failure.
pub async fn ends_well(mut node: Command, log: PathBuf) {
    let mut browser = Peer::start(&mut node, log);
    let ended = tokio::task::spawn_blocking(move || {
        let ended = browser.ends_well(Duration::from_secs(200));
        (ended, browser.said())
    });
    let (well, said) = ended.await.unwrap();
    assert!(well, "{said}");
    println!("{said}");
}
