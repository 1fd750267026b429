//! What an agent does with a person besides talking: asks a colleague or an outside number, has three talk,
//! hands the person on, parks the call. The person hears music while kept apart, and never has nobody
//! without hearing it.

use jiff::Timestamp;

use super::calls::Call;
use super::{CompanyView, Conversation, Destination, Dialer, Notice, Output, Party, Record};
use crate::call::State;
use crate::domain::{AgentId, AgentState, CallId, Outcome};

/// Whoever an agent has brought to a person's call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Company {
    /// Who has.
    pub(super) agent: AgentId,
    pub(super) party: Party,
    /// The person hears them.
    is_together: bool,
    /// The agent leaves as soon as the outside number has answered.
    hands_over: bool,
}

impl Company {
    pub(super) fn view(&self, call: CallId) -> CompanyView {
        let Self { agent, party, is_together, .. } = *self;
        CompanyView { call, agent, party, is_together }
    }

    /// Whether this colleague was brought.
    pub(super) fn is(&self, colleague: AgentId) -> bool {
        self.party == Party::Agent(colleague)
    }
}

impl Dialer {
    /// Keeps the person apart and asks somebody else.
    pub(super) fn consult(&mut self, agent: AgentId, with: Destination, now: Timestamp) {
        let Some(call) = self.talk_alone(agent) else {
            return self.turn_down(agent, with, "The agent is not alone with a person.", now);
        };
        let party = match with {
            Destination::Number { mut lead, was_closed } => {
                let campaign = lead.campaign;
                let permit = self.permit_party(agent, &mut lead, was_closed, now);
                let Some(permit) = permit else { return };
                let id = self.take_call_number();
                let (agent, party_of) = (Some(agent), Some(call));
                self.add_call(id, Call { agent, party_of, ..Call::new(campaign, lead, now) });
                self.order(campaign, id, permit);
                Party::Call(id)
            }
            colleague => match self.free_colleague(&colleague) {
                Some(found) => Party::Agent(found),
                None => return self.turn_down(agent, colleague, "Nobody is free there.", now),
            },
        };
        let company = Company { agent, party, is_together: false, hands_over: false };
        self.company.insert(call, company);
        if let Party::Agent(colleague) = party {
            self.reserve(call, colleague, now);
            self.set_agent(colleague, AgentState::Talking { call }, now);
        }
        self.converse(call);
    }

    /// Hands the person on: to a colleague at once, to an outside number when it has answered. The agent
    /// stays until then, and the person hears music.
    pub(super) fn transfer(&mut self, agent: AgentId, to: Destination, now: Timestamp) {
        let Some(call) = self.talk_alone(agent) else {
            return self.turn_down(agent, to, "The agent is not alone with a person.", now);
        };
        if let Destination::Number { .. } = to {
            self.consult(agent, to, now);
            return self.complete(agent, now);
        }
        let Some(colleague) = self.free_colleague(&to) else {
            return self.turn_down(agent, to, "Nobody is free there.", now);
        };
        let Some(state) = self.calls.get(&call).map(|call| call.state) else { return };
        self.move_call(call, state.pass(colleague, now), now);
    }

    /// All three talk.
    pub(super) fn bring_together(&mut self, agent: AgentId) {
        let Some(call) = self.talk_in_company(agent) else { return };
        if let Some(company) = self.company.get_mut(&call) {
            company.is_together = true;
        }
        self.converse(call);
    }

    /// The agent leaves the person with whom they have brought. One who has not answered yet is waited
    /// for.
    pub(super) fn complete(&mut self, agent: AgentId, now: Timestamp) {
        let Some(call) = self.talk_in_company(agent) else { return };
        self.leave_with_company(call, now);
    }

    /// Whoever was brought leaves; the agent is with the person again.
    pub(super) fn dismiss(&mut self, agent: AgentId, now: Timestamp) {
        if let Some(call) = self.talk_in_company(agent) {
            self.end_company(call, now);
        }
    }

