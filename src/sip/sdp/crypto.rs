//! SDP security descriptions (RFC 4568): `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY`.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::domain::{SrtpKey, SrtpSuite};

/// One description that can be used.
#[derive(Clone, Copy)]
pub(super) struct Crypto {
    pub tag: u32,
    pub suite: SrtpSuite,
    pub key: SrtpKey,
}

/// SRTP for one call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalSrtp {
    /// Plain RTP is refused.
    pub required: bool,
    /// Our key for each suite, best first: the offer's tags are the places in this list, from 1.
    pub keys: [(SrtpSuite, SrtpKey); 2],
}

impl LocalSrtp {
    /// The suites with tags of 80 and of 32 bits, in this order, and a key for each.
    pub fn new(required: bool, keys: [SrtpKey; 2]) -> Self {
        let [long, short] = keys;
        let keys =
            [(SrtpSuite::AesCm128HmacSha1_80, long), (SrtpSuite::AesCm128HmacSha1_32, short)];
        Self { required, keys }
    }

    pub(super) fn offers(&self) -> impl Iterator<Item = Crypto> {
        (1..).zip(self.keys).map(|(tag, (suite, key))| Crypto { tag, suite, key })
    }

    /// Our key for a suite.
    pub(super) fn key(&self, suite: SrtpSuite) -> Option<SrtpKey> {
        self.keys.iter().find(|(known, _)| *known == suite).map(|(_, key)| *key)
    }
}

impl Crypto {
    /// Reads what follows `a=crypto:`; `None` when it cannot be used: another suite, more keys than one,
    /// a master key identifier, or a session parameter that would change the transform (RFC 4568 §6.3).
    pub fn read(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next()?;
        let digits = tag.len() <= 9 && tag.bytes().all(|byte| byte.is_ascii_digit());
        let suite = suite(words.next()?)?;
        let key = words.next()?;
        let (method, key) = key.split_once(':')?;
        if !method.eq_ignore_ascii_case("inline") || !words.all(changes_nothing) {
            return None;
        }
        let (key, lifetime) = key.split_once('|').map_or((key, ""), |(key, rest)| (key, rest));
        // A colon is a master key identifier, a semicolon a second key.
        if lifetime.contains([':', ';', '|']) {
            return None;
        }
        let key = STANDARD_NO_PAD.decode(key.trim_end_matches('=')).ok()?;
        let key = SrtpKey(key.try_into().ok()?);
        Some(Self { tag: tag.parse().ok().filter(|_| digits)?, suite, key })
    }

    pub fn write(self, text: &mut String) {
        let suite = match self.suite {
            SrtpSuite::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            SrtpSuite::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
        };
        let (tag, key) = (self.tag, STANDARD_NO_PAD.encode(self.key.0));
        let _ = write!(text, "a=crypto:{tag} {suite} inline:{key}\r\n");
    }
}

fn suite(name: &str) -> Option<SrtpSuite> {
    let is = |known| name.eq_ignore_ascii_case(known);
    if is("AES_CM_128_HMAC_SHA1_80") {
        Some(SrtpSuite::AesCm128HmacSha1_80)
    } else if is("AES_CM_128_HMAC_SHA1_32") {
        Some(SrtpSuite::AesCm128HmacSha1_32)
    } else {
        None
    }
}

/// A hint about the replay window (§6.3.7), or what its writer lets us pass over (§6.3.8).
fn changes_nothing(parameter: &str) -> bool {
    parameter.starts_with("WSH=") || parameter.starts_with('-')
}
