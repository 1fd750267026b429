//! Where a law holds: a country, or a state of it, by its ISO code.

use std::fmt;

/// A country (`ES`) or a state of it (`US-FL`, `CA-BC`): ISO 3166-1 or 3166-2.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub struct Region([u8; 5]);

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
        shaped.then(|| {
            let mut code = [0; 5];
            code[..bytes.len()].copy_from_slice(bytes);
            Self(code)
        })
    }

    /// Reads a region of the North American tables, where a bare code is a US state: `FL`, `CA-BC`.
    pub(super) fn parse_american(text: &str) -> Option<Self> {
        if text.len() == 2 { Self::parse(&format!("US-{text}")) } else { Self::parse(text) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or("??").trim_end_matches('\0'))
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
    all_states: bool,
}

impl RegionPattern {
    /// Reads `ES`, `US-FL`, `US-*`; `None` when it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let country = text.strip_suffix("-*");
        Some(Self { code: Region::parse(country.unwrap_or(text))?, all_states: country.is_some() })
    }

    /// Whether the region is meant.
    pub fn matches(&self, region: Region) -> bool {
        if self.all_states {
            region.0[..2] == self.code.0[..2] && region.0[2] == b'-'
        } else {
            region == self.code
        }
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
