//! A dialer in this process, persons of the test carrier, and an agent with a SIP phone whose desk is a page
//! without a mouse: `web/tests/keys.test.mjs` says what the keys must do, and that each card of the desk is
//! accessible.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use outdial::api::{self, Access, Token};
use outdial::domain::Amd;
use outdial::rehearsal::carrier::{Answer, Carrier, CarrierConfig, Numbers, Ports};
use outdial::store::Books;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::floor::{self, Audio};
use crate::peers::{Peer, have};

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    if !have(&["node", "chromium"]) {
        return;
    }
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    if !web.join("node_modules/playwright-core").is_dir() {
        assert!(std::env::var_os("CI").is_none(), "web/node_modules is incomplete: npm ci in web/");
        return println!("skipped: web/node_modules is not there");
    }
    let folder = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = floor::dialing(any_port, folder.path(), 47_300..=47_399);
    config.campaigns[0].campaign.amd = Amd::Off;
    config.campaigns[0].campaign.recording = true;
    config.campaigns[0].campaign.talk_max = jiff::SignedDuration::from_secs(600);
    config.campaigns[0].campaign.wrap_up_max = jiff::SignedDuration::from_secs(300);
    let made_up = CarrierConfig {
        rtp_ports: Ports::new(47_400, 47_499).unwrap(),
        numbers: Numbers::only(Answer::Person),
        ..CarrierConfig::from_toml("person.talk_s = { median = 300.0 }").unwrap()
    };
    let (carrier, _ends) = Carrier::start(made_up, any_port, 1).await.unwrap();
    config.trunks[0].address = carrier.address();
    let server = floor::start(config, 20).await;
    let (phones, _) = floor::phones(&server, 1, 47_500..=47_509, Audio::default()).await;
    let (token, _) = Token::load_or_create(folder.path()).unwrap();
    let secret = std::fs::read_to_string(folder.path().join(Token::FILE)).unwrap();
    let listener = TcpListener::bind(any_port).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let access = Access { token, totp_required: false, hosts: Vec::new() };
    let router = api::router(server.handle().clone(), access);
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = async move { drop(stopped.await) };
    let served = tokio::spawn(api::serve(listener, None, router, ended));
    floor::dial(&server).await;

    let mut node = Command::new("node");
    node.args(["--test", "tests/keys.test.mjs"]).current_dir(&web);
    node.env("OUTDIAL_URL", &url).env("OUTDIAL_TOKEN", secret.trim());
    let mut browser = Peer::start(&mut node, folder.path().join("browser.log"));
    let ended = tokio::task::spawn_blocking(move || {
        let ended = browser.ends_well(Duration::from_secs(200));
        (ended, browser.said())
    });
    let (well, said) = ended.await.unwrap();
    assert!(well, "{said}");

    server.drain().await;
    server.hang_up_all().await;
    let _ = stop.send(());
    let _ = served.await;
    server.stop().await;
    phones.stop().await;
    carrier.stop().await;
    let books = Books::open(folder.path()).await.unwrap();
    assert_eq!(books.invariants().await.unwrap(), []);
}
