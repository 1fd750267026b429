//! Requests outside any dialog: OPTIONS and REGISTER, both ways.

use std::hash::{DefaultHasher, Hasher};
use std::net::SocketAddr;

use jiff::Timestamp;

use super::client::{ClientId, Outgoing};
use super::purpose::{Conclusion, Purpose};
use super::server::ServerId;
use super::{ALLOW, Endpoint};
use crate::sip::event::{Event, RequestId};
use crate::sip::message::grammar::{elements, number};
use crate::sip::message::{Address, Message, Name, Opening, Start, Writer};
use crate::sip::order::{Credentials, Register};
use crate::sip::uri::Uri;

/// A request outside any dialog, about to leave.
struct Lone {
    method: &'static str,
    uri: String,
    /// From and To without tags.
    from: String,
    to: String,
    call_id: u64,
    cseq: u32,
    next_hop: SocketAddr,
    credentials: Option<Credentials>,
}

impl Endpoint {
    /// Asks whether a peer is there (RFC 3261 §11). Its [`Event::Response`] always comes.
    pub fn options(&mut self, next_hop: SocketAddr, uri: String, now: Timestamp) -> RequestId {
        let uri = super::caller::plain(&uri);
        let lone = Lone {
            method: "OPTIONS",
            from: format!("<sip:{}>", self.config.contact),
            to: format!("<{uri}>"),
            uri,
            call_id: self.tokens.next(),
            cseq: 1,
            next_hop,
            credentials: None,
        };
        self.send_lone(
            lone,
            Purpose::Options,
            |writer| writer.header("Accept", "application/sdp"),
            now,
        )
    }

    /// Registers (RFC 3261 §10.2). Its [`Event::Response`] always comes.
    pub fn register(&mut self, register: Register, now: Timestamp) -> RequestId {
        let aor = super::caller::plain(&register.aor);
        let parsed = Uri::parse(&aor);
        let contact = self.contact_of(parsed.and_then(|uri| uri.user), register.next_hop);
        let registrar =
            parsed.map_or("", |uri| aor.rsplit_once('@').map_or(uri.host, |(_, host)| host));
        // One Call-ID for all registrations of a binding, and a CSeq that rises (§10.2).
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.config.seed);
        hasher.write(aor.as_bytes());
        self.register_seq += 1;
        let lone = Lone {
            method: "REGISTER",
            uri: format!("sip:{registrar}"),
            from: format!("<{aor}>"),
            to: format!("<{aor}>"),
            call_id: hasher.finish(),
            cseq: self.register_seq,
            next_hop: register.next_hop,
            credentials: register.credentials,
        };
        let decorate = |writer: Writer| {
            writer.header("Contact", contact).header("Expires", register.expires_s)
        };
        self.send_lone(lone, Purpose::Register, decorate, now)
    }

    fn send_lone(
        &mut self,
        lone: Lone,
        purpose: impl FnOnce(RequestId) -> Purpose,
        decorate: impl FnOnce(Writer) -> Writer,
        now: Timestamp,
    ) -> RequestId {
        let (tag, client) = (self.tokens.next(), ClientId::of_token(self.tokens.next()));
        let request = RequestId(tag);
        let call_id = format!("{:016x}", lone.call_id);
        let writer = Writer::request(&Opening {
            method: lone.method,
            uri: &lone.uri,
            sent_by: self.sent_by(Some(lone.next_hop)),
            branch: client.token(),
            from: &format!("{};tag={tag:016x}", lone.from),
            to: &lone.to,
            call_id: &call_id,
            cseq: lone.cseq,
        })
        .header("User-Agent", &self.config.user_agent);
        let outgoing = Outgoing {
            id: client,
            method: lone.method,
            bytes: decorate(writer).end(),
            to: lone.next_hop,
            purpose: purpose(request),
            call_id: &call_id,
            tag,
            cseq: lone.cseq,
            credentials: lone.credentials,
        };
        self.start(outgoing, now);
        request
    }

    pub(super) fn tell_response(&mut self, id: RequestId, conclusion: Conclusion<'_>) {
        let expires_s = match conclusion {
            Conclusion::Response(message, _) => granted(message, &self.config.contact),
            Conclusion::Timeout | Conclusion::Unsent => None,
        };
        self.tell(Event::Response { id, status: conclusion.status(), expires_s });
    }

    /// A REGISTER, for the owner. rsip's own parser sees what has passed ours.
    pub(super) fn handle_register(
        &mut self,
        server: ServerId,
        message: &Message<'_>,
        from: SocketAddr,
        now: Timestamp,
    ) {
        let Some(request) = to_rsip(message) else {
            return self.refuse(message, from, 400, Writer::end);
        };
        let ServerId(tag) = server;
        self.open_server(server, message, from, Some(tag), None, now);
        self.tell(Event::Request { id: RequestId(tag), from, request: Box::new(request) });
    }

    /// Answers an [`Event::Request`] with 200 to 699; `body` is its type and text.
    pub fn respond(
        &mut self,
        request: RequestId,
        status: u16,
        headers: Vec<(String, String)>,
        body: Option<(String, String)>,
        now: Timestamp,
    ) {
        let write = |writer: Writer| {
            let writer = writer.headers(&headers);
            match body {
                None => writer.end(),
                Some((content_type, body)) => writer.body(&content_type, &body),
            }
        };
        self.reply(ServerId(request.0), status.clamp(200, 699), write, now);
    }

    /// Refuses a method: 405 for one that exists, 501 for one that does not (§8.2.1, §21.5.2).
    pub(super) fn refuse_method(&mut self, message: &Message<'_>, from: SocketAddr) {
        let exists = rsip::Method::all().iter().any(|known| known.to_string() == message.method());
        let status = if exists { 405 } else { 501 };
        self.refuse(message, from, status, |writer| writer.header("Allow", ALLOW).end());
    }
}

/// How long the registrar has bound our Contact: its own `expires`, or the header (§10.2.4).
fn granted(message: &Message<'_>, contact: &SocketAddr) -> Option<u32> {
    let ours = contact.to_string();
    let own = message
        .all(Name::Contact)
        .flat_map(elements)
        .map_while(Result::ok)
        .filter_map(Address::parse)
        .filter(|bound| bound.uri.contains(&ours))
        .find_map(|bound| bound.params.get("expires").and_then(number));
    own.or_else(|| message.get(Name::Expires).and_then(number))
}

/// The same message in rsip's types: long names, no folded lines. Its Request-URI is left out: rsip reads
/// no IPv6 address there, and whose password it is stands in other places.
fn to_rsip(message: &Message<'_>) -> Option<rsip::Request> {
    let Start::Request { method, .. } = message.start else { return None };
    let mut text = format!("{method} sip:registrar SIP/2.0\r\n");
    for (name, value) in message.fields() {
        text.extend([name.as_str(), ": ", value, "\r\n"]);
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(message.body);
    rsip::Request::try_from(bytes).ok()
}
