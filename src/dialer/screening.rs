//! The detector's word, and what is done with it while an agent may already have the call.
//!
//! Whoever is likely a person's goes to an agent who is idle at once; with none idle the call is
//! held until the detector is sure. What proves to be no person is taken back.

use jiff::{SignedDuration, Timestamp};

use super::calls::Call;
use super::{Dialer, Notice, Output};
use crate::call::{CallEvent, State};
use crate::compliance::Answer;
use crate::domain::{
    AgentId, AgentState, Amd, CallId, Listening, ScreenerRule, TakeBack, Verdict, VerdictKind,
};

/// What the detector measured that is kept of one call.
const FEATURES_MAX: usize = 64;

impl Call {
    /// Whether it is connected, or may be, before the detector has said what it is.
    fn is_undecided(&self, amd: Amd) -> bool {
        let counts = matches!(amd, Amd::Alongside { .. } | Amd::BeforeConnect { .. });
        counts && self.is_listened_to && self.verdict.is_none()
    }
}

impl Dialer {
    /// Orders the detector.
    pub(super) fn screening(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(run) = self.campaigns.get(&call.campaign) else { return };
        if let Some(listening) = run.deadline.listening() {
            call.is_listened_to = true;
            self.outputs.push_back(Output::Screen(id, listening));
        }
    }

    /// The screener has been told who calls: a detector listens anew, for the owner. It takes no
    /// longer than the owner is waited for, which ends before it does.
    pub(super) fn listen_for_owner(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let Some(run) = self.campaigns.get(&call.campaign) else { return };
        if let Some(listening) = run.deadline.listening() {
            let limit = run.campaign.answers.screener_max;
            let listening =
                Listening { limit, on: SignedDuration::ZERO, likely: None, ..listening };
            self.outputs.push_back(Output::Screen(id, listening));
        }
    }

    /// Writes the detector's word down; an earlier one of another kind is not forgotten.
    pub(super) fn note_verdict(&mut self, id: CallId, verdict: &Verdict, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(answered_at) = call.answered_at else { return };
        match call.verdict {
            None => {
                call.verdict = Some(*verdict);
                if let Some(run) = self.campaigns.get_mut(&call.campaign) {
                    run.deadline.heard(now.duration_since(answered_at), verdict);
                }
            }
            Some(before) if before.kind == verdict.kind && call.notes.revised.is_none() => {}
            Some(_) => call.notes.revised = Some(*verdict),
        }
    }

    /// Keeps what the next word is made of.
    pub(super) fn note_features(&mut self, id: CallId, event: &CallEvent) {
        let (Some(call), CallEvent::Features(features)) = (self.calls.get_mut(&id), event) else {
            return;
        };
        call.notes.features = features.iter().take(FEATURES_MAX).cloned().collect();
    }

    /// What the state hears of the detector's word: a few machines are sent to agents all the same
    /// (the campaign's `sampled`), and nothing more is heard of those.
    pub(super) fn sampled(&mut self, id: CallId, event: CallEvent) -> CallEvent {
        let (Some(call), CallEvent::Screened(verdict)) = (self.calls.get_mut(&id), &event) else {
            return event;
        };
        let Some(run) = self.campaigns.get(&call.campaign) else { return event };
        let share = run.campaign.answers.sampled.get();
        let is_first = matches!(call.state, State::Screening { .. });
        if is_first && verdict.kind.is_recorded() && share > 0.0 {
            call.notes.sampled = rand::RngExt::random_bool(&mut self.chance, share);
        }
        match call.notes.sampled {
            true => CallEvent::Screened(Verdict { kind: VerdictKind::Human, ..*verdict }),
            false => event,
        }
    }

