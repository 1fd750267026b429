//! A case with its rulebooks and its place: every rule asked, in order, at one instant.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;

use super::case::{CallerId, Case};
use super::dnc::Lists;
use super::evaluation::{BuiltIn, Finding, Lifts, Ruling, Source, Unconcerned};
use super::holidays::Holidays;
use super::local::{DAY_S, Local, Zone};
use super::number::is_dialable;
use super::place::Place;
use super::region::Region;
use super::rulebook::{Concerns, Coverage, Rule, RuleKind, Rulebook, Stage};
use crate::domain::Inconvenient;

/// A case, and what the gate has to judge it by.
pub(super) struct Scene<'a> {
    pub case: &'a Case<'a>,
    /// The case's rulebooks; `None` when one of them is not there.
    pub books: Option<Vec<Asked<'a>>>,
    pub place: Place<'a>,
    pub holidays: &'a Holidays,
    /// The gate's lists.
    pub lists: &'a Lists,
    /// The number is on one that forbids the call whatever a rulebook says.
    pub is_listed: bool,
}

/// A rulebook that is asked.
pub(super) struct Asked<'a> {
    pub book: &'a Arc<Rulebook>,
    /// Which of its rules hold in the regions of the case, one bit each.
    here: u128,
}

/// An instant, and what the clocks of every candidate zone show then.
pub(super) struct Moment<'a> {
    pub at: Timestamp,
    pub zones: Vec<(&'a Zone, Local)>,
}

/// Told every finding; may end the questions.
pub(super) type Visit<'v> = &'v mut dyn FnMut(Finding) -> ControlFlow<()>;

impl Moment<'_> {
    /// The latest day of the zones.
    pub fn latest_day(&self) -> Option<i64> {
        self.zones.iter().map(|(_, local)| local.day).max()
    }
}

impl<'a> Asked<'a> {
    /// A rulebook, asked of a place.
    pub fn of(book: &'a Arc<Rulebook>, place: &Place<'a>) -> Self {
        Self { book, here: book.rules_in(place.regions()) }
    }

    /// Those of its rules which hold there and are among these, in order, with their places.
    fn rules(&self, among: u128) -> impl Iterator<Item = (u16, &'a Rule)> + use<'a> {
        let (mut left, rules) = (self.here & among, self.book.rules.as_slice());
        std::iter::from_fn(move || {
            let place = left.trailing_zeros();
            left &= left.checked_sub(1)?;
            Some((place as u16, rules.get(place as usize)?))
        })
    }
}

impl<'a> Scene<'a> {
    /// The clocks at an instant.
    pub fn moment(&self, at: Timestamp) -> Moment<'a> {
        let zones = self.place.zones(at).map(|zone| (zone, zone.local(at))).collect();
        Moment { at, zones }
    }

    /// Every rule's answer, in the order in which they are asked. What makes the rest meaningless
    /// ends it: no rulebooks, no number, no zone.
    pub fn each_finding(&self, moment: &Moment<'a>, visit: Visit<'_>) -> ControlFlow<()> {
        if !is_dialable(self.case.number) {
            return visit(Finding::built_in(BuiltIn::NumberInvalid));
        }
        let Some(books) = &self.books else {
            return visit(Finding::built_in(BuiltIn::RulebookUnknown));
        };
        if books.is_empty() {
            return visit(Finding::built_in(BuiltIn::RulebookNone));
        }
        if books.iter().any(|asked| asked.book.finds_stale(self.case.tzdb)) {
            visit(Finding::built_in(BuiltIn::TzdbStale))?;
        }
        if moment.zones.is_empty() {
            return visit(Finding::built_in(BuiltIn::ZoneUnknown));
        }
        if !self.is_covered(books) {
            visit(Finding::built_in(BuiltIn::RulebookUncovered))?;
        }
        if !self.case.facts.unreadable.is_empty() {
            visit(Finding::built_in(BuiltIn::LeadUnreadable))?;
        }
        if self.case.do_not_call.iter().any(|list| self.lists.get(list).is_none()) {
            visit(Finding::built_in(BuiltIn::DncListMissing))?;
        }
        self.each_rule(books, moment, visit)
    }

    fn each_rule(
        &self,
        books: &[Asked<'a>],
        moment: &Moment<'a>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        for stage in Stage::ALL {
            let mut is_held = false;
            for (book, asked) in books.iter().enumerate() {
                for (place, rule) in asked.rules(asked.book.by_stage[stage as usize]) {
                    let ruling = self.ruling(rule, moment);
                    is_held |= ruling.is_refusal() && holds_without_rulebook(&rule.kind);
                    let source = Source::Rule { book: book as u16, rule: place };
                    visit(Finding { source, ruling })?;
                }
            }
            if !is_held && let Some(built_in) = self.of_every_rulebook(stage, moment) {
                visit(Finding::built_in(built_in))?;
            }
        }
        ControlFlow::Continue(())
    }

    /// What holds whether or not a rulebook writes it down.
    fn of_every_rulebook(&self, stage: Stage, moment: &Moment<'a>) -> Option<BuiltIn> {
        match stage {
            Stage::DoNotCall => self.is_do_not_call(moment).then_some(BuiltIn::DncInternal),
            Stage::CallerId => {
                let is_missing = self.case.caller_id == CallerId::Missing;
                is_missing.then_some(BuiltIn::CallerIdMissing)
            }
            Stage::Abandonment
            | Stage::Consent
            | Stage::Frequency
            | Stage::Holidays
            | Stage::Hours
            | Stage::Numbers
            | Stage::Reassigned
            | Stage::Registry
            | Stage::RegistryAge
            | Stage::StateHours
            | Stage::Weekdays => None,
        }
    }

