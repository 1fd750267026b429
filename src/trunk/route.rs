//! Which trunks may take a call, in which order, and how its number is written for each.

use std::cmp::Reverse;

use rand::{Rng, RngExt};

use super::config::TrunkConfig;
use crate::domain::PhoneNumber;

/// A trunk's part in routing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Routing {
    /// Only numbers that begin so; none stands for every number. Of two trunks the one with the
    /// longer fitting prefix goes first.
    pub prefixes: Vec<Prefix>,
    /// Of trunks that fit alike the one with the lower goes first.
    pub priority: u16,
    /// Trunks of the same priority that have one share their calls in this proportion, before those
    /// with none, which keep the campaign's order.
    pub weight: u16,
    /// How called numbers are written.
    pub called: Rewriting,
    /// How caller ids are written.
    pub caller_id: Rewriting,
}

/// The first digits of numbers, `+` and all (`+44`, `+1201`).
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Prefix(String);

/// What stands in the place of a number's first digits: the longest prefix that fits decides, and a
/// number that none fits is written as E.164 with its `+`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rewriting(Vec<(Prefix, String)>);

impl Prefix {
    /// `+` and up to 15 digits; `+` alone fits every number.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let fits = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }

    fn fits(&self, e164: &str) -> bool {
        e164.starts_with(&self.0)
    }
}

impl Rewriting {
    /// From prefixes and what stands in their place.
    pub fn new(mut rules: Vec<(Prefix, String)>) -> Self {
        rules.sort_by_key(|(prefix, _)| Reverse(prefix.0.len()));
        Self(rules)
    }

    /// What may stand in a prefix's place: what a user part may have without escapes (RFC 3261
    /// §25.1, telephone-subscriber).
    pub fn is_replacement(text: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'*' | b'-' | b'.');
        text.len() <= 24 && text.bytes().all(allowed)
    }

    /// The number as this trunk wants it.
    pub fn write(&self, number: PhoneNumber) -> String {
        let e164 = number.to_e164();
        let rule = self.0.iter().find(|(prefix, _)| prefix.fits(&e164));
        match rule {
            Some((prefix, replacement)) => format!("{replacement}{}", &e164[prefix.0.len()..]),
            None => e164,
        }
    }
}

/// The trunks that may take a call to that number, best first, of those that its campaign names, in
/// the campaign's order. Chance decides by weight.
pub(super) fn order<'a, T>(
    trunks: impl IntoIterator<Item = (T, &'a TrunkConfig)>,
    number: PhoneNumber,
    chance: &mut impl Rng,
) -> Vec<T> {
    let e164 = number.to_e164();
    let mut fitting = Vec::new();
    for (place, (trunk, config)) in trunks.into_iter().enumerate() {
        let routing = &config.routing;
        let lengths = routing.prefixes.iter().filter(|prefix| prefix.fits(&e164));
        let length = lengths.map(|prefix| prefix.0.len()).max();
        if length.is_none() && !routing.prefixes.is_empty() {
            continue;
        }
        // Exponential times at the rate of the weight: the first of them is each trunk's with the
        // probability of its share, and so on among the rest (Efraimidis and Spirakis, 2006).
        let turn = match routing.weight {
            0 => f64::INFINITY,
            weight => -(1.0 - chance.random::<f64>()).ln() / f64::from(weight),
        };
        fitting.push((Reverse(length.unwrap_or(0)), routing.priority, turn, place, trunk));
    }
    fitting.sort_by(|one, other| {
        let (a, b) = ((one.0, one.1), (other.0, other.1));
        a.cmp(&b).then(one.2.total_cmp(&other.2)).then(one.3.cmp(&other.3))
    });
    fitting.into_iter().map(|(.., trunk)| trunk).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::domain::TrunkId;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::from_e164(text).unwrap()
    }

    fn prefixes(texts: &[&str]) -> Vec<Prefix> {
        texts.iter().map(|text| Prefix::parse(text).unwrap()).collect()
    }

    fn trunk(name: &str, routing: Routing) -> TrunkConfig {
        let address = ([127, 0, 0, 1], 5060).into();
        TrunkConfig { routing, ..TrunkConfig::new(TrunkId(0), name, address) }
    }

    fn names(trunks: &[TrunkConfig], to: &str, seed: u64) -> Vec<String> {
        let mut chance = Pcg64Mcg::seed_from_u64(seed);
        let named = trunks.iter().map(|trunk| (trunk.name.clone(), trunk));
        order(named, number(to), &mut chance)
    }

    #[test]
    fn trunks_without_a_setting_keep_the_campaigns_order() {
        let trunks = ["b", "a", "c"].map(|name| trunk(name, Routing::default()));
        assert_eq!(names(&trunks, "+12015550123", 1), ["b", "a", "c"]);
    }

    #[test]
    fn the_longest_prefix_goes_first_and_one_that_does_not_fit_not_at_all() {
        let trunks = [
            trunk("world", Routing::default()),
            trunk("us", Routing { prefixes: prefixes(&["+1"]), ..Routing::default() }),
            trunk("jersey", Routing { prefixes: prefixes(&["+1201"]), ..Routing::default() }),
            trunk("uk", Routing { prefixes: prefixes(&["+44"]), ..Routing::default() }),
        ];
        assert_eq!(names(&trunks, "+12015550123", 1), ["jersey", "us", "world"]);
        assert_eq!(names(&trunks, "+442079460123", 1), ["uk", "world"]);
    }

    #[test]
    fn priority_comes_before_weight_and_weights_share_by_their_proportion() {
        let weighted = |priority, weight| Routing { priority, weight, ..Routing::default() };
        let trunks = [
            trunk("spare", weighted(2, 9)),
            trunk("big", weighted(1, 3)),
            trunk("small", weighted(1, 1)),
        ];
        let mut big = 0;
        for seed in 0..2_000 {
            let order = names(&trunks, "+12015550123", seed);
            assert_eq!(order[2], "spare");
            big += u32::from(order[0] == "big");
        }
        // Three quarters of 2,000, within five standard deviations (19.4).
        assert!((1_403..=1_597).contains(&big), "{big}");
    }

    #[test]
    fn a_number_is_written_by_the_longest_prefix_that_fits() {
        let rule = |prefix: &str, text: &str| (Prefix::parse(prefix).unwrap(), text.to_owned());
        let rewriting = Rewriting::new(vec![rule("+", "00"), rule("+1", "1"), rule("+1800", "8")]);
        assert_eq!(rewriting.write(number("+12015550123")), "12015550123");
        assert_eq!(rewriting.write(number("+442079460123")), "00442079460123");
        assert_eq!(Rewriting::default().write(number("+12015550123")), "+12015550123");
        assert!(!Rewriting::is_replacement("@evil"));
    }
}
