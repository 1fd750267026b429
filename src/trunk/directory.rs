//! Our own numbers: who is called by each, and who calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::passport::Signers;
use crate::domain::{CallerCheck, CampaignId, Country, PhoneNumber, TrunkId};
use crate::sip::IncomingInvite;
use crate::sip::message::Address;
use crate::sip::uri::Uri;

/// Of an INVITE's Identity headers so many are looked at.
const IDENTITIES_MAX: usize = 4;

/// A number that people call in by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// The number.
    pub number: PhoneNumber,
    /// The queue that they wait in.
    pub campaign: CampaignId,
    /// The country in whose national form a carrier may write numbers.
    pub country: Country,
    /// The trunks that calls to it may come by.
    pub trunks: Vec<TrunkId>,
}

/// Every number that people call in by; empty when nobody is to call.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    routes: BTreeMap<PhoneNumber, Route>,
    /// Whose signatures are believed of who calls.
    pub(super) signers: Option<Arc<Signers>>,
}

impl Directory {
    /// Of several routes of one number the last holds.
    pub fn new(routes: impl IntoIterator<Item = Route>) -> Self {
        let routes = routes.into_iter().map(|route| (route.number, route)).collect();
        Self { routes, signers: None }
    }

    /// The same, with these signers.
    pub(super) fn believing(self, signers: Option<Arc<Signers>>) -> Self {
        Self { signers, ..self }
    }

    /// Whether nobody is to call.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// Whose number the user part of the Request-URI is, for a call that comes by `trunk`.
    pub(super) fn find(&self, request_uri: &str, trunk: TrunkId) -> Option<&Route> {
        let user = Uri::parse(request_uri)?.user?;
        let comes_by = |route: &&Route| route.trunks.contains(&trunk);
        let known = |number: PhoneNumber| self.routes.get(&number).filter(comes_by);
        let international = international(user).and_then(known);
        // Each route in the form of its own country; a number of the plan of another is none.
        let national = || {
            let routes = self.routes.values().filter(comes_by);
            routes.into_iter().find(|route| number_of(user, route.country) == Some(route.number))
        };
        international.or_else(national)
    }
}

/// The caller as the call is shown to us: [`PhoneNumber::WITHHELD`] for who is not to be shown
/// (Privacy, RFC 3323 §4.2), or calls from no number.
pub(super) fn caller_of(invite: &IncomingInvite, country: Country) -> PhoneNumber {
    let is_private = named(invite, "Privacy").flat_map(|value| value.split(';')).any(|kind| {
        ["id", "header", "user"].iter().any(|known| known.eq_ignore_ascii_case(kind.trim()))
    });
    let shown = said_of(invite, country).map(|(number, _)| number).filter(|_| !is_private);
    shown.unwrap_or(PhoneNumber::WITHHELD)
}

/// What is known of the caller's number: by the Identity header (RFC 8224), else by the carrier's word
/// (`verstat`). `None` when nobody says anything.
pub(super) fn check_of(
    invite: &IncomingInvite,
    route: &Route,
    signers: Option<&Signers>,
    now: Timestamp,
) -> Option<CallerCheck> {
    let said = said_of(invite, route.country);
    let number = said.map(|(number, _)| number);
    // A signature is worth no more for being there twice.
    let verified =
        named(invite, "Identity").take(IDENTITIES_MAX).find_map(|identity| match signers {
            Some(signers) => signers.check(identity, number, route.number, now),
            None => Some(CallerCheck::Unchecked),
        });
    let verstat = said.and_then(|(_, uri)| {
        let verstat =
            uri.split(&[';', '>', '@'][..]).find_map(|part| part.strip_prefix("verstat="))?;
        match verstat {
            // A letter of the attestation may follow.
            passed if passed.starts_with("TN-Validation-Passed") => {
                Some(CallerCheck::CarrierPassed)
            }
            failed if failed.starts_with("TN-Validation-Failed") => {
                Some(CallerCheck::CarrierFailed)
            }
            _ => None,
        }
    });
    match verified {
        None | Some(CallerCheck::Unchecked) => verstat.or(verified),
        Some(_) => verified,
    }
}

/// The number, and the address it stands in: the trunk's own word where it gives one
/// (P-Asserted-Identity, RFC 3325 §9.1), else From.
fn said_of(invite: &IncomingInvite, country: Country) -> Option<(PhoneNumber, &str)> {
    // Two identities at most, a SIP and a tel URI, in one header or two (§9.1).
    let asserted = named(invite, "P-Asserted-Identity");
    let asserted = asserted.flat_map(|value| value.split(',')).map(str::trim);
    let mut said = asserted.chain([invite.from.as_str()]);
    said.find_map(|address| Some((number_in(address, country)?, address)))
}

/// The values of a header.
fn named<'a>(invite: &'a IncomingInvite, wanted: &'static str) -> impl Iterator<Item = &'a str> {
    let headers = invite.headers.iter();
    let wanted = headers.filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
    wanted.map(|(_, value)| value.as_str())
}

