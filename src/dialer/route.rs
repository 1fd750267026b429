//! People first: who has the first place meets the agent who has been idle longest; whose wait is
//! over and who finds none hears the message.

use jiff::{SignedDuration, Timestamp};

use super::Dialer;
use crate::acd::Place;
use crate::call::State;
use crate::domain::{AgentId, CallId, CampaignId, InboundOrder, PacingMode, later};

/// A person who has been called goes before the others of the same rank when less than this is left
/// of the legal wait: an agent becomes free too seldom to count on another one.
const RUNS_OUT: SignedDuration = SignedDuration::from_millis(1_500);

impl Dialer {
    pub(super) fn route(&mut self, now: Timestamp) {
        loop {
            let place = |campaign, call| self.place_of(campaign, call, now);
            let Some((id, agent)) = self.queue.next(&self.agents, place) else { break };
            let Some(state) = self.calls.get(&id).map(|call| call.state) else { return };
            self.join(id, state, agent, now);
        }
        // Who is left idle takes who is likely a person, before the detector is sure.
        loop {
            let place =
                |campaign, _| Place { rank: 0, standing: self.shares.standing(campaign, now) };
            let Some((id, agent)) = self.likely.next(&self.agents, place) else { break };
            let Some(state) = self.calls.get(&id).map(|call| call.state) else { return };
            self.join(id, state, agent, now);
        }
        for id in std::mem::take(&mut self.overdue) {
            let Some(state) = self.calls.get(&id).map(|call| call.state) else { continue };
            self.move_call(id, state.message(now), now);
        }
    }

    pub(super) fn join(&mut self, id: CallId, state: State, agent: AgentId, now: Timestamp) {
        let campaign = self.calls.get(&id).map(|call| call.campaign);
        let run = campaign.and_then(|campaign| self.campaigns.get(&campaign));
        let Some(terms) = run.map(|run| run.terms) else { return };
        self.move_call(id, state.join(agent, now, &terms), now);
    }

    /// Who calls in goes first where the queue says so; then those whose legal time runs out; and
    /// of the rest the campaign that has had the least of its share.
    fn place_of(&self, campaign: CampaignId, call: CallId, now: Timestamp) -> Place {
        let standing = self.shares.standing(campaign, now);
        let pacing = self.campaigns.get(&campaign).map(|run| run.campaign.pacing);
        let rank = match pacing {
            Some(PacingMode::Inbound { order: InboundOrder::Always }) => 0,
            Some(PacingMode::Inbound { order: InboundOrder::First }) => 2,
            Some(PacingMode::Inbound { order: InboundOrder::InTurn }) => 3,
            _ if self.runs_out(call, now) => 1,
            _ => 3,
        };
        Place { rank, standing }
    }

    fn runs_out(&self, call: CallId, now: Timestamp) -> bool {
        match self.calls.get(&call).map(|call| call.state) {
            Some(State::Waiting(wait)) => wait.due_by <= later(now, RUNS_OUT),
            _ => false,
        }
    }
}
