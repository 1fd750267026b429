//! The first line of a message (RFC 3261 §7.1, §7.2), and what no line of a head may have.

use super::grammar::{is_token, number};
use crate::sip::uri::Uri;

/// The first line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Start<'a> {
    /// `METHOD uri SIP/2.0`.
    Request {
        /// As written: methods are case-sensitive (§7.1).
        method: &'a str,
        /// As written.
        uri: &'a str,
    },
    /// `SIP/2.0 200 OK`.
    Response {
        /// 100 to 699.
        status: u16,
    },
}

/// What may be wrong, with the status for it.
pub type Fault = (u16, &'static str);

/// A fault that is answered with 400.
pub const fn bad(why: &'static str) -> Fault {
    (400, why)
}

/// A lone CR, a NUL, an escape: none may stand in a head (§25.1 TEXT-UTF8-TRIM), and what is copied
/// into an answer must not split it. Behind a backslash, in a quoted string, all but CR may
/// (§25.1 quoted-pair).
pub fn has_control(line: &str) -> bool {
    let mut last = 0;
    line.bytes().any(|byte| {
        let allowed = !byte.is_ascii_control() || byte == b'\t' || last == b'\\' && byte != b'\r';
        last = byte;
        !allowed
    })
}

fn is_version_of_ours(text: &str) -> bool {
    text.eq_ignore_ascii_case("SIP/2.0")
}

/// `METHOD uri SIP/2.0`, with exactly one blank between the three (§7.1).
pub fn request_line(line: &str) -> Result<Start<'_>, Fault> {
    if has_control(line) {
        return Err(bad("Control Character In Request Line"));
    }
    let mut words = line.split(' ');
    let (Some(method), Some(uri), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(bad("Malformed Request Line"));
    };
    if !is_token(method) {
        return Err(bad("Malformed Method"));
    }
    if !is_version_of_ours(version) {
        let is_version = version.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("SIP/"));
        return Err(if is_version {
            (505, "Version Not Supported")
        } else {
            bad("Malformed Request Line")
        });
    }
    match Uri::parse(uri) {
        // Headers are not allowed in a Request-URI (§19.1.1 table 1).
        Some(parsed) if parsed.headers.is_empty() => Ok(Start::Request { method, uri }),
        _ => Err(bad("Malformed Request-URI")),
    }
}

/// `SIP/2.0 200 OK`; the phrase is not looked at.
pub fn status_line(line: &str) -> Result<Start<'_>, Fault> {
    let mut words = line.split(' ');
    let version = words.next().unwrap_or_default();
    let code = words.next().unwrap_or_default();
    match number::<u16>(code) {
        Some(status @ 100..=699) if code.len() == 3 && is_version_of_ours(version) => {
            Ok(Start::Response { status })
        }
        _ => Err(bad("Malformed Status Line")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_three_digits_from_100_to_699() {
        for (line, status) in [
            ("SIP/2.0 200 OK", Some(200)),
            ("sip/2.0 200", Some(200)),
            ("SIP/2.0 099 Low", None),
            ("SIP/2.0 1000 Long", None),
            ("SIP/2.0 4294967496 Wrap", None),
            ("SIP/2.0  200 OK", None),
            ("SIP/2.0 2OO OK", None),
        ] {
            let found = status_line(line).ok();
            assert_eq!(found, status.map(|status| Start::Response { status }), "{line}");
        }
    }
}
