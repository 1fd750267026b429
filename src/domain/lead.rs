//! A lead: one number to be called in one campaign, and what has happened to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CallId, CampaignId, Facts, LeadId, Outcome, PhoneNumber};

/// One number to be called in one campaign, as the store hands it to the hopper.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Lead {
    /// The store's number for it.
    pub id: LeadId,
    /// The campaign it belongs to.
    pub campaign: CampaignId,
    /// Where to call.
    pub number: PhoneNumber,
    /// First name, as imported.
    pub first_name: Option<String>,
    /// Last name, as imported.
    pub last_name: Option<String>,
    /// State or province as imported (`NY`), upper case; refines the zone of the number.
    pub state: Option<String>,
    /// ZIP or postal code as imported; refines the zone further.
    pub zip: Option<String>,
    /// Every other column of the file, by its header.
    pub attributes: BTreeMap<String, String>,
    /// What the `law.` columns among them say.
    #[serde(default)]
    pub facts: Arc<Facts>,
    /// Calls to this **number** and of it (in any campaign) that are recent enough to matter to a cap
    /// or an interval, oldest first.
    pub history: Vec<PastAttempt>,
    /// When it is next to be called; `None` when at once.
    pub due_at: Option<Timestamp>,
}

impl Lead {
    /// A number of which nothing else is known.
    pub fn of_number(campaign: CampaignId, number: PhoneNumber) -> Self {
        Self {
            id: LeadId(0),
            campaign,
            number,
            first_name: None,
            last_name: None,
            state: None,
            zip: None,
            attributes: BTreeMap::new(),
            facts: Arc::default(),
            history: Vec::new(),
            due_at: None,
        }
    }

    /// The calls to the number, without those of the person to us.
    pub fn attempts(&self) -> impl Iterator<Item = &PastAttempt> {
        self.history.iter().filter(|past| !past.inbound)
    }
}

/// A call that there has been.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PastAttempt {
    /// The attempt.
    pub call: CallId,
    /// When it began.
    pub at: Timestamp,
    /// How it ended; `None` while it is open.
    pub outcome: Option<Outcome>,
    /// The person called us.
    #[serde(default)]
    pub inbound: bool,
    /// It was about another debt than the lead's; false where the debt of either is not known.
    #[serde(default)]
    pub other_debt: bool,
    /// Who answered was not the person, and the number not theirs.
    #[serde(default)]
    pub wrong_person: bool,
}

impl PastAttempt {
    /// A call to the number of which nothing else is known.
    pub fn new(call: CallId, at: Timestamp, outcome: Option<Outcome>) -> Self {
        Self { call, at, outcome, inbound: false, other_debt: false, wrong_person: false }
    }
}
