//! Digest authentication (RFC 3261 §22, RFC 7616, RFC 8760): MD5 and SHA-256, `qop=auth`.

/// A digest's hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// RFC 1321; what every phone speaks.
    Md5,
    /// FIPS 180-4, RFC 8760.
    Sha256,
}

/// What is kept of a password: H(username ":" realm ":" password), for one algorithm.
pub fn ha1(algorithm: Algorithm, username: &str, realm: &str, password: &str) -> String {
    let _ = (algorithm, username, realm, password);
    String::new()
}

/// The registrar's side: it makes nonces and checks what comes back. Nonces carry their time and a
/// keyed hash, so that nothing is stored for a challenge that nobody answers.
#[derive(Debug)]
pub struct Verifier {
    realm: String,
}

/// What an Authorization header proves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The password is right and the nonce fresh.
    Granted,
    /// There is no usable Authorization header: challenge.
    Missing,
    /// The password is right but the nonce is old or used up: challenge with `stale=true`.
    Stale,
    /// Wrong.
    Refused,
}

impl Verifier {
    /// A verifier for one realm; `seed` keys the nonces.
    pub fn new(realm: impl Into<String>, seed: u64) -> Self {
        let _ = seed;
        Self { realm: realm.into() }
    }

    /// The realm.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// WWW-Authenticate headers for a 401, SHA-256 first then MD5 (RFC 8760 §2.3), as name and
    /// value for [`Endpoint::respond`](crate::sip::Endpoint::respond).
    pub fn challenge(&mut self, stale: bool, now: jiff::Timestamp) -> Vec<(String, String)> {
        let _ = (stale, now);
        Vec::new()
    }

    /// Checks the request's Authorization. `ha1` finds the stored [`ha1`](fn@ha1) of a user name.
    pub fn verify(
        &mut self,
        request: &rsip::Request,
        ha1: impl FnOnce(&str, Algorithm) -> Option<String>,
        now: jiff::Timestamp,
    ) -> Verdict {
        let _ = (request, ha1("", Algorithm::Md5), now);
        Verdict::Missing
    }
}
