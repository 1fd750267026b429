//! Who is at a desk and what they are doing. One function changes an agent's state; it keeps the
//! counts and the index of the idle.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{AgentId, AgentState, CampaignId, PauseReason};

/// One agent who is logged in.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// The name to show.
    pub name: String,
    /// Whose people they take, each once.
    pub campaigns: Vec<CampaignId>,
    /// What they are doing.
    pub state: AgentState,
    /// Since when.
    pub since: Timestamp,
    /// Since when nobody has talked to them; orders the idle.
    pub idle_since: Timestamp,
    /// The pause that comes after the present call.
    pub pause_asked: Option<PauseReason>,
    /// Talks since the login.
    pub talks: u64,
    /// Seconds of those that are over.
    pub talk_s: f64,
}

/// Agents of a campaign by state. An agent of two campaigns counts in both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct AgentCounts {
    /// Not taking calls.
    pub paused: u32,
    /// Looking at a lead.
    pub previewing: u32,
    /// Waiting for a call.
    pub ready: u32,
    /// A call is being bridged to them.
    pub reserved: u32,
    /// With a person.
    pub talking: u32,
    /// After a call.
    pub wrap_up: u32,
}

impl AgentCounts {
    /// Everybody who is logged in.
    pub fn logged_in(&self) -> u32 {
        self.paused + self.staffed()
    }

    /// Who takes calls now or after the present one.
    pub fn staffed(&self) -> u32 {
        self.previewing + self.ready + self.reserved + self.talking + self.wrap_up
    }

    fn of(&mut self, state: &AgentState) -> Option<&mut u32> {
        match state {
            AgentState::LoggedOut => None,
            AgentState::Paused { .. } => Some(&mut self.paused),
            AgentState::Previewing { .. } => Some(&mut self.previewing),
            AgentState::Ready => Some(&mut self.ready),
            AgentState::Reserved { .. } => Some(&mut self.reserved),
            AgentState::Talking { .. } => Some(&mut self.talking),
            AgentState::WrapUp { .. } => Some(&mut self.wrap_up),
        }
    }

    fn add(&mut self, state: &AgentState) {
        if let Some(count) = self.of(state) {
            *count += 1;
        }
    }

    fn remove(&mut self, state: &AgentState) {
        if let Some(count) = self.of(state) {
            *count = count.saturating_sub(1);
        }
    }
}

/// Everybody who is logged in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agents {
    by_id: BTreeMap<AgentId, Box<Agent>>,
    index: Index,
}

/// The agents by what is asked of them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Index {
    counts: BTreeMap<CampaignId, AgentCounts>,
    ready: BTreeMap<CampaignId, BTreeSet<(Timestamp, AgentId)>>,
    /// How many are ready for both campaigns of a pair; kept in both orders.
    ready_for_both: BTreeMap<(CampaignId, CampaignId), u32>,
    /// How many take calls of both now or after the present one.
    staffed_for_both: BTreeMap<(CampaignId, CampaignId), u32>,
}

impl Agents {
    /// The agent, when logged in.
    pub fn get(&self, id: AgentId) -> Option<&Agent> {
        self.by_id.get(&id).map(Box::as_ref)
    }

    /// What the agent is doing; logged out when unknown.
    pub fn state(&self, id: AgentId) -> AgentState {
        self.by_id.get(&id).map_or(AgentState::LoggedOut, |agent| agent.state.clone())
    }

    /// Everybody, by id.
    pub fn iter(&self) -> impl Iterator<Item = (AgentId, &Agent)> {
        self.by_id.iter().map(|(id, agent)| (*id, agent.as_ref()))
    }

    /// The agents of a campaign by state.
    pub fn counts(&self, campaign: CampaignId) -> AgentCounts {
        self.index.counts.get(&campaign).copied().unwrap_or_default()
    }

    /// Who has been idle longest, of those who are ready for this campaign.
    pub fn longest_idle(&self, campaign: CampaignId) -> Option<AgentId> {
        self.index.ready.get(&campaign)?.first().map(|(_, id)| *id)
    }

