//! Keys by INFO, as peers send them that have no RFC 4733; no standard says how.

use crate::domain::Digit;

/// The key of an INFO: `Signal=5` (application/dtmf-relay) or the key alone (application/dtmf).
pub fn digit_of(content_type: &str, body: &str) -> Option<Digit> {
    let kind = content_type.split(';').next().unwrap_or(content_type).trim();
    let key = if kind.eq_ignore_ascii_case("application/dtmf-relay") {
        let pairs = body.lines().filter_map(|line| line.split_once('='));
        pairs
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("Signal"))
            .map(|it| it.1)
            .next()?
    } else if kind.eq_ignore_ascii_case("application/dtmf") {
        body
    } else {
        return None;
    };
    Digit::new(key.trim().chars().next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_both_forms() {
        let relay = digit_of("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
        assert_eq!(relay, Digit::new('5'));
        assert_eq!(digit_of("application/dtmf-relay", "Signal = 7\r\n"), Digit::new('7'));
        assert_eq!(digit_of("Application/DTMF", "#"), Digit::new('#'));
        assert_eq!(digit_of("application/dtmf-relay", "Duration=160"), None);
        assert_eq!(digit_of("text/plain", "5"), None);
    }
}
