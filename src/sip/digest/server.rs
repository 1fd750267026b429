//! The registrar's side: nonces that need no memory until they are used, and the check.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rsip::headers::UntypedHeader;

use super::{Algorithm, Parameters, Proof};

/// How long a nonce may be used.
const NONCE_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Nonces in use at once. Beyond that the oldest are forgotten, and count as stale.
const NONCES_MAX: usize = 4_096;

/// The registrar's side of one realm. A nonce is its time, a number and a keyed hash of both, so
/// that a challenge that nobody answers leaves nothing behind; of a nonce that was answered the
/// last count is kept, so that no answer serves twice (RFC 7616 §5.4).
#[derive(Debug)]
pub struct Verifier {
    realm: String,
    key: u64,
    algorithms: Vec<Algorithm>,
    made: u32,
    used: BTreeMap<String, u32>,
    /// Nonces up to this one are forgotten.
    forgotten: String,
}

/// What an Authorization header proves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The password is right and the nonce fresh.
    Granted,
    /// There is no usable Authorization header: challenge.
    Missing,
    /// Wrong.
    Refused,
    /// The password is right but the nonce is old or used up: challenge with `stale`.
    Stale,
}

impl Verifier {
    /// A verifier for one realm that offers MD5 alone: phones that are still sold stumble over a
    /// SHA-256 challenge beside it. `seed` keys the nonces.
    pub fn new(realm: impl Into<String>, seed: u64) -> Self {
        Self {
            realm: realm.into(),
            key: seed,
            algorithms: vec![Algorithm::Md5],
            made: 0,
            used: BTreeMap::new(),
            forgotten: String::new(),
        }
    }

    /// Offers these, best first (RFC 8760 §2.3).
    #[must_use]
    pub fn with_algorithms(self, algorithms: Vec<Algorithm>) -> Self {
        Self { algorithms, ..self }
    }

    /// The realm.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// WWW-Authenticate headers for a 401, as name and value for
    /// [`Endpoint::respond`](crate::sip::Endpoint::respond).
    pub fn challenge(&mut self, stale: bool, now: Timestamp) -> Vec<(String, String)> {
        self.made = self.made.wrapping_add(1);
        let nonce = self.nonce(now.as_millisecond(), self.made);
        let stale = if stale { ", stale=true" } else { "" };
        let value = |algorithm: &Algorithm| {
            let (realm, algorithm) = (&self.realm, algorithm.as_str());
            format!(
                "Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={algorithm}, \
                 qop=\"auth\"{stale}"
            )
        };
        self.algorithms.iter().map(|a| ("WWW-Authenticate".to_owned(), value(a))).collect()
    }

    fn nonce(&self, at_ms: i64, number: u32) -> String {
        let public = format!("{at_ms:016x}{number:08x}");
        let secret = format!("{:016x}", self.key);
        let keyed = Algorithm::Sha256.hash(&["nonce", &secret, &self.realm, &public]);
        format!("{public}{}", &keyed[..32])
    }

    /// Checks the request's Authorization header. `ha1` finds the stored [`ha1`](super::ha1) of a
    /// user name for an algorithm.
    pub fn verify(
        &mut self,
        request: &rsip::Request,
        ha1: impl FnOnce(&str, Algorithm) -> Option<String>,
        now: Timestamp,
    ) -> Verdict {
        let method = request.method.to_string();
        request
            .headers
            .iter()
            .find_map(|header| match header {
                rsip::Header::Authorization(header) => Parameters::parse(header.value()),
                _ => None,
            })
            .and_then(|parameters| self.check(&parameters, &method, ha1, now))
            .unwrap_or(Verdict::Missing)
    }

    /// `None` when a parameter is missing, or it is all about another realm.
    fn check(
        &mut self,
        parameters: &Parameters<'_>,
        method: &str,
        ha1: impl FnOnce(&str, Algorithm) -> Option<String>,
        now: Timestamp,
    ) -> Option<Verdict> {
        parameters.get("realm").filter(|realm| *realm == self.realm)?;
        let nonce = parameters.get("nonce")?;
        let algorithm = Algorithm::named(parameters.get("algorithm"))?;
        let counted = match parameters.get("qop") {
            None => None,
            Some("auth") => Some((parameters.get("nc")?, parameters.get("cnonce")?)),
            Some(_) => return None,
        };
        let proof = Proof { algorithm, method, uri: parameters.get("uri")?, nonce, counted };
        let (username, given) = (parameters.get("username")?, parameters.get("response")?);
        let Some(ha1) = ha1(username, algorithm) else { return Some(Verdict::Refused) };
        if !is_same(&proof.response(&ha1), given) {
            return Some(Verdict::Refused);
        }
        // Without a count a nonce serves once.
        let count = match counted {
            None => u32::MAX,
            Some((count, _)) => u32::from_str_radix(count, 16).ok()?,
        };
        let fresh = self.is_fresh(nonce, now) && self.count(nonce, count);
        Some(if fresh { Verdict::Granted } else { Verdict::Stale })
    }

