//! What each kind of rule says besides what every rule says.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_spanned::Spanned;
use toml::de::DeTable;

use super::super::attempt::{Ending, Endings};
use super::super::holidays::Holidays;
use super::super::hours::{HoursFault, Week};
use super::super::number::NumberPattern;
use super::super::region::Region;
use super::super::rulebook::{Counting, RuleKind};
use super::{NUMBERS, Reader, RulebookFault};
use crate::domain::{ConsentKind, WindowSpan};

const KINDS: [&str; 17] = [
    "abandonment",
    "attempts_in_days",
    "attempts_within",
    "caller_id",
    "closed_holidays",
    "closed_weekdays",
    "consent",
    "cooling_after_refusal",
    "do_not_call",
    "hours",
    "inconvenient",
    "interval",
    "mark",
    "numbers",
    "reassigned",
    "registry",
    "registry_age",
];
const OUTCOME: &str = "ending (busy, cancelled, failed, no_answer, voicemail ..)";

/// The keys of one kind.
macro_rules! raw {
    ($name:ident { $($body:tt)* }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name { $($body)* }
    };
}

raw!(AbandonmentRaw { limit_percent: Spanned<f64>, window: Spanned<String> });
raw!(CallerIdRaw { #[serde(default)] not_numbers: Vec<Spanned<String>> });
raw!(ConsentRaw { kinds: Spanned<Vec<ConsentKind>> });
raw!(CoolingRaw { full_days: u16 });
raw!(HolidaysRaw { calendar: Spanned<String> });
raw!(HoursRaw { days: Spanned<BTreeMap<String, String>> });
raw!(MarkRaw { mark: String });
raw!(NumbersRaw { numbers: Vec<Spanned<String>> });
raw!(PlainRaw {});
raw!(RegistryAgeRaw { registry: String, days_max: u16 });
raw!(RegistryRaw {
    registry: String,
    #[serde(default)]
    silence_is_unlisted: bool
});
raw!(WeekdaysRaw { weekdays: Spanned<Vec<String>> });

/// How often, of which attempts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttemptsRaw {
    attempts_max: Option<Spanned<u32>>,
    days: Option<u16>,
    window_s: Option<u32>,
    interval_s: Option<u32>,
    counted: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    not_counted: Vec<Spanned<String>>,
    #[serde(default)]
    connected: bool,
    #[serde(default)]
    inbound: bool,
    #[serde(default)]
    same_debt: bool,
    #[serde(default)]
    prerecorded: bool,
    not_under_consent_days: Option<u16>,
}

impl Reader {
    pub(super) fn kind(
        &mut self,
        kind: &Spanned<String>,
        rest: Spanned<DeTable<'_>>,
    ) -> Option<RuleKind> {
        let before = self.faults.len();
        let at = kind.span();
        let read = match kind.get_ref().as_str() {
            "abandonment" => self.abandonment(at, rest),
            "attempts_in_days" | "attempts_within" | "interval" => self.attempts(kind, rest),
            "caller_id" => {
                let raw: CallerIdRaw = self.read(at, rest)?;
                let not_numbers = self.each(raw.not_numbers, NumberPattern::parse, NUMBERS);
                Some(RuleKind::CallerId { not_numbers })
            }
            "closed_holidays" => self.holidays(at, rest),
            "closed_weekdays" => {
                let weekdays = self.read::<WeekdaysRaw>(at, rest)?.weekdays;
                let names = weekdays.get_ref().iter().map(String::as_str);
                self.week(weekdays.span(), Week::without(names)).map(RuleKind::ClosedWeekdays)
            }
            "consent" => {
                let kinds = self.read::<ConsentRaw>(at, rest)?.kinds;
                if kinds.get_ref().is_empty() {
                    self.fault(kinds.span(), "name at least one kind of consent");
                }
                Some(RuleKind::Consent { kinds: kinds.into_inner() })
            }
            "cooling_after_refusal" => {
                let full_days = self.read::<CoolingRaw>(at, rest)?.full_days.into();
                Some(RuleKind::CoolingAfterRefusal { full_days })
            }
            "do_not_call" => self.read::<PlainRaw>(at, rest).map(|_| RuleKind::DoNotCall),
            "hours" => {
                let days = self.read::<HoursRaw>(at, rest)?.days;
                let named = days.get_ref().iter().map(|(day, text)| (day.as_str(), text.as_str()));
                self.week(days.span(), Week::parse(named)).map(RuleKind::Hours)
            }
            "inconvenient" => self.read::<PlainRaw>(at, rest).map(|_| RuleKind::Inconvenient),
            "mark" => self.read::<MarkRaw>(at, rest).map(|raw| RuleKind::Mark { mark: raw.mark }),
            "numbers" => {
                let patterns = self.read::<NumbersRaw>(at, rest)?.numbers;
                Some(RuleKind::Numbers(self.each(patterns, NumberPattern::parse, NUMBERS)))
            }
            "reassigned" => self.read::<PlainRaw>(at, rest).map(|_| RuleKind::Reassigned),
            "registry" => {
                let RegistryRaw { registry, silence_is_unlisted } = self.read(at, rest)?;
                Some(RuleKind::Registry { registry, silence_is_unlisted })
            }
            "registry_age" => {
                let RegistryAgeRaw { registry, days_max } = self.read(at, rest)?;
                Some(RuleKind::RegistryAge { registry, days_max: days_max.into() })
            }
            other => {
                let message =
                    format!("no rule is of kind {other:?}: there are {}", KINDS.join(", "));
                self.fault(at, message);
                None
            }
        };
        read.filter(|_| self.faults.len() == before)
    }

    /// The keys of the kind; a fault for one that is missing, unknown or wrong.
    fn read<T: DeserializeOwned>(
        &mut self,
        at: Range<usize>,
        rest: Spanned<DeTable<'_>>,
    ) -> Option<T> {
        let read = T::deserialize(rest.into_deserializer());
        read.map_err(|error| {
            let fault = RulebookFault::from(&error);
            // A key that is missing is nowhere: the kind that asks for it is.
            let is_missing = fault.message.starts_with("missing");
            let span = fault.span.filter(|_| !is_missing).unwrap_or(at);
            self.fault(span, fault.message);
        })
        .ok()
    }

    fn abandonment(&mut self, at: Range<usize>, rest: Spanned<DeTable<'_>>) -> Option<RuleKind> {
        let AbandonmentRaw { limit_percent, window } = self.read(at, rest)?;
        let limit = *limit_percent.get_ref();
        if !(0.0..=100.0).contains(&limit) {
            self.fault(limit_percent.span(), "a limit is 0 to 100 percent");
        }
        let Some(span) = WindowSpan::from_words(window.get_ref()) else {
            self.fault(window.span(), "a window is \"day\", \"month\" or \"30 days\"");
            return None;
        };
        Some(RuleKind::Abandonment { window: span, limit_percent: limit })
    }

    fn attempts(&mut self, kind: &Spanned<String>, rest: Spanned<DeTable<'_>>) -> Option<RuleKind> {
        let raw: AttemptsRaw = self.read(kind.span(), rest)?;
        if let Some(none) = raw.attempts_max.as_ref().filter(|most| *most.get_ref() == 0) {
            self.fault(none.span(), "attempts_max is at least 1");
        }
        let counted = raw.counted.map(|words| self.endings(words));
        let counting = Counting {
            counted,
            not_counted: self.endings(raw.not_counted),
            connected: raw.connected,
            inbound: raw.inbound,
            same_debt: raw.same_debt,
            prerecorded: raw.prerecorded,
            not_under_consent_days: raw.not_under_consent_days.map(i64::from),
        };
        let attempts_max = raw.attempts_max.map(Spanned::into_inner);
        let given = (attempts_max, raw.days, raw.window_s, raw.interval_s);
        let (read, keys) = match (kind.get_ref().as_str(), given) {
            ("attempts_in_days", (Some(attempts_max), Some(days), None, None)) if days > 0 => {
                (Some(RuleKind::AttemptsInDays { attempts_max, days: days.into(), counting }), "")
            }
            ("attempts_within", (Some(attempts_max), None, Some(window_s), None)) => {
                let window_s = window_s.into();
                (Some(RuleKind::AttemptsWithin { attempts_max, window_s, counting }), "")
            }
            ("interval", (None, None, None, Some(interval_s))) => {
                (Some(RuleKind::Interval { interval_s: interval_s.into(), counting }), "")
            }
            ("attempts_in_days", _) => (None, "attempts_max and days"),
            ("attempts_within", _) => (None, "attempts_max and window_s"),
            _ => (None, "interval_s"),
        };
        if read.is_none() {
            let message = format!("a rule of kind {} has {keys}", kind.get_ref());
            self.fault(kind.span(), message);
        }
        read
    }

    fn endings(&mut self, words: Vec<Spanned<String>>) -> Endings {
        self.each(words, Ending::from_word, OUTCOME).into_iter().collect()
    }

    fn holidays(&mut self, at: Range<usize>, rest: Spanned<DeTable<'_>>) -> Option<RuleKind> {
        let calendar = self.read::<HolidaysRaw>(at, rest)?.calendar;
        let known = |region: &Region| Holidays::embedded().knows(*region);
        let Some(region) = Region::parse(calendar.get_ref()).filter(known) else {
            let message = format!("the table of holidays has no {:?}", calendar.get_ref());
            self.fault(calendar.span(), message);
            return None;
        };
        Some(RuleKind::ClosedHolidays { calendar: region })
    }

    fn week(&mut self, span: Range<usize>, week: Result<Week, HoursFault>) -> Option<Week> {
        match week {
            Ok(week) if week.is_closed() => {
                self.fault(span, "hours that are never open: leave at least one day");
                None
            }
            Ok(week) => Some(week),
            Err(fault) => {
                self.fault(span, fault.to_string());
                None
            }
        }
    }
}
