//! The pieces of RFC 3261 §25.1 from which header values are made. Each function looks at every
//! byte once; none recurses.

/// Whether `text` is a `token` (§25.1).
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

/// Whether `text` is a `host` as it may stand in a Via or a URI: a name, an IPv4 address or an IPv6
/// reference. Underscores are let pass: peers have them.
pub fn is_host(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(rest) => {
            rest.strip_suffix(']').is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok())
        }
        None => {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    }
}

/// `host` or `host:port`, with blanks around the colon as §25.1's COLON allows.
pub fn host_port(text: &str) -> Option<(&str, Option<u16>)> {
    let bracket = text.find(']').map_or(0, |at| at + 1);
    let (host, port) = match text[bracket..].find(':') {
        None => (text, None),
        Some(colon) => {
            let (host, port) = text.split_at(bracket + colon);
            (trim(host), Some(number(trim(&port[1..]))?))
        }
    };
    (is_host(host) && port != Some(0)).then_some((host, port))
}

/// `1*DIGIT` that fits; no sign, no blanks.
pub fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Without the blanks at both ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Where `text` first has one of `stops` outside quotes and angle brackets. `None` when it has
/// none, `Some(Err)` when a quote or a bracket is never closed before it.
fn find_outside(text: &str, stops: &[u8]) -> Option<Result<usize, Unclosed>> {
    let (mut quoted, mut escaped, mut angled) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if !angled => quoted = !quoted,
            b'<' if !quoted => angled = true,
            b'>' if !quoted => angled = false,
            _ if !quoted && !angled && stops.contains(&byte) => return Some(Ok(at)),
            _ => {}
        }
    }
    (quoted || angled).then_some(Err(Unclosed))
}

/// A quote or an angle bracket that is never closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unclosed;

/// The elements of a comma-separated header (§7.3.1), trimmed. An element may be empty: who asks
/// decides.
pub fn elements(text: &str) -> impl Iterator<Item = Result<&str, Unclosed>> {
    pieces(text, b',')
}

fn pieces(text: &str, separator: u8) -> impl Iterator<Item = Result<&str, Unclosed>> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        match find_outside(text, &[separator]) {
            None => Some(Ok(trim(text))),
            Some(Err(unclosed)) => Some(Err(unclosed)),
            Some(Ok(at)) => {
                rest = Some(&text[at + 1..]);
                Some(Ok(trim(&text[..at])))
            }
        }
    })
}

/// Where the parameters start: at the first semicolon outside quotes and brackets.
pub fn split_params(text: &str) -> Option<(&str, &str)> {
    match find_outside(text, b";") {
        None => Some((trim(text), "")),
        Some(Err(Unclosed)) => None,
        Some(Ok(at)) => Some((trim(&text[..at]), &text[at..])),
    }
}

/// Parameters as they stand: empty, or `;name` and `;name=value` in a row.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// The parameters in `text`; `None` when one of them is not `generic-param` (§25.1).
    pub fn parse(text: &'a str) -> Option<Self> {
        let params = Self(text);
        params.pieces().all(|piece| piece.is_some()).then_some(params)
    }

    fn pieces(self) -> impl Iterator<Item = Option<(&'a str, Option<&'a str>)>> {
        let text = trim(self.0);
        let rest = text.strip_prefix(';');
        // What does not start with a semicolon is no list of parameters.
        let stray = (rest.is_none() && !text.is_empty()).then_some(None);
        stray
            .into_iter()
            .chain(rest.into_iter().flat_map(|rest| pieces(rest, b';').map(|p| pair(p.ok()?))))
    }

    /// The parameters in order; `None` for the value of a lone name.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.pieces().flatten()
    }

    /// The value of `name`, in any case; quotes are left on.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| value)
    }

    /// Whether `name` is there, with or without a value.
    pub fn has(self, name: &str) -> bool {
        self.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

fn pair(piece: &str) -> Option<(&str, Option<&str>)> {
    let Some((name, value)) = piece.split_once('=') else {
        return is_token(piece).then_some((piece, None));
    };
    let (name, value) = (trim(name), trim(value));
    // A Via's `received` has IPv6 addresses without brackets (RFC 3261 §25.1, RFC 5118 §4.5).
    let bare = || value.parse::<std::net::Ipv6Addr>().is_ok();
    let valid = is_token(value) || is_quoted(value) || is_host(value) || bare();
    (is_token(name) && valid).then_some((name, Some(value)))
}

/// Whether `text` is one whole quoted string.
pub fn is_quoted(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut escaped = false;
    for byte in inner.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return false,
            _ => {}
        }
    }
    !escaped
}

/// The text inside a quoted string, its escapes resolved; a token as it is.
pub fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_inside_quotes_or_brackets_does_not_separate() {
        let list = r#""Doe, J" <sip:a,b@h>;x, <sip:c@h>"#;
        let found: Result<Vec<_>, _> = elements(list).collect();
        assert_eq!(found, Ok(vec![r#""Doe, J" <sip:a,b@h>;x"#, "<sip:c@h>"]));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_found() {
        assert!(elements(r#""Mr. J. User <sip:j@h>"#).any(|element| element == Err(Unclosed)));
    }

    #[test]
    fn parameters_take_blanks_around_the_equals_sign_but_no_empty_ones() {
        let params = Params::parse(" ; tag = 98asjd8; lr").unwrap();
        assert_eq!(params.get("TAG"), Some("98asjd8"));
        assert!(params.has("lr"));
        // RFC 5118 §4.5: either form is taken.
        let received = |text| Params::parse(text).and_then(|params| params.get("received"));
        assert_eq!(received(";received=2001:db8::9;branch=a"), Some("2001:db8::9"));
        assert_eq!(received(";received=[2001:db8::9]"), Some("[2001:db8::9]"));
        assert_eq!(received(";received=2001:db8"), None);
        assert_eq!(Params::parse(";;"), None);
        assert_eq!(Params::parse(";a=b c"), None);
        assert_eq!(Params::parse("lr"), None);
    }

    #[test]
    fn a_port_is_between_1_and_65535() {
        assert_eq!(host_port("h:5060"), Some(("h", Some(5060))));
        assert_eq!(host_port("[::1]:5060"), Some(("[::1]", Some(5060))));
        assert_eq!(host_port("h:0"), None);
        assert_eq!(host_port("h:99999"), None);
        assert_eq!(host_port("[fe80::1%eth0]"), None);
    }

    #[test]
    fn an_escaped_quote_stays_inside() {
        assert_eq!(unquote(r#""a \"b\" \\""#), r#"a "b" \"#);
        assert!(!is_quoted(r#""a\""#));
    }
}
