//! Every number of the carrier is vacant: it plays special information tones and an announcement
//! before the answer, and lets the caller wait. The call is given up when the network has had its time to refuse.

use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::SignedDuration;
use outdial::rehearsal::DrawnTime;
use outdial::rehearsal::carrier::{Answer, Carrier, CarrierConfig, Ending, Numbers, Ports};
use outdial::store::BOOKS_FILE;
use sqlx::Connection;

use crate::floor;

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
    let config = floor::dialing(carrier.address(), folder.path(), 44_400..=44_599);
    let server = floor::start(config, CALLS).await;
    let _phones = floor::agents_are_ready(&server, 1, 44_600..=44_699).await;
    floor::dial(&server).await;

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