    /// The campaigns that share ready agents with this one, and how many.
    pub fn shared(&self, campaign: CampaignId) -> impl Iterator<Item = (CampaignId, u32)> {
        let from = (campaign, CampaignId(i64::MIN));
        let to = (campaign, CampaignId(i64::MAX));
        self.index.ready_for_both.range(from..=to).map(|((_, other), count)| (*other, *count))
    }

    /// The campaigns that share agents with this one, and how many take calls of both now or after
    /// the present one.
    pub fn staffed_with(&self, campaign: CampaignId) -> impl Iterator<Item = (CampaignId, u32)> {
        let from = (campaign, CampaignId(i64::MIN));
        let to = (campaign, CampaignId(i64::MAX));
        self.index.staffed_for_both.range(from..=to).map(|((_, other), count)| (*other, *count))
    }

    /// Somebody logs in, paused. Who is logged in already keeps the state and changes campaigns.
    pub fn log_in(
        &mut self,
        id: AgentId,
        name: String,
        campaigns: Vec<CampaignId>,
        reason: PauseReason,
        now: Timestamp,
    ) {
        let campaigns: BTreeSet<CampaignId> = campaigns.into_iter().collect();
        let campaigns = campaigns.into_iter().collect();
        let agent = match self.remove(id) {
            Some(present) => Box::new(Agent { name, campaigns, ..*present }),
            None => Box::new(Agent {
                name,
                campaigns,
                state: AgentState::Paused { reason },
                since: now,
                idle_since: now,
                pause_asked: None,
                talks: 0,
                talk_s: 0.0,
            }),
        };
        self.insert(id, agent);
    }

    /// Somebody leaves. What they were doing is returned.
    pub fn remove(&mut self, id: AgentId) -> Option<Box<Agent>> {
        let agent = self.by_id.remove(&id)?;
        self.index.remove(id, &agent);
        Some(agent)
    }

    /// Changes what an agent is doing; the only way to change it. Whoever comes back from a call
    /// that never was theirs keeps the place among the idle. False when nobody of that id is
    /// logged in.
    pub fn set(&mut self, id: AgentId, state: AgentState, now: Timestamp) -> bool {
        let Some(agent) = self.by_id.get_mut(&id) else { return false };
        self.index.remove(id, agent);
        let was_idle =
            matches!(agent.state, AgentState::Previewing { .. } | AgentState::Reserved { .. });
        if state == AgentState::Ready && !was_idle {
            agent.idle_since = now;
        }
        if matches!(state, AgentState::Paused { .. }) {
            agent.pause_asked = None;
        }
        agent.state = state;
        agent.since = now;
        self.index.add(id, agent);
        true
    }

    /// Asks for a pause after the present call, or takes that back.
    pub fn ask_pause(&mut self, id: AgentId, reason: Option<PauseReason>) {
        if let Some(agent) = self.by_id.get_mut(&id) {
            agent.pause_asked = reason;
        }
    }

    /// Counts a talk that is over.
    pub fn talked(&mut self, id: AgentId, seconds: f64) {
        if let Some(agent) = self.by_id.get_mut(&id) {
            agent.talks += 1;
            agent.talk_s += seconds;
        }
    }

    /// The same agents counted anew: for tests, which compare.
    pub fn recount(&self) -> Self {
        let mut anew = Self::default();
        for (id, agent) in self.iter() {
            anew.insert(id, Box::new(agent.clone()));
        }
        anew
    }

    fn insert(&mut self, id: AgentId, agent: Box<Agent>) {
        self.index.add(id, &agent);
        self.by_id.insert(id, agent);
    }
}

impl Index {
    fn add(&mut self, id: AgentId, agent: &Agent) {
        for campaign in &agent.campaigns {
            self.counts.entry(*campaign).or_default().add(&agent.state);
        }
        if is_staffed(&agent.state) {
            for pair in pairs(&agent.campaigns) {
                *self.staffed_for_both.entry(pair).or_default() += 1;
            }
        }
        if agent.state == AgentState::Ready {
            for campaign in &agent.campaigns {
                self.ready.entry(*campaign).or_default().insert((agent.idle_since, id));
            }
            for pair in pairs(&agent.campaigns) {
                *self.ready_for_both.entry(pair).or_default() += 1;
            }
        }
    }

