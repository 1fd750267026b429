//! The step: one fact in, what has run out, people first, then new calls.

use jiff::Timestamp;

use super::{Dialer, Input, Notice, Output, Record};
use crate::domain::CampaignId;

/// One more of the few campaigns that a step has touched.
pub(super) fn look_at(touched: &mut Vec<CampaignId>, campaign: CampaignId) {
    if !touched.contains(&campaign) {
        touched.push(campaign);
    }
}

impl Dialer {
    /// Takes one fact that happened at `now`, and decides. `now` never goes back: an earlier one
    /// counts as the latest seen. Take every output before the next fact.
    pub fn handle_input(&mut self, input: Input, now: Timestamp) {
        let now = self.now.max(now);
        self.now = now;
        self.absorb(input, now);
        self.expire(now);
        self.route(now);
        self.dial(now);
    }

    /// A campaign wants another look at the end of the step, and so do those that share its agents.
    pub(super) fn touch(&mut self, campaign: CampaignId) {
        let shared = self.agents.staffed_with(campaign).map(|(other, _)| other);
        for campaign in std::iter::once(campaign).chain(shared) {
            look_at(&mut self.touched, campaign);
        }
    }

    pub(super) fn notify(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notify(notice));
    }

    pub(super) fn record(&mut self, record: Record) {
        self.outputs.push_back(Output::Record(record));
    }
}
