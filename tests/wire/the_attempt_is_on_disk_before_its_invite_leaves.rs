//! The carrier is a bare socket: in the instant an INVITE comes, the books on the disk are asked
//! whether they know of it.

use std::time::Duration;

use outdial::domain::CallId;
use outdial::store::BOOKS_FILE;
use sqlx::Connection;
use tokio::net::UdpSocket;

use crate::floor::{self, Request};

const CALLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let carrier = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let config = floor::dialing(carrier.local_addr().unwrap(), folder.path(), 44_000..=44_199);
    let server = floor::start(config, 2 * CALLS).await;
    let _phones = floor::agents_are_ready(&server, 1, 44_200..=44_299).await;
    floor::dial(&server).await;

    let books = format!("sqlite://{}?mode=ro", folder.path().join(BOOKS_FILE).display());
    let mut books = sqlx::SqliteConnection::connect(&books).await.unwrap();
    let (mut seen, mut buffer) = (std::collections::BTreeSet::new(), [0; 4096]);
    while seen.len() < CALLS {
        let come = tokio::time::timeout(Duration::from_secs(20), carrier.recv_from(&mut buffer));
        let (length, from) = come.await.expect("no INVITE came").unwrap();
        let Some(invite) = Request::read("INVITE", &buffer[..length]) else { continue };
        let known: Option<(i64, Option<i64>)> = sqlx::query_as(
            "SELECT call, ended_us FROM attempts WHERE number = ? ORDER BY call DESC",
        )
        .bind(invite.number)
        .fetch_optional(&mut books)
        .await
        .unwrap();
        let (call, ended) = known.expect("an INVITE without an attempt on the disk");
        assert_eq!(ended, None, "the attempt is open");
        seen.insert(CallId(call));
        carrier.send_to(invite.response("486 Busy Here").as_bytes(), from).await.unwrap();
    }
    server.stop().await;
}
