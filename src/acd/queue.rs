//! The people who wait, longest first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Agents;
use crate::domain::{AgentId, CallId, CampaignId};

/// The people who wait for an agent, by campaign.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    waiting: BTreeMap<CampaignId, BTreeSet<(Timestamp, CallId)>>,
}

impl Queue {
    /// Somebody waits since `since`.
    pub fn join(&mut self, campaign: CampaignId, since: Timestamp, call: CallId) {
        self.waiting.entry(campaign).or_default().insert((since, call));
    }

    /// Somebody waits no longer.
    pub fn leave(&mut self, campaign: CampaignId, since: Timestamp, call: CallId) {
        let Some(people) = self.waiting.get_mut(&campaign) else { return };
        people.remove(&(since, call));
        if people.is_empty() {
            self.waiting.remove(&campaign);
        }
    }

    /// The next to be served: of everybody for whom an agent is ready, the one who has waited
    /// longest, with the agent who has been idle longest.
    pub fn next(&self, agents: &Agents) -> Option<(CallId, AgentId)> {
        let served = self.waiting.iter().filter_map(|(campaign, people)| {
            let (since, call) = people.first()?;
            Some((*since, *call, agents.longest_idle(*campaign)?))
        });
        served.min().map(|(_, call, agent)| (call, agent))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.values().map(BTreeSet::len).sum()
    }

    /// True when nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentState, PauseReason};

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    fn ready(agents: &mut Agents, id: i64, campaign: i64, since: i64) {
        let reason = PauseReason("test".to_owned());
        let campaigns = vec![CampaignId(campaign)];
        agents.log_in(AgentId(id), String::new(), campaigns, reason, at(0));
        agents.set(AgentId(id), AgentState::Ready, at(since));
    }

    #[test]
    fn the_longest_wait_meets_the_longest_idle() {
        let (mut queue, mut agents) = (Queue::default(), Agents::default());
        queue.join(CampaignId(1), at(20), CallId(2));
        queue.join(CampaignId(1), at(10), CallId(3));
        ready(&mut agents, 1, 1, 5);
        ready(&mut agents, 2, 1, 4);
        assert_eq!(queue.next(&agents), Some((CallId(3), AgentId(2))));
    }

    #[test]
    fn who_has_no_agent_does_not_hold_up_the_others() {
        let (mut queue, mut agents) = (Queue::default(), Agents::default());
        queue.join(CampaignId(1), at(10), CallId(1));
        queue.join(CampaignId(2), at(20), CallId(2));
        ready(&mut agents, 1, 2, 5);
        assert_eq!(queue.next(&agents), Some((CallId(2), AgentId(1))));
        queue.leave(CampaignId(2), at(20), CallId(2));
        assert_eq!(queue.next(&agents), None);
        assert_eq!(queue.len(), 1);
    }
}
