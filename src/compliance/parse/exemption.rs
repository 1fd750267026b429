//! `unless = [{ consent = ["pewc"] }, { agent_reserved = true }]`: one exemption a table.

use serde::Deserialize;
use serde_spanned::Spanned;

use super::super::rulebook::Exemption;
use super::Reader;
use crate::domain::ConsentKind;

/// One exemption as written: exactly one of the keys, and what belongs to it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExemptionRaw {
    agent_reserved: Option<bool>,
    consent: Option<Vec<ConsentKind>>,
    #[serde(default)]
    off_hours: bool,
    legitimate_interest_months: Option<u16>,
    mark: Option<String>,
    prior_consent_days: Option<u16>,
    relationship: Option<RelationshipRaw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RelationshipRaw {
    transaction_months: u16,
    inquiry_months: u16,
}

impl Reader {
    pub(super) fn exemption(&mut self, raw: Spanned<ExemptionRaw>) -> Option<Exemption> {
        let span = raw.span();
        let raw = raw.into_inner();
        let off_hours = raw.off_hours;
        let found = [
            raw.agent_reserved.filter(|held| *held).map(|_| Exemption::AgentReserved),
            raw.consent.map(|kinds| Exemption::Consent { kinds, off_hours }),
            raw.legitimate_interest_months
                .map(|months| Exemption::LegitimateInterest { months: months.into() }),
            raw.mark.map(Exemption::Mark),
            raw.prior_consent_days.map(|days| Exemption::PriorConsent { days: days.into() }),
            raw.relationship.map(|months| Exemption::Relationship {
                transaction_months: months.transaction_months.into(),
                inquiry_months: months.inquiry_months.into(),
            }),
        ];
        let mut found = found.into_iter().flatten();
        match (found.next(), found.next()) {
            (Some(exemption), None)
                if !off_hours || matches!(exemption, Exemption::Consent { .. }) =>
            {
                Some(exemption)
            }
            _ => {
                self.fault(
                    span,
                    "an exemption is one of agent_reserved = true, consent, \
                     legitimate_interest_months, mark, prior_consent_days, relationship; \
                     off_hours goes with consent",
                );
                None
            }
        }
    }
}
