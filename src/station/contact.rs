//! The Contact header of a REGISTER (RFC 3261 §20.10).

/// A Contact as far as a registrar needs it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Contact {
    /// `*`: every binding (§10.2.2).
    Every,
    /// One phone.
    One {
        /// Its URI, as it will stand in a Request-URI.
        uri: String,
        /// Its `expires` parameter, in seconds.
        expires: Option<u32>,
    },
}

/// Longer ones are no phone's.
const URI_MAX: usize = 256;

impl Contact {
    /// Reads the first contact of a header's value. `None` when it is none that can be called: no
    /// `sip:` URI, or one with characters that would break a Request-URI.
    pub(super) fn read(value: &str) -> Option<Self> {
        let value = value.trim();
        if value == "*" {
            return Some(Contact::Every);
        }
        let (uri, parameters) = match after_display_name(value)?.split_once('<') {
            // §20.10: with brackets, what follows them belongs to the header.
            Some((_, rest)) => rest.split_once('>')?,
            // Without, every parameter does.
            None => value.split_once(';').unwrap_or((value, "")),
        };
        let uri = uri.trim();
        let callable = uri.len() <= URI_MAX
            && uri.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("sip:"))
            && uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\",".contains(&byte));
        // A comma begins the next contact.
        let expires = parameters
            .split(',')
            .next()
            .unwrap_or_default()
            .split(';')
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("expires"))
            .and_then(|(_, seconds)| seconds.trim().parse().ok());
        callable.then(|| Contact::One { uri: uri.to_owned(), expires })
    }
}

/// What follows a quoted display name, in which `<` may stand; the whole when there is none.
fn after_display_name(value: &str) -> Option<&str> {
    let Some(quoted) = value.strip_prefix('"') else { return Some(value) };
    let mut escaped = false;
    let end = quoted.find(|letter| {
        let closes = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        closes
    })?;
    Some(&quoted[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(uri: &str, expires: Option<u32>) -> Option<Contact> {
        Some(Contact::One { uri: uri.to_owned(), expires })
    }

    #[test]
    fn contacts_are_read_as_phones_write_them() {
        let uri = "sip:7@192.0.2.7:5062;transport=udp";
        for (value, expires) in [
            ("<sip:7@192.0.2.7:5062;transport=udp>;expires=120;q=0.5", Some(120)),
            ("\"Ann <7> \\\"x\\\"\" <sip:7@192.0.2.7:5062;transport=udp>", None),
            ("Ann <sip:7@192.0.2.7:5062;transport=udp>;+sip.instance=\"<urn:uuid:1>\"", None),
            ("<sip:7@192.0.2.7:5062;transport=udp>;Expires = 0", Some(0)),
            ("<sip:7@192.0.2.7:5062;transport=udp>, <sip:8@192.0.2.8>;expires=0", None),
        ] {
            assert_eq!(Contact::read(value), one(uri, expires), "{value}");
        }
        assert_eq!(Contact::read("sip:7@192.0.2.7;expires=60"), one("sip:7@192.0.2.7", Some(60)));
        assert_eq!(Contact::read(" * "), Some(Contact::Every));
    }

    #[test]
    fn what_cannot_be_called_is_no_contact() {
        let long = format!("<sip:{}@192.0.2.7>", "7".repeat(URI_MAX));
        for value in [
            "",
            "<tel:+12015550123>",
            "<sips:7@192.0.2.7>",
            "<sip:7@192.0.2.7",
            "<sip:7@192.0.2.7\r\nVia: x>",
            "<sip:7@192.0.2.7 SIP/2.0>",
            "\"Ann <sip:7@192.0.2.7>",
            long.as_str(),
        ] {
            assert_eq!(Contact::read(value), None, "{value}");
        }
    }
}
