//! What shares the floor with the first campaign: other campaigns, and queues of people who call in.

use std::ops::Range;

use jiff::SignedDuration;

use super::Spread;
use super::world::{Happening, World};
use crate::dialer::Input;
use crate::domain::{CallId, Campaign, CampaignId, later};

/// Calls that come in have the numbers above this.
const FIRST_CALLER: i64 = 1 << 40;

/// A campaign beside the first, at most four of them; or a queue, by its pacing.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// Its campaign, with an id of its own.
    pub campaign: Campaign,
    /// How many leads, at most a million.
    pub leads: u32,
    /// Whose people agents of these places take, besides those of the first campaign.
    pub agents: Range<u32>,
    /// People who call in, in an hour of a shift.
    pub callers_per_hour: f64,
    /// How long they wait before they give up.
    pub patience: Spread,
}

impl Beside {
    /// A campaign that calls, with the leads of a long day.
    pub fn campaign(campaign: Campaign, agents: Range<u32>) -> Self {
        let patience = Spread::of(90.0, 60.0);
        Self { campaign, leads: 1_000_000, agents, callers_per_hour: 0.0, patience }
    }

    /// A queue of people who call in.
    pub fn queue(campaign: Campaign, agents: Range<u32>, callers_per_hour: f64) -> Self {
        Self { callers_per_hour, leads: 0, ..Self::campaign(campaign, agents) }
    }
}

impl World {
    /// Every campaign of the floor.
    pub(super) fn campaign_ids(&self) -> Vec<CampaignId> {
        let beside = self.scenario.beside.iter().map(|beside| beside.campaign.id);
        std::iter::once(self.scenario.campaign.id).chain(beside).collect()
    }

    /// Whose people the agent of this place takes.
    pub(super) fn campaigns_of(&self, place: usize) -> Vec<CampaignId> {
        let takes = |beside: &&Beside| beside.agents.contains(&(place as u32));
        let beside = self.scenario.beside.iter().filter(takes).map(|beside| beside.campaign.id);
        std::iter::once(self.scenario.campaign.id).chain(beside).collect()
    }

    /// The next person calls in as chance has it, as long as the shift goes on.
    pub(super) fn plan_caller(&mut self, place: usize) {
        let Some(beside) = self.scenario.beside.get(place) else { return };
        if beside.callers_per_hour <= 0.0 {
            return;
        }
        let apart_s = -3_600.0 / beside.callers_per_hour * (1.0 - self.plans.share()).ln();
        let at = later(self.now, SignedDuration::from_micros((apart_s * 1e6) as i64));
        if at < later(self.day_begins_at, self.scenario.shift) {
            self.timeline.plan(at, Happening::Caller(place));
        }
    }

    /// Somebody calls in.
    pub(super) fn calls_in(&mut self, place: usize) -> Option<Input> {
        self.plan_caller(place);
        let beside = self.scenario.beside.get(place)?;
        let (queue, patience) = (beside.campaign.id, beside.patience);
        self.callers += 1;
        let call = CallId(FIRST_CALLER + self.callers);
        let lead = Box::new(self.leads.caller(queue, self.now)?);
        self.leads.begin_caller(call, lead.id, self.now);
        let gives_up_at = later(self.now, self.chance.time(patience));
        self.answer_caller(call, gives_up_at);
        Some(Input::Inbound { call, lead })
    }
}
