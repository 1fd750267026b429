//! Who calls, as a carrier is told beside From: the asserted identity and its privacy (RFC 3325), a
//! diversion (RFC 5806), and the signature (RFC 8224).

use std::sync::Arc;

use jiff::Timestamp;

use super::config::TrunkConfig;
use super::stir::Stir;
use crate::domain::PhoneNumber;

/// What a trunk is told of the caller.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Whom the carrier bills and screens.
    pub asserted: Asserted,
    /// The carrier is to keep the asserted identity to itself (`Privacy: id`). From shows the caller id
    /// all the same: a campaign that calls people does not hide it (16 CFR 310.4(a)(8)).
    pub is_private: bool,
    /// The number by which a carrier knows the customer whose calls show other numbers.
    pub diverted_from: Option<PhoneNumber>,
    /// What signs, where the operator holds a key.
    pub stir: Option<Arc<Stir>>,
}

/// P-Asserted-Identity.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Asserted {
    /// The caller id of the call.
    #[default]
    CallerId,
    /// None is sent.
    Nobody,
    /// Always this number.
    Number(PhoneNumber),
}

/// The headers of an INVITE that shows `from` to `to`.
pub(super) fn headers(
    trunk: &TrunkConfig,
    from: PhoneNumber,
    to: PhoneNumber,
    now: Timestamp,
) -> Vec<(String, String)> {
    let identity = &trunk.identity;
    let host = trunk.host();
    let uri = |number| format!("<sip:{}@{host}>", trunk.routing.caller_id.write(number));
    let header = |name: &str, value| (name.to_owned(), value);
    let asserted = match identity.asserted {
        Asserted::CallerId => Some(from),
        Asserted::Nobody => None,
        Asserted::Number(number) => Some(number),
    };
    let asserted = asserted.map(|number| header("P-Asserted-Identity", uri(number)));
    let privacy = identity.is_private.then(|| header("Privacy", "id".to_owned()));
    let diversion = identity.diverted_from.map(|number| {
        header("Diversion", format!("{};reason=unconditional;counter=1", uri(number)))
    });
    let signed = identity.stir.as_ref().and_then(|stir| {
        let signed = stir.headers(from, to, now);
        if signed.is_none() {
            tracing::error!(trunk = %trunk.name, "no randomness to sign with; the call goes unsigned");
        }
        signed
    });
    let signed = signed.into_iter().flatten();
    [asserted, privacy, diversion].into_iter().flatten().chain(signed).collect()
}