    /// The person hears music until somebody takes the call up again.
    pub(super) fn park(&mut self, agent: AgentId, now: Timestamp) {
        let Some(call) = self.talk_alone(agent) else {
            return self.tell_refused(agent, "The agent is not alone with a person.");
        };
        self.move_call(call, State::Parked { by: agent, since: now }, now);
        self.converse(call);
    }

    /// An agent takes a parked call up.
    pub(super) fn retrieve(&mut self, agent: AgentId, call: CallId, now: Timestamp) {
        let parked = self.calls.get(&call).map(|call| (call.state, call.campaign));
        let Some((state @ State::Parked { .. }, campaign)) = parked else {
            return self.tell_refused(agent, "The call is not parked any more.");
        };
        let is_free = match self.agents.state(agent) {
            AgentState::Paused { reason } => {
                // The pause goes on after the call.
                self.agents.ask_pause(agent, Some(reason));
                true
            }
            AgentState::Ready | AgentState::WrapUp { .. } => true,
            AgentState::LoggedOut
            | AgentState::Previewing { .. }
            | AgentState::Reserved { .. }
            | AgentState::Talking { .. } => false,
        };
        let takes = self.agents.get(agent).is_some_and(|it| it.campaigns.contains(&campaign));
        if !(is_free && takes) {
            return self.tell_refused(agent, "The agent takes no such calls now.");
        }
        self.join(call, state, agent, now);
    }

    /// The agent leaves, and the line is left the campaign's message for machines.
    pub(super) fn leave_message(&mut self, agent: AgentId, now: Timestamp) {
        let Some(call) = self.talk_alone(agent) else {
            return self.tell_refused(agent, "The agent is not alone with a line.");
        };
        let to = State::Messaging { outcome: Outcome::MessageLeft, since: now };
        self.move_call(call, to, now);
    }

    /// The outside number has answered: `id` is its call.
    pub(super) fn party_answered(&mut self, id: CallId, person: CallId, now: Timestamp) {
        let company = self.company.get(&person).copied();
        let Some(company) = company.filter(|it| it.party == Party::Call(id)) else {
            let Some(state) = self.calls.get(&id).map(|call| call.state) else { return };
            return self.move_call(id, state.hang_up(now), now);
        };
        if let Some(call) = self.calls.get_mut(&id) {
            call.bridged_at = Some(now);
        }
        self.record(Record::Bridged { call: id, agent: company.agent, at: now });
        if company.hands_over {
            self.leave_with_company(person, now);
        } else {
            self.converse(person);
        }
    }

    /// A call has changed its state: whoever was with it only by way of what it was leaves.
    pub(super) fn part_company(&mut self, id: CallId, from: &State, to: &State, now: Timestamp) {
        let is_over = matches!(to, State::Ended { .. } | State::Leaving { .. });
        if from.agent().is_some() && from.agent() != to.agent() {
            self.end_company(id, now);
        }
        let person = self.calls.get(&id).and_then(|call| call.party_of);
        if let Some(person) = person.filter(|_| is_over) {
            self.party_gone(person, id);
        }
        if let State::Linked { with, .. } = from
            && is_over
            && let Some(state @ State::Linked { with: back, .. }) =
                self.calls.get(with).map(|call| call.state)
            && back == id
        {
            self.move_call(*with, state.hang_up(now), now);
        }
    }

    /// A colleague, brought to this call or its agent, is gone. True when nothing more is to be done.
    pub(super) fn company_lost(&mut self, call: CallId, lost: AgentId, now: Timestamp) -> bool {
        let Some(company) = self.company.get(&call).copied() else { return false };
        match company.party {
            Party::Agent(colleague) if colleague == lost => self.end_company(call, now),
            Party::Agent(_) if company.agent == lost => self.leave_with_company(call, now),
            Party::Agent(_) | Party::Call(_) => return false,
        }
        true
    }

