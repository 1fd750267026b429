//! What the store hands out, and what goes back to it.

use jiff::Timestamp;

use crate::dialer::campaign::Wake;
use crate::dialer::{CampaignPhase, Dialer, Record};
use crate::domain::{CampaignId, Lead};

impl Dialer {
    pub(super) fn absorb_leads(
        &mut self,
        id: CampaignId,
        leads: Vec<Lead>,
        next_due: Option<Timestamp>,
        now: Timestamp,
    ) {
        let (ours, strangers): (Vec<Lead>, Vec<Lead>) =
            leads.into_iter().partition(|lead| lead.campaign == id);
        let back = match self.campaigns.get_mut(&id) {
            Some(run) => run.hopper.fill(ours, next_due, now),
            None => ours,
        };
        for lead in back.into_iter().chain(strangers) {
            // A second hand-out of a lead that we have is a mistake; giving it back would free it.
            let is_ours = self.leads.contains_key(&lead.id)
                || self.is_offered(lead.id)
                || self.campaigns.values().any(|run| run.hopper.holds(lead.id));
            if !is_ours {
                self.release(&lead, None, None, now);
            }
        }
        self.set_wake(id, Wake::FetchRetry, None);
        let stopped =
            self.campaigns.get(&id).is_some_and(|run| run.phase == CampaignPhase::Stopped);
        if stopped || self.draining {
            self.give_back(id, now);
        }
        self.touch(id);
    }

    /// The hopper's leads go back to the store.
    pub(in crate::dialer) fn give_back(&mut self, id: CampaignId, now: Timestamp) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        for lead in run.hopper.empty() {
            self.release(&lead, None, None, now);
        }
    }

    /// A lead goes back to the store without having been dialed.
    pub(in crate::dialer) fn release(
        &mut self,
        lead: &Lead,
        due_at: Option<Timestamp>,
        rule: Option<String>,
        now: Timestamp,
    ) {
        if due_at.is_some() {
            self.expect_lead(lead.campaign, due_at, now);
        }
        self.record(Record::Released { lead: lead.id, due_at, rule });
    }
}
