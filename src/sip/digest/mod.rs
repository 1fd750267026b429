//! Digest authentication (RFC 3261 §22, RFC 7616, RFC 8760): MD5 and SHA-256, `qop=auth`.
//!
//! Left out: `auth-int`, `-sess` algorithms, Authentication-Info, and Basic, which never gets an
//! answer.

mod client;
mod server;

use std::fmt::Write;

use sha2::Digest as _;

use super::message::grammar::{elements, is_quoted, trim};

pub(super) use client::{Challenge, Realms};
pub use server::{Verdict, Verifier};

/// A digest's hash.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    /// RFC 1321; what every phone speaks.
    Md5,
    /// FIPS 180-4, RFC 8760.
    Sha256,
}

impl Algorithm {
    /// As it is written in a challenge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The algorithm that a parameter names; without one it is MD5 (RFC 7616 §3.3).
    fn named(parameter: Option<&str>) -> Option<Self> {
        match parameter {
            None => Some(Self::Md5),
            Some(name) if name.eq_ignore_ascii_case("MD5") => Some(Self::Md5),
            Some(name) if name.eq_ignore_ascii_case("SHA-256") => Some(Self::Sha256),
            Some(_) => None,
        }
    }

    /// The hash of `parts` joined by colons, in hexadecimal.
    fn hash(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Self::Md5 => hex(&md5::Md5::digest(text.as_bytes())),
            Self::Sha256 => hex(&sha2::Sha256::digest(text.as_bytes())),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What is kept of a password: H(username ":" realm ":" password), for one algorithm.
pub fn ha1(algorithm: Algorithm, username: &str, realm: &str, password: &str) -> String {
    algorithm.hash(&[username, realm, password])
}

/// What a response is computed from, besides H(A1) (RFC 7616 §3.4.1).
struct Proof<'a> {
    algorithm: Algorithm,
    method: &'a str,
    uri: &'a str,
    nonce: &'a str,
    /// `nc` and `cnonce` as written, with `qop=auth`.
    counted: Option<(&'a str, &'a str)>,
}

impl Proof<'_> {
    fn response(&self, ha1: &str) -> String {
        let ha2 = self.algorithm.hash(&[self.method, self.uri]);
        match self.counted {
            None => self.algorithm.hash(&[ha1, self.nonce, &ha2]),
            Some((nc, cnonce)) => self.algorithm.hash(&[ha1, self.nonce, nc, cnonce, "auth", &ha2]),
        }
    }
}

/// The parameters of `Digest a=b, c="d"`, without the quotes but with the escapes, as they are
/// hashed (RFC 7616 §3.4.2 `unq`). `None` for another scheme or a malformed list.
struct Parameters<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parameters<'a> {
    fn parse(value: &'a str) -> Option<Self> {
        let (scheme, list) = value.split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        elements(list)
            .map(|element| {
                let (name, value) = element.ok()?.split_once('=')?;
                let value = trim(value);
                let plain = if is_quoted(value) { &value[1..value.len() - 1] } else { value };
                (is_quoted(value) || !value.contains('"')).then_some((trim(name), plain))
            })
            .collect::<Option<Vec<_>>>()
            .map(Self)
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 §3.9.1, with both algorithms.
    #[test]
    fn the_rfcs_own_example_comes_out() {
        for (algorithm, expected) in [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let proof = Proof {
                algorithm,
                method: "GET",
                uri: "/dir/index.html",
                nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                counted: Some(("00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")),
            };
            let ha1 = ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
            assert_eq!(proof.response(&ha1), expected);
        }
    }

    #[test]
    fn a_comma_in_quotes_does_not_separate_and_an_open_quote_is_refused() {
        let list = Parameters::parse(r#"Digest realm="a, b",nonce=x"#).unwrap();
        assert_eq!((list.get("REALM"), list.get("nonce")), (Some("a, b"), Some("x")));
        assert!(Parameters::parse(r#"Digest realm="a, nonce="b"#).is_none());
        assert!(Parameters::parse("Basic realm=\"a\"").is_none());
    }
}
