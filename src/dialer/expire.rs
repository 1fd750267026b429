//! What has run out. Every deadline has a reason; each is looked at once.

use jiff::Timestamp;

use super::campaign::Wake;
use super::deadlines::Key;
use super::{Dialer, Reason};
use crate::call::State;
use crate::domain::{AgentId, AgentState, CallId, CampaignId};

impl Dialer {
    pub(super) fn expire(&mut self, now: Timestamp) {
        while let Some((reason, key)) = self.deadlines.pop(now) {
            match key {
                Key::Agent(id) if reason == Reason::PreviewLimit => self.expire_preview(id, now),
                Key::Agent(id) => self.expire_wrap_up(id, now),
                Key::Call(id) => self.expire_call(id, now),
                Key::Campaign(id) => self.expire_campaign(id, reason),
            }
        }
    }

    fn expire_wrap_up(&mut self, id: AgentId, now: Timestamp) {
        if let AgentState::WrapUp { .. } = self.agents.state(id) {
            self.free_agent(id, now);
        }
    }

    fn expire_call(&mut self, id: CallId, now: Timestamp) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.deadline = None;
        let Some(run) = self.campaigns.get(&call.campaign) else { return };
        match call.state.run_out(now, &run.terms) {
            State::Ended { outcome } => self.end_call(id, outcome, None, now),
            State::Waiting(_) if matches!(call.state, State::Waiting(_)) => self.overdue.push(id),
            to => match call.state {
                // Who has parked the call is who knows the person.
                state @ State::Parked { by, .. } if self.agents.state(by) == AgentState::Ready => {
                    self.join(id, state, by, now);
                }
                _ => self.move_call(id, to, now),
            },
        }
    }

    fn expire_campaign(&mut self, id: CampaignId, reason: Reason) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        match reason {
            Reason::FetchRetry => {
                run.set_wake(Wake::FetchRetry, None);
                run.hopper.give_up();
            }
            Reason::LeadDue => {
                run.set_wake(Wake::LeadDue, None);
            }
            Reason::BridgeLimit
            | Reason::GreetingLimit
            | Reason::HangUpLimit
            | Reason::ParkLimit
            | Reason::Pacing
            | Reason::PlayLimit
            | Reason::PreviewLimit
            | Reason::RingTimeout
            | Reason::ScreenerLimit
            | Reason::ScreeningLimit
            | Reason::TalkLimit
            | Reason::WaitLimit
            | Reason::WrapUp => {
                run.set_wake(Wake::Pacing, None);
            }
        }
        self.touch(id);
    }
}
