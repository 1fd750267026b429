//! Header names: the ones that the endpoint reads, in their long and compact forms (RFC 3261
//! §7.3.3, §20), and all others as written.

/// A header's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs)] // each is the header of its name
pub enum Name<'a> {
    Accept,
    Allow,
    Authorization,
    CSeq,
    CallId,
    CallInfo,
    Contact,
    ContentEncoding,
    ContentLength,
    ContentType,
    Expires,
    From,
    MaxForwards,
    MinSe,
    /// Any other, as written.
    Other(&'a str),
    ProxyAuthenticate,
    ProxyAuthorization,
    RSeq,
    Reason,
    RecordRoute,
    Replaces,
    Require,
    RetryAfter,
    Route,
    SessionExpires,
    Supported,
    To,
    Via,
    WwwAuthenticate,
}

/// Long name, compact form (0 for none), variant.
const KNOWN: [(&str, u8, Name<'static>); 28] = [
    ("Accept", 0, Name::Accept),
    ("Allow", 0, Name::Allow),
    ("Authorization", 0, Name::Authorization),
    ("CSeq", 0, Name::CSeq),
    ("Call-ID", b'i', Name::CallId),
    ("Call-Info", 0, Name::CallInfo),
    ("Contact", b'm', Name::Contact),
    ("Content-Encoding", b'e', Name::ContentEncoding),
    ("Content-Length", b'l', Name::ContentLength),
    ("Content-Type", b'c', Name::ContentType),
    ("Expires", 0, Name::Expires),
    ("From", b'f', Name::From),
    ("Max-Forwards", 0, Name::MaxForwards),
    ("Min-SE", 0, Name::MinSe),
    ("Proxy-Authenticate", 0, Name::ProxyAuthenticate),
    ("Proxy-Authorization", 0, Name::ProxyAuthorization),
    ("RSeq", 0, Name::RSeq),
    ("Reason", 0, Name::Reason),
    ("Record-Route", 0, Name::RecordRoute),
    ("Replaces", 0, Name::Replaces),
    ("Require", 0, Name::Require),
    ("Retry-After", 0, Name::RetryAfter),
    ("Route", 0, Name::Route),
    ("Session-Expires", b'x', Name::SessionExpires),
    ("Supported", b'k', Name::Supported),
    ("To", b't', Name::To),
    ("Via", b'v', Name::Via),
    ("WWW-Authenticate", 0, Name::WwwAuthenticate),
];

impl<'a> Name<'a> {
    /// The name that is written so, in any case.
    pub fn new(written: &'a str) -> Self {
        let compact = match written.as_bytes() {
            [letter] => letter.to_ascii_lowercase(),
            _ => 0,
        };
        KNOWN
            .iter()
            .find(|(long, letter, _)| {
                (compact != 0 && *letter == compact) || long.eq_ignore_ascii_case(written)
            })
            .map_or(Self::Other(written), |(_, _, name)| *name)
    }

    /// The long form.
    pub fn as_str(self) -> &'a str {
        match self {
            Self::Other(written) => written,
            known => KNOWN.iter().find(|(_, _, name)| *name == known).map_or("", |(long, ..)| long),
        }
    }

    /// Whether a second one makes a message ambiguous to its end points.
    pub fn is_single(self) -> bool {
        matches!(
            self,
            Self::CSeq
                | Self::CallId
                | Self::ContentLength
                | Self::ContentType
                | Self::From
                | Self::To
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_any_case_and_in_its_compact_form() {
        assert_eq!(Name::new("cAlL-iD"), Name::CallId);
        assert_eq!(Name::new("I"), Name::CallId);
        assert_eq!(Name::new("X-Custom"), Name::Other("X-Custom"));
        assert_eq!(Name::new("z"), Name::Other("z"));
        for (long, _, name) in KNOWN {
            assert_eq!((Name::new(long), name.as_str()), (name, long));
        }
    }
}
