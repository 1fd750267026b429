//! A dialer in this process, persons of the test carrier, and an agent with a SIP phone whose desk is a page
//! without a mouse: `web/tests/keys.test.mjs` says what the keys must do, and that each card of the desk is
//! accessible.

use std::net::{Ipv4Addr, SocketAddr};

use outdial::domain::Amd;
use outdial::store::Books;

use crate::floor::{self, Audio};
use crate::pages::{self, Pages};

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let Some(web) = pages::web() else { return };
    let folder = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = floor::dialing(any_port, folder.path(), 47_300..=47_399);
    config.campaigns[0].campaign.amd = Amd::Off;
    config.campaigns[0].campaign.recording = true;
    config.campaigns[0].campaign.talk_max = jiff::SignedDuration::from_secs(600);
    config.campaigns[0].campaign.wrap_up_max = jiff::SignedDuration::from_secs(300);
    let carrier = floor::persons(47_400..=47_499, 300).await;
    config.trunks[0].address = carrier.address();
    let server = floor::start(config, 20).await;
    let (phones, _) = floor::phones(&server, 1, 47_500..=47_509, Audio::default()).await;
    let pages = Pages::open(&server, folder.path()).await;
    floor::dial(&server).await;

    let node = pages::node(&web, "keys.test.mjs", &pages.url, &pages.token);
    pages::ends_well(node, folder.path().join("browser.log")).await;

    server.drain().await;
    server.hang_up_all().await;
    pages.close().await;
    server.stop().await;
    phones.stop().await;
    carrier.stop().await;
    let books = Books::open(folder.path()).await.unwrap();
    assert_eq!(books.invariants().await.unwrap(), []);
}
