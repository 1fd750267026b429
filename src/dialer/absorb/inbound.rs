//! People who call in.

use jiff::Timestamp;

use crate::call::{State, Wait};
use crate::dialer::calls::Call;
use crate::dialer::{CampaignPhase, Dialer, Output};
use crate::domain::{CallId, Lead, later};

impl Dialer {
    /// Somebody has called in and waits. Nobody is let wait where nobody is served, and a number or
    /// a lead has one call at a time.
    pub(super) fn absorb_inbound(&mut self, id: CallId, lead: Box<Lead>, now: Timestamp) {
        let is_known = self.calls.contains_key(&id) || self.recent.get(id).is_some();
        if is_known {
            return;
        }
        let is_busy = self.numbers.contains_key(&lead.number) || self.leads.contains_key(&lead.id);
        let queue = self
            .campaigns
            .get_mut(&lead.campaign)
            .filter(|run| run.campaign.pacing.is_inbound() && run.phase == CampaignPhase::Running);
        let Some(run) = queue.filter(|_| !is_busy && !self.draining) else {
            return self.outputs.push_back(Output::HangUp(id));
        };
        run.totals.answered += 1;
        let campaign = lead.campaign;
        let wait = Wait { since: now, due_by: later(now, run.campaign.wait_max) };
        let call = Call::new(campaign, lead, now);
        let call =
            Call { state: State::Waiting(wait), answered_at: Some(now), is_inbound: true, ..call };
        self.add_call(id, call);
        self.touch(campaign);
    }
}
