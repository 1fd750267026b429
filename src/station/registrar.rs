//! The registrar (RFC 3261 §10.3), for agents' phones only.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use rsip::prelude::{HeadersExt, UntypedHeader};

use super::binding::{Binding, Change};
use super::contact::Contact;
use super::desk::Desk;
use super::fact::StationEvent;
use crate::domain::AgentId;
use crate::sip::digest::{Algorithm, Verdict};
use crate::sip::message::Address;
use crate::sip::uri::Uri;
use crate::sip::{Endpoint, RequestId};

/// A response: its status and its headers.
pub(super) type Answer = (u16, Vec<(String, String)>);

impl Desk {
    /// Answers a REGISTER.
    pub(super) fn registered(
        &mut self,
        id: RequestId,
        from: SocketAddr,
        request: &rsip::Request,
        sip: &mut Endpoint,
        now: Timestamp,
    ) {
        let (status, headers) = match self.authenticate(request, from, now) {
            Err(challenge) => challenge,
            Ok((agent, name)) if user_of_record(request).as_deref() != Some(name.as_str()) => {
                // Step 4: nobody registers another's extension.
                tracing::warn!(%agent, %from, "tried to register another's extension");
                (403, Vec::new())
            }
            Ok((agent, _)) => self.bind(agent, from, request, now),
        };
        sip.respond(id, status, headers, None, now);
    }

    /// Step 3: whose password the request proves. The same challenge meets a wrong password and an
    /// unknown extension, so that extensions cannot be listed by trying.
    pub(super) fn authenticate(
        &mut self,
        request: &rsip::Request,
        from: SocketAddr,
        now: Timestamp,
    ) -> Result<(AgentId, String), Answer> {
        let (extensions, mut user) = (&self.extensions, String::new());
        let ha1 = |name: &str, algorithm: Algorithm| {
            user.push_str(name);
            let extension = extensions.get(name)?;
            match algorithm {
                Algorithm::Md5 => extension.md5.clone(),
                Algorithm::Sha256 => extension.sha256.clone(),
            }
        };
        match self.verifier.verify(request, ha1, now) {
            Verdict::Granted => {
                if let Some(extension) = self.extensions.get(&user) {
                    return Ok((extension.agent, user));
                }
            }
            Verdict::Missing => {}
            Verdict::Refused => {
                tracing::info!(extension = %user.escape_debug(), %from, "wrong name or password");
            }
            Verdict::Stale => return Err((401, self.verifier.challenge(true, now))),
        }
        Err((401, self.verifier.challenge(false, now)))
    }

    /// Steps 5 to 8.
    fn bind(
        &mut self,
        agent: AgentId,
        source: SocketAddr,
        request: &rsip::Request,
        now: Timestamp,
    ) -> Answer {
        let (Some(call_id), Some(cseq)) = (call_id(request), cseq(request)) else {
            return (400, Vec::new());
        };
        let general = expires(request);
        match contact(request) {
            Ok(None) => {}
            Ok(Some(Contact::Every)) if general == Some(0) => {
                self.unbind(agent, &call_id, cseq, now);
            }
            Ok(Some(Contact::Every)) | Err(()) => return (400, Vec::new()),
            Ok(Some(Contact::One { uri, expires })) => {
                let (least, most) = (self.config.expires_min, self.config.expires_max);
                let asked =
                    expires.or(general).map(i64::from).map_or(most, SignedDuration::from_secs);
                if asked.is_zero() {
                    self.unbind(agent, &call_id, cseq, now);
                } else if asked < least {
                    let least = least.as_secs().to_string();
                    return (423, vec![("Min-Expires".to_owned(), least)]);
                } else {
                    let expires_at = now.saturating_add(asked.min(most)).unwrap_or(Timestamp::MAX);
                    let binding = Binding { contact: uri, source, call_id, cseq, expires_at };
                    match self.bindings.bind(agent, binding) {
                        Change::Came => self.tell(agent, StationEvent::Registered, now),
                        Change::Late => return (500, Vec::new()),
                        Change::Renewed => {}
                    }
                }
            }
        }
        (200, self.contacts(agent, now))
    }

    fn unbind(&mut self, agent: AgentId, call_id: &str, cseq: u32, now: Timestamp) {
        if self.bindings.unbind(agent, call_id, cseq) {
            self.tell(agent, StationEvent::Unregistered, now);
        }
    }

    /// Step 8: what is bound now.
    fn contacts(&self, agent: AgentId, now: Timestamp) -> Vec<(String, String)> {
        let contact = self.bindings.of(agent).map(|binding| {
            let left = binding.expires_at.duration_since(now).as_secs();
            ("Contact".to_owned(), format!("<{}>;expires={left}", binding.contact))
        });
        contact.into_iter().collect()
    }
}

/// The first Contact, if there is one; an error when it cannot be called.
fn contact(request: &rsip::Request) -> Result<Option<Contact>, ()> {
    let value = request.headers.iter().find_map(|header| match header {
        rsip::Header::Contact(contact) => Some(contact.value()),
        _ => None,
    });
    value.map(|value| Contact::read(value).ok_or(())).transpose()
}

fn expires(request: &rsip::Request) -> Option<u32> {
    request.expires_header()?.value().trim().parse().ok()
}

fn call_id(request: &rsip::Request) -> Option<String> {
    Some(request.call_id_header().ok()?.value().to_owned())
}

fn cseq(request: &rsip::Request) -> Option<u32> {
    request.cseq_header().ok()?.seq().ok()
}

/// The user part of the address of record (the To header, §10.3 step 5).
fn user_of_record(request: &rsip::Request) -> Option<String> {
    // rsip reads no IPv6 address in a URI.
    let to = request.to_header().ok()?;
    Uri::parse(Address::parse(to.value())?.uri)?.user.map(str::to_owned)
}
