//! Another process holds the books for some seconds while a campaign dials a bare socket: the last
//! INVITE leaves at most a second after the last commit, and dialing goes on by itself afterwards.

use std::time::Duration;

use jiff::SignedDuration;
use outdial::clock;
use outdial::store::BOOKS_FILE;
use sqlx::Connection;
use tokio::net::UdpSocket;

use crate::floor::{self, Request};

const LOCKED: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let carrier = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let config = floor::dialing(carrier.local_addr().unwrap(), folder.path(), 44_300..=44_499);
    let server = floor::start(config, 2_000).await;
    let _phones = floor::agents_are_ready(&server, 1, 44_500..=44_599).await;
    floor::dial(&server).await;

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
