//! One simulated agent at work: the script decides, the server carries out, the phone speaks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;

use crate::clock;
use crate::dialer::{AgentEvent, Input, Notice};
use crate::domain::{AgentId, AgentState};
use crate::rehearsal::phones::Phones;
use crate::rehearsal::script::{AgentHabits, AgentScript};
use crate::server::{Handle, LogInFault};

/// How long a phone that is not registered yet is waited for.
const REGISTER_RETRY: Duration = Duration::from_millis(100);

/// Works until it is aborted.
pub(in crate::cli) async fn work(
    handle: Handle,
    agent: AgentId,
    habits: AgentHabits,
    phones: Arc<Phones>,
    phone: usize,
    seed: u64,
) {
    let mut notices = handle.notices();
    let mut script = AgentScript::new(habits, seed, clock::now());
    loop {
        tokio::select! {
            notice = notices.recv() => match notice {
                Ok(notice) => {
                    if let Notice::Agent { agent: who, state } = &*notice
                        && *who == agent
                    {
                        phones.follow(phone, state);
                        script.handle_state(state, clock::now());
                    }
                }
                // What was missed is made up from the snapshot.
                Err(RecvError::Lagged(_)) => {
                    let state = state_of(&handle, agent);
                    script.handle_state(&state, clock::now());
                }
                Err(RecvError::Closed) => return,
            },
            () = clock::sleep_until(script.poll_timeout()) => script.handle_timeout(clock::now()),
        }
        while let Some(event) = script.poll_event() {
            match event {
                AgentEvent::LogIn { campaigns, .. } => log_in(&handle, agent, campaigns).await,
                event => handle.input(Input::Agent(agent, event)).await,
            }
        }
    }
}

async fn log_in(handle: &Handle, agent: AgentId, campaigns: Vec<crate::domain::CampaignId>) {
    loop {
        match handle.agent_log_in(agent, Some(campaigns.clone())).await {
            Err(LogInFault::NotRegistered) => tokio::time::sleep(REGISTER_RETRY).await,
            Err(fault) => return tracing::warn!(%agent, %fault, "a simulated agent cannot log in"),
            Ok(()) => return,
        }
    }
}

fn state_of(handle: &Handle, agent: AgentId) -> AgentState {
    let view = handle.view();
    let found = view.agents.iter().find(|view| view.id == agent);
    found.map_or(AgentState::LoggedOut, |view| view.state.clone())
}
