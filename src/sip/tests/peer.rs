//! One endpoint against a peer that a test plays by hand.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use crate::sip::{DialogId, Endpoint, EndpointConfig, Event, Input, Invite, Output};

pub const SDP: &str = "v=0\r\no=c 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n\
                       m=audio 6000 RTP/AVP 0\r\n";

/// The endpoint, the time, and what it did.
pub struct Peer {
    pub endpoint: Endpoint,
    pub now: Timestamp,
    /// What it sent and the test has not looked at.
    pub sent: Vec<String>,
    pub events: Vec<Event>,
    /// Whether it may send to other ports of the peer.
    pub strangers: bool,
}

pub fn address() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 2], 5060))
}

impl Peer {
    pub fn new() -> Self {
        let config = EndpointConfig::new(SocketAddr::from(([192, 0, 2, 1], 5060)), 7);
        Self::with(EndpointConfig { registrar: true, ..config })
    }

    pub fn with(config: EndpointConfig) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let endpoint = Endpoint::new(config);
        Self { endpoint, now, sent: Vec::new(), events: Vec::new(), strangers: false }
    }

    /// It calls; the INVITE.
    pub fn call(&mut self, invite: Invite) -> (DialogId, String) {
        let dialog = self.endpoint.invite(invite, self.now);
        self.drain();
        let place = self.sent.iter().position(|text| text.starts_with("INVITE"));
        (dialog, self.sent.remove(place.expect("an INVITE went out")))
    }

    /// It calls and is answered with these headers besides.
    pub fn talk(&mut self, extra: &str) -> (DialogId, String) {
        let (dialog, invite) = self.call(super::wire::invite());
        self.sent.clear();
        self.hear(&response(&invite, 200, "t1", &format!("{CONTACT}{extra}"), SDP));
        self.take("ACK");
        (dialog, invite)
    }

    pub fn hear(&mut self, text: &str) {
        self.hear_bytes(text.as_bytes());
    }

    pub fn hear_bytes(&mut self, bytes: &[u8]) {
        let datagram = Input::Datagram { from: address(), bytes };
        self.endpoint.handle_input(datagram, self.now);
        self.drain();
    }

    /// Lets `time` pass.
    pub fn wait(&mut self, time: SignedDuration) {
        let end = self.now + time;
        while let Some((at, _)) = self.endpoint.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.endpoint.handle_input(Input::Timeout, self.now);
            self.drain();
        }
        self.now = end;
    }

    pub fn drain(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Event(event) => self.events.push(event),
                Output::Transmit { to, bytes } => {
                    let known = to == address() || self.strangers && to.ip() == address().ip();
                    assert!(known, "a packet to a stranger");
                    self.sent.push(String::from_utf8(bytes.to_vec()).expect("we write UTF-8"));
                }
            }
        }
    }

    /// The next packet, which must start so.
    pub fn take(&mut self, start: &str) -> String {
        self.drain();
        assert!(!self.sent.is_empty(), "nothing was sent, {start} was to come");
        let text = self.sent.remove(0);
        assert!(text.starts_with(start), "{start} was to come, not {text}");
        text
    }

    /// Nothing was sent that the test has not looked at.
    pub fn quiet(&mut self) {
        self.drain();
        assert!(self.sent.is_empty(), "{:?}", self.sent);
    }

    /// The last event of its only dialog, which it must have once.
    pub fn last_event(&mut self) -> Event {
        self.drain();
        let last = |event: &&Event| matches!(event, Event::Ended { .. } | Event::Failed { .. });
        let mut found = self.events.iter().filter(last);
        let event = found.next().expect("the dialog is over").clone();
        assert!(found.next().is_none(), "{:?}", self.events);
        event
    }
}

pub const CONTACT: &str = "Contact: <sip:carrier@192.0.2.2:5060>\r\n";

/// The value of a header.
pub fn value<'a>(text: &'a str, name: &str) -> &'a str {
    let mut lines = text.split("\r\n").filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

/// The response of a peer to a request of ours.
pub fn response(request: &str, status: u16, to_tag: &str, extra: &str, body: &str) -> String {
    let to = value(request, "To");
    let tag = if to.contains(";tag=") || to_tag.is_empty() {
        String::new()
    } else {
        format!(";tag={to_tag}")
    };
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!(
        "SIP/2.0 {status} Said\r\nVia: {}\r\nFrom: {}\r\nTo: {to}{tag}\r\nCall-ID: {}\r\n\
         CSeq: {}\r\n{extra}{kind}Content-Length: {}\r\n\r\n{body}",
        value(request, "Via"),
        value(request, "From"),
        value(request, "Call-ID"),
        value(request, "CSeq"),
        body.len()
    )
}

/// A request of the peer inside the dialog that our `invite` opened with the tag `t1`.
pub fn within(invite: &str, method: &str, cseq: u32, extra: &str, body: &str) -> String {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!(
        "{method} sip:dialer@192.0.2.1:5060 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer{method}{cseq}\r\nMax-Forwards: 70\r\n\
         From: {};tag=t1\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\n\
         {extra}{kind}Content-Length: {}\r\n\r\n{body}",
        value(invite, "To"),
        value(invite, "From"),
        value(invite, "Call-ID"),
        body.len()
    )
}
