//! Every number of the carrier is vacant: it plays special information tones and an announcement
//! before the answer, and lets the caller wait. The call is given up when the network has had its time to refuse.

use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::SignedDuration;
use outdial::clock;
use outdial::config::Config;
use outdial::dialer::{CampaignPhase, Command, Input};
use outdial::domain::TrunkId;
use outdial::rehearsal::DrawnTime;
use outdial::rehearsal::carrier::{Answer, Carrier, CarrierConfig, Ending, Numbers, Ports};
use outdial::rehearsal::leads;
use outdial::server::{Server, Settings};
use outdial::store::BOOKS_FILE;
use outdial::store::import::NewLead;
use outdial::trunk::TrunkConfig;
use sqlx::Connection;

use super::the_attempt_is_on_disk_before_its_invite_leaves::an_agent_is_ready;

const CALLS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let vacant = CarrierConfig {
        numbers: Numbers::only(Answer::Vacant),
        rtp_ports: Ports::new(44_300, 44_399).unwrap(),
        vacant_stays_s: DrawnTime::exactly(SignedDuration::from_secs(60)),
        ..CarrierConfig::default()
    };
    let (carrier, mut ends) =
        Carrier::start(vacant, (Ipv4Addr::LOCALHOST, 0).into(), 1).await.unwrap();
    let mut config = Config::embedded(folder.path()).unwrap();
    config.trunks = vec![TrunkConfig::new(TrunkId(0), "test-carrier", carrier.address())];
    config.media.ports = 44_400..=44_599;
    let server = Server::start(Settings::of(config, 1)).await.unwrap();
    let campaign = server.handle().campaigns()[0].clone();
    let made = leads::leads(1, CALLS).into_iter().map(|lead| NewLead {
        number: lead.phone,
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: Default::default(),
    });
    let store = server.handle().store();
    store.add_leads(campaign.id, "test", made.collect(), clock::now()).await.unwrap();
    let _phones = an_agent_is_ready(&server, Ports::new(44_600, 44_699).unwrap()).await;
    let start = Command::Phase(campaign.id, CampaignPhase::Running);
    server.handle().input_absorbed(Input::Command(start)).await;

    for _ in 0..CALLS {
        let end = tokio::time::timeout(Duration::from_secs(60), ends.recv());
        let end = end.await.expect("no call came").unwrap();
        assert_eq!(end.ending, Ending::Cancelled, "given up before the 404");
    }
    server.stop().await;

    let books = format!("sqlite://{}?mode=ro", folder.path().join(BOOKS_FILE).display());
    let mut books = sqlx::SqliteConnection::connect(&books).await.unwrap();
    let calls: Vec<(String, Option<i64>)> =
        sqlx::query_as("SELECT outcome, sip_status FROM attempts")
            .fetch_all(&mut books)
            .await
            .unwrap();
    assert_eq!(calls, vec![("invalid_number".to_owned(), Some(487)); CALLS]);
}
