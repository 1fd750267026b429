//! `GET /v1/floor`: the whole room at a moment, and the shapes in which it is told.

use std::sync::Arc;

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Context;
use super::calibration::CalibrationBody;
use super::campaigns::PhaseBody;
use super::detector::DetectorBody;
use super::extract::Json;
use super::window::WindowBody;
use crate::dialer::{AgentCounts, AgentView, CallCounts, CampaignView, Totals, View, Why};
use crate::domain::{AgentState, Campaign, CampaignId};

/// The whole room at a moment, at most a quarter of a second old.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Floor {
    /// The moment.
    pub at: Timestamp,
    /// True when the server is stopping: nobody is dialed any more.
    pub draining: bool,
    /// Every campaign.
    pub campaigns: Vec<CampaignBody>,
    /// Every agent who is logged in.
    pub agents: Vec<AgentOnFloor>,
}

/// A campaign, and why it dials as it does.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CampaignBody {
    /// Its name.
    #[schema(example = "spring")]
    pub name: String,
    /// Whether it dials.
    pub phase: PhaseBody,
    /// Why it dials or does not, from the last decision.
    pub why: Option<WhyBody>,
    /// Calls in progress, by state.
    pub calls: CallsBody,
    /// Its agents who are logged in, by state. An agent of two campaigns counts in both.
    pub agents: AgentsBody,
    /// Sums since the server started.
    pub totals: TotalsBody,
    /// Of the calls that were answered or are over, the share answered by a person; `null` before
    /// the first.
    pub answer_rate: Option<f64>,
    /// Of the people who answered, the share without an agent in time; `null` before the first.
    pub abandonment_rate: Option<f64>,
    /// The abandonment rate that is steered for.
    pub abandonment_target: f64,
    /// How long a phone rings at most, seconds.
    pub ring_s_max: f64,
    /// The windows in which abandonment is held under a limit, over every run of the server.
    pub windows: Vec<WindowBody>,
    /// How the pacer's forecasts have come true; `null` before the first.
    pub calibration: Option<CalibrationBody>,
    /// How agents have found the detector's words; `null` before the first.
    #[serde(default)]
    pub detector: Option<DetectorBody>,
    /// Seconds of talk in an hour of one agent's time; `null` before the first second.
    pub talk_s_per_agent_hour: Option<f64>,
    /// Leads taken out of the store and not dialed yet.
    pub hopper: u32,
    /// When the store will have the next lead, where it has named a time.
    pub next_lead_at: Option<Timestamp>,
    /// True when no lead is left and no call is up.
    pub exhausted: bool,
}

/// Calls in progress, by state.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct CallsBody {
    /// A person and an agent talk.
    pub bridged: u32,
    /// A machine's greeting is waited out.
    #[serde(default)]
    pub greeting: u32,
    /// A phone that answers for its owner is told who calls.
    #[serde(default)]
    pub identifying: u32,
    /// The bridge is ordered and not confirmed.
    pub joining: u32,
    /// The hang-up is ordered and not confirmed.
    pub leaving: u32,
    /// A person and an outside number talk, each a call.
    #[serde(default)]
    pub linked: u32,
    /// The safe-harbour message is heard.
    pub messaging: u32,
    /// A person who has met an agent hears music.
    #[serde(default)]
    pub parked: u32,
    /// Not answered yet.
    pub ringing: u32,
    /// The detector listens.
    pub screening: u32,
    /// A person waits for an agent.
    pub waiting: u32,
}

/// Agents who are logged in, by state.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct AgentsBody {
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

/// Sums since the server started.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct TotalsBody {
    /// People who answered and had no agent in time.
    pub abandoned: u64,
    /// Seconds that agents were logged in.
    pub agent_s: f64,
    /// Calls that were answered, by whomever.
    pub answered: u64,
    /// Calls begun.
    pub dialed: u64,
    /// Calls over.
    pub ended: u64,
    /// People who heard the message of a broadcast.
    pub messages: u64,
    /// Calls answered by a person: what the abandonment rate is a share of.
    pub people: u64,
    /// Leads that the rules refused.
    pub refused: u64,
    /// Calls that were taken from an agent, since no person was there.
    #[serde(default)]
    pub taken_back: u64,
    /// Seconds of talk, of the talks that are over.
    pub talk_s: f64,
    /// Talks begun.
    pub talks: u64,
}

/// Why a campaign dials or does not.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct WhyBody {
    /// The sentence.
    #[schema(example = "3 ready agents, 2 calls ring: one more")]
    pub sentence: String,
    /// Calls wanted by the decision.
    pub calls: u32,
    /// When it was taken.
    pub at: Timestamp,
}

/// What an agent does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum StateBody {
    /// Not here.
    LoggedOut,
    /// Here and not taking calls.
    Paused {
        /// Why.
        #[schema(example = "lunch")]
        reason: String,
    },
    /// Looking at a lead, to dial or to skip it.
    Previewing {
        /// The lead.
        lead: i64,
    },
    /// Waiting for a call.
    Ready,
    /// A call is being bridged to this agent.
    Reserved {
        /// The call.
        call: i64,
    },
    /// Talking with a person.
    Talking {
        /// The call.
        call: i64,
    },
    /// After the call, until the disposition or the time-out.
    WrapUp {
        /// The call.
        call: i64,
    },
}

/// An agent on the floor.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct AgentOnFloor {
    /// The agent's number.
    pub id: i64,
    /// The name to show.
    #[schema(example = "Ana Ruiz")]
    pub name: String,
    /// What they do.
    #[serde(flatten)]
    pub state: StateBody,
    /// Since when.
    pub since: Timestamp,
    /// Whose people they take, by name.
    pub campaigns: Vec<String>,
    /// True when a pause was asked for during the present call.
    pub pause_asked: bool,
    /// Talks since they logged in.
    pub talks: u64,
    /// Seconds of those talks that are over.
    pub talk_s: f64,
}

