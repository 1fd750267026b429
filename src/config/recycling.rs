//! `[recycling.OUTCOME]`: when a lead is due again.

use jiff::SignedDuration;

use super::section::Section;
use super::spelling::nearest;
use crate::domain::{Outcome, Recycle, Recycling};

/// Keys and the seconds of their unit.
const AFTER: [(&str, f64); 3] = [("after_s", 1.0), ("after_min", 60.0), ("after_h", 3_600.0)];

/// What holds when a campaign has no `[recycling]`: one that has it says all of it.
fn defaults() -> Recycling {
    let minutes = |minutes: i64, attempts_max| Recycle {
        after: SignedDuration::from_mins(minutes),
        attempts_max,
    };
    Recycling::from([
        (Outcome::Abandoned, minutes(24 * 60, 1)),
        (Outcome::Announcement, minutes(4 * 60, 2)),
        (Outcome::AnsweringMachine, minutes(4 * 60, 4)),
        (Outcome::Busy, minutes(15, 4)),
        (Outcome::Cancelled, minutes(5, 10)),
        (Outcome::Failed, minutes(5, 5)),
        (Outcome::FalseAnswer, minutes(60, 2)),
        (Outcome::HungUp, minutes(24 * 60, 1)),
        (Outcome::Interrupted, minutes(60, 2)),
        (Outcome::MessageLeft, minutes(3 * 24 * 60, 2)),
        (Outcome::NoAnswer, minutes(4 * 60, 5)),
        (Outcome::Screener, minutes(4 * 60, 3)),
        (Outcome::Silence, minutes(4 * 60, 2)),
    ])
}

pub(super) fn read(section: Option<Section<'_>>) -> Recycling {
    let Some(section) = section else { return defaults() };
    let mut rules = Recycling::new();
    for (name, mut rule) in section.entries() {
        let outcome = Outcome::from_word(name.get_ref());
        if outcome.is_none() {
            let known = Outcome::ALL.map(Outcome::as_str);
            let remedy = match nearest(name.get_ref(), known) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("there are {}", known.join(", ")),
            };
            rule.fault(name.span(), format!("no outcome is called {}", name.get_ref()), remedy);
        }
        if !AFTER.iter().any(|(key, _)| rule.has(key)) {
            rule.missing("after_min", "15, or after_s, or after_h");
        }
        let after = after(&mut rule);
        let attempts_max = rule.integer("attempts_max", 1..=100_u32).unwrap_or(1);
        rule.finish();
        if let Some((outcome, after)) = outcome.zip(after) {
            rules.insert(outcome, Recycle { after, attempts_max });
        }
    }
    rules
}

/// `after_s`, `after_min` or `after_h`, one of them.
pub(super) fn after(section: &mut Section<'_>) -> Option<SignedDuration> {
    let written: Vec<&str> =
        AFTER.iter().map(|(key, _)| *key).filter(|key| section.has(key)).collect();
    if written.len() > 1 {
        let message = format!("both {}", written.join(" and "));
        section.fault(section.span(), message, "keep one of them");
    }
    let [seconds, minutes, hours] =
        AFTER.map(|(key, unit_s)| section.duration(key, unit_s, 0.0..=366.0 * 86_400.0 / unit_s));
    seconds.or(minutes).or(hours)
}
