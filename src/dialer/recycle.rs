//! When a lead is due again. Pure: the campaign's rules over what is known of the lead.

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt};

use crate::call::EndCause;
use crate::domain::{Campaign, Fault, Lead, Outcome, Recycle, later};

/// Without a rule for it, a lead that a fault of the carrier or of ours has kept from being called
/// is due again this soon; twice as late after each further fault, and never closed.
const FAULT_RETRY: SignedDuration = SignedDuration::from_secs(60);

/// No later than this.
const FAULT_RETRY_MAX: SignedDuration = SignedDuration::from_hours(1);

/// What a call that is over has been for its lead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    pub(super) campaign: &'a Campaign,
    pub(super) lead: &'a Lead,
    pub(super) outcome: Outcome,
    pub(super) answered: bool,
    pub(super) cause: Option<&'a EndCause>,
    pub(super) ended_at: Timestamp,
}

impl Attempt<'_> {
    /// Whether it uses up an attempt. A call that was answered, that rang out, or that a
    /// network has blocked, does; one that the carrier or we have kept from the callee does not, also
    /// where the network has answered to say so by its tones.
    pub(super) fn counts(&self) -> bool {
        if self.answered {
            return self.outcome != Outcome::Failed;
        }
        if matches!(self.outcome, Outcome::Blocked | Outcome::NoAnswer) {
            return true;
        }
        match self.cause {
            Some(cause) => cause.fault == Fault::Callee,
            None => !is_fault(self.outcome),
        }
    }

    /// When the lead is due again; `None` closes it. Leads that a fault has kept back are spread,
    /// so that they do not all come at once when it is mended.
    pub(super) fn due_at(&self, chance: &mut impl Rng) -> Option<Timestamp> {
        let after = match self.campaign.recycling.get(&self.outcome) {
            // Another number of ours would get through: that is what a block forbids.
            _ if self.outcome == Outcome::Blocked => return None,
            Some(rule) => self.recycled_after(rule)?,
            None if self.counts() => return None,
            None => spread(self.after_fault(), chance),
        };
        let asked_for = self.cause.and_then(|cause| cause.retry_after);
        Some(later(self.ended_at, after.max(asked_for.unwrap_or(SignedDuration::ZERO))))
    }

    /// True when this was the last attempt that the campaign allows.
    pub(super) fn was_last(&self) -> bool {
        let before = self.lead.attempts().filter_map(|attempt| attempt.outcome);
        let attempts = before.filter(|outcome| !is_fault(*outcome)).count();
        self.counts() && attempts + 1 >= self.campaign.attempts_max as usize
    }

    fn recycled_after(&self, rule: &Recycle) -> Option<SignedDuration> {
        let alike = 1 + self.before(self.outcome);
        (!self.was_last() && alike < rule.attempts_max as usize).then_some(rule.after)
    }

    fn after_fault(&self) -> SignedDuration {
        let faults = self.before(Outcome::Failed).min(6) as u32;
        FAULT_RETRY.saturating_mul(1 << faults).min(FAULT_RETRY_MAX)
    }

    fn before(&self, outcome: Outcome) -> usize {
        self.lead.attempts().filter(|attempt| attempt.outcome == Some(outcome)).count()
    }
}

/// As long, or up to a quarter longer.
fn spread(after: SignedDuration, chance: &mut impl Rng) -> SignedDuration {
    let more_ms = chance.random_range(0..=after.as_millis().max(0) / 4);
    let more_ms = i64::try_from(more_ms).unwrap_or(0);
    after.saturating_add(SignedDuration::from_millis(more_ms))
}

/// Outcomes of calls that did not reach the callee.
fn is_fault(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Cancelled | Outcome::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialer::testing::{at, campaign, cause, lead};
    use crate::domain::{CallId, PastAttempt};

    fn due(outcome: Outcome, past: &[Outcome], cause: Option<&EndCause>) -> Option<Timestamp> {
        let (campaign, mut lead) = (campaign(1), lead(1, 1));
        lead.history =
            past.iter().map(|outcome| PastAttempt::new(CallId(9), at(0), Some(*outcome))).collect();
        let attempt = Attempt {
            campaign: &campaign,
            lead: &lead,
            outcome,
            answered: false,
            cause,
            ended_at: at(100),
        };
        let mut chance = <rand_pcg::Pcg64Mcg as rand::SeedableRng>::seed_from_u64(1);
        attempt.due_at(&mut chance)
    }

    #[test]
    fn an_outcome_has_its_own_interval_and_its_own_number_of_attempts() {
        // The test campaign: busy after 60 s, three times.
        assert_eq!(due(Outcome::Busy, &[Outcome::Busy], None), Some(at(160)));
        assert_eq!(due(Outcome::Busy, &[Outcome::Busy, Outcome::Busy], None), None);
        assert_eq!(
            due(Outcome::Busy, &[Outcome::NoAnswer, Outcome::NoAnswer], None),
            Some(at(160))
        );
    }

    #[test]
    fn an_outcome_without_a_rule_closes_the_lead() {
        assert_eq!(due(Outcome::InvalidNumber, &[], None), None);
    }

    #[test]
    fn the_last_attempt_of_a_lead_closes_it_and_a_fault_is_no_attempt() {
        // The test campaign: five attempts in all.
        assert_eq!(due(Outcome::Busy, &[Outcome::NoAnswer; 4], None), None);
        assert_eq!(due(Outcome::Busy, &[Outcome::Failed; 4], None), Some(at(160)));
    }

    #[test]
    fn a_fault_of_the_carrier_brings_the_lead_back_soon_and_then_later_and_later() {
        let cause = cause(Outcome::Failed, Fault::Carrier);
        let first = due(Outcome::Failed, &[], Some(&cause)).unwrap();
        let fourth = due(Outcome::Failed, &[Outcome::Failed; 3], Some(&cause)).unwrap();
        assert!((at(160)..=at(175)).contains(&first), "{first}");
        assert!((at(580)..=at(700)).contains(&fourth), "{fourth}");
    }

    #[test]
    fn who_asks_not_to_be_called_before_is_not() {
        let asked = Some(SignedDuration::from_secs(1_800));
        let cause = EndCause { retry_after: asked, ..cause(Outcome::NoAnswer, Fault::Callee) };
        assert_eq!(due(Outcome::NoAnswer, &[], Some(&cause)), Some(at(1_900)));
    }
}