impl Floor {
    /// The room as the dialer sees it, with what the configuration says of it.
    pub(super) fn of(view: &View, campaigns: &[Arc<Campaign>]) -> Self {
        let shown = |seen: &CampaignView| {
            let meant = campaigns.iter().find(|meant| meant.id == seen.id)?;
            Some(CampaignBody::of(seen, meant))
        };
        Self {
            at: view.at,
            draining: view.draining,
            campaigns: view.campaigns.iter().filter_map(shown).collect(),
            agents: view.agents.iter().map(|seen| AgentOnFloor::of(seen, campaigns)).collect(),
        }
    }
}

impl CampaignBody {
    pub(super) fn of(seen: &CampaignView, meant: &Campaign) -> Self {
        Self {
            name: meant.name.clone(),
            phase: seen.phase.into(),
            why: seen.why.as_ref().map(WhyBody::of),
            calls: seen.calls.into(),
            agents: seen.agents.into(),
            totals: seen.totals.into(),
            answer_rate: seen.answer_rate,
            abandonment_rate: seen.abandonment_rate,
            abandonment_target: meant.abandonment_target.get(),
            ring_s_max: meant.ring_max.as_secs_f64(),
            windows: seen.windows.iter().map(WindowBody::of).collect(),
            calibration: CalibrationBody::of(&seen.calibration),
            detector: DetectorBody::of(&seen.detector),
            talk_s_per_agent_hour: seen.talk_s_per_agent_hour,
            hopper: seen.hopper,
            next_lead_at: seen.next_lead_at,
            exhausted: seen.exhausted,
        }
    }
}

impl WhyBody {
    fn of(why: &Why) -> Self {
        Self { sentence: why.sentence.clone(), calls: why.calls, at: why.at }
    }
}

impl From<CallCounts> for CallsBody {
    fn from(counts: CallCounts) -> Self {
        let CallCounts {
            bridged,
            greeting,
            identifying,
            joining,
            leaving,
            linked,
            messaging,
            parked,
            ringing,
            screening,
            waiting,
        } = counts;
        Self {
            bridged,
            greeting,
            identifying,
            joining,
            leaving,
            linked,
            messaging,
            parked,
            ringing,
            screening,
            waiting,
        }
    }
}

impl From<AgentCounts> for AgentsBody {
    fn from(counts: AgentCounts) -> Self {
        let AgentCounts { paused, previewing, ready, reserved, talking, wrap_up } = counts;
        Self { paused, previewing, ready, reserved, talking, wrap_up }
    }
}

impl From<Totals> for TotalsBody {
    fn from(totals: Totals) -> Self {
        Self {
            abandoned: totals.abandoned,
            agent_s: totals.agent_s,
            answered: totals.answered,
            dialed: totals.dialed,
            ended: totals.ended,
            messages: totals.messages,
            people: totals.people,
            refused: totals.refused,
            taken_back: totals.taken_back,
            talk_s: totals.talk_s,
            talks: totals.talks,
        }
    }
}

impl AgentOnFloor {
    pub(super) fn of(seen: &AgentView, campaigns: &[Arc<Campaign>]) -> Self {
        Self {
            id: seen.id.0,
            name: seen.name.clone(),
            state: StateBody::from(&seen.state),
            since: seen.since,
            campaigns: names(&seen.campaigns, campaigns),
            pause_asked: seen.pause_asked,
            talks: seen.talks,
            talk_s: seen.talk_s,
        }
    }
}

/// The names of these campaigns; one that is no longer in the configuration has none.
pub(super) fn names(ids: &[CampaignId], campaigns: &[Arc<Campaign>]) -> Vec<String> {
    let named = campaigns.iter().filter(|campaign| ids.contains(&campaign.id));
    named.map(|campaign| campaign.name.clone()).collect()
}

impl From<&AgentState> for StateBody {
    fn from(state: &AgentState) -> Self {
        match state {
            AgentState::LoggedOut => StateBody::LoggedOut,
            AgentState::Paused { reason } => StateBody::Paused { reason: reason.0.clone() },
            AgentState::Previewing { lead } => StateBody::Previewing { lead: lead.0 },
            AgentState::Ready => StateBody::Ready,
            AgentState::Reserved { call } => StateBody::Reserved { call: call.0 },
            AgentState::Talking { call } => StateBody::Talking { call: call.0 },
            AgentState::WrapUp { call } => StateBody::WrapUp { call: call.0 },
        }
    }
}

impl StateBody {
    /// The word of it, as in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            StateBody::LoggedOut => "logged_out",
            StateBody::Paused { .. } => "paused",
            StateBody::Previewing { .. } => "previewing",
            StateBody::Ready => "ready",
            StateBody::Reserved { .. } => "reserved",
            StateBody::Talking { .. } => "talking",
            StateBody::WrapUp { .. } => "wrap_up",
        }
    }

    /// The call that the agent is busy with.
    pub fn call(&self) -> Option<i64> {
        match self {
            StateBody::LoggedOut
            | StateBody::Paused { .. }
            | StateBody::Previewing { .. }
            | StateBody::Ready => None,
            StateBody::Reserved { call }
            | StateBody::Talking { call }
            | StateBody::WrapUp { call } => Some(*call),
        }
    }
}

/// The whole room now
#[utoipa::path(get, path = "/v1/floor", tag = "floor", responses((status = 200, body = Floor)))]
pub(super) async fn floor(State(context): State<Context>) -> Json<Floor> {
    Json(Floor::of(&context.handle.view(), &context.handle.campaigns()))
}
