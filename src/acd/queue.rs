//! The people who wait, longest first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Agents;
use crate::domain::{AgentId, CallId, CampaignId};

/// A person's place among those who wait for the same agents: the lowest rank first, then the
/// lowest standing of the campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// Before everybody of a higher one.
    pub rank: u8,
    /// As [`Shares::standing`](super::Shares::standing).
    pub standing: f64,
}

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

    /// The next to be served, with the agent who has been idle longest: of the first of each
    /// campaign for which an agent is ready, the one whose place comes first, and of two at the same
    /// place the one who has waited longest.
    pub fn next(
        &self,
        agents: &Agents,
        place: impl Fn(CampaignId, CallId) -> Place,
    ) -> Option<(CallId, AgentId)> {
        let served = self.waiting.iter().filter_map(|(campaign, people)| {
            let (since, call) = *people.first()?;
            let agent = agents.longest_idle(*campaign)?;
            Some((place(*campaign, call), since, call, agent))
        });
        let before = |one: &(Place, Timestamp, CallId, AgentId),
                      other: &(Place, Timestamp, CallId, AgentId)| {
            let by_place = one.0.rank.cmp(&other.0.rank);
            let by_share = one.0.standing.total_cmp(&other.0.standing);
            by_place.then(by_share).then((one.1, one.2).cmp(&(other.1, other.2)))
        };
        served.min_by(before).map(|(_, _, call, agent)| (call, agent))
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
        assert_eq!(queue.next(&agents, |_, _| Place::default()), Some((CallId(3), AgentId(2))));
    }

    #[test]
    fn a_place_goes_before_the_wait() {
        let (mut queue, mut agents) = (Queue::default(), Agents::default());
        queue.join(CampaignId(1), at(10), CallId(1));
        queue.join(CampaignId(2), at(20), CallId(2));
        let reason = PauseReason("test".to_owned());
        let both = vec![CampaignId(1), CampaignId(2)];
        agents.log_in(AgentId(1), String::new(), both, reason, at(0));
        agents.set(AgentId(1), AgentState::Ready, at(5));
        let by_standing = |campaign: CampaignId, _| Place {
            rank: 1,
            standing: if campaign == CampaignId(1) { 9.0 } else { 3.0 },
        };
        assert_eq!(queue.next(&agents, by_standing), Some((CallId(2), AgentId(1))));
        let by_rank = |campaign: CampaignId, call| Place {
            rank: u8::from(campaign == CampaignId(2)),
            ..by_standing(campaign, call)
        };
        assert_eq!(queue.next(&agents, by_rank), Some((CallId(1), AgentId(1))));
    }

    #[test]
    fn who_has_no_agent_does_not_hold_up_the_others() {
        let (mut queue, mut agents) = (Queue::default(), Agents::default());
        queue.join(CampaignId(1), at(10), CallId(1));
        queue.join(CampaignId(2), at(20), CallId(2));
        ready(&mut agents, 1, 2, 5);
        assert_eq!(queue.next(&agents, |_, _| Place::default()), Some((CallId(2), AgentId(1))));
        queue.leave(CampaignId(2), at(20), CallId(2));
        assert_eq!(queue.next(&agents, |_, _| Place::default()), None);
        assert_eq!(queue.len(), 1);
    }
}
