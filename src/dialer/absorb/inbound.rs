//! People who call in.

use jiff::Timestamp;

use crate::call::{State, Wait};
use crate::dialer::calls::Call;
use crate::dialer::{CampaignPhase, Dialer, Output};
use crate::domain::{CallId, Lead, Outcome, later};

impl Dialer {
    /// Somebody has called in and waits. Where nobody is served, nobody is let wait. Several may call
    /// from one number: a firm's switchboard, people who withhold theirs.
    pub(super) fn absorb_inbound(&mut self, id: CallId, lead: Box<Lead>, now: Timestamp) {
        if self.calls.contains_key(&id) || self.recent.get(id).is_some() {
            return;
        }
        let campaign = lead.campaign;
        let Some(run) = self.campaigns.get_mut(&campaign) else {
            return self.outputs.push_back(Output::HangUp(id));
        };
        let is_served = run.campaign.pacing.is_inbound()
            && run.phase == CampaignPhase::Running
            && !self.draining;
        let state = if is_served {
            run.totals.answered += 1;
            let due_by = later(now, run.campaign.wait_max);
            State::Waiting(Wait { since: now, due_by })
        } else {
            self.outputs.push_back(Output::HangUp(id));
            State::Leaving { outcome: Outcome::Cancelled, since: now }
        };
        let call = Call::new(campaign, lead, now);
        self.add_call(id, Call { state, answered_at: Some(now), is_inbound: true, ..call });
        self.touch(campaign);
    }
}
