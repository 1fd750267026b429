//! Agents of several campaigns: what the others will want of them, and whose turn it is.

use jiff::Timestamp;

use super::{CampaignPhase, Dialer};
use crate::domain::CampaignId;
use crate::pacing::{Floor, Load};

/// Who is ahead of another by less than this has had its share.
const AHEAD: f64 = 1.05;

/// Nor is anybody ahead who has had less than this of the agents for each unit of weight, in
/// seconds: a talk or two at the start of a day.
const AHEAD_S: f64 = 60.0;

/// For people who will call in by this moment of the forecast, 10 s ahead (a call that is placed
/// now asks for an agent then), agents are held back where calls are counted one by one.
const HELD_BACK: usize = 4;

impl Dialer {
    /// Of the calls wanted, those of a campaign that has had more than its share of the agents while
    /// another one wants them: one for each who is ready and whom nobody else has a claim to, so
    /// that no agent waits for fairness.
    pub(super) fn within_share(
        &self,
        id: CampaignId,
        wanted: u32,
        floor: &Floor,
        now: Timestamp,
    ) -> u32 {
        if wanted == 0 || !self.is_ahead(id, now) {
            return wanted;
        }
        wanted.min(floor.free().saturating_sub(floor.in_progress()))
    }

    fn is_ahead(&self, id: CampaignId, now: Timestamp) -> bool {
        let ours = self.shares.standing(id, now);
        ours > AHEAD_S
            && self.agents.staffed_with(id).any(|(other, _)| {
                self.wants_agents(other) && self.shares.standing(other, now) * AHEAD < ours
            })
    }

    /// Whether a campaign dials for agents and has somebody to call.
    fn wants_agents(&self, id: CampaignId) -> bool {
        self.campaigns.get(&id).is_some_and(|run| {
            let pacing = run.campaign.pacing;
            let dials_for_agents =
                !pacing.is_inbound() && !pacing.is_by_hand() && !pacing.is_broadcast();
            let has_leads = !run.hopper.is_dry() && !run.breaker.is_trying();
            run.phase == CampaignPhase::Running && dials_for_agents && has_leads
        })
    }

    /// Ready agents of this campaign to whom calls of other campaigns are on their way: those calls
    /// go first to agents who are not ours.
    pub(super) fn claimed(&self, id: CampaignId) -> u32 {
        self.agents
            .shared(id)
            .map(|(other, shared)| {
                let Some(run) = self.campaigns.get(&other) else { return 0 };
                let expected = match run.campaign.pacing.is_inbound() {
                    true => run.pacer.load().at(HELD_BACK).mean.round() as u32,
                    false => run.census.ringing,
                };
                let calls = expected + run.census.screening + run.census.waiting;
                let theirs = self.agents.counts(other).ready.saturating_sub(shared);
                calls.saturating_sub(theirs).min(shared)
            })
            .sum()
    }

    /// What the calls of other campaigns, and those who call in, will want of the agents of this
    /// one: of each as much as the agents who are ours too are of all who take its people.
    pub(super) fn others(&self, id: CampaignId) -> Load {
        let mut others = Load::default();
        for (other, shared) in self.agents.staffed_with(id) {
            let Some(run) = self.campaigns.get(&other) else { continue };
            let theirs = self.agents.counts(other).staffed().max(1);
            let share = f64::from(shared) / f64::from(theirs);
            others.add_share(&run.pacer.load(), share);
            others.add_waiting(share * f64::from(run.census.waiting));
        }
        others
    }
}
