//! STIR (RFC 8224) toward us: the Identity header of a call that comes in, verified with certificates
//! that the operator keeps. Nothing is fetched: a URL that a stranger writes is where a certificate is
//! looked for in a folder, and no more.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::Deserialize;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring as algorithms};

use crate::domain::{CallerCheck, PhoneNumber};

/// A PASSporT holds so long before and after its time (RFC 8224 §6.2, its recommendation).
const FRESH_S: u64 = 60;
/// No header of ours or of a carrier's is longer.
const HEADER_MAX: usize = 4_096;
/// So many certificates are kept, in files of this size at most, so deep in the folder.
const CHAINS_MAX: usize = 4_096;
const FILE_MAX: u64 = 65_536;
const DEPTH_MAX: usize = 8;
/// The public key of P-256 as a SubjectPublicKeyInfo (RFC 5480 §2), before the point itself.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Whose signatures are believed, and their certificates.
#[derive(Clone, Eq, PartialEq)]
pub struct Signers {
    /// Who may have signed the certificates.
    authorities: Vec<CertificateDer<'static>>,
    /// By URL without its `https://`: the certificate, and those between it and the authority.
    chains: BTreeMap<String, Vec<CertificateDer<'static>>>,
}

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum SignersFault {
    /// No authority can be read from the file.
    #[error("{0} has no certificate of an authority")]
    Authorities(PathBuf),
    /// A file is no certificate.
    #[error("{path}: {source}")]
    Certificate {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The folder holds no file, or more than are read.
    #[error("{0} has no certificates, or more than 4096")]
    Count(PathBuf),
    /// A file or a folder that cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The protected header (RFC 8225 §4, RFC 8588 §3).
#[derive(Deserialize)]
struct Header {
    alg: String,
    ppt: String,
    typ: String,
    x5u: String,
}

/// The claims (RFC 8225 §5, RFC 8588 §3).
#[derive(Deserialize)]
struct Claims {
    attest: String,
    dest: Called,
    iat: i64,
    orig: Caller,
}

#[derive(Deserialize)]
struct Called {
    #[serde(default)]
    tn: Vec<String>,
}

#[derive(Deserialize)]
struct Caller {
    tn: String,
}

impl Signers {
    /// Reads the authorities of a PEM file, and the certificates of a folder, each at the path that its
    /// URL has: `cert.example/shaken.pem` for `https://cert.example/shaken.pem`.
    ///
    /// # Errors
    /// [`SignersFault`].
    pub fn read(folder: &Path, authorities: &Path) -> Result<Self, SignersFault> {
        let found = certificates(authorities)?;
        if !found.iter().any(|authority| anchor_from_trusted_cert(authority).is_ok()) {
            return Err(SignersFault::Authorities(authorities.to_owned()));
        }
        let mut signers = Self { authorities: found, chains: BTreeMap::new() };
        signers.walk(folder, "", 0)?;
        if signers.chains.is_empty() || signers.chains.len() > CHAINS_MAX {
            return Err(SignersFault::Count(folder.to_owned()));
        }
        Ok(signers)
    }

    fn walk(&mut self, folder: &Path, url: &str, depth: usize) -> Result<(), SignersFault> {
        let fault = |source| SignersFault::Read { path: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let Some(name) = name.filter(|name| !name.starts_with('.')) else { continue };
            let url = if url.is_empty() { name } else { format!("{url}/{name}") };
            if path.is_dir() && depth < DEPTH_MAX {
                self.walk(&path, &url, depth + 1)?;
            } else if path.is_file() && self.chains.len() <= CHAINS_MAX {
                self.chains.insert(url, certificates(&path)?);
            }
        }
        Ok(())
    }

    /// What an Identity header says of a call from `caller`, as the call itself shows it, to `called`.
    /// `None` for one that is not about the caller: a diversion (RFC 8946), a priority (RFC 8443).
    pub(super) fn check(
        &self,
        identity: &str,
        caller: Option<PhoneNumber>,
        called: PhoneNumber,
        now: Timestamp,
    ) -> Option<CallerCheck> {
        let Some((header, claims, signed, signature)) = read(identity) else {
            return Some(CallerCheck::Unchecked);
        };
        if header.ppt != "shaken" {
            return None;
        }
        let chain = header.x5u.strip_prefix("https://").and_then(|url| self.chains.get(url));
        let Some(chain) = chain else { return Some(CallerCheck::Unchecked) };
        let about = claims.iat.abs_diff(now.as_second()) <= FRESH_S
            && caller.is_some_and(|caller| is(&claims.orig.tn, caller))
            && claims.dest.tn.iter().any(|number| is(number, called));
        let known = header.alg == "ES256" && header.typ == "passport";
        let holds = known
            && about
            && self.key_of(chain, now).is_some_and(|key| key.holds(signed, &signature));
        Some(match claims.attest.as_str() {
            "A" if holds => CallerCheck::PassedA,
            "B" if holds => CallerCheck::PassedB,
            "C" if holds => CallerCheck::PassedC,
            _ => CallerCheck::Failed,
        })
    }

    /// The key of a certificate that an authority has signed and that has not run out.
    fn key_of(&self, chain: &[CertificateDer<'_>], now: Timestamp) -> Option<Key> {
        let (first, between) = chain.split_first()?;
        let certificate = EndEntityCert::try_from(first).ok()?;
        let anchors = self.authorities.iter().flat_map(anchor_from_trusted_cert);
        let anchors: Vec<_> = anchors.collect();
        let now = Duration::from_secs(u64::try_from(now.as_second()).ok()?);
        certificate
            .verify_for_usage(
                // ATIS-1000080: certificates of SHAKEN are signed by ECDSA with SHA-256.
                &[algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256],
                &anchors,
                between,
                UnixTime::since_unix_epoch(now),
                // Such a certificate has no extended usage; one for something else is none.
                KeyUsage::client_auth(),
                None,
                None,
            )
            .ok()?;
        Key::of(&certificate.subject_public_key_info())
    }
}

/// A point of P-256.
pub(super) struct Key(Vec<u8>);

impl Key {
    /// `None` for a key of another kind: PASSporTs are signed with ES256 alone (RFC 8225 §4.2).
    pub(super) fn of(info: &[u8]) -> Option<Self> {
        info.strip_prefix(&P256).map(|point| Self(point.to_vec()))
    }

    pub(super) fn holds(&self, signed: &str, signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0);
        key.verify(signed.as_bytes(), signature).is_ok()
    }
}

/// The parts of a PASSporT in its full form, which SHAKEN's must have (ATIS-1000074 §5.2.3): the header,
/// the claims, what is signed, and the signature.
fn read(identity: &str) -> Option<(Header, Claims, &str, Vec<u8>)> {
    if identity.len() > HEADER_MAX {
        return None;
    }
    let token = identity.split(';').next()?.trim();
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let header = serde_json::from_slice(&decode(header)?).ok()?;
    let claims = serde_json::from_slice(&decode(claims)?).ok()?;
    Some((header, claims, signed, decode(signature)?))
}

/// Whether a claim's digits (RFC 8225 §5.2.1) are this number.
fn is(digits: &str, number: PhoneNumber) -> bool {
    number.to_e164()[1..] == *digits
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SignersFault> {
    let fault = |source| SignersFault::Read { path: path.to_owned(), source };
    let mut text = Vec::new();
    File::open(path).and_then(|file| file.take(FILE_MAX).read_to_end(&mut text)).map_err(fault)?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let fault = |source| SignersFault::Certificate { path: path.to_owned(), source };
    match found.map_err(fault)? {
        none if none.is_empty() => Err(fault(pem::Error::NoItemsFound)),
        found => Ok(found),
    }
}

/// How many, and none of their bytes.
impl std::fmt::Debug for Signers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signers").field("certificates", &self.chains.len()).finish_non_exhaustive()
    }
}
