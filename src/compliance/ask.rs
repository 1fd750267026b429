//! What each kind of rule says of a case.

use jiff::Timestamp;

use super::case::{Abandonment, CallerId};
use super::evaluation::Lifts;
use super::holidays::DayIs;
use super::local::{DAY_S, Zone, day_of};
use super::region::Region;
use super::rulebook::{Rule, RuleKind};
use super::scene::{Moment, Scene};
use crate::domain::{ConsentKind, Inconvenient, Listing, Reassigned, WindowSpan};

impl<'a> Scene<'a> {
    /// Until when the rule refuses; `None` when it allows.
    pub(super) fn refusal(&self, rule: &'a Rule, moment: &Moment<'a>) -> Option<Lifts> {
        let (facts, at) = (self.case.facts, moment.at);
        let until = |end: Option<Timestamp>| end.map(Lifts::At);
        match &rule.kind {
            RuleKind::Abandonment { window, limit_percent } => {
                self.is_above(*window, *limit_percent).then_some(Lifts::Presently)
            }
            RuleKind::AttemptsInDays { attempts_max, days, counting } => {
                until(self.days_end(counting, *attempts_max, *days, moment))
            }
            RuleKind::AttemptsWithin { attempts_max, window_s, counting } => {
                until(self.window_end(counting, *attempts_max, *window_s, moment))
            }
            RuleKind::CallerId { not_numbers } => match self.case.caller_id {
                CallerId::Missing | CallerId::NotSaid => Some(Lifts::Mended),
                CallerId::Sent => (!not_numbers.is_empty()).then_some(Lifts::Mended),
                CallerId::Shown(number) => {
                    not_numbers.iter().any(|bad| bad.matches(number)).then_some(Lifts::Mended)
                }
            },
            RuleKind::ClosedHolidays { calendar } => self.holiday(*calendar, moment),
            RuleKind::ClosedWeekdays(week) | RuleKind::Hours(week) => {
                let closed = moment.zones.iter().filter(|(_, local)| !week.is_open(*local));
                let opens = |zone: &Zone| zone.first(at, |reading| week.next_open(reading));
                latest(closed.map(|(zone, _)| opens(zone)))
            }
            RuleKind::Consent { kinds } => {
                (!self.has_consent(kinds, false, at)).then_some(Lifts::Never)
            }
            RuleKind::CoolingAfterRefusal { full_days } => {
                let last = day_of(facts.refused_at?) + full_days;
                let cooling = moment.zones.iter().filter(|(_, local)| local.day <= last);
                latest(cooling.map(|(zone, _)| next_day(zone, last, at)))
            }
            RuleKind::DoNotCall => self.is_do_not_call(moment).then_some(Lifts::Never),
            RuleKind::Inconvenient => self.inconvenient(moment),
            RuleKind::Interval { interval_s, counting } => {
                until(self.interval_end(counting, *interval_s, moment))
            }
            RuleKind::Mark { mark } => (facts.mark(mark) == Some(true)).then_some(Lifts::Never),
            RuleKind::Numbers(patterns) => {
                let matched = patterns.iter().any(|pattern| pattern.matches(self.case.number));
                (!matched).then_some(Lifts::Never)
            }
            RuleKind::Reassigned => {
                let rests_on_consent = facts.consent.is_some();
                let has_changed_hands = facts.reassigned == Some(Reassigned::Yes);
                (rests_on_consent && has_changed_hands).then_some(Lifts::Never)
            }
            RuleKind::Registry { registry, silence_is_unlisted } => {
                let Listing { listed, as_of } = self.listing(registry);
                match listed {
                    Some(true) => Some(Lifts::Never),
                    Some(false) => None,
                    // Without a copy there is no answer to miss: the rule of its age refuses.
                    None if *silence_is_unlisted => None,
                    None => (as_of.is_some() || !self.asks_age(registry)).then_some(Lifts::Mended),
                }
            }
            RuleKind::RegistryAge { registry, days_max } => {
                let age = moment.latest_day()? - day_of_copy(self.listing(registry));
                (!(0..=*days_max).contains(&age)).then_some(Lifts::Mended)
            }
        }
    }

    pub(super) fn is_do_not_call(&self, moment: &Moment<'a>) -> bool {
        self.is_listed || self.case.facts.internal.is_some_and(|asked| asked <= moment.at)
    }

