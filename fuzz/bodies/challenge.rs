//! A challenge to a call with credentials.

use jiff::Timestamp;
use outdial::sip::{Credentials, Endpoint, EndpointConfig, Input, Output, Register};

pub fn run(challenge: &str) {
    let (here, carrier) = (([192, 0, 2, 1], 5060).into(), ([198, 51, 100, 1], 5060).into());
    let mut endpoint = Endpoint::new(EndpointConfig::new(here, 1));
    let credentials =
        Credentials { username: "a".to_owned(), password: "b".to_owned(), realm: None };
    let now = Timestamp::UNIX_EPOCH;
    endpoint.register(
        Register {
            next_hop: carrier,
            aor: "sip:a@h".to_owned(),
            expires_s: 60,
            credentials: Some(credentials),
        },
        now,
    );
    while let Some(output) = endpoint.poll_output() {
        let Output::Transmit { bytes, .. } = output else { continue };
        let sent = String::from_utf8_lossy(&bytes);
        let line =
            |name: &str| sent.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        let whole = format!(
            "SIP/2.0 401 Unauthorized\r\n{}\r\n{}\r\n{};tag=1\r\n{}\r\n{}\r\n\
             WWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n",
            line("Via:"),
            line("From:"),
            line("To:"),
            line("Call-ID:"),
            line("CSeq:"),
        );
        let bytes = whole.as_bytes();
        endpoint.handle_input(Input::Datagram { from: carrier, bytes }, now);
        break;
    }
    while endpoint.poll_output().is_some() {}
}
