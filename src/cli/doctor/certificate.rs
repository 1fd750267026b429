//! The dates of certificates. Only a certificate's validity is read (RFC 5280 §4.1.2.5); whether it is
//! trusted is asked of each connection.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::Finding;
use crate::config::Config;

/// A certificate that ends sooner is to be renewed now.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(14 * 24);

pub(super) fn look(config: &Config, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((_, identity)) = &config.sip.trunk_listen_tls {
        findings.push(of_file("our certificate for TLS", &identity.certificate, now));
    }
    for trunk in &config.trunks {
        if let Some(authorities) = &trunk.authorities {
            let what = format!("the authorities of trunk {}", trunk.name);
            findings.push(of_file(&what, authorities, now));
        }
    }
    findings
}

fn of_file(what: &str, file: &Path, now: Timestamp) -> Finding {
    let shown = file.display();
    let read =
        CertificateDer::pem_file_iter(file).and_then(|chain| chain.collect::<Result<Vec<_>, _>>());
    let chain = match read {
        Ok(chain) => chain,
        Err(error) => {
            return Finding::wrong(what, format!("{shown}: {error}"), "put a file of PEM there");
        }
    };
    let validity =
        chain.iter().map(|certificate| validity(certificate)).collect::<Option<Vec<_>>>();
    let Some((from, until)) = validity.as_deref().and_then(narrowest) else {
        return Finding::wrong(what, format!("{shown} has no certificate"), "put one there");
    };
    if now < from {
        let remedy = "see the clock, or wait";
        return Finding::wrong(what, format!("{shown} holds only from {from}"), remedy);
    }
    let said = format!("{shown} holds until {until}");
    if until <= now {
        Finding::wrong(what, said, "renew it: no peer takes it any more")
    } else if until.duration_since(now) < RENEW_BEFORE {
        Finding::look(what, said, "renew it now, and see why that has not come by itself")
    } else {
        Finding::well(what, said)
    }
}

fn narrowest(validities: &[(Timestamp, Timestamp)]) -> Option<(Timestamp, Timestamp)> {
    let from = validities.iter().map(|(from, _)| *from).max()?;
    Some((from, validities.iter().map(|(_, until)| *until).min()?))
}

/// Not before, and not after.
pub(super) fn validity(der: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let (_, certificate, _) = element(der)?;
    let (_, mut body, _) = element(certificate)?;
    // Version (which may be missing), serial number, algorithm, issuer.
    if element(body)?.0 == 0xa0 {
        body = element(body)?.2;
    }
    for _ in 0..3 {
        body = element(body)?.2;
    }
    let (_, validity, _) = element(body)?;
    let (kind, from, rest) = element(validity)?;
    let (kind_until, until, _) = element(rest)?;
    Some((time(kind, from)?, time(kind_until, until)?))
}

/// An element of DER (X.690 §8.1): its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5).
fn time(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let century = match (tag, text.get(..2)?.parse::<u8>().ok()?) {
        (0x17, 50..) => "19",
        (0x17, _) => "20",
        (0x18, _) => "",
        _ => return None,
    };
    Timestamp::strptime("%Y%m%d%H%M%S%z", format!("{century}{}+0000", text.strip_suffix('Z')?)).ok()
}
