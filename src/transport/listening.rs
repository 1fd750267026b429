//! Peers that connect to us, on loopback.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::tests::{NAME, certificates};
use super::{StreamPeer, TlsIdentity, TlsPeer, Udp};
use crate::clock;
use crate::sip::{EndpointConfig, Event, Invite, Network};

const ANY: &str = "127.0.0.1:0";

fn udp(seed: u64, peers: Vec<StreamPeer>) -> Udp {
    let any = ANY.parse().unwrap();
    Udp::bind_with(any, EndpointConfig::new(any, seed), peers).unwrap()
}

fn listen(udp: &mut Udp, identity: Option<&TlsIdentity>, from: &str) -> SocketAddr {
    let network: Network = from.parse().unwrap();
    udp.listen(ANY.parse().unwrap(), identity, vec![network]).unwrap()
}

fn invite(next_hop: SocketAddr) -> Invite {
    Invite {
        next_hop,
        request_uri: "sip:b@h".into(),
        from: "<sip:a@h>".into(),
        to: "<sip:b@h>".into(),
        sdp: "v=0\r\n".into(),
        headers: Vec::new(),
        credentials: None,
    }
}

/// Drives both until either tells of something like that.
async fn until(ends: &mut [Udp; 2], is: impl Fn(&Event) -> bool) -> Event {
    let driven = async {
        loop {
            for end in ends.iter_mut() {
                let wait = tokio::time::timeout(Duration::from_millis(1), end.next());
                if let Ok(events) = wait.await
                    && let Some(event) = events.into_iter().find(&is)
                {
                    return event;
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), driven).await.unwrap()
}

/// The second end calls the first, which answers and hangs up.
async fn call(ends: &mut [Udp; 2], to: SocketAddr) {
    ends[1].endpoint.invite(invite(to), clock::now());
    let incoming = until(ends, |event| matches!(event, Event::Incoming { .. })).await;
    let Event::Incoming { dialog, from, .. } = incoming else { panic!() };
    assert_ne!(from, ends[1].endpoint.contact(), "it comes over a connection");
    ends[0].endpoint.answer(dialog, "v=0\r\n".into(), clock::now());
    until(ends, |event| matches!(event, Event::Confirmed { .. })).await;
    ends[0].endpoint.hang_up(dialog, clock::now());
    until(ends, |event| matches!(event, Event::Ended { by_remote: true, .. })).await;
}

#[tokio::test]
async fn who_connects_is_answered_and_called_back_over_the_same_connection() {
    // Where the second end says it is nobody listens for TCP: only its own connection leads there.
    let second: SocketAddr = {
        let socket = std::net::UdpSocket::bind(ANY).unwrap();
        socket.local_addr().unwrap()
    };
    let trunk = StreamPeer { address: second, tls: None };
    let mut first = udp(1, vec![trunk]);
    let to = listen(&mut first, None, "127.0.0.1");
    let peers = vec![StreamPeer { address: to, tls: None }];
    let config = EndpointConfig::new(second, 2);
    let mut ends = [first, Udp::bind_with(second, config, peers).unwrap()];
    call(&mut ends, to).await;
    // RFC 5923: a new call of ours goes over it, too.
    ends[0].endpoint.invite(invite(second), clock::now());
    let incoming =
        until(&mut ends, |event| matches!(event, Event::Incoming { .. } | Event::Failed { .. }));
    assert!(matches!(incoming.await, Event::Incoming { .. }));
}

#[tokio::test]
async fn a_connection_of_nobody_we_know_is_closed_unread() {
    let mut udp = udp(1, Vec::new());
    let to = listen(&mut udp, None, "192.0.2.0/24");
    let mut stream = TcpStream::connect(to).await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut [0])).await.unwrap();
    assert_eq!(read.unwrap_or(0), 0);
}

#[tokio::test]
async fn who_connects_by_tls_sees_our_certificate() {
    let folder = tempfile::tempdir().unwrap();
    if certificates(folder.path()).is_none() {
        return println!("skipped: no openssl that makes certificates");
    }
    let file = |name: &str| folder.path().join(name);
    let identity = |name: &str| TlsIdentity {
        certificate: file(&format!("{name}.pem")),
        key: file(&format!("{name}.key")),
    };
    let mut first = udp(1, Vec::new());
    let to = listen(&mut first, Some(&identity("good")), "127.0.0.0/8");
    let tls =
        |folder: &Path| TlsPeer { name: NAME.to_owned(), authorities: Some(folder.join("ca.pem")) };
    let peers = vec![StreamPeer { address: to, tls: Some(tls(folder.path())) }];
    let mut ends = [first, udp(2, peers)];
    call(&mut ends, to).await;
    let missing = udp(3, Vec::new()).listen(ANY.parse().unwrap(), Some(&identity("no")), vec![]);
    assert!(missing.unwrap_err().to_string().contains("no.pem"));
}
