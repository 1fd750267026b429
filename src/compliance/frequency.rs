//! How often a number was called, and when it may be called again.

use jiff::{SignedDuration, Timestamp};

use super::attempt::{Attempt, Ending};
use super::local::{DAY_S, Zone};
use super::rulebook::Counting;
use super::scene::{Moment, Scene};
use crate::domain::Outcome;

impl<'a> Scene<'a> {
    /// When the attempts that a rule counts began: those before `moment` and later than so many
    /// seconds ago, open ones too.
    fn counted<'s>(
        &'s self,
        counting: &'s Counting,
        seconds: i64,
        moment: &'s Moment<'a>,
    ) -> impl Iterator<Item = Timestamp> + Clone + 's {
        let (begins, ends) = (before(moment.at, seconds), moment.at);
        let recent = self
            .case
            .attempts
            .iter()
            .filter(move |attempt| begins < attempt.at && attempt.at <= ends);
        recent.filter(|attempt| self.counts(attempt, counting, moment)).map(|attempt| attempt.at)
    }

    fn counts(&self, attempt: &Attempt, counting: &Counting, moment: &Moment<'a>) -> bool {
        let ending_counts = attempt.ending.is_none_or(|ending| {
            !counting.not_counted.hold(ending)
                && counting.counted.is_none_or(|counted| counted.hold(ending))
        });
        ending_counts
            && (!counting.connected || attempt.connected)
            && (counting.inbound || !attempt.inbound)
            && (!counting.same_debt || !(attempt.wrong_party || attempt.other_debt))
            && (!counting.prerecorded || attempt.prerecorded)
            && counting
                .not_under_consent_days
                .is_none_or(|days| !self.is_under_consent(attempt.at, days, moment))
    }

    /// Whether a debtor's own consent held at that time: given by then, less than so many calendar
    /// days before in every zone, not taken back, and no conversation since (12 CFR
    /// 1006.14(b)(3)(i) with its comments).
    pub(super) fn is_under_consent(&self, at: Timestamp, days: i64, moment: &Moment<'a>) -> bool {
        let Some(consent) = self.case.facts.prior_consent else { return false };
        let Some(given) = consent.at.filter(|given| *given <= at) else { return false };
        let recent = |zone: &Zone| zone.local(at).day - zone.local(given).day < days;
        let ends_it = |attempt: &Attempt| {
            let talked = attempt.ending == Some(Ending::Outcome(Outcome::Talked));
            talked && given < attempt.at && attempt.at < at
        };
        consent.revoked.is_none_or(|revoked| at < revoked)
            && moment.zones.iter().all(|(zone, _)| recent(zone))
            && !self.case.attempts.iter().any(ends_it)
    }

    /// The end of the interval, where it is not over: elapsed time, exactly as much is enough.
    pub(super) fn interval_end(
        &self,
        counting: &Counting,
        interval_s: i64,
        moment: &Moment<'a>,
    ) -> Option<Timestamp> {
        let last = self.counted(counting, interval_s, moment).max()?;
        Some(after(last, interval_s))
    }

    /// When the oldest attempts have left the window, where it is full now: elapsed time, half-open,
    /// so that an attempt exactly as old as the window is outside.
    pub(super) fn window_end(
        &self,
        counting: &Counting,
        attempts_max: u32,
        window_s: i64,
        moment: &Moment<'a>,
    ) -> Option<Timestamp> {
        let inside = self.counted(counting, window_s, moment);
        let surplus = inside.clone().count().checked_sub(attempts_max as usize)?;
        Some(after(nth_oldest(inside, surplus)?, window_s))
    }

    /// When the oldest attempts have left the calendar days, where those are full now in any zone:
    /// the worst count of the zones decides.
    pub(super) fn days_end(
        &self,
        counting: &Counting,
        attempts_max: u32,
        days: i64,
        moment: &Moment<'a>,
    ) -> Option<Timestamp> {
        // No clock makes so many days longer than this.
        let recent = self.counted(counting, days * DAY_S + 25 * 3_600, moment);
        let attempts_max = attempts_max as usize;
        if recent.clone().count() < attempts_max {
            return None;
        }
        let end_in = |zone: &Zone, today: i64| {
            let inside = recent.clone().filter(|begun| today - zone.local(*begun).day < days);
            let surplus = inside.clone().count().checked_sub(attempts_max)?;
            let leaves = zone.local(nth_oldest(inside, surplus)?).day + days;
            zone.first(moment.at, |reading| Some(reading.max(leaves * DAY_S)))
        };
        moment.zones.iter().filter_map(|(zone, local)| end_in(zone, local.day)).max()
    }
}

/// The one that must go for as many to be left as a maximum allows, less one.
fn nth_oldest(begun: impl Iterator<Item = Timestamp>, surplus: usize) -> Option<Timestamp> {
    let mut begun: Vec<Timestamp> = begun.collect();
    begun.sort_unstable();
    begun.get(surplus).or(begun.last()).copied()
}

fn before(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN)
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
