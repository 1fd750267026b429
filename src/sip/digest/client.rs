//! The caller's side: which challenge is answered, for whom, and with what.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::{Algorithm, Parameters, Proof, ha1};
use crate::sip::message::{Message, Name};
use crate::sip::order::Credentials;

/// No serious nonce or opaque is longer; a longer one would not fit a datagram with the rest.
const VALUE_MAX: usize = 512;

/// The realm that each next hop has been bound to by its first challenge to an INVITE or a
/// REGISTER. Later challenges for another one, on a BYE for instance, get no answer: they are how
/// a far end collects digests (the SIP digest leak).
#[derive(Debug, Default)]
pub struct Realms(BTreeMap<SocketAddr, String>);

/// A challenge that can be answered.
#[derive(Debug, Eq, PartialEq)]
pub struct Challenge<'a> {
    realm: &'a str,
    nonce: &'a str,
    opaque: Option<&'a str>,
    algorithm: Algorithm,
    /// `qop=auth` is offered.
    counted: bool,
    /// The last nonce was old, the password right.
    pub stale: bool,
    /// The header that carries the answer.
    pub header: &'static str,
}

impl<'a> Challenge<'a> {
    /// The first challenge of a 401 or 407 that can be answered with `credentials` (RFC 8760
    /// §2.4: the topmost that is supported). `method` is that of the request.
    pub fn find(
        response: &Message<'a>,
        status: u16,
        method: &str,
        credentials: &Credentials,
        peer: SocketAddr,
        realms: &mut Realms,
    ) -> Option<Self> {
        let (name, header) = match status {
            401 => (Name::WwwAuthenticate, "Authorization"),
            407 => (Name::ProxyAuthenticate, "Proxy-Authorization"),
            _ => return None,
        };
        let bound = credentials.realm.as_ref().or_else(|| realms.0.get(&peer)).cloned();
        let may_bind = matches!(method, "INVITE" | "REGISTER");
        let challenge = response
            .all(name)
            .filter_map(|value| Self::parse(value, header))
            .find(|challenge| bound.as_ref().map_or(may_bind, |realm| realm == challenge.realm))?;
        if bound.is_none() {
            realms.0.insert(peer, challenge.realm.to_owned());
        }
        Some(challenge)
    }

    fn parse(value: &'a str, header: &'static str) -> Option<Self> {
        let parameters = Parameters::parse(value)?;
        let algorithm = Algorithm::named(parameters.get("algorithm"))?;
        let counted = match parameters.get("qop") {
            None => false,
            Some(qop) if qop.split(',').any(|kind| kind.trim().eq_ignore_ascii_case("auth")) => {
                true
            }
            Some(_) => return None,
        };
        let short = |value: &&str| value.len() <= VALUE_MAX;
        Some(Self {
            realm: parameters.get("realm").filter(short)?,
            nonce: parameters.get("nonce").filter(short).filter(|nonce| !nonce.is_empty())?,
            opaque: parameters.get("opaque").filter(short),
            algorithm,
            counted,
            stale: parameters.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            header,
        })
    }

    /// The value of the Authorization or Proxy-Authorization header. Each nonce is used once.
    pub fn answer(
        &self,
        credentials: &Credentials,
        method: &str,
        uri: &str,
        client_nonce: u64,
    ) -> String {
        let Self { realm, nonce, algorithm, .. } = *self;
        let client_nonce = format!("{client_nonce:016x}");
        let counted = self.counted.then_some(("00000001", client_nonce.as_str()));
        let proof = Proof { algorithm, method, uri, nonce, counted };
        let username = credentials.username.replace(['"', '\\', '\r', '\n'], "");
        let response = proof.response(&ha1(algorithm, &username, realm, &credentials.password));
        let mut value = format!(
            "Digest username=\"{username}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={}",
            algorithm.as_str()
        );
        if let Some((count, client_nonce)) = counted {
            value.push_str(&format!(", qop=auth, nc={count}, cnonce=\"{client_nonce}\""));
        }
        if let Some(opaque) = self.opaque {
            value.push_str(&format!(", opaque=\"{opaque}\""));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Option<Challenge<'_>> {
        Challenge::parse(value, "Authorization")
    }

    #[test]
    fn only_what_can_be_answered_is_a_challenge() {
        assert!(parse(r#"Digest realm="r", nonce="n""#).is_some());
        assert!(parse(r#"Digest realm="r", nonce="n", qop="auth-int,auth""#).is_some());
        for value in [
            r#"Digest realm="r""#,
            r#"Digest realm="r", nonce="""#,
            r#"Digest realm="r", nonce="n", qop="auth-int""#,
            r#"Digest realm="r", nonce="n", algorithm=MD5-sess"#,
            r#"Digest realm="r", nonce="n"#,
            r#"Basic realm="r""#,
            &format!(r#"Digest realm="r", nonce="{}""#, "n".repeat(16_000)),
        ] {
            assert_eq!(parse(value), None, "{value}");
        }
    }
}
