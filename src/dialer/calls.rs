//! The calls in progress. One function changes a call's state; it keeps the census, the queue, the
//! deadlines and the agent in step with it.

use jiff::Timestamp;

use super::deadlines::Key;
use super::{Dialer, Message, Output, Reason, Record};
use crate::call::{State, Terms};
use crate::compliance::Answer;
use crate::domain::{
    AgentId, AgentState, Amd, CallId, CampaignId, Disposition, Lead, Listening, Outcome,
    PauseReason, PhoneNumber, ScreeningNotes, TakeBack, Verdict,
};
use crate::pacing::{Observation, Stage};

/// One call in progress.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) campaign: CampaignId,
    pub(super) lead: Box<Lead>,
    /// The number that it shows.
    pub(super) caller_id: Option<PhoneNumber>,
    pub(super) state: State,
    pub(super) deadline: Option<(Timestamp, Reason)>,
    pub(super) began_at: Timestamp,
    pub(super) ringing_at: Option<Timestamp>,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) verdict: Option<Verdict>,
    /// A detector was ordered.
    pub(super) is_listened_to: bool,
    pub(super) notes: ScreeningNotes,
    pub(super) bridged_at: Option<Timestamp>,
    /// The agent who talked last, or whose own call it is.
    pub(super) agent: Option<AgentId>,
    /// The person has called us.
    pub(super) is_inbound: bool,
    /// An outside number that an agent has brought to this person's call.
    pub(super) party_of: Option<CallId>,
    /// The agent came after the law's time.
    pub(super) late: bool,
    /// Whether the person had an agent in time, once that is known and counted.
    pub(super) judged: Option<Answer>,
    pub(super) digits: String,
    pub(super) recording: Option<String>,
    /// The number went on the do-not-call list during the call.
    pub(super) do_not_call: bool,
    pub(super) said: Option<Said>,
}

/// The agent's word of a call, kept until the call is over.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// Who says it.
    pub(super) by: AgentId,
    pub(super) disposition: Disposition,
    pub(super) note: Option<String>,
    pub(super) callback_at: Option<Timestamp>,
}

impl Call {
    pub(super) fn new(campaign: CampaignId, lead: Box<Lead>, now: Timestamp) -> Self {
        Self {
            campaign,
            lead,
            caller_id: None,
            state: State::ordered(now),
            deadline: None,
            began_at: now,
            ringing_at: None,
            answered_at: None,
            verdict: None,
            is_listened_to: false,
            notes: ScreeningNotes::default(),
            bridged_at: None,
            agent: None,
            is_inbound: false,
            party_of: None,
            late: false,
            judged: None,
            digits: String::new(),
            recording: None,
            do_not_call: false,
            said: None,
        }
    }
}

impl Dialer {
    /// Takes a call that an agent has ordered into the books.
    pub(super) fn add_call_of(&mut self, agent: AgentId, id: CallId, call: Call, now: Timestamp) {
        let state = State::ordered_by(agent, now);
        self.add_call(id, Call { agent: Some(agent), state, ..call });
    }

    /// Takes a call into the books. Of several with one number, of which all but one have come in,
    /// the first keeps its number and its lead from being called.
    pub(super) fn add_call(&mut self, id: CallId, call: Call) {
        self.numbers.entry(call.lead.number).or_insert(id);
        self.leads.entry(call.lead.id).or_insert(id);
        let state = call.state;
        let campaign = call.campaign;
        self.calls.insert(id, Box::new(call));
        self.index(id, campaign, &state);
        self.set_call_deadline(id, &state);
        self.observe_call(id, campaign, None, &state, self.now);
    }

    /// Takes a call out of the books.
    pub(super) fn remove_call(&mut self, id: CallId) -> Option<Box<Call>> {
        let call = self.calls.remove(&id)?;
        self.deadlines.replace(Key::Call(id), call.deadline, None);
        if self.numbers.get(&call.lead.number) == Some(&id) {
            self.numbers.remove(&call.lead.number);
        }
        if self.leads.get(&call.lead.id) == Some(&id) {
            self.leads.remove(&call.lead.id);
        }
        self.unindex(id, call.campaign, &call.state);
        Some(call)
    }

    /// Changes a call's state: the only way to change it.
    pub(super) fn move_call(&mut self, id: CallId, to: State, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let from = std::mem::replace(&mut call.state, to);
        if from == to {
            return;
        }
        let campaign = call.campaign;
        self.unindex(id, campaign, &from);
        self.index(id, campaign, &to);
        self.set_call_deadline(id, &to);
        self.touch(campaign);
        self.disprove(id, &from, &to, now);
        if from.is_disproved_by(&to) {
            self.unjudge(id, now);
        }
        self.part_company(id, &from, &to, now);
        if let Some(agent) = from.agent().filter(|agent| to.agent() != Some(*agent)) {
            self.let_go(agent, id, &from, &to, now);
        }
        self.observe_call(id, campaign, Some(&from), &to, now);
        self.enter(id, &from, &to, now);
    }