    /// What a rule says, with what exempts from it.
    fn ruling(&self, rule: &'a Rule, moment: &Moment<'a>) -> Ruling {
        if !self.is_concerned(&rule.concerns) {
            return Ruling::NotConcerned(Unconcerned::AnotherCall);
        }
        if !is_in_force(rule, moment) {
            return Ruling::NotConcerned(Unconcerned::NotInForce);
        }
        let Some(lifts) = self.refusal(rule, moment) else { return Ruling::Allows };
        let exempts = |exemption| self.exempts(exemption, moment);
        if let Some(exemption) = rule.unless.iter().position(exempts) {
            return Ruling::Exempt(exemption as u8);
        }
        let until = rule.until.map(|last| end_of_day(last, moment));
        let exempt_from = self.exempt_from(rule, moment);
        let sooner = until.into_iter().chain(exempt_from).min();
        Ruling::Refuses(match (lifts, sooner) {
            (Lifts::At(at), Some(sooner)) => Lifts::At(at.min(sooner)),
            (Lifts::Never, Some(sooner)) => Lifts::At(sooner),
            (lifts, _) => lifts,
        })
    }

    fn is_concerned(&self, concerns: &Concerns) -> bool {
        fn among<T: PartialEq>(one: &T, all: &[T]) -> bool {
            all.is_empty() || all.contains(one)
        }
        let sector = self.case.facts.sector.as_deref();
        among(&self.case.purpose, &concerns.purposes)
            && among(&self.case.line, &concerns.lines)
            && among(&self.case.dial, &concerns.dials)
            && (concerns.sectors.is_empty()
                || sector.is_some_and(|sector| concerns.sectors.iter().any(|one| one == sector)))
    }

    /// Whether some rulebook is the law in every region where the person may be.
    fn is_covered(&self, books: &[Asked<'a>]) -> bool {
        let covers = || books.iter().map(|asked| &asked.book.covers);
        let by_region = |region: Region| {
            covers().any(|covers| covers.regions.iter().any(|pattern| pattern.matches(region)))
        };
        let by_number = |covers: &Coverage| {
            covers.numbers.iter().any(|pattern| pattern.matches(self.case.number))
        };
        self.place.regions().all(by_region) || covers().any(by_number)
    }

    /// Until when what holds now goes on, at most until `limit`, a few seconds from now; and never
    /// past a change of a clock or a midnight, so that within it every clock runs evenly and no day
    /// ends.
    pub fn open_until(&self, moment: &Moment<'a>, limit: Timestamp) -> Timestamp {
        /// No clock of the tables changes off the quarter hour of UTC; a test asks each.
        const QUARTER_S: i64 = 900;
        let (start, end) = (moment.at.as_second(), limit.as_second());
        let (furthest, mut limit) = (limit, limit);
        if start.div_euclid(QUARTER_S) != end.div_euclid(QUARTER_S)
            && let Some(change) = self.place.next_change(moment.at)
        {
            limit = limit.min(change);
        }
        let after = |seconds: i64| Timestamp::from_second(start + seconds).unwrap_or(furthest);
        for (_, local) in &moment.zones {
            limit = limit.min(after(DAY_S - local.second));
        }
        for week in self.weeks(moment) {
            for (_, local) in &moment.zones {
                let reading = local.day * DAY_S + local.second;
                if !week.is_open(Local::from_seconds(reading + end - start))
                    && let Some(closed) = week.next_closed(reading)
                {
                    limit = limit.min(after(closed - reading));
                }
            }
        }
        for time in &self.case.facts.inconvenient {
            let Inconvenient::Daily(begin, _) = time else { continue };
            for (_, local) in moment.zones.iter().filter(|(_, local)| local.second < *begin) {
                limit = limit.min(after(begin - local.second));
            }
        }
        self.facts_change(moment.at).map_or(limit, |at| limit.min(at))
    }

    /// The hours that hold.
    fn weeks<'s>(
        &'s self,
        moment: &'s Moment<'a>,
    ) -> impl Iterator<Item = &'a super::hours::Week> + 's {
        let asked = self.books.iter().flatten();
        let rules = asked.flat_map(|asked| asked.rules(asked.book.with_hours));
        rules.filter_map(|(_, rule)| match &rule.kind {
            RuleKind::ClosedWeekdays(week) | RuleKind::Hours(week) => {
                let holds = self.is_concerned(&rule.concerns) && is_in_force(rule, moment);
                holds.then_some(week)
            }
            _ => None,
        })
    }
}

/// The kinds whose refusal makes that of the gate itself needless.
fn holds_without_rulebook(kind: &RuleKind) -> bool {
    matches!(kind, RuleKind::CallerId { .. } | RuleKind::DoNotCall)
}

/// Whether the rule is in force on the local day of any candidate zone.
fn is_in_force(rule: &Rule, moment: &Moment<'_>) -> bool {
    if rule.since.is_none() && rule.until.is_none() {
        return true;
    }
    moment.zones.iter().any(|(_, local)| {
        rule.since.is_none_or(|since| local.day >= since)
            && rule.until.is_none_or(|until| local.day <= until)
    })
}

/// The first instant at which the local day is over in every candidate zone.
fn end_of_day(day: i64, moment: &Moment<'_>) -> Timestamp {
    let tomorrow = (day + 1) * DAY_S;
    let ends = moment
        .zones
        .iter()
        .filter_map(|(zone, _)| zone.first(moment.at, |reading| Some(reading.max(tomorrow))));
    ends.max().unwrap_or(Timestamp::MAX)
}
