//! Telephone numbers in E.164, normalised by a port of Google's libphonenumber.

use std::borrow::Cow;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};
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
    /// A satellite phone or an international service, where a minute costs dollars.
    #[error("a satellite or international service number, of no country")]
    OfNoCountry,
    /// A number that charges its caller, the aim of toll fraud.
    #[error("a premium-rate number")]
    PremiumRate,
}

/// Country codes of the networks and services that belong to no country (ITU-T E.164 lists them):
/// freephone, shared cost, Inmarsat, personal numbers, satellites, networks, disaster relief,
/// premium rate.
const OF_NO_COUNTRY: [i32; 9] = [800, 808, 870, 878, 881, 882, 883, 888, 979];

impl PhoneNumber {
    /// Stands for the number of a person who does not show it: country code 999 is reserved (ITU-T
    /// E.164, list of assigned country codes), so that nobody has it and it cannot be dialed.
    pub const WITHHELD: PhoneNumber = PhoneNumber(999_000_000);

    /// Reads a number as people write it, national format of `country` or international.
    ///
    /// # Errors
    /// [`PhoneError`] when it is no valid number by libphonenumber's metadata.
    pub fn parse(text: &str, country: Country) -> Result<Self, PhoneError> {
        let text = written_as_a_number(text)?;
        let parsed = PHONE_NUMBER_UTIL
            .parse(text.as_ref(), Region::from_code(country.as_str()).ok())
            .map_err(|error| PhoneError::NotANumber(error.to_string().to_lowercase()))?;
        if parsed.extension.as_ref().is_some_and(|extension| !extension.is_empty()) {
            return Err(PhoneError::Extension);
        }
        if OF_NO_COUNTRY.contains(&parsed.country_code) {
            return Err(PhoneError::OfNoCountry);
        }
        match parsed.get_type() {
            PhoneNumberType::PremiumRate => return Err(PhoneError::PremiumRate),
            PhoneNumberType::Unknown => return Err(PhoneError::Invalid),
            _ => {}
        }
        Self::from_e164(&parsed.format_as(PhoneNumberFormat::E164)).ok_or(PhoneError::Invalid)
    }

    /// Reads `+` and 4 to 15 digits, not starting with zero, without asking a numbering plan: for
    /// what has been normalised before (the store, a configuration, a Request-URI).
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let shaped = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        if shaped { Self::from_digits(digits.parse().ok()?) } else { None }
    }

    /// The same of the digits without `+`.
    pub fn from_digits(digits: u64) -> Option<Self> {
        (1_000..1_000_000_000_000_000).contains(&digits).then_some(Self(digits))
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

/// The text as libphonenumber is to read it. The library looks for a number anywhere in a text
/// (`x=1;2015550123`); here the whole text must be one. Invisible marks that spreadsheets and chats
/// leave in numbers are taken out.
fn written_as_a_number(text: &str) -> Result<Cow<'_, str>, PhoneError> {
    let text = text.trim().trim_start_matches('\'');
    let text = if text.contains(is_invisible) {
        Cow::Owned(text.replace(is_invisible, ""))
    } else {
        Cow::Borrowed(text)
    };
    let number = text.strip_prefix("tel:").unwrap_or(&text);
    let Some(first) = number.chars().next() else { return Err(PhoneError::Empty) };
    if !(first.is_numeric() || matches!(first, '+' | '\u{ff0b}' | '(' | '[')) {
        return Err(PhoneError::NotANumber(format!("it begins with {first:?}")));
    }
    if let Some(other) = number.chars().find(|&letter| !may_stand_in_a_number(letter)) {
        return Err(PhoneError::NotANumber(format!("it holds {other:?}")));
    }
    let ascii = number.contains(|letter: char| letter.is_ascii_digit());
    if ascii && number.contains(|letter: char| letter.is_numeric() && !letter.is_ascii()) {
        return Err(PhoneError::NotANumber("it mixes digits of two scripts".to_owned()));
    }
    Ok(text)
}

/// Zero-width and direction marks, the soft hyphen, the byte order mark.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Digits, the punctuation of numbers, and letters (`x12`, `1-800-FLOWERS`).
fn may_stand_in_a_number(letter: char) -> bool {
    letter.is_numeric()
        || letter.is_ascii_alphabetic()
        || matches!(letter, '+' | '(' | ')' | '[' | ']' | '-' | '.' | '/' | ' ' | '\t' | '\u{a0}')
        || matches!(letter, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{3000}' | '\u{ff08}'
            | '\u{ff09}' | '\u{ff0b}' | '\u{ff0d}'..='\u{ff0f}')
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
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// The United States.
    pub const US: Country = Country(*b"US");

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

impl TryFrom<String> for Country {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        Self::new(&code).ok_or_else(|| format!("{code:?} is no country with a numbering plan"))
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.as_str().to_owned()
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
        assert_eq!(PhoneNumber::parse("900 555 0123", us()), Err(PhoneError::PremiumRate));
        assert_eq!(PhoneNumber::parse("+88213000000", us()), Err(PhoneError::OfNoCountry));
    }

    #[test]
    fn a_number_hidden_in_another_text_is_no_number() {
        for text in [
            "2015550123;phone-context=evil",
            "12015550123@evil.example",
            "2015550123\r\nX-Evil: 1",
            "2015550123\0",
            "-12015550123",
            "=2015550123",
            "${2015550123}",
            "abc2015550123",
            "201555012\u{663}",
        ] {
            let parsed = PhoneNumber::parse(text, us());
            assert!(matches!(parsed, Err(PhoneError::NotANumber(_))), "{text:?}: {parsed:?}");
        }
    }

    #[test]
    fn marks_and_digits_of_other_scripts_are_read() {
        for text in [
            "+1201\u{200b}5550123",
            "\u{202a}+12015550123\u{202c}",
            "tel:+12015550123",
            "'+12015550123",
            "+\u{ff11}\u{ff12}\u{ff10}\u{ff11}\u{ff15}\u{ff15}\u{ff15}\u{ff10}\u{ff11}\u{ff12}\u{ff13}",
        ] {
            let parsed = PhoneNumber::parse(text, us());
            assert_eq!(parsed.map(PhoneNumber::to_e164), Ok("+12015550123".to_owned()), "{text:?}");
        }
    }

    #[test]
    fn a_number_in_a_log_shows_two_digits() {
        let number = PhoneNumber::from_e164("+12015550123").unwrap();
        assert_eq!(format!("{number:?}"), "+*********23");
    }
}