    fn index(&mut self, id: CallId, campaign: CampaignId, state: &State) {
        match state {
            State::Waiting(wait) => self.queue.join(campaign, wait.since, id),
            State::Screening { since, likely: true } => self.likely.join(campaign, *since, id),
            State::Parked { .. } => drop(self.parked.insert(id)),
            _ => {}
        }
        let Some(run) = self.campaigns.get_mut(&campaign) else { return };
        run.census.add(state);
        if let (State::Ringing { .. }, Some(call)) = (state, self.calls.get(&id)) {
            run.ringing.insert(id, call.began_at);
        }
    }

    fn unindex(&mut self, id: CallId, campaign: CampaignId, state: &State) {
        match state {
            State::Waiting(wait) => self.queue.leave(campaign, wait.since, id),
            State::Screening { since, likely: true } => self.likely.leave(campaign, *since, id),
            State::Parked { .. } => drop(self.parked.remove(&id)),
            _ => {}
        }
        let Some(run) = self.campaigns.get_mut(&campaign) else { return };
        run.census.remove(state);
        if let State::Ringing { .. } = state {
            run.ringing.remove(&id);
        }
    }

    fn set_call_deadline(&mut self, id: CallId, state: &State) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(run) = self.campaigns.get(&call.campaign) else { return };
        let terms = match run.deadline.listening() {
            Some(Listening { limit, .. }) if run.terms.amd.is_first() => {
                Terms { amd: Amd::BeforeConnect { limit }, ..run.terms }
            }
            Some(_) | None => run.terms,
        };
        let deadline = reason(state).and_then(|reason| Some((state.until(&terms)?, reason)));
        let old = std::mem::replace(&mut call.deadline, deadline);
        self.deadlines.replace(Key::Call(id), old, deadline);
    }

    /// The call leaves its agent.
    fn let_go(&mut self, agent: AgentId, id: CallId, from: &State, to: &State, now: Timestamp) {
        if matches!(from, State::Bridged { .. } | State::Joining { .. }) {
            self.outputs.push_back(Output::Unbridge(id, agent));
        }
        let back_in_queue = matches!(to, State::Waiting(_));
        if let State::Bridged { since, .. } = from {
            self.count_talk(id, agent, now.duration_since(*since).as_secs_f64());
            if !back_in_queue && self.wraps_up(id, from, to) {
                self.wrap_up(agent, id, now);
                return;
            }
        }
        if back_in_queue {
            // The phone took no bridge: it gets no second person before the agent says so.
            let reason = PauseReason("bridge_failed".to_owned());
            self.set_agent(agent, AgentState::Paused { reason }, now);
        } else {
            self.free_agent(agent, now);
        }
    }

    /// What entering a state orders and counts.
    fn enter(&mut self, id: CallId, from: &State, to: &State, now: Timestamp) {
        match to {
            State::Bridged { agent, wait, .. } => {
                self.joined(id, from, now);
                self.bridged(id, *agent, now > wait.due_by, now);
            }
            State::Ended { .. }
            | State::Linked { .. }
            | State::Parked { .. }
            | State::Ringing { .. } => {}
            State::Greeting { .. } => {
                if let Some(limit) = self.terms_of(id).map(|terms| terms.greeting_max) {
                    self.outputs.push_back(Output::AwaitGreetingEnd(id, limit));
                }
            }
            State::Identifying { agent, .. } => self.identify(id, from, *agent, now),
            State::Joining { agent, .. } => {
                self.outputs.push_back(Output::Bridge(id, *agent));
                if from.agent() != Some(*agent) {
                    self.reserve(id, *agent, now);
                }
            }
            State::Leaving { .. } => {
                if !matches!(from, State::Leaving { .. }) {
                    self.outputs.push_back(Output::HangUp(id));
                }
            }
            State::Messaging { outcome: Outcome::MessageLeft, .. } => {
                self.outputs.push_back(Output::Play(id, Message::Voicemail));
            }
            State::Messaging { outcome: Outcome::Messaged, .. } => self.broadcast(id),
            State::Messaging { .. } => {
                self.judge(id, true, now);
                let is_inbound = self.calls.get(&id).is_some_and(|call| call.is_inbound);
                let message = if is_inbound { Message::Campaign } else { Message::SafeHarbour };
                self.outputs.push_back(Output::Play(id, message));
            }
            // Whoever answers waits for nobody's word; the detector listens beside.
            State::Screening { .. } | State::Waiting(_)
                if matches!(from, State::Ringing { .. }) =>
            {
                self.screening(id);
            }
            State::Screening { .. } | State::Waiting(_) => {}
        }
    }

    /// Whether an agent whose talk is over says what became of it: not where the call was taken back
    /// and the campaign asks for nothing.
    fn wraps_up(&self, id: CallId, from: &State, to: &State) -> bool {
        let take_back = self.terms_of(id).map(|terms| terms.take_back);
        !from.is_taken_back_by(to) || take_back == Some(TakeBack::WrapUp)
    }

    fn terms_of(&self, id: CallId) -> Option<&Terms> {
        let campaign = self.calls.get(&id)?.campaign;
        self.campaigns.get(&campaign).map(|run| &run.terms)
    }

    /// Learns what a bridge takes of a person's time.
    fn joined(&mut self, id: CallId, from: &State, now: Timestamp) {
        let State::Joining { since, .. } = from else { return };
        let Some(call) = self.calls.get(&id) else { return };
        if let Some(run) = self.campaigns.get_mut(&call.campaign) {
            run.deadline.joined(now.duration_since(*since));
        }
    }

    fn broadcast(&mut self, id: CallId) {
        let campaign = self.calls.get(&id).map(|call| call.campaign);
        if let Some(run) = campaign.and_then(|campaign| self.campaigns.get_mut(&campaign)) {
            run.totals.messages += 1;
        }
        self.outputs.push_back(Output::Play(id, Message::Campaign));
    }

    /// The call is this agent's, who sees whose it is.
    pub(super) fn reserve(&mut self, id: CallId, agent: AgentId, now: Timestamp) {
        let Some(call) = self.calls.get(&id) else { return };
        let lead = call.lead.clone();
        self.set_agent(agent, AgentState::Reserved { call: id }, now);
        self.notify(super::Notice::ScreenPop { agent, call: id, lead });
    }

    fn bridged(&mut self, id: CallId, agent: AgentId, late: bool, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.agent = Some(agent);
        if call.bridged_at.is_none() {
            call.bridged_at = Some(now);
            call.late = late;
        }
        let cleared = !call.late;
        let campaign = call.campaign;
        if let Some(run) = self.campaigns.get_mut(&campaign) {
            run.totals.talks += 1;
        }
        self.judge_bridged(id, now);
        self.set_agent(agent, AgentState::Talking { call: id }, now);
        if cleared {
            self.record(Record::Bridged { call: id, agent, at: now });
        }
    }

    /// Tells the pacer where a call is now.
    fn observe_call(
        &mut self,
        call: CallId,
        campaign: CampaignId,
        from: Option<&State>,
        to: &State,
        now: Timestamp,
    ) {
        // An outside number's answer says nothing of people's.
        if self.calls.get(&call).is_some_and(|call| call.party_of.is_some()) {
            return;
        }
        let now_at = stage(to);
        if from.map(stage) != Some(now_at) {
            self.observe(campaign, Observation::Call { call, stage: now_at }, now);
        }
    }

    /// Counts once whether a person had an agent in time.
    pub(super) fn judge(&mut self, id: CallId, abandoned: bool, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.judged.is_some() || call.party_of.is_some() {
            return;
        }
        let answer = if abandoned { Answer::Abandoned } else { Answer::Served };
        call.judged = Some(answer);
        self.count_person(id, answer, now);
    }

    pub(super) fn count_talk(&mut self, id: CallId, agent: AgentId, seconds: f64) {
        self.agents.talked(agent, seconds);
        let Some(call) = self.calls.get(&id) else { return };
        let campaign = call.campaign;
        if let Some(run) = self.campaigns.get_mut(&campaign) {
            run.totals.talk_s += seconds;
        }
    }

    pub(super) fn observe(&mut self, campaign: CampaignId, what: Observation, now: Timestamp) {
        if let Some(run) = self.campaigns.get_mut(&campaign) {
            run.pacer.observe(what, now);
        }
    }
}

