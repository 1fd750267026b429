//! Where a trunk is: its addresses, which of them fail, and which is next (RFC 3263 §4.3, RFC 2782).

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt};

use super::line::after;
use crate::transport::Target;

/// The addresses of a trunk that is known by name; one that is known by address has that alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    targets: Vec<Target>,
    /// Those that have failed a call, and until when they are passed over.
    resting: BTreeMap<SocketAddr, Timestamp>,
}

impl Places {
    /// One address.
    pub(super) fn at(address: SocketAddr) -> Self {
        let target = Target { priority: 0, weight: 0, addresses: vec![address] };
        Self { targets: vec![target], resting: BTreeMap::new() }
    }

    /// What the name servers say now; what rests goes on resting.
    pub(super) fn set(&mut self, targets: Vec<Target>) {
        self.targets = targets;
        let known: Vec<_> = self.all().collect();
        self.resting.retain(|address, _| known.contains(address));
    }

    /// Every address.
    pub(super) fn all(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.targets.iter().flat_map(|target| target.addresses.iter().copied())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Where the next call goes: of the targets with an address that does not rest those of the lowest
    /// priority, and one of them by chance, each by its weight. One of weight 0 has hardly any beside
    /// others (RFC 2782).
    pub(super) fn next(&self, now: Timestamp, chance: &mut impl Rng) -> Option<SocketAddr> {
        let rested = |target: &Target| {
            target.addresses.iter().copied().find(|address| !self.rests(*address, now))
        };
        let usable: Vec<(&Target, SocketAddr)> =
            self.targets.iter().filter_map(|target| Some((target, rested(target)?))).collect();
        let priority = usable.iter().map(|(target, _)| target.priority).min()?;
        let mut best: Vec<_> =
            usable.into_iter().filter(|(target, _)| target.priority == priority).collect();
        best.sort_by_key(|(target, _)| target.weight);
        let whole: u32 = best.iter().map(|(target, _)| u32::from(target.weight)).sum();
        let mut drawn = if best.len() > 1 { chance.random_range(0..=whole) } else { 0 };
        let chosen = best.iter().find(|(target, _)| {
            let weight = u32::from(target.weight);
            let is_it = drawn <= weight;
            drawn = drawn.saturating_sub(weight);
            is_it
        });
        chosen.map(|(_, address)| *address)
    }

    /// It has failed a call, and is passed over for a while; says whether another one is left.
    pub(super) fn fail(
        &mut self,
        address: SocketAddr,
        rest: SignedDuration,
        now: Timestamp,
    ) -> bool {
        self.resting.retain(|_, until| *until > now);
        if self.all().any(|known| known == address) {
            self.resting.insert(address, after(now, rest));
        }
        self.all().any(|address| !self.rests(address, now))
    }

    /// Whether there is another one that does not rest.
    pub(super) fn has_other(&self, than: SocketAddr, now: Timestamp) -> bool {
        self.all().any(|address| address != than && !self.rests(address, now))
    }

    /// Every one may be tried again.
    pub(super) fn forgive(&mut self) {
        self.resting.clear();
    }

    fn rests(&self, address: SocketAddr, now: Timestamp) -> bool {
        self.resting.get(&address).is_some_and(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    const REST: SignedDuration = SignedDuration::from_secs(5);

    fn at(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    fn target(priority: u16, weight: u16, ports: &[u16]) -> Target {
        Target { priority, weight, addresses: ports.iter().copied().map(at).collect() }
    }

    fn places(targets: Vec<Target>) -> Places {
        Places { targets, ..Places::default() }
    }

    #[test]
    fn calls_are_shared_by_weight_among_the_lowest_priority() {
        let places = places(vec![target(2, 9, &[1]), target(1, 3, &[2]), target(1, 1, &[3])]);
        let mut chance = Pcg64Mcg::seed_from_u64(1);
        let mut counts = BTreeMap::new();
        for _ in 0..4_000 {
            let next = places.next(Timestamp::UNIX_EPOCH, &mut chance).unwrap();
            *counts.entry(next.port()).or_insert(0) += 1;
        }
        assert_eq!(counts.keys().copied().collect::<Vec<_>>(), [2, 3]);
        // RFC 2782's draw from 0 to the sum gives the smallest a little more than its share.
        assert!((1_000..1_800).contains(&counts[&3]), "{counts:?}");
    }

    #[test]
    fn one_that_fails_is_passed_over_until_it_has_rested_or_all_have_failed() {
        let mut places = places(vec![target(1, 0, &[1, 2]), target(2, 0, &[3])]);
        let (mut chance, now) = (Pcg64Mcg::seed_from_u64(1), Timestamp::UNIX_EPOCH);
        for (port, is_one_left) in [(1, true), (2, true), (3, false)] {
            assert_eq!(places.next(now, &mut chance), Some(at(port)));
            assert_eq!(places.fail(at(port), REST, now), is_one_left);
        }
        assert_eq!(places.next(now, &mut chance), None);
        assert_eq!(places.next(after(now, REST), &mut chance), Some(at(1)));
        places.forgive();
        assert_eq!(places.next(now, &mut chance), Some(at(1)));
    }

    #[test]
    fn a_new_answer_takes_the_place_of_the_old_and_forgets_who_is_gone() {
        let mut places = places(vec![target(1, 0, &[1, 2])]);
        places.fail(at(1), REST, Timestamp::UNIX_EPOCH);
        places.set(vec![target(1, 0, &[2, 3])]);
        assert!(places.resting.is_empty());
        assert_eq!(places.all().collect::<Vec<_>>(), [at(2), at(3)]);
    }
}
