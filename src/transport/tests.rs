//! Calls over connections, against a far end that is a plain socket.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{StreamPeer, TlsPeer, Udp};
use crate::clock;
use crate::sip::{EndpointConfig, Event, Failure, FailureKind, Invite};

fn udp(peer: SocketAddr, tls: Option<TlsPeer>) -> Udp {
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    let peers = vec![StreamPeer { address: peer, tls }];
    Udp::bind_with(any, EndpointConfig::new(any, 1), peers).unwrap()
}

/// Calls the peer and says how the call failed.
async fn call(udp: &mut Udp, peer: SocketAddr) -> Failure {
    let invite = Invite {
        next_hop: peer,
        request_uri: "sip:+12015550123@carrier.example".into(),
        from: "<sip:+12015550199@carrier.example>".into(),
        to: "<sip:+12015550123@carrier.example>".into(),
        sdp: "v=0\r\n".into(),
        headers: Vec::new(),
        credentials: None,
    };
    udp.endpoint.invite(invite, clock::now());
    let failed = async {
        loop {
            for event in udp.next().await {
                if let Event::Failed { failure, .. } = event {
                    return failure;
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), failed).await.unwrap()
}

/// Reads one request and answers 486; gives back the request.
async fn busy(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"v=0\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        read.extend(byte);
    }
    let request = String::from_utf8(read).unwrap();
    let copied = ["Via", "From", "Call-ID", "CSeq", "To"];
    let mut answer = "SIP/2.0 486 Busy Here\r\n".to_owned();
    for line in request.lines() {
        let name = line.split(':').next().unwrap();
        if copied.contains(&name) {
            let tag = if name == "To" { ";tag=1" } else { "" };
            answer += &format!("{line}{tag}\r\n");
        }
    }
    answer += "Content-Length: 0\r\n\r\n";
    stream.write_all(answer.as_bytes()).await.unwrap();
    request
}

#[tokio::test]
async fn a_call_over_tcp_says_so_and_a_broken_connection_is_opened_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = listener.local_addr().unwrap();
    let far_end = tokio::spawn(async move {
        let mut requests = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests.push(busy(&mut stream).await);
            // It asks whether we are there, hears that we are, and goes.
            stream.write_all(b"\r\n\r\n").await.unwrap();
            let mut rest = String::new();
            let both = |rest: &str| {
                let answered = rest.starts_with("\r\n") || rest.ends_with("\r\n\r\n\r\n");
                answered && rest.contains("ACK ") && rest.contains("Content-Length: 0\r\n\r\n")
            };
            while !both(&rest) {
                let mut byte = [0];
                stream.read_exact(&mut byte).await.unwrap();
                rest.push(byte[0].into());
            }
        }
        requests
    });
    let mut udp = udp(peer, None);
    for _ in 0..2 {
        assert_eq!(call(&mut udp, peer).await.status, Some(486));
        let _ = tokio::time::timeout(Duration::from_millis(300), udp.next()).await;
    }
    for request in far_end.await.unwrap() {
        assert!(request.contains("\r\nVia: SIP/2.0/TCP 127.0.0.1:"), "{request}");
        assert!(request.contains(";transport=tcp>\r\n"), "{request}");
    }
}

#[tokio::test]
async fn a_peer_that_takes_no_connection_fails_the_call_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = listener.local_addr().unwrap();
    drop(listener);
    let failure = call(&mut udp(peer, None), peer).await;
    assert_eq!(failure.kind, FailureKind::Transport);
}

/// An authority, and certificates that are good, of another name, expired, and of no authority.
const MAKE: &str = r#"set -e; cd "$0"
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=ca
make() {
  openssl req -newkey rsa:2048 -nodes -keyout $1.key -out $1.csr -subj /CN=$2
  printf "subjectAltName=DNS:$2\n" > $1.ext
  openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $1.pem \
    -days $3 -extfile $1.ext
}
make good carrier.test 30
make wrongname other.test 30
make expired carrier.test -1
openssl req -x509 -newkey rsa:2048 -nodes -keyout selfsigned.key -out selfsigned.pem -days 30 \
  -subj /CN=carrier.test -addext subjectAltName=DNS:carrier.test
"#;

/// Makes them; `None` where there is no openssl, or one that makes none that have expired.
pub(super) fn certificates(folder: &Path) -> Option<()> {
    let made = Command::new("bash").args(["-c", MAKE]).arg(folder).output().ok()?;
    made.status.success().then_some(())
}

/// How a call ends whose far end shows this certificate.
async fn call_shown(folder: &Path, certificate: &str, name: &str) -> Failure {
    let pem = folder.join(certificate).with_extension("pem");
    let chain = CertificateDer::pem_file_iter(&pem).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(pem.with_extension("key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        if let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await {
            let request = busy(&mut stream).await;
            assert!(request.contains("Via: SIP/2.0/TLS "), "{request}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let authorities: Option<PathBuf> = Some(folder.join("ca.pem"));
    let tls = TlsPeer { name: name.to_owned(), authorities };
    call(&mut udp(peer, Some(tls)), peer).await
}

#[tokio::test]
async fn only_a_certificate_with_the_right_name_time_and_chain_is_spoken_with() {
    let folder = tempfile::tempdir().unwrap();
    if certificates(folder.path()).is_none() {
        println!("skipped: no openssl that makes certificates, expired ones among them");
        return;
    }
    let good = call_shown(folder.path(), "good", NAME).await;
    assert_eq!(good.status, Some(486), "{good:?}");
    for bad in ["wrongname", "expired", "selfsigned"] {
        let failure = call_shown(folder.path(), bad, NAME).await;
        assert_eq!(failure.kind, FailureKind::Transport, "{bad}");
        println!("{bad}: refused");
    }
}

/// The name that the good certificate has.
pub(super) const NAME: &str = "carrier.test";
