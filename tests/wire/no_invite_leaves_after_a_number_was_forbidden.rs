//! The carrier is a bare socket. While the server dials, numbers are put on the do-not-call list;
//! once the list has answered, no INVITE to the number comes, and the call that rings is cancelled.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use outdial::clock;
use outdial::domain::PhoneNumber;
use outdial::rehearsal::leads;
use tokio::net::UdpSocket;

use crate::floor::{self, Request};

const CALLS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let carrier = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let config = floor::dialing(carrier.local_addr().unwrap(), folder.path(), 45_000..=45_199);
    let server = floor::start(config, 2 * CALLS).await;
    let handle = server.handle().clone();
    let numbers: Vec<PhoneNumber> = leads::leads(1, 2 * CALLS).iter().map(|l| l.phone).collect();
    let _phones = floor::agents_are_ready(&server, 1, 45_200..=45_299).await;
    floor::dial(&server).await;

    // Every number is forbidden, one after the other, while others are being dialed: some before
    // their call, some as it is being written, some as it rings.
    let forbid = tokio::spawn(async move {
        let mut forbidden = BTreeMap::new();
        for number in numbers {
            tokio::time::sleep(Duration::from_millis(20)).await;
            handle.do_not_call_add(number, "a test".to_owned(), "a test").await.unwrap();
            forbidden.insert(number.digits() as i64, clock::now());
        }
        forbidden
    });
    let (mut invited, mut cancelled) = (Vec::new(), BTreeSet::new());
    let mut buffer = [0; 4096];
    while let Ok(come) =
        tokio::time::timeout(Duration::from_secs(3), carrier.recv_from(&mut buffer)).await
    {
        let (length, from) = come.unwrap();
        if let Some(invite) = Request::read("INVITE", &buffer[..length]) {
            invited.push((invite.number, clock::now()));
            carrier.send_to(invite.response("180 Ringing").as_bytes(), from).await.unwrap();
        }
        if let Some(cancel) = Request::read("CANCEL", &buffer[..length]) {
            cancelled.insert(cancel.number);
            carrier.send_to(cancel.response("200 OK").as_bytes(), from).await.unwrap();
            let terminated = cancel.response("487 Request Terminated");
            let terminated = terminated.replace("CANCEL\r\n", "INVITE\r\n");
            carrier.send_to(terminated.as_bytes(), from).await.unwrap();
        }
    }
    let forbidden = forbid.await.unwrap();
    assert!(!invited.is_empty(), "nobody was dialed at all");
    for (number, at) in &invited {
        let late = at.duration_since(forbidden[number]);
        // What waits in the socket was sent before.
        assert!(late.as_millis() < 5, "an INVITE came {late} after its number was forbidden");
        assert!(cancelled.contains(number), "a call to a forbidden number rings on");
    }
    println!("{} INVITEs, each before its number was forbidden, and cancelled", invited.len());
    server.stop().await;
}
