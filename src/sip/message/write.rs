//! Writing messages. Every header that goes out passes here, and none with a line end in it.

use std::fmt::{Display, Write};
use std::net::SocketAddr;

use bytes::Bytes;

use super::grammar::elements;
use super::name::Name;
use super::via::{COOKIE, Via};
use crate::sip::transport::SentBy;

/// A message in the making.
#[derive(Debug)]
pub struct Writer(String);

/// What every request starts with, in this order ([`super::rewrite`] relies on it).
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    pub method: &'a str,
    pub uri: &'a str,
    pub sent_by: SentBy,
    pub branch: u64,
    pub from: &'a str,
    pub to: &'a str,
    pub call_id: &'a str,
    pub cseq: u32,
}

impl Writer {
    /// A request with the headers that each one has (RFC 3261 §8.1.1).
    pub fn request(opening: &Opening<'_>) -> Self {
        let Opening { method, uri, sent_by, branch, from, to, call_id, cseq } = *opening;
        let mut text = String::with_capacity(1024);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/{sent_by};branch={COOKIE}{branch:016x};rport\r\n\
             Max-Forwards: 70\r\n\
             From: {from}\r\n\
             To: {to}\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\n"
        );
        Self(text)
    }

    /// A response with the headers that it copies from the request, see [`echo`].
    pub fn response(status: u16, phrase: &str, echo: &str) -> Self {
        let mut text = String::with_capacity(echo.len() + 512);
        let _ = write!(text, "SIP/2.0 {status} {phrase}\r\n{echo}");
        Self(text)
    }

    /// Adds a header. One with a control character in it is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Display) -> Self {
        let start = self.0.len();
        let _ = write!(self.0, "{name}: {value}");
        if self.0[start..].bytes().any(|byte| byte.is_ascii_control()) {
            self.0.truncate(start);
        } else {
            self.0.push_str("\r\n");
        }
        self
    }

    /// Adds headers.
    #[must_use]
    pub fn headers(self, headers: &[(String, String)]) -> Self {
        headers.iter().fold(self, |writer, (name, value)| writer.header(name, value))
    }

    /// Ends the message with a body.
    pub fn body(self, content_type: &str, body: &str) -> Bytes {
        let mut text = self.header("Content-Type", content_type).0;
        let _ = write!(text, "Content-Length: {}\r\n\r\n{body}", body.len());
        Bytes::from(text)
    }

    /// Ends the message with SDP, or without a body.
    pub fn sdp(self, sdp: Option<&str>) -> Bytes {
        match sdp {
            None => self.end(),
            Some(sdp) => self.body("application/sdp", sdp),
        }
    }

    /// Ends the message without a body.
    pub fn end(mut self) -> Bytes {
        self.0.push_str("Content-Length: 0\r\n\r\n");
        Bytes::from(self.0)
    }
}

/// The headers that a response copies from its request (§8.2.6.2): every Via with the topmost
/// completed (§18.2.1, RFC 3581 §4), From, To with our tag if it has none, Call-ID, CSeq and
/// Record-Route (§12.1.1).
pub fn echo(fields: &[(Name<'_>, &str)], source: SocketAddr, to_tag: Option<u64>) -> String {
    let mut text = String::with_capacity(512);
    let mut topmost = true;
    for &(name, value) in fields {
        match name {
            Name::Via => {
                for element in elements(value).map_while(Result::ok) {
                    match Via::parse(element).filter(|_| topmost) {
                        Some(via) => complete(&mut text, &via, source),
                        None => line(&mut text, "Via", element),
                    }
                    topmost = false;
                }
            }
            Name::To => {
                line(&mut text, "To", value);
                if let Some(tag) = to_tag {
                    text.truncate(text.len() - 2);
                    let _ = write!(text, ";tag={tag:016x}\r\n");
                }
            }
            Name::CSeq | Name::CallId | Name::From | Name::RecordRoute => {
                line(&mut text, name.as_str(), value);
            }
            _ => {}
        }
    }
    text
}

fn line(text: &mut String, name: &str, value: &str) {
    text.extend([name, ": ", value, "\r\n"]);
}

fn complete(text: &mut String, via: &Via<'_>, source: SocketAddr) {
    text.extend(["Via: ", via.sent]);
    for (name, value) in via.params.iter() {
        if name.eq_ignore_ascii_case("rport") {
            let _ = write!(text, ";rport={}", source.port());
        } else if !name.eq_ignore_ascii_case("received") {
            text.extend([";", name]);
            if let Some(value) = value {
                text.extend(["=", value]);
            }
        }
    }
    let _ = write!(text, ";received={}\r\n", source.ip());
}

/// The reason phrases of RFC 3261 §21 and its extensions, for the statuses that go out from here.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        302 => "Moved Temporarily",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "Version Not Supported",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        607 => "Unwanted",
        608 => "Rejected",
        _ => class_phrase(status / 100),
    }
}

fn class_phrase(class: u16) -> &'static str {
    match class {
        1 => "Progress",
        2 => "Success",
        3 => "Redirection",
        4 => "Request Failure",
        5 => "Server Failure",
        _ => "Global Failure",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_a_line_end_is_left_out() {
        let bytes = Writer::response(200, "OK", "").header("X", "a\r\nInjected: 1").end();
        assert_eq!(bytes, "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
    }

    #[test]
    fn the_topmost_via_is_completed_and_the_source_believed_over_received() {
        let fields =
            [(Name::Via, "SIP/2.0/UDP a ; received=9.9.9.9; rport;branch=z9hG4bK1, SIP/2.0/UDP b")];
        let text = echo(&fields, "127.0.0.1:99".parse().unwrap(), None);
        assert_eq!(
            text,
            "Via: SIP/2.0/UDP a;rport=99;branch=z9hG4bK1;received=127.0.0.1\r\nVia: SIP/2.0/UDP b\r\n"
        );
    }
}
