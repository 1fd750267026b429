//! URIs (RFC 3261 §19.1): what stands in a Request-URI, a Contact or a Route, taken apart in place.

use super::message::grammar::{host_port, is_token};

/// A URI, borrowed from where it stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Uri<'a> {
    /// `sip`, `sips`, `tel`, as written.
    pub scheme: &'a str,
    /// The user, its escapes left in; a `tel` URI's number.
    pub user: Option<&'a str>,
    /// The host, empty for other schemes than `sip` and `sips`.
    pub host: &'a str,
    /// The port.
    pub port: Option<u16>,
    /// What follows the first semicolon behind the host.
    pub params: &'a str,
    /// What follows the question mark: headers that nobody here ever applies.
    pub headers: &'a str,
}

impl<'a> Uri<'a> {
    /// Takes `text` apart. A URI of an unknown scheme is kept whole in `params`.
    ///
    /// # Errors
    /// `None` when it is no URI, or a malformed one of the schemes `sip`, `sips` and `tel`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        let printable = rest.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        let unwise = rest.bytes().any(|byte| b"<>\"".contains(&byte));
        if !is_scheme || rest.is_empty() || !printable || unwise {
            return None;
        }
        if scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips") {
            return Self::sip(scheme, rest);
        }
        let tel = scheme.eq_ignore_ascii_case("tel");
        let (number, params) = rest.split_once(';').unwrap_or((rest, ""));
        let uri = Self { scheme, user: None, host: "", port: None, params, headers: "" };
        match (tel, is_token(number)) {
            (false, _) => Some(Self { params: rest, ..uri }),
            (true, true) => Some(Self { user: Some(number), ..uri }),
            (true, false) => None,
        }
    }

    fn sip(scheme: &'a str, rest: &'a str) -> Option<Self> {
        let (user, rest) = match rest.split_once('@') {
            None => (None, rest),
            Some((userinfo, rest)) => {
                if userinfo.is_empty() || !is_escaped_well(userinfo, b"&=+$,;?/:") {
                    return None;
                }
                (Some(userinfo.split_once(':').map_or(userinfo, |(user, _)| user)), rest)
            }
        };
        let (rest, headers) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, params) = rest.split_once(';').unwrap_or((rest, ""));
        let (host, port) = host_port(host)?;
        // param-unreserved and the separators (§25.1).
        let valid = is_escaped_well(params, b"[]/:&+$;=") && is_escaped_well(headers, b"[]/?:+$&=");
        valid.then_some(Self { scheme, user, host, port, params, headers })
    }

    /// Whether its scheme is `sip`, in any case.
    pub fn is_sip(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("sip")
    }

    /// The value of a parameter: empty for a lone name.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        self.params.split(';').find_map(|param| {
            let (known, value) = param.split_once('=').unwrap_or((param, ""));
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Unreserved characters, `also`, and `%` before two hexadecimal digits.
fn is_escaped_well(text: &str, also: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fine = match byte {
            b'%' => [bytes.next(), bytes.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            _ => {
                byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) || also.contains(&byte)
            }
        };
        if !fine {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_in_the_user_part_is_no_parameter() {
        // RFC 4475 §3.1.1.9
        let uri = Uri::parse("sip:user;par=u%40example.net@example.com").unwrap();
        assert_eq!(uri.user, Some("user;par=u%40example.net"));
        assert_eq!((uri.host, uri.params), ("example.com", ""));
    }

    #[test]
    fn every_part_is_found() {
        let uri = Uri::parse("sips:a:secret@[2001:db8::1]:5061;transport=tls;lr?x=y").unwrap();
        assert_eq!(uri.user, Some("a"));
        assert_eq!((uri.host, uri.port), ("[2001:db8::1]", Some(5061)));
        assert_eq!((uri.param("Transport"), uri.param("lr")), (Some("tls"), Some("")));
        assert_eq!(uri.headers, "x=y");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "sip:",
            "sip:@h",
            "sip:a b@h",
            "<sip:h>",
            "sip:h:0",
            "sip:h:65536",
            "sip:a%4@h",
            "sip:a@",
            "h",
            ":h",
            "sip:a@[::1",
            "sip:a\u{e9}@h",
            "tel:",
            "sip:h;a=\"b",
        ] {
            assert_eq!(Uri::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_unknown_scheme_is_kept_whole() {
        let uri = Uri::parse("nobodyKnowsThisScheme:totallyopaquecontent").unwrap();
        assert_eq!((uri.scheme, uri.params), ("nobodyKnowsThisScheme", "totallyopaquecontent"));
    }
}
