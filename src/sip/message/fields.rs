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

/// The SIP status of a Reason header for protocol SIP (RFC 3326 §2).
pub fn sip_cause(value: &str) -> Option<u16> {
    elements(value).map_while(Result::ok).find_map(|reason| {
        let (protocol, params) = split_params(reason)?;
        let is_sip = protocol.eq_ignore_ascii_case("SIP");
        let cause = number::<u16>(Params::parse(params)?.get("cause").filter(|_| is_sip)?)?;
        (200..700).contains(&cause).then_some(cause)
    })
}

/// What is kept of an address at which a block may be disputed.
const REDRESS_MAX: usize = 256;

/// The text of a Reason header by which analytics own up to a block, `v=analytics1;url=..`
/// (ATIS-1000099 §5): the address in it, if there is one. `None` when it is no such Reason.
pub fn analytics(value: &str) -> Option<Option<String>> {
    elements(value).map_while(Result::ok).find_map(|reason| {
        let (_, params) = split_params(reason)?;
        let text = Params::parse(params)?.get("text")?.trim_matches('"');
        text.strip_prefix("v=analytics")?;
        let url = text.split(';').find_map(|part| part.trim().strip_prefix("url="));
        Some(url.and_then(shown))
    })
}

/// The address of a Call-Info with `purpose=jwscard` (RFC 8688 §3.4): who has blocked a call.
pub fn jwscard(value: &str) -> Option<String> {
    elements(value).map_while(Result::ok).find_map(|info| {
        let (address, params) = info.strip_prefix('<')?.split_once('>')?;
        let purpose = Params::parse(params)?.get("purpose")?;
        purpose.eq_ignore_ascii_case("jwscard").then(|| shown(address))?
    })
}

fn shown(address: &str) -> Option<String> {
    let plain = !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_graphic());
    (plain && address.len() <= REDRESS_MAX).then(|| address.to_owned())
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
    fn a_sip_status_is_found_beside_a_cause() {
        assert_eq!(sip_cause("Q.850;cause=17, SIP;cause=486;text=\"Busy Here\""), Some(486));
        assert_eq!(sip_cause("Q.850;cause=17"), None);
        assert_eq!(sip_cause("SIP;cause=99"), None);
    }

    #[test]
    fn who_has_blocked_a_call_is_read_and_what_is_odd_is_not() {
        let reason = "Q.850;cause=21;text=\"v=analytics1;url=https://redress.example/1;tel=+1\"";
        assert_eq!(analytics(reason), Some(Some("https://redress.example/1".to_owned())));
        assert_eq!(analytics("Q.850;cause=21;text=\"v=analytics1\""), Some(None));
        assert_eq!(analytics("Q.850;cause=21;text=\"call rejected\""), None);
        let info = "<https://block.example/card>;purpose=jwscard";
        assert_eq!(jwscard(info), Some("https://block.example/card".to_owned()));
        assert_eq!(jwscard("<https://block.example/card>;purpose=icon"), None);
        assert_eq!(jwscard("<https://block.example/a b>;purpose=jwscard"), None);
        assert_eq!(jwscard(&format!("<https://{}>;purpose=jwscard", "a".repeat(300))), None);
    }

    #[test]
    fn session_expires_names_its_refresher_or_not() {
        assert_eq!(session_expires("90;refresher=uas"), Some((90, Some(Refresher::Uas))));
        assert_eq!(session_expires("1800"), Some((1800, None)));
        assert_eq!(session_expires("-1"), None);
    }
}
