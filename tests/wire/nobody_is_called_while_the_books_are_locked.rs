//! Another process holds the books for some seconds while a campaign dials a bare socket: the last
//! INVITE leaves at most a second after the last commit, and dialing goes on by itself afterwards.

use std::time::Duration;

use jiff::SignedDuration;
use outdial::clock;
use outdial::config::Config;
use outdial::dialer::{CampaignPhase, Command, Input};
use outdial::domain::TrunkId;
use outdial::rehearsal::carrier::Ports;
use outdial::rehearsal::leads;
use outdial::server::{Server, Settings};
use outdial::store::BOOKS_FILE;
use outdial::store::import::NewLead;
use outdial::trunk::TrunkConfig;
use sqlx::Connection;
use tokio::net::UdpSocket;

use crate::the_attempt_is_on_disk_before_its_invite_leaves::{Request, an_agent_is_ready};

const LOCKED: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let carrier = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let mut config = Config::embedded(folder.path()).unwrap();
    let address = carrier.local_addr().unwrap();
    config.trunks = vec![TrunkConfig::new(TrunkId(0), "test-carrier", address)];
    config.media.ports = 44_300..=44_499;
    let server = Server::start(Settings::of(config, 1)).await.unwrap();
    let campaign = server.handle().campaigns()[0].clone();
    let made = leads::leads(1, 2_000).into_iter().map(|lead| NewLead {
        number: lead.phone,
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: Default::default(),
    });
    let store = server.handle().store();
    store.add_leads(campaign.id, "test", made.collect(), clock::now()).await.unwrap();
    let _phones = an_agent_is_ready(&server, Ports::new(44_500, 44_599).unwrap()).await;
    let start = Command::Phase(campaign.id, CampaignPhase::Running);
    server.handle().input_absorbed(Input::Command(start)).await;

    assert!(invites(&carrier, Duration::from_secs(3)).await.0 > 0, "it dials");
    let url = format!("sqlite://{}", folder.path().join(BOOKS_FILE).display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let (_, last) = invites(&carrier, LOCKED).await;
    println!("last INVITE {last:?} after the lock was taken");
    assert!(last < SignedDuration::from_millis(1_100), "{last:?}");
    let view = server.handle().view();
    assert!(view.books_behind);
    let why = view.campaigns[0].why.as_ref().map(|why| why.sentence.clone());
    assert_eq!(why.as_deref(), Some("the books are behind"));

    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert!(invites(&carrier, Duration::from_secs(6)).await.0 > 0, "it dials again");
    assert!(!server.handle().view().books_behind);
    server.stop().await;
}

/// How many INVITEs come in so long, each answered with busy, and when the last one came.
async fn invites(carrier: &UdpSocket, length: Duration) -> (u32, SignedDuration) {
    let (begun, mut buffer) = (clock::now(), [0; 4096]);
    let (mut count, mut last) = (0, SignedDuration::ZERO);
    let elapsed = || clock::now().duration_since(begun);
    while let Some(left) = length.checked_sub(elapsed().unsigned_abs()) {
        let come = tokio::time::timeout(left, carrier.recv_from(&mut buffer)).await;
        let Ok(Ok((length, from))) = come else { continue };
        if let Some(invite) = Request::read("INVITE", &buffer[..length]) {
            (count, last) = (count + 1, elapsed());
            carrier.send_to(invite.response("486 Busy Here").as_bytes(), from).await.unwrap();
        }
    }
    (count, last)
}
