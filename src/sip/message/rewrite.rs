//! Requests made from one of ours that has gone out: its ACK, its CANCEL, and the same again with
//! credentials. They share headers by rule, so they are made from its bytes.

use std::fmt::Write;

use bytes::Bytes;

use super::via::COOKIE;

/// The ACK to a final response other than 2xx (RFC 3261 §17.1.1.3): the INVITE's URI, topmost Via,
/// From, Call-ID, CSeq number and Route, and the response's To.
pub fn acknowledge(invite: &Bytes, to: &str) -> Bytes {
    follow(invite, "ACK", Some(to))
}

/// The CANCEL of an INVITE (§9.1): the same, with the INVITE's own To.
pub fn cancel(invite: &Bytes) -> Bytes {
    follow(invite, "CANCEL", None)
}

fn follow(invite: &Bytes, method: &str, to: Option<&str>) -> Bytes {
    let mut text = String::with_capacity(512);
    for line in head(invite) {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        match (name, to) {
            ("From" | "Via" | "Call-ID" | "Max-Forwards" | "Route", _) | ("To", None) => {
                text.extend([line, "\r\n"]);
            }
            ("To", Some(to)) => text.extend(["To: ", to, "\r\n"]),
            ("CSeq", _) => {
                let number = value.split(' ').next().unwrap_or_default();
                text.extend(["CSeq: ", number, " ", method, "\r\n"]);
            }
            _ if text.is_empty() => {
                let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
                text.extend([method, " ", rest, "\r\n"]);
            }
            _ => {}
        }
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    Bytes::from(text)
}

/// The same request with credentials (§22.2): a new branch, the next CSeq, and `name: value`
/// instead of any header of that name.
pub fn authorize(request: &Bytes, branch: u64, cseq: u32, name: &str, value: &str) -> Bytes {
    let mut text = String::with_capacity(request.len() + value.len() + 32);
    for line in head(request) {
        let (known, rest) = line.split_once(": ").unwrap_or_default();
        match known {
            "Via" => {
                write_via(&mut text, rest, branch);
            }
            "CSeq" => {
                let method = rest.split_once(' ').map_or("", |(_, method)| method);
                let _ = write!(text, "CSeq: {cseq} {method}\r\n{name}: {value}\r\n");
            }
            _ if known == name => {}
            _ => text.extend([line, "\r\n"]),
        }
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body(request));
    Bytes::from(bytes)
}

/// Our Via with another branch.
fn write_via(text: &mut String, via: &str, branch: u64) {
    let sent = via.split(';').next().unwrap_or_default();
    let alias = if via.contains(";alias") { ";alias" } else { "" };
    // Writing to a String cannot fail.
    let _ = write!(text, "Via: {sent}{alias};branch={COOKIE}{branch:016x};rport\r\n");
}

/// The same request as a transaction of its own: a new branch (§8.1.1.7), nothing else.
pub fn afresh(request: &Bytes, branch: u64) -> Bytes {
    let mut text = String::with_capacity(request.len());
    for line in head(request) {
        match line.strip_prefix("Via: ") {
            Some(via) => write_via(&mut text, via, branch),
            None => text.extend([line, "\r\n"]),
        }
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body(request));
    Bytes::from(bytes)
}

/// The value of a header in a request of ours.
pub fn value_of<'a>(request: &'a Bytes, name: &str) -> Option<&'a str> {
    head(request)
        .filter_map(|line| line.split_once(": "))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// Method and Request-URI of a request of ours.
pub fn line_of(request: &Bytes) -> (&str, &str) {
    let mut words = head(request).next().unwrap_or_default().split(' ');
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

fn head(request: &Bytes) -> impl Iterator<Item = &str> {
    // What the writer made is UTF-8.
    let text = std::str::from_utf8(request).unwrap_or_default();
    text.split("\r\n").take_while(|line| !line.is_empty())
}

fn body(request: &Bytes) -> &[u8] {
    let start = request.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    start.map_or(&[], |start| &request[start + 4..])
}

#[cfg(test)]
mod tests {
    use super::super::write::{Opening, Writer};
    use super::*;
    use crate::sip::transport::{SentBy, Transport};

    fn invite() -> Bytes {
        Writer::request(&Opening {
            method: "INVITE",
            uri: "sip:b@h",
            sent_by: SentBy {
                transport: Transport::Udp,
                address: "127.0.0.1:5060".parse().unwrap(),
            },
            branch: 1,
            from: "<sip:a@h>;tag=1",
            to: "<sip:b@h>",
            call_id: "c",
            cseq: 7,
        })
        .header("Route", "<sip:p;lr>")
        .header("Contact", "<sip:a@127.0.0.1>")
        .sdp(Some("v=0\r\n"))
    }

    #[test]
    fn an_ack_has_the_invites_branch_and_the_responses_to() {
        let ack = acknowledge(&invite(), "<sip:b@h>;tag=2");
        assert_eq!(
            ack,
            "ACK sip:b@h SIP/2.0\r\n\
             Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK0000000000000001;rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=2\r\nCall-ID: c\r\n\
             CSeq: 7 ACK\r\nRoute: <sip:p;lr>\r\nContent-Length: 0\r\n\r\n"
        );
    }

    #[test]
    fn the_same_request_afresh_differs_in_its_branch_alone() {
        let again = afresh(&invite(), 2);
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        let branch = |number: u8| format!("branch=z9hG4bK{number:016x};");
        assert_eq!(text(&again), text(&invite()).replace(&branch(1), &branch(2)));
        assert_ne!(again, invite());
    }

    #[test]
    fn a_cancel_has_the_invites_own_to() {
        let cancel = cancel(&invite());
        assert_eq!(line_of(&cancel), ("CANCEL", "sip:b@h"));
        assert_eq!(value_of(&cancel, "To"), Some("<sip:b@h>"));
        assert_eq!(value_of(&cancel, "CSeq"), Some("7 CANCEL"));
    }

    #[test]
    fn the_same_again_has_its_body_and_only_the_new_credentials() {
        let first = authorize(&invite(), 2, 8, "Authorization", "Digest a");
        let second = authorize(&first, 3, 9, "Authorization", "Digest b");
        assert_eq!(value_of(&second, "Authorization"), Some("Digest b"));
        assert_eq!(value_of(&second, "CSeq"), Some("9 INVITE"));
        assert!(second.ends_with(b"\r\n\r\nv=0\r\n"));
        assert_eq!(String::from_utf8_lossy(&second).matches("Authorization").count(), 1);
    }
}
