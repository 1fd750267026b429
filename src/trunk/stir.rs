//! STIR (RFC 8224): the Identity header, a SHAKEN PASSporT (RFC 8225, RFC 8588) signed with the
//! operator's own key. Without a key the header is the carrier's to add.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::domain::PhoneNumber;

/// How sure the operator is of the caller id (RFC 8588 §4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Attestation {
    /// Full: the customer is known and may use the number.
    A,
    /// Partial: the customer is known.
    B,
    /// Gateway: no more than where the call came in.
    C,
}

/// What signs.
pub struct Stir {
    key: EcdsaKeyPair,
    /// ECDSA's nonces. No decision depends on them, and no seed may tell them.
    chance: SystemRandom,
    certificate_url: String,
    attestation: Attestation,
    origination_id: String,
}

/// Why there is no signer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StirFault {
    /// The key.
    #[error("no private key of P-256 in PKCS #8 and PEM")]
    Key,
    /// The identifier.
    #[error("the origination id is no UUID (RFC 8588 §5)")]
    OriginationId,
    /// The URL.
    #[error("the certificate's URL is no https URL")]
    Url,
}

impl Stir {
    /// A signer with a key in PEM, whose certificate is at `certificate_url`.
    ///
    /// # Errors
    /// [`StirFault`].
    pub fn new(
        pem: &[u8],
        certificate_url: &str,
        attestation: Attestation,
        origination_id: &str,
    ) -> Result<Self, StirFault> {
        let chance = SystemRandom::new();
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| StirFault::Key)?;
        let key = key.secret_pkcs8_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &chance)
            .map_err(|_| StirFault::Key)?;
        // What may stand in JSON and in angle brackets without escapes.
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"\\<>;,".contains(&byte);
        if !certificate_url.starts_with("https://") || !certificate_url.bytes().all(plain) {
            return Err(StirFault::Url);
        }
        if !is_uuid(origination_id) {
            return Err(StirFault::OriginationId);
        }
        let (certificate_url, origination_id) =
            (certificate_url.to_owned(), origination_id.to_ascii_lowercase());
        Ok(Self { key, chance, certificate_url, attestation, origination_id })
    }

    /// The headers of an INVITE: its Identity, and the Date that goes with it (RFC 8224 §4.1). `None`
    /// when the system has no randomness to give.
    pub(super) fn headers(
        &self,
        from: PhoneNumber,
        to: PhoneNumber,
        now: Timestamp,
    ) -> Option<[(String, String); 2]> {
        let url = &self.certificate_url;
        // Keys in order and no blanks (RFC 8225 §9); numbers are digits alone (§5.2.1).
        let header = format!(r#"{{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"{url}"}}"#);
        let (digits, at) =
            (|number: PhoneNumber| number.to_e164()[1..].to_owned(), now.as_second());
        let claims = format!(
            r#"{{"attest":"{:?}","dest":{{"tn":["{}"]}},"iat":{at},"orig":{{"tn":"{}"}},"origid":"{}"}}"#,
            self.attestation,
            digits(to),
            digits(from),
            self.origination_id,
        );
        let encode = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
        let mut token = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
        let signature = self.key.sign(&self.chance, token.as_bytes()).ok()?;
        let signature = encode(signature.as_ref());
        // Writing to a String cannot fail.
        let _ = write!(token, ".{signature};info=<{url}>;alg=ES256;ppt=shaken");
        let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        Some([("Identity".to_owned(), token), ("Date".to_owned(), date)])
    }
}

/// 8-4-4-4-12 hexadecimal digits (RFC 9562 §4).
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    let hex = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    hex && lengths.eq([8, 4, 4, 4, 12])
}

/// Never shows the key.
impl std::fmt::Debug for Stir {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stir")
            .field("certificate_url", &self.certificate_url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, KeyPair, UnparsedPublicKey};

    use super::*;

    pub(in crate::trunk) const URL: &str = "https://cert.example/shaken.pem";
    const ID: &str = "123E4567-e89b-12d3-a456-426655440000";

    /// A key made for the test, in PEM.
    pub(in crate::trunk) fn key() -> String {
        let made =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let text = base64::engine::general_purpose::STANDARD.encode(made.unwrap());
        format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    }

    pub(in crate::trunk) fn signer() -> Stir {
        Stir::new(key().as_bytes(), URL, Attestation::A, ID).unwrap()
    }

    #[test]
    fn the_signature_holds_over_the_numbers_and_the_time() {
        let stir = signer();
        let number = |text| PhoneNumber::from_e164(text).unwrap();
        let now = Timestamp::from_second(1_443_208_345).unwrap();
        let (from, to) = (number("+12155550112"), number("+12125550113"));
        let [identity, date] = stir.headers(from, to, now).unwrap();
        assert_eq!(date.1, "Fri, 25 Sep 2015 19:12:25 GMT");
        assert_eq!(identity.0, "Identity");
        let (token, parameters) = identity.1.split_once(';').unwrap();
        assert_eq!(parameters, format!("info=<{URL}>;alg=ES256;ppt=shaken"));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, stir.key.public_key());
        public.verify(signed.as_bytes(), &decode(signature)).unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let text = |part| String::from_utf8(decode(part)).unwrap();
        assert_eq!(
            text(header),
            r#"{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"https://cert.example/shaken.pem"}"#
        );
        // The claims of RFC 8588 §3's example, with these numbers.
        assert_eq!(
            text(claims),
            r#"{"attest":"A","dest":{"tn":["12125550113"]},"iat":1443208345,"orig":{"tn":"12155550112"},"origid":"123e4567-e89b-12d3-a456-426655440000"}"#
        );
    }

    #[test]
    fn what_cannot_sign_is_refused() {
        let fault = |pem: &str, url, id| Stir::new(pem.as_bytes(), url, Attestation::B, id).err();
        assert_eq!(fault("", URL, ID), Some(StirFault::Key));
        let wrong = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(fault(wrong, URL, ID), Some(StirFault::Key));
        for url in ["http://cert.example/a.pem", "https://a>b", "https://a\"b", "cert"] {
            assert_eq!(fault(&key(), url, ID), Some(StirFault::Url), "{url}");
        }
        for id in
            ["", "1234", "123e4567e89b12d3a456426655440000", "g23e4567-e89b-12d3-a456-426655440000"]
        {
            assert_eq!(fault(&key(), URL, id), Some(StirFault::OriginationId), "{id}");
        }
    }
}
