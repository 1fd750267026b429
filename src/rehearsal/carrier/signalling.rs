//! What callers' signalling says, in the carrier's words.

use super::report::Ending;
use crate::domain::Digit;
use crate::sip::{Failure, FailureKind};

/// How a call ended that was never answered.
pub(super) fn ending_of(failure: &Failure) -> Ending {
    match (failure.kind, failure.status) {
        (FailureKind::Cancelled, _) => Ending::Cancelled,
        (_, Some(status)) => Ending::Refused(status),
        (_, None) => Ending::Vanished,
    }
}

/// The user part of a SIP or tel URI, without parameters: what was dialed.
pub(super) fn user_of(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let user = rest.split_once('@').map_or(rest, |(user, _)| user);
    user.split(';').next().unwrap_or(user)
}

/// The key of an INFO: `Signal=5` (application/dtmf-relay) or the key alone (application/dtmf).
pub(super) fn digit_of(content_type: &str, body: &str) -> Option<Digit> {
    let key = match content_type.split(';').next().map(str::trim) {
        Some("application/dtmf-relay") => {
            body.lines().find_map(|line| line.trim().strip_prefix("Signal="))?
        }
        Some("application/dtmf") => body,
        Some(_) | None => return None,
    };
    Digit::new(key.trim().chars().next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_called_number_is_the_user_of_the_request_uri() {
        for (uri, user) in [
            ("sip:+12015550123@127.0.0.1:5070", "+12015550123"),
            ("sip:+12015550123;npdi@carrier.example;user=phone", "+12015550123"),
            ("tel:+12015550123;phone-context=x", "+12015550123"),
            ("sip:127.0.0.1", "127.0.0.1"),
            ("", ""),
        ] {
            assert_eq!(user_of(uri), user, "{uri}");
        }
    }

    #[test]
    fn keys_come_by_info_too() {
        let relay = digit_of("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
        assert_eq!(relay, Digit::new('5'));
        assert_eq!(digit_of("application/dtmf", "#"), Digit::new('#'));
        assert_eq!(digit_of("application/dtmf-relay", "Duration=160"), None);
        assert_eq!(digit_of("text/plain", "5"), None);
    }
}