    /// Whether we made it, and not too long ago.
    fn is_fresh(&self, nonce: &str, now: Timestamp) -> bool {
        let Some((at, number)) = nonce.get(..16).zip(nonce.get(16..24)) else { return false };
        let (Ok(at_ms), Ok(number)) =
            (i64::from_str_radix(at, 16), u32::from_str_radix(number, 16))
        else {
            return false;
        };
        let age = SignedDuration::from_millis(now.as_millisecond().saturating_sub(at_ms));
        self.nonce(at_ms, number) == nonce && age <= NONCE_LIFE && nonce > self.forgotten.as_str()
    }

    /// Whether this count is the highest yet.
    fn count(&mut self, nonce: &str, count: u32) -> bool {
        let last = self.used.entry(nonce.to_owned()).or_insert(0);
        let rises = count > *last;
        *last = (*last).max(count);
        if self.used.len() > NONCES_MAX
            && let Some((oldest, _)) = self.used.pop_first()
        {
            self.forgotten = oldest;
        }
        rises
    }
}

/// Looks at every byte, so that the time it takes says nothing about the first wrong one.
fn is_same(right: &str, given: &str) -> bool {
    let differ = right
        .bytes()
        .zip(given.bytes())
        .fold(0, |differ, (right, given)| differ | (right ^ given.to_ascii_lowercase()));
    right.len() == given.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::super::client::{Challenge, Realms};
    use super::super::ha1;
    use super::*;
    use crate::sip::message::Message;
    use crate::sip::order::Credentials;

    fn credentials(password: &str) -> Credentials {
        Credentials { username: "7".into(), password: password.into(), realm: None }
    }

    /// Answers the challenge as a client does.
    fn register(challenges: &[(String, String)], password: &str) -> rsip::Request {
        let challenge: String =
            challenges.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@h>\r\n\
             To: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n{challenge}"
        );
        let message = Message::parse(&head, b"").unwrap();
        let credentials = credentials(password);
        let peer = "127.0.0.1:5060".parse().unwrap();
        let found =
            Challenge::find(&message, 401, "REGISTER", &credentials, peer, &mut Realms::default());
        let answer = found.unwrap().answer(&credentials, "REGISTER", "sip:h", 1);
        let text = format!("REGISTER sip:h SIP/2.0\r\nAuthorization: {answer}\r\n\r\n");
        rsip::Request::try_from(text.as_bytes()).unwrap()
    }

    fn stored(username: &str, algorithm: Algorithm) -> Option<String> {
        (username == "7").then(|| ha1(algorithm, "7", "outdial", "secret"))
    }

    #[test]
    fn the_right_password_is_granted_once_for_each_algorithm() {
        for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
            let now = Timestamp::UNIX_EPOCH;
            let mut verifier = Verifier::new("outdial", 7).with_algorithms(vec![algorithm]);
            let request = register(&verifier.challenge(false, now), "secret");
            assert_eq!(verifier.verify(&request, stored, now), Verdict::Granted);
            assert_eq!(verifier.verify(&request, stored, now), Verdict::Stale, "a replay");
        }
    }

    #[test]
    fn a_wrong_password_is_refused_and_an_old_nonce_is_stale() {
        let now = Timestamp::UNIX_EPOCH;
        let mut verifier = Verifier::new("outdial", 7);
        let challenge = verifier.challenge(false, now);
        let wrong = register(&challenge, "guess");
        assert_eq!(verifier.verify(&wrong, stored, now), Verdict::Refused);
        let late = now + NONCE_LIFE + SignedDuration::from_secs(1);
        let right = register(&challenge, "secret");
        assert_eq!(verifier.verify(&right, stored, late), Verdict::Stale);
        assert_eq!(verifier.verify(&right, |_, _| None, now), Verdict::Refused);
    }

    #[test]
    fn a_nonce_of_another_key_is_stale() {
        let now = Timestamp::UNIX_EPOCH;
        let request = register(&Verifier::new("outdial", 8).challenge(false, now), "secret");
        assert_eq!(Verifier::new("outdial", 7).verify(&request, stored, now), Verdict::Stale);
    }
}
