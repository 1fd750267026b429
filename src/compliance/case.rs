//! One lead before the gate: every rule asked, in order, at one instant.

use std::borrow::Cow;
use std::ops::ControlFlow;

use jiff::Timestamp;

use super::dnc::Lists;
use super::frequency::{day_end, interval_end, window_end};
use super::local::{DAY_S, Local, Zone};
use super::number::is_dialable;
use super::place::Place;
use super::rulebook::{Rule, RuleKind, Rulebook, Stage};
use crate::domain::{Campaign, Lead};

/// What the gate knows of one call that is asked for.
pub(super) struct Case<'a> {
    pub lead: &'a Lead,
    pub campaign: &'a Campaign,
    /// The campaign's rulebooks; `None` when one of them is not there.
    pub books: Option<Vec<&'a Rulebook>>,
    pub place: Place<'a>,
    pub do_not_call: bool,
    pub lists: &'a Lists,
}

/// An instant, and what the clocks of every candidate zone show then.
pub(super) struct Moment<'a> {
    pub at: Timestamp,
    pub zones: Vec<(&'a Zone, Local)>,
}

/// A rule that refuses.
#[derive(Clone, Debug)]
pub(super) struct Obstacle<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// When it does no longer.
    pub lifts: Lifts,
    sentence: &'a str,
    /// The zone and the time there, where hours refuse.
    clock: Option<(&'a Zone, Local)>,
}

/// When an obstacle is none any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lifts {
    /// Not before then.
    At(Timestamp),
    /// When the configuration is mended: it says nothing of the number.
    Mended,
    /// Never for this number and this campaign.
    Never,
}

const CALLER_ID: Obstacle<'static> =
    Obstacle::unconfigured("caller_id.missing", "The campaign has no caller id to send.");
const DO_NOT_CALL: Obstacle<'static> =
    Obstacle::for_good("dnc.internal", "The number is on the do-not-call list.");
const NO_LIST: Obstacle<'static> = Obstacle::unconfigured(
    "dnc.list.missing",
    "A do-not-call list that the campaign names is not there.",
);
const NUMBER: Obstacle<'static> =
    Obstacle::for_good("number.invalid", "No such number can be dialed.");
const NO_RULEBOOK: Obstacle<'static> =
    Obstacle::unconfigured("rulebook.none", "The campaign names no rulebook.");
const UNCOVERED: Obstacle<'static> = Obstacle::for_good(
    "rulebook.uncovered",
    "None of the campaign's rulebooks is the law where the number may be.",
);
const UNKNOWN_RULEBOOK: Obstacle<'static> =
    Obstacle::unconfigured("rulebook.unknown", "A rulebook of the campaign is not there.");
const TZDB: Obstacle<'static> = Obstacle::unconfigured(
    "tzdb.stale",
    "The time-zone database is older than a rulebook of the campaign asks for.",
);
const ZONE: Obstacle<'static> = Obstacle::for_good(
    "zone.unknown",
    "Neither the number nor the address says in which time zone it is.",
);

impl<'a> Obstacle<'a> {
    /// What refuses when nothing else has and there is no caller id to send.
    pub const NO_CALLER_ID: Obstacle<'static> = CALLER_ID;

    const fn for_good(rule: &'a str, sentence: &'a str) -> Self {
        Self { rule, lifts: Lifts::Never, sentence, clock: None }
    }

    const fn unconfigured(rule: &'a str, sentence: &'a str) -> Self {
        Self { rule, lifts: Lifts::Mended, sentence, clock: None }
    }

    /// One sentence for people; a second one with the time there, where hours refuse.
    pub fn sentence(&self) -> Cow<'a, str> {
        let Some((zone, local)) = self.clock else { return Cow::Borrowed(self.sentence) };
        let (hour, minute) = (local.second / 3_600, local.second / 60 % 60);
        format!("{} It is {hour:02}:{minute:02} in {}.", self.sentence, zone.name()).into()
    }
}

