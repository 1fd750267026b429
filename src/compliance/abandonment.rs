//! Counters of answered calls and what the law makes of them: which stand above the line, which
//! below, and whether the rate is within the limit of the rulebook. Also the wrong ways of
//! counting that others use, by their names, to show what they hide.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::civil::Date;
use serde::Deserialize;

use super::gate::Gate;
use super::local::day_of;
use super::rulebook::RuleKind;
use super::tally::period;
use super::vectors::{Mismatch, Outcomes};
use crate::domain::WindowSpan;

/// How calls ended, by kind: what a person met who answered, and what else there was.
const KINDS: [&str; 13] = [
    "abandoned_all",
    "amd_fp",
    "busy",
    "connected",
    "gt2s",
    "hangup_lt2s",
    "le2s",
    "machine_to_agent",
    "machine_true",
    "message",
    "no_answer",
    "pewc_le2s",
    "silent",
];

/// Counters with the rate that is expected.
#[derive(Deserialize)]
struct Counters {
    id: String,
    jurisdiction: String,
    mode: String,
    counters: String,
    numerator: f64,
    denominator: f64,
    rate_pct: Option<f64>,
    limit_pct: f64,
    pass: bool,
    #[serde(default)]
    note: String,
}

/// A day with its period.
#[derive(Deserialize)]
struct Day {
    jurisdiction: String,
    campaign_start: Date,
    call_date: Date,
    period_index: i64,
}

/// Who was abandoned, of whom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// Who had no agent in time.
    pub abandoned: f64,
    /// Who answered.
    pub people: f64,
}

impl Counted {
    /// In percent; `None` before the first person.
    pub fn rate_percent(self) -> Option<f64> {
        (self.people > 0.0).then(|| 100.0 * self.abandoned / self.people)
    }

    /// Whether it is within a limit: exactly the limit is.
    pub fn is_within(self, limit_percent: f64) -> bool {
        100.0 * self.abandoned <= limit_percent * self.people + 1e-9
    }
}

/// Counts as a mode does; `None` for a mode or a counter that nobody knows.
///
/// `law`: 16 CFR 310.4(b)(4)(i) and 47 CFR 64.1200(a)(7): everybody who answered, above the line
/// whoever had no agent within two seconds of the completed greeting, people taken for machines
/// included. `strict` leaves out who hung up before an agent was due and who heard a recording they
/// had consented to. `amd` and `no_amd`: Ofcom's, with a detector and without. `naive_..`: wrong.
pub fn count(mode: &str, counters: &BTreeMap<String, u64>) -> Option<Counted> {
    if counters.keys().any(|kind| !KINDS.contains(&kind.as_str())) {
        return None;
    }
    let of = |kind: &str| counters.get(kind).copied().unwrap_or(0) as f64;
    let all = |kinds: &[&str]| kinds.iter().map(|kind| of(kind)).sum::<f64>();
    let known = all(&["gt2s", "message", "silent"]);
    let abandoned = known + of("amd_fp");
    let everybody: f64 = counters.values().map(|count| *count as f64).sum();
    Some(match mode {
        "amd" | "strict" => Counted { abandoned, people: abandoned + of("le2s") },
        "law" => {
            let served = all(&["hangup_lt2s", "le2s", "pewc_le2s"]);
            Counted { abandoned, people: abandoned + served }
        }
        "naive_all_answered" => {
            Counted { abandoned, people: everybody - all(&["busy", "no_answer"]) }
        }
        "naive_all_dialled" => Counted { abandoned, people: everybody },
        "naive_ignore_amd_fp" => {
            let served = all(&["hangup_lt2s", "le2s", "pewc_le2s"]);
            Counted { abandoned: known, people: known + served }
        }
        "no_amd" => {
            // Of those who were abandoned, as many were people as of those who were connected.
            let live = of("connected") - of("machine_to_agent");
            let share = if of("connected") > 0.0 { live / of("connected") } else { 1.0 };
            let abandoned = of("abandoned_all") * share;
            Counted { abandoned, people: abandoned + live }
        }
        _ => return None,
    })
}

impl Gate {
    /// Counts every row of a file as its mode says, and holds it to the limit of the jurisdiction's
    /// rulebook. A file with a column `period_index` has days, and is held to the rulebook's
    /// windows.
    pub fn test_abandonment(&self, file: impl Read) -> Outcomes {
        let mut reader = csv::Reader::from_reader(file);
        let of_days =
            reader.headers().is_ok_and(|names| names.iter().any(|name| name == "period_index"));
        let mut outcomes = Outcomes::default();
        let headers = reader.headers().cloned().unwrap_or_default();
        for (place, row) in reader.into_records().enumerate() {
            outcomes.rows += 1;
            let id = format!("row {}", place + 1);
            let read = row.and_then(|row| {
                Ok(if of_days {
                    self.compare_day(&id, &row.deserialize(Some(&headers))?)
                } else {
                    self.compare(&row.deserialize(Some(&headers))?)
                })
            });
            outcomes.mismatches.extend(read.unwrap_or_else(|error| {
                let expected = "a row that can be read".to_owned();
                Some(Mismatch { id, expected, found: error.to_string(), reason: String::new() })
            }));
        }
        outcomes
    }

