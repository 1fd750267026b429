//! What a manager sees: a snapshot of campaigns and agents, made when asked for.

use jiff::Timestamp;
use serde::Serialize;

use super::caller_ids::CallerIdView;
use super::campaign::CampaignRun;
use super::{CallCounts, CampaignPhase, DetectorView, Dialer, Party, Why, WindowView};
use crate::acd::{Agent, AgentCounts};
use crate::call::State;
use crate::domain::{AgentId, AgentState, CallId, CampaignId};
use crate::pacing::CalibrationFigures;

/// Everything a manager or the desk shows, at one instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// When it was taken.
    pub at: Timestamp,
    /// True after `Drain`: nobody is dialed any more.
    pub draining: bool,
    /// The books take no writes: nobody is dialed until they do.
    pub books_behind: bool,
    /// By id.
    pub campaigns: Vec<CampaignView>,
    /// Who is logged in, by id.
    pub agents: Vec<AgentView>,
    /// Parked calls, by number.
    pub parked: Vec<ParkedView>,
    /// Whoever agents have brought to a person's call, by the call.
    pub company: Vec<CompanyView>,
    /// How the numbers fare that were shown, by number.
    pub caller_ids: Vec<CallerIdView>,
}

/// A person who hears music until an agent takes the call up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ParkedView {
    /// The call.
    pub call: CallId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Who has parked it.
    pub by: AgentId,
    /// Since when.
    pub since: Timestamp,
}

/// Whoever an agent has brought to a person's call.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CompanyView {
    /// The person's call.
    pub call: CallId,
    /// Who has.
    pub agent: AgentId,
    /// Whom.
    pub party: Party,
    /// The person hears them.
    pub is_together: bool,
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
    /// The windows of its abandonment ledger, over every run of the process.
    pub windows: Vec<WindowView>,
    /// Talk, of the time its agents were logged in, as seconds an hour; `None` before the first
    /// second.
    pub talk_s_per_agent_hour: Option<f64>,
    /// How the pacer's forecasts have come true.
    pub calibration: CalibrationFigures,
    /// How agents have found the detector's words.
    pub detector: DetectorView,
    /// Leads in the hopper.
    pub hopper: u32,
    /// When the store will have the next lead; `None` when it did not name one.
    pub next_lead_at: Option<Timestamp>,
    /// True when the store has no lead left, the hopper is empty and no call is up.
    pub exhausted: bool,
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
    /// People who heard the message of a broadcast.
    pub messages: u64,
    /// Calls answered by a person: the abandonment rate's denominator.
    pub people: u64,
    /// Leads the gate refused.
    pub refused: u64,
    /// Calls that were taken from an agent, since no person was there.
    pub taken_back: u64,
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

impl Dialer {
    /// Calls in progress, of each campaign.
    pub fn calls_up(&self) -> impl Iterator<Item = (CampaignId, u32)> {
        self.campaigns.iter().map(|(id, run)| (*id, run.census.total()))
    }

    fn parked_view(&self, id: CallId) -> Option<ParkedView> {
        let call = self.calls.get(&id)?;
        let State::Parked { by, since } = call.state else { return None };
        Some(ParkedView { call: id, campaign: call.campaign, by, since })
    }

    /// A snapshot for people.
    pub fn view(&self, now: Timestamp) -> View {
        let at = now.max(self.now);
        let campaigns = self
            .campaigns
            .iter()
            .map(|(id, run)| campaign_view(*id, run, self.agents.counts(*id), at))
            .collect();
        let agents = self.agents.iter().map(|(id, agent)| agent_view(id, agent)).collect();
        View {
            at,
            draining: self.draining,
            books_behind: self.books_behind,
            campaigns,
            agents,
            parked: self.parked.iter().filter_map(|call| self.parked_view(*call)).collect(),
            company: self.company.iter().map(|(call, company)| company.view(*call)).collect(),
            caller_ids: self.caller_ids.view(at),
        }
    }
}

fn campaign_view(
    id: CampaignId,
    run: &CampaignRun,
    agents: AgentCounts,
    at: Timestamp,
) -> CampaignView {
    let (calls, mut totals) = (run.census, run.totals);
    totals.agent_s = run.agent_s(agents.logged_in(), at);
    let open = calls.ringing + calls.screening + calls.waiting + calls.joining;
    CampaignView {
        id,
        name: run.campaign.name.clone(),
        phase: run.phase,
        why: run.standing.map(|(at, standing)| Why {
            sentence: standing.to_string(),
            calls: standing.calls(),
            at,
        }),
        calls,
        agents,
        totals,
        answer_rate: rate(totals.people, totals.dialed.saturating_sub(u64::from(open))),
        abandonment_rate: rate(totals.abandoned, totals.people),
        windows: run.windows(at),
        talk_s_per_agent_hour: (totals.agent_s >= 1.0)
            .then(|| totals.talk_s * 3_600.0 / totals.agent_s),
        calibration: run.pacer.calibration(),
        detector: run.words.view(),
        hopper: run.hopper.len() as u32,
        next_lead_at: run.hopper.next_due(),
        exhausted: run.hopper.is_exhausted() && calls.total() == 0,
    }
}

fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn agent_view(id: AgentId, agent: &Agent) -> AgentView {
    AgentView {
        id,
        name: agent.name.clone(),
        campaigns: agent.campaigns.clone(),
        state: agent.state.clone(),
        since: agent.since,
        pause_asked: agent.pause_asked.is_some(),
        talks: agent.talks,
        talk_s: agent.talk_s,
    }
}
