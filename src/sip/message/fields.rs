//! Header values with a grammar of their own: Retry-After, Reason, Session-Expires, Content-Type.

use jiff::SignedDuration;

use super::grammar::{Params, elements, number, split_params, trim};

/// The longest Retry-After that is believed; a longer one is cut to it.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Retry-After (§20.33): `delta-seconds *LWS [comment] *(;params)`. The duration parameter says how
/// long the callee can be reached after that, which a dialer does not need.
pub fn retry_after(value: &str) -> Option<SignedDuration> {
    let digits = value.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(value.len());
    let (digits, rest) = value.split_at(digits);
    // What follows is a comment, a parameter, or nothing: `5x` is no number of seconds.
    if digits.is_empty() || !trim(rest).is_empty() && !trim(rest).starts_with(['(', ';']) {
        return None;
    }
    let seconds = digits.parse::<i64>().unwrap_or(i64::MAX);
    Some(SignedDuration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// The cause of a Reason header for protocol Q.850 (RFC 3326 §2); others are passed over.
pub fn q850(value: &str) -> Option<u8> {
    elements(value).map_while(Result::ok).find_map(|reason| {
        let (protocol, params) = split_params(reason)?;
        if !protocol.eq_ignore_ascii_case("Q.850") {
            return None;
        }
        number::<u8>(Params::parse(params)?.get("cause")?).filter(|cause| *cause <= 127)
    })
}

/// Who refreshes a session (RFC 4028 §4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refresher {
    /// Whoever sent the request that the header negotiates.
    Uac,
    /// Whoever answered it.
    Uas,
}

/// Session-Expires: seconds, and the refresher if it is named. The first one counts.
pub fn session_expires(value: &str) -> Option<(u32, Option<Refresher>)> {
    let (seconds, params) = split_params(value)?;
    let refresher = match Params::parse(params)?.get("refresher") {
        Some(who) if who.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
        Some(who) if who.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
        _ => None,
    };
    Some((number(seconds)?, refresher))
}

/// A Content-Type's `type/subtype`, and its parameters.
pub fn media_type(value: &str) -> Option<(&str, Params<'_>)> {
    let (media, params) = split_params(value)?;
    Some((media, Params::parse(params)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_with_comment_and_duration() {
        let seconds = |value| retry_after(value).map(|after| after.as_secs());
        assert_eq!(seconds("1800"), Some(1800));
        assert_eq!(seconds("1800 (I'm in a (long) meeting);duration=3600"), Some(1800));
        assert_eq!(seconds("120;duration=60"), Some(120));
        assert_eq!(seconds("120 ((((("), Some(120));
        assert_eq!(seconds("18000000000;duration=1"), Some(7 * 24 * 3600));
        assert_eq!(seconds("99999999999999999999999"), Some(7 * 24 * 3600));
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds("5x"), None);
        assert_eq!(seconds(""), None);
    }

    #[test]
    fn the_q850_cause_is_found_among_others() {
        assert_eq!(q850("Q.850;cause=17;text=\"User busy\""), Some(17));
        assert_eq!(q850("SIP;cause=486, q.850 ; cause = 1"), Some(1));
        assert_eq!(q850("SIP;cause=600;text=\"Q.850;cause=17\""), None);
        assert_eq!(q850("Q.850;cause=300"), None);
        assert_eq!(q850("Q.850;cause=128"), None);
    }

    #[test]
    fn session_expires_names_its_refresher_or_not() {
        assert_eq!(session_expires("90;refresher=uas"), Some((90, Some(Refresher::Uas))));
        assert_eq!(session_expires("1800"), Some((1800, None)));
        assert_eq!(session_expires("-1"), None);
    }
}
