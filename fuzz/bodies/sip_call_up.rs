//! Datagrams from a carrier that is being called: the names of the dialog are put in for marks, so
//! that what is made up belongs to the call.

use jiff::Timestamp;
use outdial::sip::{Endpoint, EndpointConfig, Input, Invite, Output};

pub fn run(texts: [&str; 2]) {
    let (here, carrier) = (([192, 0, 2, 1], 5060).into(), ([198, 51, 100, 1], 5060).into());
    let mut endpoint = Endpoint::new(EndpointConfig::new(here, 1));
    let invite = Invite {
        next_hop: carrier,
        request_uri: "sip:b@h".to_owned(),
        from: "<sip:a@h>".to_owned(),
        to: "<sip:b@h>".to_owned(),
        sdp: "v=0\r\n".to_owned(),
        headers: Vec::new(),
        credentials: None,
    };
    let now = Timestamp::UNIX_EPOCH;
    let dialog = endpoint.invite(invite, now);
    let call_id = endpoint.call_id(dialog).unwrap_or_default().to_owned();
    let mut via = String::new();
    while let Some(output) = endpoint.poll_output() {
        if let Output::Transmit { bytes, .. } = output {
            let sent = String::from_utf8_lossy(&bytes);
            via = sent.lines().find(|line| line.starts_with("Via:")).unwrap_or_default().to_owned();
        }
    }
    for text in texts {
        let whole = format!(
            "SIP/2.0 {text}\r\n{via}\r\nFrom: <sip:a@h>;tag={dialog}\r\nTo: <sip:b@h>;tag=1\r\n\
             Call-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        );
        let bytes = whole.as_bytes();
        endpoint.handle_input(Input::Datagram { from: carrier, bytes }, now);
        while endpoint.poll_output().is_some() {}
    }
    endpoint.hang_up(dialog, now);
    while let Some((at, _)) = endpoint.poll_timeout() {
        endpoint.handle_input(Input::Timeout, at);
        while endpoint.poll_output().is_some() {}
    }
    assert_eq!(endpoint.dialogs(), 0, "a dialog is left behind");
}
