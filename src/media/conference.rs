//! More than two legs together, and who hears whom where it is not each other: a supervisor who listens
//! hears both and is heard by nobody.
//!
//! Two legs that hear each other are a bridge, and cost what they did; only who is named here is summed up.

use std::collections::{BTreeMap, BTreeSet};

use super::leg::MediaLeg;
use super::{Hears, LegId};
use crate::rtp::{FRAME, Frame};

/// The order in which legs were brought together or taken apart. An order that has waited for a leg on
/// its way from another thread does not undo a later one.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Arrangement(u64);

impl Arrangement {
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Each listener with those it hears, of one media thread.
#[derive(Debug, Default)]
pub(super) struct Conferences {
    hears: BTreeMap<LegId, BTreeSet<LegId>>,
    /// The last arrangement of each leg, bridges too.
    arranged: BTreeMap<LegId, Arrangement>,
}

impl Conferences {
    /// Whether nothing later was asked of this leg; this is then the last.
    pub(super) fn is_news(&mut self, leg: LegId, arrangement: Arrangement) -> bool {
        let last = self.arranged.entry(leg).or_default();
        let is_news = *last < arrangement;
        *last = arrangement.max(*last);
        is_news
    }

    /// The leg is closed, or another thread's.
    pub(super) fn forget(&mut self, leg: LegId) {
        self.arranged.remove(&leg);
    }

    /// Each listener hears these speakers and no others. Who is named leaves the conference in which
    /// it was.
    pub(super) fn set(&mut self, hearing: &[Hears]) {
        for Hears { listener, speaker } in hearing {
            self.leave(*listener);
            self.leave(*speaker);
        }
        for Hears { listener, speaker } in hearing.iter().filter(|it| it.listener != it.speaker) {
            self.hears.entry(*listener).or_default().insert(*speaker);
        }
    }

    /// The leg hears nobody, and nobody hears it.
    pub(super) fn leave(&mut self, leg: LegId) {
        self.hears.remove(&leg);
        self.hears.retain(|_, speakers| {
            speakers.remove(&leg);
            !speakers.is_empty()
        });
    }

    /// Sums up for each listener what its speakers said in this tick.
    pub(super) fn pass_on(&self, legs: &mut BTreeMap<LegId, MediaLeg>) {
        for (listener, speakers) in &self.hears {
            let mix = mix(speakers.iter().filter_map(|id| legs.get(id)).map(|leg| &leg.said));
            if let Some(leg) = legs.get_mut(listener) {
                leg.from_peer = Some(mix);
            }
        }
    }
}

/// The sum of what is said, held at full scale. It is summed up whole first: two loud voices and a
/// third against them are not cut twice.
fn mix<'a>(said: impl Iterator<Item = &'a Frame>) -> Frame {
    let mut sum = [0_i32; FRAME];
    for frame in said {
        for (sum, sample) in sum.iter_mut().zip(frame) {
            *sum += i32::from(*sample);
        }
    }
    sum.map(|sample| sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hears(listener: u64, speaker: u64) -> Hears {
        Hears { listener: LegId(listener), speaker: LegId(speaker) }
    }

    #[test]
    fn loud_voices_are_held_at_full_scale_and_cancel_out_before_that() {
        let (high, low) = ([30_000; FRAME], [-30_000; FRAME]);
        assert_eq!(mix([&high, &high].into_iter()), [i16::MAX; FRAME]);
        assert_eq!(mix([&low, &low].into_iter()), [i16::MIN; FRAME]);
        assert_eq!(mix([&high, &high, &low].into_iter()), high);
        assert_eq!(mix([].into_iter()), [0; FRAME]);
    }

    #[test]
    fn nobody_hears_themselves_and_who_leaves_leaves_nothing() {
        let mut conferences = Conferences::default();
        conferences.set(&[hears(1, 1), hears(1, 2), hears(2, 1), hears(3, 1), hears(3, 2)]);
        assert_eq!(conferences.hears[&LegId(1)], [LegId(2)].into());
        conferences.leave(LegId(1));
        assert_eq!(conferences.hears.keys().copied().collect::<Vec<_>>(), [LegId(3)]);
        conferences.leave(LegId(2));
        assert!(conferences.hears.is_empty());
    }

    #[test]
    fn who_is_named_again_hears_only_what_is_said_then() {
        let mut conferences = Conferences::default();
        conferences.set(&[hears(1, 2), hears(2, 1), hears(3, 1), hears(3, 2), hears(2, 3)]);
        conferences.set(&[hears(1, 2), hears(2, 1)]);
        assert!(!conferences.hears.contains_key(&LegId(3)), "who is named no longer hears nobody");
        assert_eq!(conferences.hears[&LegId(2)], [LegId(1)].into());
    }
}
