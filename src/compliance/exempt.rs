//! What exempts a case from a rule.

use jiff::Timestamp;

use super::local::{day_of, months_later};
use super::rulebook::{Exemption, Rule};
use super::scene::{Moment, Scene};
use crate::domain::{Inconvenient, LegalBasis, RelationshipKind};

impl<'a> Scene<'a> {
    pub(super) fn exempts(&self, exemption: &Exemption, moment: &Moment<'a>) -> bool {
        match exemption {
            Exemption::AgentReserved => self.case.circumstances.agent_reserved,
            Exemption::Consent { kinds, off_hours } => {
                self.has_consent(kinds, *off_hours, moment.at)
            }
            Exemption::LegitimateInterest { months } => {
                let facts = self.case.facts;
                facts.basis == Some(LegalBasis::LegitimateInterest)
                    && facts
                        .last_interaction
                        .is_some_and(|date| self.is_within(date, *months, moment))
            }
            Exemption::Mark(mark) => self.case.facts.mark(mark) == Some(true),
            Exemption::PriorConsent { days } => self.is_under_consent(moment.at, *days, moment),
            Exemption::Relationship { transaction_months, inquiry_months } => {
                self.case.facts.relationship.is_some_and(|relationship| {
                    let months = match relationship.kind {
                        RelationshipKind::Inquiry => *inquiry_months,
                        RelationshipKind::Transaction => *transaction_months,
                    };
                    // A request not to be called ends it (47 CFR 64.1200(f)(5)(i)).
                    !self.is_do_not_call(moment)
                        && relationship
                            .date
                            .is_some_and(|date| self.is_within(date, months, moment))
                })
            }
        }
    }

    /// Whether a day is past, by at most so many calendar months: clamped to the month's end, the
    /// last day included, by the latest date of the zones.
    fn is_within(&self, date: jiff::civil::Date, months: i32, moment: &Moment<'a>) -> bool {
        let Some(today) = moment.latest_day() else { return false };
        day_of(date) <= today && today <= months_later(date, months)
    }

    /// When an exemption from the rule may begin that does not hold yet.
    pub(super) fn exempt_from(&self, rule: &Rule, moment: &Moment<'a>) -> Option<Timestamp> {
        let facts = self.case.facts;
        let consent = || facts.consent.and_then(|consent| consent.at);
        let starts = rule.unless.iter().filter_map(|exemption| match exemption {
            Exemption::Consent { .. } => consent(),
            Exemption::PriorConsent { .. } => facts.prior_consent.and_then(|consent| consent.at),
            Exemption::AgentReserved
            | Exemption::LegitimateInterest { .. }
            | Exemption::Mark(_)
            | Exemption::Relationship { .. } => None,
        });
        let asks_consent = matches!(rule.kind, super::rulebook::RuleKind::Consent { .. });
        let starts = starts.chain(consent().filter(|_| asks_consent));
        starts.filter(|at| *at > moment.at).min()
    }

    /// When what the lead says may next turn against a call: a consent taken back, a request not to
    /// be called, an inconvenient time.
    pub(super) fn facts_change(&self, at: Timestamp) -> Option<Timestamp> {
        let facts = self.case.facts;
        let revoked = facts.consent.and_then(|consent| consent.revoked);
        let debtor = facts.prior_consent.and_then(|consent| consent.revoked);
        let times = facts.inconvenient.iter().filter_map(|time| match time {
            Inconvenient::Daily(..) => None,
            Inconvenient::Once(begin, _) => Some(*begin),
        });
        let changes = times.chain(revoked).chain(debtor).chain(facts.internal);
        changes.filter(|change| *change > at).min()
    }
}
