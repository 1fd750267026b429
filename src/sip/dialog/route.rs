//! Where a far end says it is: Contact and Record-Route. Both are written into requests; neither
//! decides where packets go, so what cannot be used is passed over.

use crate::sip::message::grammar::elements;
use crate::sip::message::{Address, Message, Name};
use crate::sip::uri::Uri;

/// Longer targets and longer routes do not fit a datagram with the rest.
const URI_MAX: usize = 512;
/// No peer has more proxies.
const ROUTES_MAX: usize = 16;

/// The URI of the first Contact, when it is a SIP URI.
pub fn contact_uri<'a>(message: &Message<'a>) -> Option<&'a str> {
    let first = elements(message.get(Name::Contact)?).next()?.ok()?;
    let uri = Address::parse(first)?.uri;
    let parsed = Uri::parse(uri)?;
    (parsed.is_sip() && parsed.headers.is_empty() && uri.len() <= URI_MAX).then_some(uri)
}

/// The Record-Route values in order; the caller's route set is the reverse (RFC 3261 §12.1.2).
pub fn route_set(message: &Message<'_>) -> Vec<String> {
    message
        .all(Name::RecordRoute)
        .flat_map(elements)
        .map_while(Result::ok)
        .filter(|route| route.len() <= URI_MAX && Address::parse(route).is_some())
        .take(ROUTES_MAX)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(extra: &str) -> String {
        format!(
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@h>\r\nTo: <sip:b@h>\r\n\
             Call-ID: c\r\nCSeq: 1 INVITE\r\n{extra}\r\n"
        )
    }

    #[test]
    fn a_contact_that_cannot_be_a_target_is_passed_over() {
        for (contact, target) in [
            (
                "<sip:b@192.0.2.1:5070;transport=udp>;x=1",
                Some("sip:b@192.0.2.1:5070;transport=udp"),
            ),
            ("<sip:b@h>, <sip:c@h>", Some("sip:b@h")),
            ("*", None),
            ("<>", None),
            ("<tel:+15551230001>", None),
            ("<sip:b@[fe80::1%25eth0]>", None),
            ("<sip:b@h:0>", None),
        ] {
            let head = response(&format!("Contact: {contact}"));
            let message = Message::parse(&head, b"").unwrap();
            assert_eq!(contact_uri(&message), target, "{contact}");
        }
    }

    #[test]
    fn a_route_set_is_bounded() {
        let head = response(&"Record-Route: <sip:p;lr>\r\n".repeat(60));
        let message = Message::parse(head.trim_end(), b"").unwrap();
        assert_eq!(route_set(&message).len(), ROUTES_MAX);
    }
}
