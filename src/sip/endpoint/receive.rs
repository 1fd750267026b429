//! A datagram's way to whom it concerns, and the checks of RFC 3261 §8.2 on the way.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::answered::unknown_extensions;
use super::server::reply_to;
use super::within::allow;
use super::{ALLOW, Endpoint, EndpointConfig};
use crate::sip::dialog::INTERVAL_S_MIN;
use crate::sip::message::grammar::trim;
use crate::sip::message::{Head, Message, Name, Refused, Start, Writer, echo};
use crate::sip::uri::Uri;

impl Endpoint {
    pub(super) fn handle_datagram(&mut self, from: SocketAddr, bytes: &[u8], now: Timestamp) {
        let Some(head) = Head::read(bytes) else { return };
        match Message::parse(&head.text, head.rest) {
            Err(refused) => self.handle_malformed(&refused, from),
            Ok(message) => match message.start {
                Start::Request { .. } => self.handle_request(&message, from, now),
                Start::Response { status } => self.handle_response(&message, status, now),
            },
        }
    }

    /// A malformed request is told so, if it has any Via; all else is dropped.
    fn handle_malformed(&mut self, refused: &Refused<'_>, from: SocketAddr) {
        tracing::debug!(%from, why = refused.why, "malformed message");
        let has_via = refused.fields().iter().any(|(name, _)| *name == Name::Via);
        if !has_via || matches!(refused.method, None | Some("ACK")) {
            return;
        }
        let to = refused.via().map_or(from, |via| reply_to(&via, from));
        let echo = echo(refused.fields(), from, None);
        let bytes = Writer::response(refused.status, refused.why, &echo)
            .header("Server", &self.config.user_agent)
            .end();
        self.transmit(to, bytes);
    }

    fn handle_request(&mut self, message: &Message<'_>, from: SocketAddr, now: Timestamp) {
        match message.method() {
            "ACK" => return self.handle_ack(message, now),
            "CANCEL" => return self.handle_cancel(message, from, now),
            _ => {}
        }
        let server = self.server_id(message, message.method());
        if self.repeat(server, now) {
            return;
        }
        if let Some(unsupported) = self.unsupported(message) {
            return self.refuse(message, from, 420, |writer| {
                writer.header("Unsupported", unsupported).end()
            });
        }
        if self.servers.len() >= self.servers_max() {
            return self.refuse(message, from, 503, busy);
        }
        if message.to_tag.is_some() {
            return self.handle_within(server, message, from, now);
        }
        let Start::Request { uri, .. } = message.start else { return };
        let scheme = Uri::parse(uri).map_or("", |uri| uri.scheme);
        if !["sip", "sips", "tel"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
            return self.refuse(message, from, 416, Writer::end);
        }
        match message.method() {
            "INVITE" if self.may_call(from) => match self.objection(message) {
                None => self.incoming(server, message, from, now),
                Some((status, name, value)) => {
                    self.refuse(message, from, status, |writer| writer.header(name, value).end());
                }
            },
            "OPTIONS" => self.refuse(message, from, 200, allow),
            "REGISTER" if self.config.registrar => {
                self.handle_register(server, message, from, now);
            }
            // These live in dialogs only.
            "BYE" | "INFO" | "NOTIFY" | "PRACK" | "UPDATE" => {
                self.refuse(message, from, 481, Writer::end);
            }
            _ => self.refuse_method(message, from),
        }
    }

    fn may_call(&self, from: SocketAddr) -> bool {
        let EndpointConfig { takes_calls, callers, .. } = &self.config;
        let is_known = || callers.iter().any(|network| network.contains(from.ip()));
        *takes_calls && (callers.is_empty() || is_known())
    }

    /// What it requires and we do not have (§8.2.2.3). As callee we do not send reliable 1xx.
    fn unsupported(&self, message: &Message<'_>) -> Option<String> {
        let tags: Vec<_> = unknown_extensions(message, &["timer"]).take(8).collect();
        (!tags.is_empty()).then(|| tags.join(", "))
    }

    /// Why an INVITE outside any dialog is not even told to the owner, with the header that says
    /// what would do.
    fn objection(&self, message: &Message<'_>) -> Option<(u16, &'static str, String)> {
        let accepts_sdp = message.get(Name::Accept).is_none()
            || message.all(Name::Accept).flat_map(|value| value.split(',')).any(|range| {
                let range = trim(range.split(';').next().unwrap_or_default());
                ["application/sdp", "application/*", "*/*"]
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(range))
            });
        if message.get(Name::Replaces).is_some() {
            // No call is ever taken over (RFC 3891 §3: as if there were none to match).
            Some((481, "Allow", ALLOW.to_owned()))
        } else if !message.has_known_body() {
            Some((415, "Accept", "application/sdp".to_owned()))
        } else if !accepts_sdp {
            Some((406, "Accept", "application/sdp".to_owned()))
        } else if Self::asks_for_too_short_a_session(message) {
            Some((422, "Min-SE", INTERVAL_S_MIN.to_string()))
        } else if self.is_full() {
            Some((503, "Retry-After", "10".to_owned()))
        } else {
            None
        }
    }
}

fn busy(writer: Writer) -> bytes::Bytes {
    writer.header("Retry-After", 10).end()
}