    fn remove(&mut self, id: AgentId, agent: &Agent) {
        for campaign in &agent.campaigns {
            let Some(counts) = self.counts.get_mut(campaign) else { continue };
            counts.remove(&agent.state);
            if *counts == AgentCounts::default() {
                self.counts.remove(campaign);
            }
        }
        if is_staffed(&agent.state) {
            pairs(&agent.campaigns).for_each(|pair| remove_one(&mut self.staffed_for_both, pair));
        }
        if agent.state != AgentState::Ready {
            return;
        }
        for campaign in &agent.campaigns {
            let Some(idle) = self.ready.get_mut(campaign) else { continue };
            idle.remove(&(agent.idle_since, id));
            if idle.is_empty() {
                self.ready.remove(campaign);
            }
        }
        pairs(&agent.campaigns).for_each(|pair| remove_one(&mut self.ready_for_both, pair));
    }
}

fn is_staffed(state: &AgentState) -> bool {
    !matches!(state, AgentState::LoggedOut | AgentState::Paused { .. })
}

fn remove_one(
    counts: &mut BTreeMap<(CampaignId, CampaignId), u32>,
    pair: (CampaignId, CampaignId),
) {
    let Some(count) = counts.get_mut(&pair) else { return };
    *count -= 1;
    if *count == 0 {
        counts.remove(&pair);
    }
}

fn pairs(campaigns: &[CampaignId]) -> impl Iterator<Item = (CampaignId, CampaignId)> {
    campaigns.iter().flat_map(move |one| {
        campaigns.iter().filter(move |other| *other != one).map(move |other| (*one, *other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CallId;

    const ONE: CampaignId = CampaignId(1);
    const TWO: CampaignId = CampaignId(2);

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    fn reason() -> PauseReason {
        PauseReason("test".to_owned())
    }

    fn floor(ready: &[(i64, &[CampaignId])]) -> Agents {
        let mut agents = Agents::default();
        for (place, (id, campaigns)) in ready.iter().enumerate() {
            agents.log_in(AgentId(*id), String::new(), campaigns.to_vec(), reason(), at(0));
            agents.set(AgentId(*id), AgentState::Ready, at(1 + place as i64));
        }
        agents
    }

    #[test]
    fn the_longest_idle_comes_first() {
        let mut agents = floor(&[(5, &[ONE]), (3, &[ONE])]);
        assert_eq!(agents.longest_idle(ONE), Some(AgentId(5)));
        agents.set(AgentId(5), AgentState::WrapUp { call: CallId(1) }, at(9));
        agents.set(AgentId(5), AgentState::Ready, at(10));
        assert_eq!(agents.longest_idle(ONE), Some(AgentId(3)));
    }

    #[test]
    fn a_call_that_never_came_costs_no_place() {
        let mut agents = floor(&[(5, &[ONE]), (3, &[ONE])]);
        agents.set(AgentId(5), AgentState::Reserved { call: CallId(1) }, at(9));
        agents.set(AgentId(5), AgentState::Ready, at(10));
        assert_eq!(agents.longest_idle(ONE), Some(AgentId(5)));
    }

    #[test]
    fn an_agent_of_two_campaigns_is_known_to_be_shared() {
        let mut agents = floor(&[(1, &[ONE, TWO]), (2, &[ONE]), (3, &[TWO, ONE, TWO])]);
        assert_eq!(agents.shared(ONE).collect::<Vec<_>>(), [(TWO, 2)]);
        agents.set(AgentId(1), AgentState::Paused { reason: reason() }, at(9));
        assert_eq!(agents.shared(TWO).collect::<Vec<_>>(), [(ONE, 1)]);
        assert_eq!(agents.counts(ONE).ready, 2);
        assert_eq!(agents, agents.recount());
    }

    #[test]
    fn who_leaves_leaves_nothing() {
        let mut agents = floor(&[(1, &[ONE, TWO])]);
        agents.remove(AgentId(1));
        assert_eq!(agents, Agents::default());
    }
}