/// Where a call in this state is, for the pacer.
fn stage(state: &State) -> Stage {
    match state {
        State::Bridged { .. }
        | State::Joining { .. }
        | State::Linked { .. }
        | State::Parked { .. } => Stage::Connected,
        // A message that is left is a machine's all the same.
        State::Greeting { .. }
        | State::Ended { outcome: Outcome::MessageLeft }
        | State::Leaving { outcome: Outcome::MessageLeft, .. }
        | State::Messaging { outcome: Outcome::MessageLeft, .. } => {
            Stage::Over(Outcome::AnsweringMachine)
        }
        State::Ended { outcome } | State::Leaving { outcome, .. } => Stage::Over(*outcome),
        State::Identifying { .. } => Stage::Over(Outcome::Screener),
        State::Messaging { outcome, .. } => Stage::Over(*outcome),
        State::Ringing { .. } => Stage::Ringing,
        State::Screening { .. } => Stage::Screening,
        State::Waiting(_) => Stage::Waiting,
    }
}

/// Why a call in this state wants to be looked at when its time is over.
fn reason(state: &State) -> Option<Reason> {
    match state {
        State::Bridged { .. } => Some(Reason::TalkLimit),
        State::Ended { .. } => None,
        State::Greeting { .. } => Some(Reason::GreetingLimit),
        State::Identifying { .. } => Some(Reason::ScreenerLimit),
        State::Joining { .. } => Some(Reason::BridgeLimit),
        State::Leaving { .. } => Some(Reason::HangUpLimit),
        State::Linked { .. } => Some(Reason::TalkLimit),
        State::Messaging { .. } => Some(Reason::PlayLimit),
        State::Parked { .. } => Some(Reason::ParkLimit),
        State::Ringing { .. } => Some(Reason::RingTimeout),
        State::Screening { .. } => Some(Reason::ScreeningLimit),
        State::Waiting(_) => Some(Reason::WaitLimit),
    }
}