    /// The detector has spoken and the call's state has followed: an agent who keeps a machine is
    /// told, and a person who was connected before counts now.
    pub(super) fn heard(&mut self, id: CallId, kind: VerdictKind, now: Timestamp) {
        let Some(call) = self.calls.get(&id) else { return };
        let State::Bridged { agent, .. } = call.state else { return };
        let is_person = kind == VerdictKind::Human || call.notes.sampled;
        let late = call.late;
        if is_person {
            return self.judge(id, late, now);
        }
        let keeps = self
            .campaigns
            .get(&call.campaign)
            .is_some_and(|run| run.campaign.answers.take_back == TakeBack::Keep);
        if keeps {
            self.notify(Notice::Detected { agent, call: id, kind, taken_back: false });
        }
    }

    /// A person is with an agent: counted, unless the detector may still say otherwise.
    pub(super) fn judge_bridged(&mut self, id: CallId, now: Timestamp) {
        let Some(call) = self.calls.get(&id) else { return };
        let Some(run) = self.campaigns.get(&call.campaign) else { return };
        let late = call.late;
        if !call.is_undecided(run.campaign.amd) {
            self.judge(id, late, now);
        }
    }

    /// The call proves to be no person's: what was counted of it is taken back, and the agent told.
    pub(super) fn disprove(&mut self, id: CallId, from: &State, to: &State, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let verdict = call.notes.revised.or(call.verdict);
        let (Some(agent), true) = (from.agent(), from.is_taken_back_by(to)) else { return };
        call.notes.taken_back_at = Some(now);
        let Some(kind) = verdict.map(|verdict| verdict.kind) else { return };
        self.notify(Notice::Detected { agent, call: id, kind, taken_back: true });
        let campaign = self.calls.get(&id).map(|call| call.campaign);
        if let Some(run) = campaign.and_then(|campaign| self.campaigns.get_mut(&campaign)) {
            run.totals.taken_back += 1;
        }
    }

    /// Counts no longer who proved to be no person.
    pub(super) fn unjudge(&mut self, id: CallId, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let answered_at = call.answered_at.unwrap_or(now);
        let Some(answer) = call.judged.take().filter(|_| !call.is_inbound) else { return };
        let Some(run) = self.campaigns.get_mut(&call.campaign) else { return };
        run.totals.people = run.totals.people.saturating_sub(1);
        if answer == Answer::Abandoned {
            run.totals.abandoned = run.totals.abandoned.saturating_sub(1);
        }
        run.tally.take_back(answer, answered_at);
        run.tell_windows();
    }

    /// Who asks for the owner of the phone is told who calls; the agent who has the call is kept, or
    /// one who is idle, where the campaign says so.
    pub(super) fn identify(
        &mut self,
        id: CallId,
        from: &State,
        kept: Option<AgentId>,
        now: Timestamp,
    ) {
        match (kept, from.agent()) {
            (Some(agent), Some(_)) => {
                if let State::Bridged { since, .. } = from {
                    self.count_talk(id, agent, now.duration_since(*since).as_secs_f64());
                }
                self.outputs.push_back(Output::Unbridge(id, agent));
                self.set_agent(agent, AgentState::Reserved { call: id }, now);
            }
            (Some(agent), None) => self.reserve(id, agent, now),
            (None, _) => {}
        }
        if !matches!(from, State::Identifying { .. }) {
            self.outputs.push_back(Output::Play(id, super::Message::Identification));
        }
    }

    /// An idle agent for the owner of a phone that a screener answers, where nobody else wants one.
    pub(super) fn with_reservation(&self, id: CallId, to: State) -> State {
        let State::Identifying { agent: None, since } = to else { return to };
        let Some(call) = self.calls.get(&id) else { return to };
        let Some(run) = self.campaigns.get(&call.campaign) else { return to };
        let wants = run.campaign.answers.screener == ScreenerRule::ReserveAgent
            && !matches!(call.state, State::Identifying { .. })
            && run.terms.meets == crate::call::Meets::Agent;
        match self.agents.longest_idle(call.campaign).filter(|_| wants) {
            Some(agent) => State::Identifying { agent: Some(agent), since },
            None => to,
        }
    }
}
