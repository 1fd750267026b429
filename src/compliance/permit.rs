//! The gate's two answers: proof, or no.

use jiff::Timestamp;

use super::evaluation::Evaluation;
use super::inputs::Inputs;
use crate::domain::{CampaignId, LeadId, PhoneNumber};

/// Proof that the gate has allowed one call. It holds the number, and nothing else that a trunk
/// accepts does; only the gate makes one, and it cannot be copied.
///
/// ```compile_fail
/// # use outdial::compliance::Permit;
/// // A call past the gate: no public constructor, private fields.
/// let permit = Permit { lead: todo!(), campaign: todo!(), number: todo!(), caller_id: todo!(), expires_at: todo!() };
/// ```
///
/// ```compile_fail
/// # use outdial::compliance::Permit;
/// // One permit, one call.
/// fn twice(permit: &Permit) -> Permit { permit.clone() }
/// ```
#[derive(Debug)]
pub struct Permit {
    lead: LeadId,
    campaign: CampaignId,
    number: PhoneNumber,
    caller_id: PhoneNumber,
    expires_at: Timestamp,
    evaluation: Evaluation,
    inputs: Inputs,
}

/// The permit is too old: the gate must be asked again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the permit expired at {0}")]
pub struct Expired(pub Timestamp);

impl Permit {
    pub(super) fn new(
        (lead, campaign): (LeadId, CampaignId),
        number: PhoneNumber,
        caller_id: PhoneNumber,
        expires_at: Timestamp,
        (evaluation, inputs): (Evaluation, Inputs),
    ) -> Self {
        Self { lead, campaign, number, caller_id, expires_at, evaluation, inputs }
    }

    /// The lead it is for.
    pub fn lead(&self) -> LeadId {
        self.lead
    }

    /// The campaign it is for.
    pub fn campaign(&self) -> CampaignId {
        self.campaign
    }

    /// The number that may be shown.
    pub fn caller_id(&self) -> PhoneNumber {
        self.caller_id
    }

    /// Until when an INVITE may leave.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What every rule said when it was given.
    pub fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }

    /// What that rested on.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The number that may be called now: the gate's second question, asked by the trunk.
    ///
    /// # Errors
    /// [`Expired`] from `expires_at` on.
    pub fn number(&self, now: Timestamp) -> Result<PhoneNumber, Expired> {
        if now < self.expires_at { Ok(self.number) } else { Err(Expired(self.expires_at)) }
    }
}

/// No, and when it is worth asking again. An answer, not an error.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The id of the first rule that refuses (`us.hours.federal`, `dnc.internal`).
    pub rule: String,
    /// One sentence for people.
    pub sentence: String,
    /// The first instant at which the answer is another if nothing but time changes; an hour later
    /// where the configuration lacks something; `None` when never (do-not-call).
    pub ask_again_at: Option<Timestamp>,
}
