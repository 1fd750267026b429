//! The second factor: codes of six digits by time (RFC 6238 over RFC 4226).

use jiff::Timestamp;
use ring::hmac;

/// Seconds of one code (RFC 6238 §5.2).
const STEP_S: i64 = 30;
/// Codes of so many steps before and after are taken, for a clock that is wrong (§6).
const DRIFT: i64 = 1;
/// Bytes of a shared secret: those of the hash (RFC 4226 §4, R6).
pub(super) const SECRET: usize = 20;

/// The step whose code it is, near this time and later than the last that was used.
pub(super) fn step_of(secret: &[u8], text: &str, now: Timestamp, used: i64) -> Option<i64> {
    let code: u32 = Some(text.trim()).filter(|text| text.len() == 6)?.parse().ok()?;
    let present = now.as_second().div_euclid(STEP_S);
    (present - DRIFT..=present + DRIFT).find(|step| *step > used && code_of(secret, *step) == code)
}

/// The code of a step: dynamic truncation (RFC 4226 §5.3).
fn code_of(secret: &[u8], step: i64) -> u32 {
    // The applications in use know no other hash.
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes[bytes.len() - 1] & 0xf);
    let word = bytes[at..at + 4].iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    (word & 0x7fff_ffff) % 1_000_000
}

/// Base 32 without padding (RFC 4648 §6), as the applications read secrets.
pub(super) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(held << (5 - bits)) as usize & 31]));
    }
    text
}

#[cfg(test)]
pub(super) fn code(secret: &[u8], now: Timestamp) -> String {
    format!("{:06}", code_of(secret, now.as_second().div_euclid(STEP_S)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_of_the_rfc() {
        // RFC 6238 appendix B, the last six of its eight digits.
        for (second, code) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_234_567_890, 5_924),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code_of(RFC, second / STEP_S), code);
        }
    }

    #[test]
    fn a_code_is_taken_once_and_near_its_time_only() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(step_of(RFC, "287082", at(59), 0), Some(1));
        assert_eq!(step_of(RFC, "287082", at(89), 0), Some(1));
        assert_eq!(step_of(RFC, "287082", at(59), 1), None, "used");
        assert_eq!(step_of(RFC, "287082", at(120), 0), None, "too old");
        assert_eq!(step_of(RFC, "+87082", at(59), 0), None);
        assert_eq!(step_of(RFC, "", at(59), 0), None);
    }

    #[test]
    fn secrets_are_written_in_base_32() {
        // RFC 4648 §10, without the padding.
        for (bytes, text) in
            [("f", "MY"), ("fo", "MZXQ"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }
}
