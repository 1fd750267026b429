//! Where a law holds: a country, or a state of it, by its ISO code.

use std::fmt;

/// A country (`ES`) or a state of it (`US-FL`, `CA-BC`): ISO 3166-1 or 3166-2.
/// Its letters in one word, the first in the highest byte, so that it is compared at once.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub struct Region(u64);

impl Region {
    /// Reads `ES`, `US-FL`; `None` when it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let letters = |range: &[u8]| range.iter().all(u8::is_ascii_uppercase);
        let shaped = match bytes.len() {
            2 => letters(bytes),
            5 => letters(&bytes[..2]) && bytes[2] == b'-' && letters(&bytes[3..]),
            _ => false,
        };
        shaped.then(|| Self::of_letters(bytes))
    }

    /// Of at most eight letters.
    const fn of_letters(letters: &[u8]) -> Self {
        let (mut word, mut place) = (0, 0);
        while place < 8 {
            let letter = if place < letters.len() { letters[place] } else { 0 };
            word = word << 8 | letter as u64;
            place += 1;
        }
        Self(word)
    }

    /// Reads a region of the North American tables, where a bare code is a US state: `FL`, `CA-BC`.
    pub(super) fn parse_american(text: &str) -> Option<Self> {
        if text.len() == 2 { Self::state_of(*b"US", text) } else { Self::parse(text) }
    }

    /// Two letters as a state or province of that country.
    pub(super) fn state_of(country: [u8; 2], state: &str) -> Option<Self> {
        let &[first, second] = state.as_bytes() else { return None };
        let letters = [country[0], country[1], b'-', first, second];
        std::str::from_utf8(&letters).ok().and_then(Self::parse)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = self.0.to_be_bytes();
        f.write_str(std::str::from_utf8(&letters).unwrap_or("??").trim_end_matches('\0'))
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One region (`US-FL`), or every state of a country (`US-*`).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RegionPattern {
    code: Region,
    /// Which letters count: all, or those of the country and the dash.
    mask: u64,
}

const DASH_MASK: u64 = 0xffff_ff00_0000_0000;

impl RegionPattern {
    /// Reads `ES`, `US-FL`, `US-*`; `None` when it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let Some(country) = text.strip_suffix("-*") else {
            return Some(Self { code: Region::parse(text)?, mask: u64::MAX });
        };
        let Region(code) = Region::parse(country).filter(|_| country.len() == 2)?;
        let Region(dash) = const { Region::of_letters(b"\0\0-") };
        Some(Self { code: Region(code | dash), mask: DASH_MASK })
    }

    /// Whether the region is meant.
    pub fn matches(&self, region: Region) -> bool {
        region.0 & self.mask == self.code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_not_a_country_of_the_same_letters() {
        let delaware = Region::parse_american("DE").unwrap();
        assert_eq!(delaware.to_string(), "US-DE");
        assert_ne!(delaware, Region::parse("DE").unwrap());
        assert!(RegionPattern::parse("US-*").unwrap().matches(delaware));
        assert!(!RegionPattern::parse("DE").unwrap().matches(delaware));
        assert!(!RegionPattern::parse("US-*").unwrap().matches(Region::parse("US").unwrap()));
    }

    #[test]
    fn what_is_no_region_is_refused() {
        for text in ["", "U", "us", "US-F", "US FL", "USA", "US-*"] {
            assert_eq!(Region::parse(text), None, "{text}");
        }
    }
}
