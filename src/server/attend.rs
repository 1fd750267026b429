//! A supervisor's leg is called where it is not up, and attends an agent's conversations.

use tokio::sync::oneshot;

use super::handle::{Handle, LogInFault};
use super::switchboard::{Attendance, Order};
use crate::dialer::View;
use crate::domain::{AgentId, AgentState};

/// Why a supervisor does not attend.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AttendFault {
    /// The agent is not there.
    #[error("the agent is logged out")]
    AgentAway,
    /// The supervisor's own leg takes calls.
    #[error("this phone takes calls; pause first, or listen by another")]
    ListenerBusy,
    /// The supervisor's phone.
    #[error(transparent)]
    Phone(#[from] LogInFault),
    /// Nobody attends themselves.
    #[error("nobody listens to themselves")]
    Themselves,
}

impl Handle {
    /// Has the supervisor attend the agent's conversations: the present one and those that follow,
    /// until it is said otherwise or one of the two leaves. The supervisor's phone is rung where its
    /// leg is not up. Again with another manner: from now on in that manner.
    ///
    /// # Errors
    /// [`AttendFault`], with nothing changed.
    pub async fn attend(&self, attendance: Attendance) -> Result<(), AttendFault> {
        let Attendance { listener, agent, .. } = attendance;
        if listener == agent {
            return Err(AttendFault::Themselves);
        }
        let view = self.view();
        if state_of(&view, agent).is_none() {
            return Err(AttendFault::AgentAway);
        }
        let was_called = match state_of(&view, listener) {
            Some(AgentState::Paused { .. }) => false,
            Some(_) => return Err(AttendFault::ListenerBusy),
            None => self.ring(listener).await?,
        };
        let (reply, answer) = oneshot::channel();
        let order = Order::Attend { attendance, was_called, reply };
        self.orders.send(order).map_err(|_| LogInFault::Stopping)?;
        match answer.await.map_err(|_| LogInFault::Stopping)? {
            true => Ok(()),
            false => Err(LogInFault::NoAnswer("it was hung up".to_owned()).into()),
        }
    }

    /// The supervisor attends no longer; a leg that was called for it ends. False when nobody did.
    pub async fn attend_no_more(&self, listener: AgentId) -> bool {
        let (reply, answer) = oneshot::channel();
        // A closed queue: the server stops, and everybody's leg with it.
        self.orders.send(Order::AttendNoMore { listener, reply }).is_ok()
            && answer.await.unwrap_or(false)
    }

    /// Who attends whom.
    pub async fn attendances(&self) -> Vec<Attendance> {
        let (reply, answer) = oneshot::channel();
        if self.orders.send(Order::Attendances { reply }).is_err() {
            return Vec::new();
        }
        answer.await.unwrap_or_default()
    }

    /// Rings a phone for its leg alone: nobody logs in. True when it was not up before.
    async fn ring(&self, listener: AgentId) -> Result<bool, AttendFault> {
        let known = self.store().books().agent(listener).await.ok().flatten();
        known.ok_or(LogInFault::Unknown)?;
        let (reply, answer) = oneshot::channel();
        let order = Order::LogIn { agent: listener, reply };
        self.orders.send(order).map_err(|_| LogInFault::Stopping)?;
        match answer.await.map_err(|_| LogInFault::Stopping)? {
            Ok(()) => Ok(true),
            // It attends already, or has dialed in.
            Err(LogInFault::AlreadyLoggedIn) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }
}

fn state_of(view: &View, agent: AgentId) -> Option<AgentState> {
    let seen = view.agents.iter().find(|seen| seen.id == agent)?;
    (seen.state != AgentState::LoggedOut).then(|| seen.state.clone())
}