    /// Whether a consent of such a kind holds: given, and not taken back.
    pub(super) fn has_consent(
        &self,
        kinds: &[ConsentKind],
        off_hours: bool,
        at: Timestamp,
    ) -> bool {
        self.case.facts.consent.is_some_and(|consent| {
            kinds.contains(&consent.kind)
                && (consent.off_hours || !off_hours)
                && consent.at.is_some_and(|given| given <= at)
                && consent.revoked.is_none_or(|revoked| at < revoked)
        })
    }

    /// What is known of the number in a registry: by the lead's own columns, and by the gate's list
    /// of that id where it has one. Either may say that the number is listed; the newer copy
    /// counts.
    fn listing(&self, registry: &str) -> Listing {
        let of_lead = self.case.facts.registries.get(registry).copied().unwrap_or_default();
        let Some(as_of) = self.lists.as_of(registry) else { return of_lead };
        let listed = self.lists.listed(registry, self.case.number) || of_lead.listed == Some(true);
        Listing { listed: Some(listed), as_of: of_lead.as_of.max(Some(as_of)) }
    }

    /// Whether a rule of the case asks how old the copy of a registry is.
    fn asks_age(&self, registry: &str) -> bool {
        let rules = self.books.iter().flatten().flat_map(|asked| &asked.book.rules);
        rules.into_iter().any(|rule| match &rule.kind {
            RuleKind::RegistryAge { registry: asked, .. } => asked == registry,
            _ => false,
        })
    }

    /// Whether the share of people who had no agent is above the limit. Where nobody counts here,
    /// the pacer does.
    fn is_above(&self, window: WindowSpan, limit_percent: f64) -> bool {
        let above = |abandoned: u64, people: u64| {
            abandoned as f64 * 100.0 > limit_percent * people as f64 + 1e-7
        };
        match self.case.circumstances.abandonment {
            Abandonment::Counted { abandoned, people } => above(abandoned, people),
            Abandonment::NotSaid => false,
            Abandonment::Windows(windows) => {
                let same = windows.iter().find(|count| count.window.span == window);
                same.is_some_and(|count| above(count.abandoned, count.people))
            }
        }
    }

    fn holiday(&self, calendar: Region, moment: &Moment<'a>) -> Option<Lifts> {
        let days = moment.zones.iter();
        let days =
            days.map(|(zone, local)| (zone, local.day, self.holidays.day_is(calendar, local.day)));
        if days.clone().any(|(.., day)| day == DayIs::NotCovered) {
            return Some(Lifts::Mended);
        }
        let off = days.filter(|(.., day)| *day == DayIs::Holiday);
        latest(off.map(|(zone, day, _)| next_day(zone, day, moment.at)))
    }

    fn inconvenient(&self, moment: &Moment<'a>) -> Option<Lifts> {
        let at = moment.at;
        let ends = self.case.facts.inconvenient.iter().flat_map(|time| {
            moment.zones.iter().filter_map(move |(zone, local)| match *time {
                Inconvenient::Daily(begin, end) => {
                    let inside = if begin < end {
                        (begin..end).contains(&local.second)
                    } else {
                        local.second >= begin || local.second < end
                    };
                    let end = local.day * DAY_S + end;
                    let end =
                        if end > local.day * DAY_S + local.second { end } else { end + DAY_S };
                    inside.then(|| zone.first(at, |reading| Some(reading.max(end))))
                }
                Inconvenient::Once(begin, end) => (begin <= at && at < end).then_some(Some(end)),
            })
        });
        latest(ends)
    }
}

/// The latest of the ends; never when one of them is; `None` of none.
fn latest(ends: impl Iterator<Item = Option<Timestamp>>) -> Option<Lifts> {
    ends.map(|end| end.map_or(Lifts::Never, Lifts::At)).max_by_key(|lifts| match lifts {
        Lifts::At(at) => (0, *at),
        Lifts::Mended | Lifts::Never | Lifts::Presently => (1, Timestamp::MAX),
    })
}

/// When a day is over there.
fn next_day(zone: &Zone, day: i64, at: Timestamp) -> Option<Timestamp> {
    zone.first(at, |reading| Some(reading.max((day + 1) * DAY_S)))
}

/// A copy of which nobody knows the day is older than any.
fn day_of_copy(listing: Listing) -> i64 {
    listing.as_of.map_or(i64::from(i32::MIN), day_of)
}
