//! How near two numbers are, as who is called sees it.

use super::number::area_code;
use super::place::Places;
use crate::domain::PhoneNumber;

/// How near a number is to another, the nearest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Nearness {
    /// The same area code of the North American plan.
    AreaCode,
    /// The same state, province or country.
    Region,
    /// Elsewhere.
    Elsewhere,
}

impl Nearness {
    /// Of these two, by the numbers alone.
    pub fn of(one: PhoneNumber, other: PhoneNumber) -> Self {
        let codes = (area_code(one), area_code(other));
        if codes.0.is_some() && codes.0 == codes.1 {
            return Self::AreaCode;
        }
        let places = Places::embedded();
        let regions = |number| places.regions_of(number);
        let there = regions(other);
        if regions(one).iter().any(|region| there.contains(region)) {
            Self::Region
        } else {
            Self::Elsewhere
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_code_state_and_country_make_numbers_near() {
        let near = |one, other| {
            let number = |text| PhoneNumber::from_e164(text).unwrap();
            Nearness::of(number(one), number(other))
        };
        assert_eq!(near("+12015550123", "+12015550199"), Nearness::AreaCode);
        assert_eq!(near("+12015550123", "+19735550199"), Nearness::Region, "both New Jersey");
        assert_eq!(near("+12015550123", "+14155550199"), Nearness::Elsewhere);
        assert_eq!(near("+34910000000", "+34930000000"), Nearness::Region);
    }
}