type Visit<'v, 'a> = &'v mut dyn FnMut(Obstacle<'a>) -> ControlFlow<()>;

impl<'a> Case<'a> {
    /// The clocks at an instant.
    pub fn moment(&self, at: Timestamp) -> Moment<'a> {
        let zones = self.place.zones(at).map(|zone| (zone, zone.local(at))).collect();
        Moment { at, zones }
    }

    /// The first rule that refuses.
    pub fn first_obstacle(&self, moment: &Moment<'a>) -> Option<Obstacle<'a>> {
        let mut first = None;
        let _ = self.each_obstacle(moment, &mut |obstacle| {
            first = Some(obstacle);
            ControlFlow::Break(())
        });
        first
    }

    /// Every rule that refuses, in the order in which they are asked. What makes the rest
    /// meaningless ends it: no rulebooks, no number, no zone.
    pub fn each_obstacle(&self, moment: &Moment<'a>, visit: Visit<'_, 'a>) -> ControlFlow<()> {
        if !is_dialable(self.lead.number) {
            return visit(NUMBER);
        }
        let Some(books) = &self.books else { return visit(UNKNOWN_RULEBOOK) };
        if books.is_empty() {
            return visit(NO_RULEBOOK);
        }
        if books.iter().any(|book| book.tzdb_is_stale()) {
            visit(TZDB)?;
        }
        if self.campaign.do_not_call.iter().any(|list| self.lists.get(list).is_none()) {
            visit(NO_LIST)?;
        }
        if !self.place.is_known() {
            return visit(ZONE);
        }
        if !self.is_covered(books) {
            visit(UNCOVERED)?;
        }
        for stage in Stage::ALL {
            self.each_obstacle_of(stage, books, moment, visit)?;
        }
        ControlFlow::Continue(())
    }

    fn each_obstacle_of(
        &self,
        stage: Stage,
        books: &[&'a Rulebook],
        moment: &Moment<'a>,
        visit: Visit<'_, 'a>,
    ) -> ControlFlow<()> {
        let mut refused = false;
        for rule in books.iter().flat_map(|book| book.rules_of(stage)) {
            if let Some(obstacle) = self.obstacle(rule, moment) {
                refused = true;
                visit(obstacle)?;
            }
        }
        // These two hold whether or not a rulebook writes them down.
        match stage {
            Stage::DoNotCall if self.do_not_call && !refused => visit(DO_NOT_CALL),
            Stage::CallerId if self.campaign.caller_ids.is_empty() && !refused => visit(CALLER_ID),
            Stage::CallerId
            | Stage::DoNotCall
            | Stage::Frequency
            | Stage::Hours
            | Stage::Numbers
            | Stage::StateHours
            | Stage::Weekdays => ControlFlow::Continue(()),
        }
    }

    fn obstacle(&self, rule: &'a Rule, moment: &Moment<'a>) -> Option<Obstacle<'a>> {
        if !self.is_in_force(rule, moment) {
            return None;
        }
        let mut obstacle = self.refusal(rule, moment)?;
        if let (Lifts::At(until), Some(last)) = (obstacle.lifts, rule.until) {
            obstacle.lifts = Lifts::At(until.min(end_of_day(last, moment)));
        }
        Some(obstacle)
    }

    /// How the rule refuses; `None` when it allows.
    fn refusal(&self, rule: &'a Rule, moment: &Moment<'a>) -> Option<Obstacle<'a>> {
        let (history, at) = (&self.lead.history, moment.at);
        let never =
            Obstacle { rule: &rule.id, lifts: Lifts::Never, sentence: &rule.sentence, clock: None };
        let until = match &rule.kind {
            RuleKind::AttemptsPerDay { attempts_max, not_counted } => {
                let zones = moment.zones.iter().map(|(zone, _)| *zone);
                let ends =
                    zones.filter_map(|zone| day_end(history, not_counted, *attempts_max, zone, at));
                ends.max()?
            }
            RuleKind::AttemptsWithin { attempts_max, window_s, not_counted } => {
                window_end(history, not_counted, *attempts_max, *window_s, at)?
            }
            RuleKind::CallerId => {
                let missing = Obstacle { lifts: Lifts::Mended, ..never };
                return self.campaign.caller_ids.is_empty().then_some(missing);
            }
            RuleKind::DoNotCall => return self.do_not_call.then_some(never),
            RuleKind::ClosedWeekdays(week) | RuleKind::Hours(week) => {
                let closed = || moment.zones.iter().filter(|(_, local)| !week.is_open(*local));
                let clock = closed().next().copied()?;
                let opens = closed().filter_map(|(zone, _)| zone.first(at, |r| week.next_open(r)));
                let lifts = opens.max().map_or(Lifts::Never, Lifts::At);
                return Some(Obstacle { lifts, clock: Some(clock), ..never });
            }
            RuleKind::Interval { interval_s, not_counted } => {
                interval_end(history, not_counted, *interval_s, at)?
            }
            RuleKind::Numbers(patterns) => {
                let matched = patterns.iter().any(|pattern| pattern.matches(self.lead.number));
                return (!matched).then_some(never);
            }
        };
        Some(Obstacle { lifts: Lifts::At(until), ..never })
    }

    /// Whether the rule holds there and then: in a region of the number or of the address, on the
    /// local day of any candidate zone.
    fn is_in_force(&self, rule: &Rule, moment: &Moment<'a>) -> bool {
        let day = |(_, local): &(&Zone, Local)| {
            rule.since.is_none_or(|since| local.day >= since)
                && rule.until.is_none_or(|until| local.day <= until)
        };
        let here =
            || self.place.regions().any(|region| rule.regions.iter().any(|r| r.matches(region)));
        (rule.regions.is_empty() || here())
            && ((rule.since.is_none() && rule.until.is_none()) || moment.zones.iter().any(day))
    }

    /// Whether some rulebook is the law in every region where the person may be.
    fn is_covered(&self, books: &[&Rulebook]) -> bool {
        let by_number = |book: &&Rulebook| {
            book.covers.numbers.iter().any(|pattern| pattern.matches(self.lead.number))
        };
        let by_region =
            |region| books.iter().any(|book| book.covers.regions.iter().any(|r| r.matches(region)));
        books.iter().any(by_number) || self.place.regions().all(by_region)
    }

    /// Until when the hours that hold now go on, at most until `limit`, a few seconds from now; and
    /// never past a change of a clock, so that within it every clock runs evenly.
    pub fn open_until(&self, moment: &Moment<'a>, limit: Timestamp) -> Timestamp {
        /// No clock of the tables changes off the quarter hour of UTC; a test asks each.
        const QUARTER_S: i64 = 900;
        let (start, end) = (moment.at.as_second(), limit.as_second());
        let mut limit = limit;
        if start.div_euclid(QUARTER_S) != end.div_euclid(QUARTER_S)
            && let Some(change) = self.place.next_change(moment.at)
        {
            limit = limit.min(change);
        }
        let rules =
            [Stage::Weekdays, Stage::Hours, Stage::StateHours].into_iter().flat_map(|stage| {
                self.books.iter().flatten().flat_map(move |book| book.rules_of(stage))
            });
        for rule in rules.filter(|rule| self.is_in_force(rule, moment)) {
            let (RuleKind::ClosedWeekdays(week) | RuleKind::Hours(week)) = &rule.kind else {
                continue;
            };
            for (_, local) in &moment.zones {
                let reading = local.day * DAY_S + local.second;
                if week.is_open(Local::from_seconds(reading + end - start)) {
                    continue;
                }
                if let Some(closed) = week.next_closed(reading)
                    && let Ok(closed) = Timestamp::from_second(start + closed - reading)
                {
                    limit = limit.min(closed);
                }
            }
        }
        limit
    }
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
