//! Telephone numbers in E.164, normalised by a port of Google's libphonenumber.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use serde::{Deserialize, Serialize};

/// An E.164 number (ITU-T E.164: at most 15 digits, no trunk prefix). `Debug` and [`masked`]
/// show only the last two digits: whole numbers never reach a log. `Display` is absent on purpose;
/// where the whole number is meant, say [`to_e164`].
///
/// [`masked`]: PhoneNumber::masked
/// [`to_e164`]: PhoneNumber::to_e164
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PhoneNumber(u64);

/// Why a text is not a telephone number.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PhoneError {
    /// The column is empty.
    #[error("the number is empty")]
    Empty,
    /// It carries an extension, which a trunk cannot dial.
    #[error("the number has an extension")]
    Extension,
    /// Digits are there, but no such number exists in the numbering plan.
    #[error("no such number in the numbering plan of its country")]
    Invalid,
    /// Not even a candidate: letters, too few or too many digits.
    #[error("not a telephone number ({0})")]
    NotANumber(String),
}

impl PhoneNumber {
    /// Reads a number as people write it, national format of `country` or international.
    ///
    /// # Errors
    /// [`PhoneError`] when it is no valid number by libphonenumber's metadata.
    pub fn parse(text: &str, country: Country) -> Result<Self, PhoneError> {
        if text.trim().is_empty() {
            return Err(PhoneError::Empty);
        }
        let parsed = PHONE_NUMBER_UTIL
            .parse(text, Region::from_code(country.as_str()).ok())
            .map_err(|error| PhoneError::NotANumber(error.to_string().to_lowercase()))?;
        if parsed.extension.as_ref().is_some_and(|extension| !extension.is_empty()) {
            return Err(PhoneError::Extension);
        }
        if !parsed.is_valid() {
            return Err(PhoneError::Invalid);
        }
        Self::from_e164(&parsed.format_as(PhoneNumberFormat::E164)).ok_or(PhoneError::Invalid)
    }

    /// Reads `+` and 4 to 15 digits, not starting with zero, without asking a numbering plan: for
    /// what has been normalised before (the store, a configuration, a Request-URI).
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let shaped = (4..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if shaped { digits.parse().ok().map(Self) } else { None }
    }

    /// The whole number, `+12015550123`: for the wire, the books and the agent, never for a log.
    pub fn to_e164(self) -> String {
        format!("+{}", self.0)
    }

    /// The digits without `+`.
    pub fn digits(self) -> u64 {
        self.0
    }

    /// For logs: only the last two digits, `+*********23`.
    pub fn masked(self) -> String {
        let digits = self.0.to_string();
        format!("+{}{}", "*".repeat(digits.len() - 2), &digits[digits.len() - 2..])
    }
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_e164())
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_e164(&text).ok_or_else(|| {
            serde::de::Error::custom("not an E.164 number: + and 4 to 15 digits are expected")
        })
    }
}

/// An ISO 3166-1 alpha-2 country code, upper case, that has a numbering plan.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Country([u8; 2]);

impl Country {
    /// The country of that code in either case, `None` when no numbering plan is known for it.
    pub fn new(code: &str) -> Option<Self> {
        let code = code.to_ascii_uppercase();
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        Region::from_code(&code).ok().map(|_| Self(bytes))
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("ZZ")
    }
}

impl std::fmt::Display for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us() -> Country {
        Country::new("us").unwrap()
    }

    #[test]
    fn national_and_international_forms_become_one_number() {
        for text in ["(201) 555-0123", "201.555.0123", "+1 201 555 0123", "1-201-555-0123"] {
            assert_eq!(PhoneNumber::parse(text, us()).unwrap().to_e164(), "+12015550123", "{text}");
        }
        let spain = Country::new("ES").unwrap();
        assert_eq!(PhoneNumber::parse("912 345 678", spain).unwrap().to_e164(), "+34912345678");
    }

    #[test]
    fn what_is_no_number_says_why() {
        assert_eq!(PhoneNumber::parse(" ", us()), Err(PhoneError::Empty));
        assert_eq!(PhoneNumber::parse("2015550123 x12", us()), Err(PhoneError::Extension));
        assert_eq!(PhoneNumber::parse("011 555 0123", us()), Err(PhoneError::Invalid));
        assert!(matches!(PhoneNumber::parse("n/a", us()), Err(PhoneError::NotANumber(_))));
    }

    #[test]
    fn a_number_in_a_log_shows_two_digits() {
        let number = PhoneNumber::from_e164("+12015550123").unwrap();
        assert_eq!(format!("{number:?}"), "+*********23");
    }
}
