//! `name-addr` and `addr-spec` with parameters (RFC 3261 §20.10): From, To, Contact, Route.

use super::grammar::{Params, is_quoted, is_token, split_params, trim};
use crate::sip::uri::Uri;

/// An address with its parameters, borrowed from where it stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Address<'a> {
    /// The display name as written, quotes and all; empty when there is none.
    pub display: &'a str,
    /// The URI as written.
    pub uri: &'a str,
    /// The header's parameters, not the URI's.
    pub params: Params<'a>,
}

impl<'a> Address<'a> {
    /// Takes one address apart.
    ///
    /// # Errors
    /// `None` when it is malformed: a quote never closed, words of a display name that need quotes,
    /// a bare URI with a question mark or a comma (§20.10), something behind the bracket, a
    /// malformed URI or parameter.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (address, params) = split_params(text)?;
        let params = Params::parse(params)?;
        let (display, uri) = match address.strip_suffix('>') {
            // Without brackets every semicolon starts a parameter of the header.
            None if address.contains([',', '?', ' ', '\t']) => return None,
            None => ("", address),
            Some(inside) => {
                let open = find_open(inside)?;
                (trim(&inside[..open]), trim(&inside[open + 1..]))
            }
        };
        let named = display.is_empty()
            || is_quoted(display)
            || display.split_ascii_whitespace().all(is_token);
        (named && Uri::parse(uri).is_some()).then_some(Self { display, uri, params })
    }

    /// The tag; `Some(None)` when there is none, `None` when it is no token (§19.3).
    pub(super) fn tag(&self) -> Option<Option<&'a str>> {
        match self.params.iter().find(|(name, _)| name.eq_ignore_ascii_case("tag")) {
            None => Some(None),
            Some((_, Some(tag))) if is_token(tag) => Some(Some(tag)),
            Some(_) => None,
        }
    }
}

/// The bracket that opens the URI: the first outside quotes.
fn find_open(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_taken_apart() {
        let named = Address::parse(r#""J \"R\" <" <sip:j@h;lr> ; tag=1"#).unwrap();
        assert_eq!(named.display, r#""J \"R\" <""#);
        assert_eq!((named.uri, named.tag()), ("sip:j@h;lr", Some(Some("1"))));
        let bare = Address::parse("sip:j@h;tag=2").unwrap();
        assert_eq!((bare.uri, bare.tag()), ("sip:j@h", Some(Some("2"))));
        assert_eq!(Address::parse("caller<sip:c@h>").unwrap().display, "caller");
    }

    #[test]
    fn what_the_rfc_forbids_is_refused() {
        for text in [
            r#""Mr. J. User <sip:j@h>"#,
            "Bell, Alexander <sip:a@h>",
            "sip:a@h?Route=%3Csip:h%3E",
            "<sip:a@h",
            "<sip:a@h> junk",
            "<sip:a@h>;;;;",
            "",
            "*",
            "<>",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
        assert_eq!(Address::parse("<sip:a@h>;tag=\"q\"").unwrap().tag(), None);
    }
}
