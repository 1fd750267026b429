//! What a manager sees: a snapshot of campaigns and agents, made when asked for.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{AgentId, AgentState, CampaignId};

use super::{CampaignPhase, Why};

/// Everything a manager or the desk shows, at one instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// When it was taken.
    pub at: Timestamp,
    /// True after `Drain` or `HangUpAll`: nobody is dialed any more.
    pub draining: bool,
    /// By id.
    pub campaigns: Vec<CampaignView>,
    /// Who is logged in, by id.
    pub agents: Vec<AgentView>,
}

/// One campaign, since the start of this process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignView {
    /// Its number.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Whether it dials.
    pub phase: CampaignPhase,
    /// Why it dials or does not; `None` before the first decision.
    pub why: Option<Why>,
    /// Calls by state, now.
    pub calls: CallCounts,
    /// Its agents by state, now.
    pub agents: AgentCounts,
    /// What has come of the calls.
    pub totals: Totals,
    /// People who answered, of the calls that have ended or were answered; `None` before the first.
    pub answer_rate: Option<f64>,
    /// Abandoned, of the people who answered; `None` before the first.
    pub abandonment_rate: Option<f64>,
    /// Talk, of the time its agents were logged in, as seconds an hour; `None` before the first
    /// second.
    pub talk_s_per_agent_hour: Option<f64>,
    /// Leads in the hopper.
    pub hopper: u32,
    /// When the store will have the next lead; `None` when it did not name one.
    pub next_lead_at: Option<Timestamp>,
    /// True when the store has no lead left, the hopper is empty and no call is up.
    pub exhausted: bool,
}

/// Calls of a campaign by state.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct CallCounts {
    /// A person and an agent talk.
    pub bridged: u32,
    /// The bridge is ordered and not confirmed.
    pub joining: u32,
    /// The hang-up is ordered and not confirmed.
    pub leaving: u32,
    /// The safe-harbour message is heard.
    pub messaging: u32,
    /// Not answered yet.
    pub ringing: u32,
    /// The detector listens.
    pub screening: u32,
    /// A person waits for an agent.
    pub waiting: u32,
}

impl CallCounts {
    /// All of them.
    pub fn total(&self) -> u32 {
        self.bridged
            + self.joining
            + self.leaving
            + self.messaging
            + self.ringing
            + self.screening
            + self.waiting
    }
}

/// Agents of a campaign by state. An agent of two campaigns counts in both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct AgentCounts {
    /// Not taking calls.
    pub paused: u32,
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
        self.ready + self.reserved + self.talking + self.wrap_up
    }
}

/// Sums since the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// People who answered and had no agent in time.
    pub abandoned: u64,
    /// Seconds that agents of this campaign were logged in.
    pub agent_s: f64,
    /// Calls that were answered, by whomever.
    pub answered: u64,
    /// Calls ordered.
    pub dialed: u64,
    /// Calls over.
    pub ended: u64,
    /// Calls answered by a person: the abandonment rate's denominator.
    pub people: u64,
    /// Leads the gate refused.
    pub refused: u64,
    /// Seconds of talk, of the talks that are over.
    pub talk_s: f64,
    /// Talks begun.
    pub talks: u64,
}

/// One agent who is logged in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgentView {
    /// Their number.
    pub id: AgentId,
    /// Their name.
    pub name: String,
    /// Whose people they take.
    pub campaigns: Vec<CampaignId>,
    /// What they are doing.
    pub state: AgentState,
    /// Since when.
    pub since: Timestamp,
    /// True when a pause was asked for during the present call.
    pub pause_asked: bool,
    /// Talks since they logged in.
    pub talks: u64,
    /// Seconds of those talks that are over.
    pub talk_s: f64,
}