    /// Tells the line who talks with whom around this call.
    pub(super) fn converse(&mut self, call: CallId) {
        let Some(state) = self.calls.get(&call).map(|call| call.state) else { return };
        let nobody = Conversation { call, agent: None, party: None, is_held: false };
        let talk = match (self.company.get(&call), state) {
            (Some(Company { agent, party, is_together, .. }), _) => Conversation {
                agent: Some(*agent),
                party: Some(*party),
                is_held: !is_together,
                ..nobody
            },
            (None, State::Bridged { agent, .. }) => Conversation::of_two(call, agent),
            (None, State::Linked { with, .. }) => {
                Conversation { party: Some(Party::Call(with)), ..nobody }
            }
            (None, State::Parked { .. }) => Conversation { is_held: true, ..nobody },
            (None, _) => return,
        };
        self.outputs.push_back(Output::Converse(talk));
        if let Some(agent) = talk.agent {
            let company = self.company.get(&call);
            let (party, is_together) = match company {
                Some(company) => (Some(company.party), company.is_together),
                None => (None, false),
            };
            self.notify(Notice::Company { agent, call, party, is_together });
        }
    }

    fn leave_with_company(&mut self, call: CallId, now: Timestamp) {
        let Some(company) = self.company.get(&call).copied() else { return };
        let Some(state) = self.calls.get(&call).map(|call| call.state) else { return };
        let to = match (company.party, state) {
            (Party::Agent(agent), State::Bridged { wait, .. }) => {
                State::Bridged { agent, since: now, wait }
            }
            (Party::Call(with), State::Bridged { .. }) if self.has_answered(with) => {
                State::Linked { with, since: now }
            }
            _ => {
                if let Some(company) = self.company.get_mut(&call) {
                    company.hands_over = true;
                }
                return;
            }
        };
        self.company.remove(&call);
        self.move_call(call, to, now);
        self.converse(call);
    }

    fn has_answered(&self, party: CallId) -> bool {
        let state = self.calls.get(&party).map(|call| call.state);
        matches!(state, Some(State::Linked { .. }))
    }

    fn end_company(&mut self, call: CallId, now: Timestamp) {
        let Some(company) = self.company.remove(&call) else { return };
        match company.party {
            Party::Agent(colleague) => {
                if self.agents.state(colleague) == (AgentState::Talking { call }) {
                    self.free_agent(colleague, now);
                }
            }
            Party::Call(party) => {
                if let Some(state) = self.calls.get(&party).map(|call| call.state) {
                    self.move_call(party, state.hang_up(now), now);
                }
            }
        }
        self.converse(call);
    }

    fn party_gone(&mut self, person: CallId, party: CallId) {
        let company = self.company.get(&person);
        if company.is_some_and(|company| company.party == Party::Call(party)) {
            self.company.remove(&person);
            self.converse(person);
        }
    }

    /// The person's call of an agent who talks with nobody else.
    fn talk_alone(&self, agent: AgentId) -> Option<CallId> {
        self.talk_of(agent).filter(|call| !self.company.contains_key(call))
    }

    fn talk_in_company(&self, agent: AgentId) -> Option<CallId> {
        self.talk_of(agent).filter(|call| self.company.contains_key(call))
    }

    fn talk_of(&self, agent: AgentId) -> Option<CallId> {
        let AgentState::Talking { call } = self.agents.state(agent) else { return None };
        let state = self.calls.get(&call)?.state;
        matches!(state, State::Bridged { agent: theirs, .. } if theirs == agent).then_some(call)
    }

    fn free_colleague(&self, to: &Destination) -> Option<AgentId> {
        match to {
            Destination::Agent(agent) => {
                (self.agents.state(*agent) == AgentState::Ready).then_some(*agent)
            }
            Destination::Campaign(campaign) => self.agents.longest_idle(*campaign),
            Destination::Number { .. } => None,
        }
    }

    /// Says why not; a number goes back to the books as it was.
    fn turn_down(&mut self, agent: AgentId, to: Destination, sentence: &str, now: Timestamp) {
        if let Destination::Number { lead, was_closed } = to {
            let due_at = lead.due_at.filter(|_| !was_closed);
            self.release(&lead, due_at, None, now);
        }
        self.tell_refused(agent, sentence);
    }

    pub(super) fn tell_refused(&mut self, agent: AgentId, sentence: &str) {
        self.notify(Notice::HandingRefused { agent, sentence: sentence.to_owned() });
    }
}
