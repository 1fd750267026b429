//! What a trunk is told of who calls.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;

use super::super::section::Section;
use crate::domain::PhoneNumber;
use crate::trunk::{Asserted, Attestation, Identity, Stir};

pub(super) fn read(section: &mut Section<'_>) -> Identity {
    let what = "\"caller_id\", \"off\" or a number: \"+12015550123\"";
    let asserted = section.read("asserted_identity", what, |text| match text {
        "caller_id" => Some(Asserted::CallerId),
        "off" => Some(Asserted::Nobody),
        number => PhoneNumber::from_e164(number).map(Asserted::Number),
    });
    Identity {
        asserted: asserted.unwrap_or_default(),
        is_private: section.boolean("privacy").unwrap_or(false),
        diverted_from: section.read(
            "diversion",
            "a number: \"+12015550123\"",
            PhoneNumber::from_e164,
        ),
        stir: section.section("stir").and_then(stir).map(Arc::new),
    }
}

/// `[trunks.NAME.stir]`.
fn stir(mut section: Section<'_>) -> Option<Stir> {
    for (key, example) in [
        ("key_file", "\"shaken.pem\""),
        ("certificate_url", "\"https://cert.example/shaken.pem\""),
        ("attestation", "\"A\""),
        ("origination_id", "\"123e4567-e89b-12d3-a456-426655440000\""),
    ] {
        if !section.has(key) {
            section.missing(key, example);
        }
    }
    let whole = section.span();
    let key = section.text("key_file").and_then(|file| pem(&section, &file));
    let url = section.text("certificate_url").map(Spanned::into_inner);
    let attestation = section.read("attestation", "\"A\", \"B\" or \"C\"", |text| match text {
        "A" => Some(Attestation::A),
        "B" => Some(Attestation::B),
        "C" => Some(Attestation::C),
        _ => None,
    });
    let id = section.text("origination_id").map(Spanned::into_inner);
    let made = match (key, url, attestation, id) {
        (Some(key), Some(url), Some(attestation), Some(id)) => {
            match Stir::new(&key, &url, attestation, &id) {
                Ok(stir) => Some(stir),
                Err(fault) => {
                    let remedy = "openssl pkcs8 -topk8 -nocrypt turns an EC key into PKCS #8";
                    section.fault(whole, fault.to_string(), remedy);
                    None
                }
            }
        }
        _ => None,
    };
    section.finish();
    made
}

/// The key's file, relative to the configuration's folder.
fn pem(section: &Section<'_>, file: &Spanned<String>) -> Option<Vec<u8>> {
    let path = section.folder().join(Path::new(file.get_ref()));
    let read = std::fs::read(&path);
    if let Err(error) = &read {
        let message = format!("{} cannot be read: {error}", path.display());
        section.fault(file.span(), message, "name a private key of P-256 in PEM");
    }
    read.ok()
}
