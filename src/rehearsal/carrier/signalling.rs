//! What callers' signalling says, in the carrier's words.

use super::report::Ending;
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
}
