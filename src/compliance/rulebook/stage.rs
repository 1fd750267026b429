//! The order in which rules are asked.

use super::{Rule, RuleKind};

/// The order in which rules are asked; the first that refuses names the refusal.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::compliance) enum Stage {
    Numbers,
    DoNotCall,
    RegistryAge,
    Registry,
    Consent,
    Reassigned,
    Frequency,
    Abandonment,
    CallerId,
    Holidays,
    Weekdays,
    Hours,
    StateHours,
}

impl Stage {
    pub const ALL: [Stage; 13] = [
        Stage::Numbers,
        Stage::DoNotCall,
        Stage::RegistryAge,
        Stage::Registry,
        Stage::Consent,
        Stage::Reassigned,
        Stage::Frequency,
        Stage::Abandonment,
        Stage::CallerId,
        Stage::Holidays,
        Stage::Weekdays,
        Stage::Hours,
        Stage::StateHours,
    ];

    pub fn of(rule: &Rule) -> Self {
        match rule.kind {
            RuleKind::Abandonment { .. } => Stage::Abandonment,
            RuleKind::AttemptsInDays { .. }
            | RuleKind::AttemptsWithin { .. }
            | RuleKind::CoolingAfterRefusal { .. }
            | RuleKind::Interval { .. } => Stage::Frequency,
            RuleKind::CallerId { .. } => Stage::CallerId,
            RuleKind::ClosedHolidays { .. } => Stage::Holidays,
            RuleKind::ClosedWeekdays(_) => Stage::Weekdays,
            RuleKind::Consent { .. } => Stage::Consent,
            RuleKind::DoNotCall | RuleKind::Mark { .. } => Stage::DoNotCall,
            RuleKind::Hours(_) | RuleKind::Inconvenient if rule.regions.is_empty() => Stage::Hours,
            RuleKind::Hours(_) | RuleKind::Inconvenient => Stage::StateHours,
            RuleKind::Numbers(_) => Stage::Numbers,
            RuleKind::Reassigned => Stage::Reassigned,
            RuleKind::Registry { .. } => Stage::Registry,
            RuleKind::RegistryAge { .. } => Stage::RegistryAge,
        }
    }
}