/// The number that was called before ours: the first Diversion is the last one made (RFC 5806 §6).
pub(super) fn diverted_from(invite: &IncomingInvite, country: Country) -> Option<PhoneNumber> {
    let value = named(invite, "Diversion").next()?;
    // Further ones follow after a comma.
    let first = value.split_inclusive('>').next().unwrap_or(value);
    number_in(first, country)
}

/// The number of a name-addr, with whatever follows it.
fn number_in(address: &str, country: Country) -> Option<PhoneNumber> {
    number_of(Uri::parse(Address::parse(address)?.uri)?.user?, country)
}

/// A number as carriers write it in a user part: international with or without its plus, or in the
/// national form of the country.
fn number_of(user: &str, country: Country) -> Option<PhoneNumber> {
    let user = number_part(user)?;
    PhoneNumber::from_e164(&user)
        .or_else(|| PhoneNumber::parse(&user, country).ok())
        .or_else(|| PhoneNumber::parse(&format!("+{user}"), country).ok())
}

fn international(user: &str) -> Option<PhoneNumber> {
    let user = number_part(user)?;
    PhoneNumber::from_e164(&user).or_else(|| PhoneNumber::from_e164(&format!("+{user}")))
}

/// The digits, before the parameters of a telephone number (RFC 3261 §19.1.6); `None` for a name.
fn number_part(user: &str) -> Option<String> {
    let number = user.split(';').next().unwrap_or(user);
    let number = number.strip_prefix("%2B").map_or(number.to_owned(), |rest| format!("+{rest}"));
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let is_number = (3..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::from_e164(text).unwrap()
    }

    fn spain() -> Country {
        Country::new("ES").unwrap()
    }

    fn directory() -> Directory {
        Directory::new([Route {
            number: number("+34912345678"),
            campaign: CampaignId(7),
            country: spain(),
            trunks: vec![TrunkId(1)],
        }])
    }

    #[test]
    fn a_number_is_found_in_every_form_that_carriers_write() {
        for user in ["+34912345678", "34912345678", "912345678", "0034912345678", "%2B34912345678"]
        {
            let uri = format!("sip:{user}@192.0.2.10:5060;user=phone");
            let route = directory().find(&uri, TrunkId(1)).map(|route| route.campaign);
            assert_eq!(route, Some(CampaignId(7)), "{user}");
        }
        assert!(directory().find("tel:+34912345678", TrunkId(1)).is_some());
        assert!(directory().find("sip:+34912345678;npdi@192.0.2.10", TrunkId(1)).is_some());
    }

    #[test]
    fn no_other_number_and_no_other_trunk_is_served() {
        let found = |uri, trunk| directory().find(uri, TrunkId(trunk)).is_some();
        assert!(!found("sip:+34912345678@192.0.2.10", 0));
        for uri in ["sip:+34912345679@h", "sip:anna@h", "sip:h", "sip:@h", "", "sip:12@h"] {
            assert!(!found(uri, 1), "{uri}");
        }
    }

    fn incoming(from: &str, headers: &[(&str, &str)]) -> IncomingInvite {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        IncomingInvite {
            request_uri: String::new(),
            from: from.to_owned(),
            to: String::new(),
            call_id: String::new(),
            sdp: None,
            headers: headers.iter().map(owned).collect(),
        }
    }

    fn caller(from: &str, headers: &[(&str, &str)]) -> PhoneNumber {
        caller_of(&incoming(from, headers), spain())
    }

    #[test]
    fn the_trunks_word_of_the_caller_goes_above_the_callers_own() {
        let shown = "\"Ana\" <sip:+34911111111@h>;tag=1";
        assert_eq!(caller(shown, &[]), number("+34911111111"));
        let asserted = ("P-Asserted-Identity", "<sip:ana@h>, <tel:+34922222222>");
        assert_eq!(caller(shown, &[asserted]), number("+34922222222"));
        let national = ("P-Asserted-Identity", "sip:922222222@h");
        assert_eq!(caller(shown, &[national]), number("+34922222222"));
    }

    #[test]
    fn the_last_diversion_is_the_first_that_is_written() {
        let diverted = |value: &str| {
            let headers = vec![("Diversion".to_owned(), value.to_owned())];
            diverted_from(&IncomingInvite { headers, ..incoming("sip:a@h", &[]) }, spain())
        };
        let one = "<sip:+34933333333@h>;reason=unconditional;counter=1";
        assert_eq!(diverted(one), Some(number("+34933333333")));
        let two = "<sip:+34933333333@h>;reason=user-busy, <sip:+34944444444@h>;reason=no-answer";
        assert_eq!(diverted(two), Some(number("+34933333333")));
        assert_eq!(diverted("junk"), None);
        assert_eq!(diverted_from(&incoming("sip:a@h", &[]), spain()), None);
    }

    #[test]
    fn who_is_not_to_be_shown_is_nobody() {
        let from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1";
        assert_eq!(caller(from, &[]), PhoneNumber::WITHHELD);
        let asserted = ("P-Asserted-Identity", "<sip:+34922222222@h>");
        assert_eq!(caller(from, &[asserted]), number("+34922222222"));
        let private = ("Privacy", "user; id");
        assert_eq!(caller(from, &[asserted, private]), PhoneNumber::WITHHELD);
        assert_eq!(caller("junk", &[]), PhoneNumber::WITHHELD);
    }
}
