//! Via (RFC 3261 §20.42): how a response finds its request and the way back.

use super::grammar::{Params, elements, host_port, is_token, split_params, trim};

/// One Via value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Via<'a> {
    /// Protocol and `sent_by`, without the parameters.
    pub sent: &'a str,
    /// Host and port as written.
    pub sent_by: &'a str,
    /// The port of `sent_by`.
    pub port: Option<u16>,
    /// The parameters.
    pub params: Params<'a>,
}

impl<'a> Via<'a> {
    /// Takes one value apart: `SIP/2.0/UDP host:port;params`, blanks allowed around the slashes.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (sent, params) = split_params(text)?;
        let params = Params::parse(params)?;
        let (name, rest) = sent.split_once('/')?;
        let (version, rest) = rest.split_once('/')?;
        let rest = trim(rest);
        let (transport, sent_by) = rest.split_at(rest.find([' ', '\t'])?);
        let sent_by = trim(sent_by);
        let (_, port) = host_port(sent_by)?;
        let valid =
            trim(name).eq_ignore_ascii_case("SIP") && trim(version) == "2.0" && is_token(transport);
        valid.then_some(Self { sent, sent_by, port, params })
    }

    /// The branch, when it carries the cookie of RFC 3261 §8.1.1.7 and something after it.
    pub fn branch(&self) -> Option<&'a str> {
        let branch = self.params.get("branch")?;
        (branch.len() > COOKIE.len() && branch.starts_with(COOKIE)).then_some(branch)
    }
}

/// What every branch since RFC 3261 starts with.
pub const COOKIE: &str = "z9hG4bK";

/// The first value of a Via header, and how many there are. `None` when any of them is malformed.
pub(super) fn first_of(value: &str) -> Option<(Via<'_>, usize)> {
    let mut first = None;
    let mut count = 0;
    for element in elements(value) {
        let via = Via::parse(element.ok()?)?;
        first.get_or_insert(via);
        count += 1;
    }
    first.map(|via| (via, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_slashes_and_equals_signs_are_taken() {
        // RFC 4475 §3.1.1.1
        let (via, count) = first_of(
            "SIP  / 2.0  / TCP     spindle.example.com   ; branch  =   z9hG4bK9ikj8  , \
             SIP  /    2.0   / UDP  192.168.255.111   ; branch= z9hG4bK30239",
        )
        .unwrap();
        assert_eq!(
            (via.sent_by, via.branch(), count),
            ("spindle.example.com", Some("z9hG4bK9ikj8"), 2)
        );
    }

    #[test]
    fn stray_separators_are_refused() {
        // RFC 4475 §3.1.2.1
        assert_eq!(first_of("SIP/2.0/UDP 192.0.2.15;;,;,,"), None);
        assert_eq!(first_of("SIP/3.0/UDP 192.0.2.15"), None);
    }

    #[test]
    fn the_cookie_alone_is_no_branch() {
        // RFC 4475 §3.2.1
        let (via, _) = first_of("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK").unwrap();
        assert_eq!(via.branch(), None);
    }
}