    /// The window and the limit of a jurisdiction's rulebook (`us`: of `us-..`).
    fn abandonment_rule(&self, jurisdiction: &str) -> Option<(WindowSpan, f64)> {
        let is_of = |id: &str| id.split('-').next() == Some(jurisdiction);
        let books = self.rulebooks().iter().filter(|book| is_of(&book.id));
        books.flat_map(|book| book.rules()).find_map(|rule| match rule.kind {
            RuleKind::Abandonment { window, limit_percent } => Some((window, limit_percent)),
            _ => None,
        })
    }

    fn compare(&self, row: &Counters) -> Option<Mismatch> {
        let rate = |rate: Option<f64>| rate.map_or("none".to_owned(), |rate| format!("{rate:.3}"));
        let expected = shown(
            Counted { abandoned: row.numerator, people: row.denominator },
            &rate(row.rate_pct),
            row.limit_pct,
            row.pass,
        );
        let limit = self.abandonment_rule(&row.jurisdiction).map(|(_, limit)| limit);
        let counters: Option<BTreeMap<String, u64>> = serde_json::from_str(&row.counters).ok();
        let counted = counters.and_then(|counters| count(&row.mode, &counters));
        let found = match (counted, limit) {
            (None, _) => format!("the mode {:?} or a counter is not known", row.mode),
            (_, None) => format!("no rulebook of {:?} has a limit", row.jurisdiction),
            (Some(counted), Some(limit)) => {
                shown(counted, &rate(counted.rate_percent()), limit, counted.is_within(limit))
            }
        };
        (found != expected).then(|| Mismatch {
            id: row.id.clone(),
            expected,
            found,
            reason: row.note.clone(),
        })
    }

    fn compare_day(&self, id: &str, row: &Day) -> Option<Mismatch> {
        let Day { jurisdiction, campaign_start, call_date, period_index } = row;
        let window = self.abandonment_rule(jurisdiction).map(|(window, _)| window);
        let found = window.map(|window| index(window, *campaign_start, *call_date));
        (found != Some(*period_index)).then(|| Mismatch {
            id: id.to_owned(),
            expected: format!("period {period_index}"),
            found: found.map_or("no window".to_owned(), |found| format!("period {found}")),
            reason: format!("{call_date} of a campaign from {campaign_start}"),
        })
    }
}

fn shown(counted: Counted, rate: &str, limit: f64, passes: bool) -> String {
    let Counted { abandoned, people } = counted;
    let passes = if passes { "within" } else { "above" };
    format!("{abandoned:.2} of {people:.2}, {rate} %, {passes} {limit} %")
}

/// In which window a day is, the one with the campaign's first day being 0.
fn index(window: WindowSpan, start: Date, day: Date) -> i64 {
    let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
    match window {
        WindowSpan::CalendarMonth => months(day) - months(start),
        WindowSpan::Day => day_of(day) - day_of(start),
        WindowSpan::Days(length) => period(start, i64::from(length.max(1)), day),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::path::Path;

    use super::*;
    use crate::compliance::Rulebooks;

    #[test]
    fn the_vectors_are_counted_as_they_expect() {
        let gate = Gate::new(Rulebooks::embedded(), []);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/compliance");
        for (file, rows) in [("abandonment_vectors.csv", 29), ("abandonment_periods.csv", 8)] {
            let Ok(open) = File::open(folder.join(file)) else {
                println!("skipped: {file} is not there");
                continue;
            };
            let outcomes = gate.test_abandonment(open);
            assert_eq!(outcomes.mismatches, [], "{file}");
            assert_eq!(outcomes.rows, rows, "{file}");
        }
    }

    fn counted(mode: &str, counters: &[(&str, u64)]) -> Option<Counted> {
        let counters = counters.iter().map(|(kind, count)| ((*kind).to_owned(), *count));
        count(mode, &counters.collect())
    }

    #[test]
    fn only_people_who_answered_are_counted_and_all_of_them() {
        let calls = [
            ("amd_fp", 1),
            ("busy", 10),
            ("gt2s", 2),
            ("hangup_lt2s", 4),
            ("le2s", 90),
            ("machine_to_agent", 20),
            ("machine_true", 30),
            ("message", 3),
            ("no_answer", 40),
            ("silent", 5),
        ];
        assert_eq!(counted("law", &calls), Some(Counted { abandoned: 11.0, people: 105.0 }));
        assert_eq!(counted("strict", &calls), Some(Counted { abandoned: 11.0, people: 101.0 }));
        assert_eq!(counted("law", &[("le2s", 1), ("surprise", 1)]), None);
        assert_eq!(counted("as_we_like", &[]), None);
    }

    #[test]
    fn exactly_the_limit_is_within_it() {
        let counted = |abandoned, people| Counted { abandoned, people };
        assert!(counted(30.0, 1_000.0).is_within(3.0) && !counted(31.0, 1_000.0).is_within(3.0));
        assert!(counted(0.0, 0.0).is_within(3.0) && !counted(1.0, 33.0).is_within(3.0));
    }

    #[test]
    fn windows_are_counted_from_the_campaign_s_first_day() {
        let date = |text: &str| -> Date { text.parse().unwrap() };
        let of = |window, day| index(window, date("2026-01-31"), date(day));
        assert_eq!(of(WindowSpan::Days(30), "2026-03-01"), 0);
        assert_eq!(of(WindowSpan::Days(30), "2026-03-02"), 1);
        assert_eq!(of(WindowSpan::CalendarMonth, "2026-02-01"), 1);
        assert_eq!(of(WindowSpan::Day, "2026-02-01"), 1);
    }
}
