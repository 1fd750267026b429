//! TLS by the user's own certificate.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::Api;
use crate::api::{TlsFiles, serve, tls_acceptor};

/// A certificate for `localhost`; `None` where there is no openssl.
fn certificate(folder: &Path) -> Option<TlsFiles> {
    let files = TlsFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj"])
        .args(["/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&files.key)
        .arg("-out")
        .arg(&files.certificate)
        .output();
    made.ok().filter(|made| made.status.success()).map(|_| files)
}

#[tokio::test]
async fn over_tls_the_cookie_is_for_tls_only() {
    let api = Api::start().await;
    let Some(files) = certificate(api.data.path()) else {
        println!("skipped: no openssl to make a certificate");
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = tls_acceptor(&files).unwrap();
    let router = super::super::router(api.handle.clone(), super::Token::generate().unwrap().token);
    tokio::spawn(serve(listener, Some(tls), router, std::future::pending()));
    // Who speaks no TLS gets nothing, and keeps nobody waiting.
    let mut clear = TcpStream::connect(address).await.unwrap();
    clear.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();

    let path = super::super::set_up_link(&api.handle).await.unwrap().unwrap();
    let secret = path.strip_prefix("/welcome#").unwrap();
    let body =
        format!(r#"{{"secret": "{secret}", "password": "correct horse battery", "name": "root"}}"#);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files.certificate).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream =
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("a handshake");
    let request = format!(
        "POST /v1/invitation HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // The server ends without a close_notify where the client has said close.
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("HttpOnly; SameSite=Strict; Secure"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");

    let mut refused = [0; 16];
    let read = clear.read(&mut refused).await.unwrap_or(0);
    assert!(!refused[..read].starts_with(b"HTTP"), "not in the clear");
}

#[test]
fn a_key_that_is_none_is_said_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let Some(files) = certificate(folder.path()) else { return };
    std::fs::write(&files.key, "no key").unwrap();
    let fault = tls_acceptor(&files).err().unwrap().to_string();
    assert!(fault.contains("key.pem"), "{fault}");
}
