//! What agents did, and since when: the time that talks, wrap-ups, waiting and pauses took.

use super::sql::{self, Connection};
use jiff::Timestamp;

use crate::domain::{AgentId, AgentState, CallId, LeadId, PauseReason};

use super::time::{micros, timestamp};
use super::{Books, StoreError};

/// An agent did something else from then on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgentChange {
    /// Who.
    pub agent: AgentId,
    /// What they did from then on.
    pub state: AgentState,
    /// When.
    pub at: Timestamp,
    /// The run of the dialer that saw it. What was the case at the end of a run ended with it.
    pub run: i64,
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    run: i64,
    agent: i64,
    at_us: i64,
    state: String,
    call: Option<i64>,
    lead: Option<i64>,
    reason: Option<String>,
}

impl ChangeRow {
    fn read(self) -> Result<AgentChange, StoreError> {
        let unreadable = || StoreError::Unreadable(format!("agent state {:?}", self.state));
        let call = || self.call.map(CallId).ok_or_else(unreadable);
        let state = match self.state.as_str() {
            "logged_out" => AgentState::LoggedOut,
            "paused" => {
                let reason = PauseReason(self.reason.clone().unwrap_or_default());
                AgentState::Paused { reason }
            }
            "previewing" => {
                AgentState::Previewing { lead: self.lead.map(LeadId).ok_or_else(unreadable)? }
            }
            "ready" => AgentState::Ready,
            "reserved" => AgentState::Reserved { call: call()? },
            "talking" => AgentState::Talking { call: call()? },
            "wrap_up" => AgentState::WrapUp { call: call()? },
            _ => return Err(unreadable()),
        };
        Ok(AgentChange {
            agent: AgentId(self.agent),
            state,
            at: timestamp(self.at_us),
            run: self.run,
        })
    }
}

/// Writes a change down, once.
pub(super) async fn add(
    books: &mut Connection,
    run: i64,
    agent: AgentId,
    state: &AgentState,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (word, call, lead, reason) = match state {
        AgentState::LoggedOut => ("logged_out", None, None, None),
        AgentState::Paused { reason } => ("paused", None, None, Some(reason.0.as_str())),
        AgentState::Previewing { lead } => ("previewing", None, Some(lead.0), None),
        AgentState::Ready => ("ready", None, None, None),
        AgentState::Reserved { call } => ("reserved", Some(call.0), None, None),
        AgentState::Talking { call } => ("talking", Some(call.0), None, None),
        AgentState::WrapUp { call } => ("wrap_up", Some(call.0), None, None),
    };
    sql::query(
        "INSERT INTO agent_states (run, agent, at_us, state, call, lead, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(run)
    .bind(agent.0)
    .bind(micros(at))
    .bind(word)
    .bind(call)
    .bind(lead)
    .bind(reason)
    .execute(books)
    .await?;
    Ok(())
}

impl Books {
    /// What agents did in `since..until`, in the order in which it was seen.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn agent_changes(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<AgentChange>, StoreError> {
        let rows: Vec<ChangeRow> = sql::query_as(
            "SELECT run, agent, at_us, state, call, lead, reason FROM agent_states
             WHERE at_us >= ? AND at_us < ? ORDER BY at_us, id",
        )
        .bind(micros(since))
        .bind(micros(until))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(ChangeRow::read).collect()
    }
}
