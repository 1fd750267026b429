//! How much of the agents whom campaigns share each has had of late, against its weight.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::{AgentId, CampaignId};

/// What was is forgotten with this time constant, in seconds: long against a talk, short against a
/// shift.
const MEMORY_S: f64 = 900.0;

/// What one campaign has had.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Used {
    weight: f64,
    /// Agents with a person of the campaign, or after one, now.
    busy: u32,
    /// Seconds of agents until `until`, forgotten with age.
    agent_s: f64,
    until: Timestamp,
}

impl Used {
    fn at(&self, now: Timestamp) -> f64 {
        let kept = (-now.duration_since(self.until).as_secs_f64().max(0.0) / MEMORY_S).exp();
        self.agent_s * kept + f64::from(self.busy) * MEMORY_S * (1.0 - kept)
    }

    fn count(&mut self, now: Timestamp) {
        (self.agent_s, self.until) = (self.at(now), now);
    }
}

/// The time of shared agents, by campaign.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shares {
    used: BTreeMap<CampaignId, Used>,
    serving: BTreeMap<AgentId, CampaignId>,
}

impl Shares {
    /// The weight of a campaign's claim.
    pub fn set_weight(&mut self, campaign: CampaignId, priority: u8, now: Timestamp) {
        let weight = f64::from(priority.max(1));
        let new = Used { weight, busy: 0, agent_s: 0.0, until: now };
        self.used.entry(campaign).or_insert(new).weight = weight;
    }

    /// A campaign begins: it has no claim to the time in which it was not there.
    pub fn begin(&mut self, campaign: CampaignId, now: Timestamp) {
        let others = self
            .used
            .iter()
            .filter(|(other, used)| **other != campaign && (used.busy > 0 || used.at(now) > 1.0));
        let least = others.map(|(_, used)| used.at(now) / used.weight).min_by(f64::total_cmp);
        if let (Some(least), Some(used)) = (least, self.used.get_mut(&campaign)) {
            used.count(now);
            used.agent_s = used.agent_s.max(least * used.weight);
        }
    }

    /// A shared agent is with a person of this campaign from now on, or after one.
    pub fn serve(&mut self, agent: AgentId, campaign: CampaignId, now: Timestamp) {
        if self.serving.get(&agent) == Some(&campaign) {
            return;
        }
        self.rest(agent, now);
        if let Some(used) = self.used.get_mut(&campaign) {
            used.count(now);
            used.busy += 1;
            self.serving.insert(agent, campaign);
        }
    }

    /// An agent serves nobody any more.
    pub fn rest(&mut self, agent: AgentId, now: Timestamp) {
        let Some(campaign) = self.serving.remove(&agent) else { return };
        if let Some(used) = self.used.get_mut(&campaign) {
            used.count(now);
            used.busy = used.busy.saturating_sub(1);
        }
    }

    /// What a campaign has had for each unit of its weight: who has the least goes first, so that
    /// each comes to its weight's share of the agents' time as far as it wants it.
    pub fn standing(&self, campaign: CampaignId, now: Timestamp) -> f64 {
        self.used.get(&campaign).map_or(0.0, |used| used.at(now) / used.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: CampaignId = CampaignId(1);
    const LARGE: CampaignId = CampaignId(2);

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    fn shares(small: u8, large: u8) -> Shares {
        let mut shares = Shares::default();
        shares.set_weight(SMALL, small, at(0));
        shares.set_weight(LARGE, large, at(0));
        shares
    }

    /// Ten agents, each taken for three minutes by whoever stands lowest, for eight hours.
    #[test]
    fn who_always_wants_agents_comes_to_the_share_of_the_weight() {
        let mut shares = shares(2, 6);
        let mut small_s = 0;
        for s in 0..28_800 {
            if s % 18 != 0 {
                continue;
            }
            let agent = AgentId(s / 18 % 10);
            let first = shares.standing(SMALL, at(s)) <= shares.standing(LARGE, at(s));
            shares.serve(agent, if first { SMALL } else { LARGE }, at(s));
            small_s += if first { 180 } else { 0 };
        }
        let share = small_s as f64 / 288_000.0;
        assert!((share - 0.25).abs() < 0.02, "{share}");
    }

    #[test]
    fn what_goes_on_counts_before_it_is_over() {
        let mut shares = shares(5, 5);
        shares.serve(AgentId(1), LARGE, at(0));
        assert!(shares.standing(LARGE, at(60)) > shares.standing(SMALL, at(60)));
        shares.rest(AgentId(1), at(60));
        let (soon, late) = (shares.standing(LARGE, at(61)), shares.standing(LARGE, at(9_000)));
        assert!(soon > 10.0 && late < 0.01, "forgotten: {soon}, {late}");
    }

    #[test]
    fn who_begins_has_no_claim_to_what_was_before() {
        let mut shares = shares(5, 5);
        (0..10).for_each(|agent| shares.serve(AgentId(agent), LARGE, at(0)));
        shares.begin(SMALL, at(3_600));
        let standing = |campaign| shares.standing(campaign, at(3_600));
        assert!((standing(SMALL) - standing(LARGE)).abs() < 1e-6);
    }
}
