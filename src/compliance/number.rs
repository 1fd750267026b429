//! Numbers as the gate reads them: is it one, and does it look like this pattern?

use crate::domain::PhoneNumber;

/// Whether the number can be dialed at all: in the North American plan an area code and an
/// exchange that exist as such (NANPA: `NXX-NXX-XXXX`, N from 2 to 9, never N11); elsewhere 7 to 15
/// digits (ITU-T E.164 §6.1). The import has asked the whole numbering plan; this is the last look.
pub(super) fn is_dialable(number: PhoneNumber) -> bool {
    match area_and_exchange(number) {
        Some((area_code, exchange)) => [area_code, exchange].into_iter().all(is_code),
        None => {
            let digits = number.digits();
            digits >= 1_000_000 && !starts_with_one(digits)
        }
    }
}

/// The area code of a number of the North American plan.
pub(super) fn area_code(number: PhoneNumber) -> Option<u16> {
    area_and_exchange(number).map(|(area_code, _)| area_code)
}

fn area_and_exchange(number: PhoneNumber) -> Option<(u16, u16)> {
    let digits = number.digits();
    (10_000_000_000..20_000_000_000).contains(&digits).then(|| {
        let area_code = digits / 10_000_000 % 1_000;
        let exchange = digits / 10_000 % 1_000;
        (area_code as u16, exchange as u16)
    })
}

fn is_code(code: u16) -> bool {
    code >= 200 && code % 100 != 11
}

fn starts_with_one(mut digits: u64) -> bool {
    while digits >= 10 {
        digits /= 10;
    }
    digits == 1
}

/// A pattern of whole numbers: `+`, then digits, where `?` stands for any one digit
/// (`+1???55501??`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NumberPattern(Vec<Option<u8>>);

impl NumberPattern {
    /// Reads a pattern; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let places = text.strip_prefix('+')?;
        if !(4..=15).contains(&places.len()) {
            return None;
        }
        let place = |character: u8| match character {
            b'?' => Some(None),
            b'0'..=b'9' => Some(Some(character - b'0')),
            _ => None,
        };
        places.bytes().map(place).collect::<Option<_>>().map(Self)
    }

    /// Whether the whole number looks so.
    pub fn matches(&self, number: PhoneNumber) -> bool {
        let mut rest = number.digits();
        for place in self.0.iter().rev() {
            if rest == 0 || place.is_some_and(|digit| u64::from(digit) != rest % 10) {
                return false;
            }
            rest /= 10;
        }
        rest == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::from_e164(text).unwrap()
    }

    #[test]
    fn what_no_exchange_can_reach_is_not_dialable() {
        for text in ["+12120550123", "+19115550123", "+11125550123", "+12124110123", "+1201555012"]
        {
            assert!(!is_dialable(number(text)), "{text}");
        }
        for text in ["+12015550123", "+34912345678", "+85221234567", "+18005550123"] {
            assert!(is_dialable(number(text)), "{text}");
        }
    }

    #[test]
    fn a_pattern_holds_the_whole_number() {
        let fictional = NumberPattern::parse("+1???55501??").unwrap();
        for text in ["+12015550100", "+19075550199"] {
            assert!(fictional.matches(number(text)), "{text}");
        }
        for text in ["+12015550200", "+12015550099", "+120155501000", "+1201555010", "+32015550100"]
        {
            assert!(!fictional.matches(number(text)), "{text}");
        }
        assert_eq!(NumberPattern::parse("12015550100"), None);
        assert_eq!(NumberPattern::parse("+1201x"), None);
    }
}
