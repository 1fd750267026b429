//! `/v1/campaigns`: whether a campaign dials, and why.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{By, Caller};
use super::detector::MisjudgedBody;
use super::extract::{Json, Path};
use super::floor::CampaignBody;
use super::{Context, Problem};
use crate::clock;
use crate::dialer::{CampaignPhase, Command, Input};
use crate::domain::{Campaign, CampaignId, Share};
use crate::store::{LeadCounts, LedgerCounts};

/// The period over which the rate is measured (16 CFR 310.4(b)(4)(i), 47 CFR 64.1200(a)(7)).
const LEDGER_WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Whether a campaign dials.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhaseBody {
    /// Does not dial; live calls go on; the leads in hand are kept.
    Paused,
    /// Dials.
    Running,
    /// Does not dial; live calls go on; the leads in hand are given back.
    Stopped,
}

impl From<CampaignPhase> for PhaseBody {
    fn from(phase: CampaignPhase) -> Self {
        match phase {
            CampaignPhase::Paused => PhaseBody::Paused,
            CampaignPhase::Running => PhaseBody::Running,
            CampaignPhase::Stopped => PhaseBody::Stopped,
        }
    }
}

impl std::fmt::Display for PhaseBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            PhaseBody::Paused => "paused",
            PhaseBody::Running => "running",
            PhaseBody::Stopped => "stopped",
        })
    }
}

/// A campaign, with what the books say of it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CampaignDetail {
    /// What it does now.
    #[serde(flatten)]
    pub campaign: CampaignBody,
    /// Its leads; each is counted once.
    pub leads: LeadsBody,
    /// The abandonment ledger of the last 30 days, over every run of the server.
    pub ledger: LedgerBody,
    /// People among those who were called machines, over the last 30 days.
    #[serde(default)]
    pub misjudged: MisjudgedBody,
}

/// How many leads are in which state.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct LeadsBody {
    /// Called before, and due by now.
    pub due: u64,
    /// In the dialer's hands.
    pub claimed: u64,
    /// Not to be called any more.
    pub closed: u64,
    /// Due later.
    pub later: u64,
    /// Never called, and due by now.
    pub new: u64,
}

/// What counts for the abandonment rate (16 CFR 310.4(b)(4)(i)).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct LedgerBody {
    /// Answered by a person, no agent in time. An answered call counts here from its answer on
    /// until an agent is connected or it turns out to be no person: a crash never undercounts.
    pub abandoned: u64,
    /// Answered by a person who had an agent in time.
    pub live: u64,
    /// Abandoned, of both; `null` before the first.
    pub abandonment_rate: Option<f64>,
}

/// Every campaign
#[utoipa::path(
    get, path = "/v1/campaigns", tag = "campaigns", operation_id = "campaigns",
    responses((status = 200, body = Vec<CampaignBody>)),
)]
pub(super) async fn list(State(context): State<Context>) -> Json<Vec<CampaignBody>> {
    let view = context.handle.view();
    Json(super::Floor::of(&view, &context.handle.campaigns()).campaigns)
}

/// One campaign
#[utoipa::path(
    get, path = "/v1/campaigns/{name}", tag = "campaigns", operation_id = "campaign",
    params(("name", description = "The campaign's name")),
    responses((status = 200, body = CampaignDetail), (status = 404, body = Problem)),
)]
pub(super) async fn one(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Json<CampaignDetail>, Problem> {
    let meant = named(&context.handle.campaigns(), &name)?;
    let Json(campaign) = show(&context, &meant)?;
    let (books, now) = (context.handle.store().books(), clock::now());
    let leads = books.lead_counts(meant.id, now).await?.into();
    let since = now.checked_sub(LEDGER_WINDOW).unwrap_or(Timestamp::MIN);
    let ledger = books.ledger(meant.id, since, now).await?.into();
    let misjudged = books.misjudged(&meant, since).await?.into();
    Ok(Json(CampaignDetail { campaign, leads, ledger, misjudged }))
}

impl From<LeadCounts> for LeadsBody {
    fn from(counts: LeadCounts) -> Self {
        let LeadCounts { due, claimed, closed, later, new } = counts;
        Self { due, claimed, closed, later, new }
    }
}

impl From<LedgerCounts> for LedgerBody {
    fn from(counts: LedgerCounts) -> Self {
        let abandonment_rate = counts.rate().map(Share::get);
        Self { abandoned: counts.abandoned, live: counts.live, abandonment_rate }
    }
}

/// Dial
///
/// The campaign dials as long as agents are logged in and the rules allow a lead.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/start", tag = "campaigns",
    operation_id = "campaign_start",
    params(("name", description = "The campaign's name")),
    responses((status = 200, body = CampaignBody), (status = 404, body = Problem)),
)]
pub(super) async fn start(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
) -> Result<Json<CampaignBody>, Problem> {
    set_phase(&context, &caller, &name, CampaignPhase::Running).await
}

/// Stop dialing, for a while
///
/// When this answers no new call begins. Live calls go on; the leads in hand are kept.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/pause", tag = "campaigns",
    operation_id = "campaign_pause",
    params(("name", description = "The campaign's name")),
    responses((status = 200, body = CampaignBody), (status = 404, body = Problem)),
)]
pub(super) async fn pause(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
) -> Result<Json<CampaignBody>, Problem> {
    set_phase(&context, &caller, &name, CampaignPhase::Paused).await
}

/// Stop dialing
///
/// When this answers no new call begins. Live calls go on; the leads in hand are given back.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/stop", tag = "campaigns",
    operation_id = "campaign_stop",
    params(("name", description = "The campaign's name")),
    responses((status = 200, body = CampaignBody), (status = 404, body = Problem)),
)]
pub(super) async fn stop(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
) -> Result<Json<CampaignBody>, Problem> {
    set_phase(&context, &caller, &name, CampaignPhase::Stopped).await
}

/// Look for leads again
///
/// Leads have been imported or changed in the store: the dialer asks it again at once.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/leads-changed", tag = "campaigns",
    operation_id = "campaign_leads_changed",
    params(("name", description = "The campaign's name")),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn leads_changed(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    context.handle.input_absorbed(Input::Command(Command::LeadsChanged(campaign.id))).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The campaign of that name.
pub(super) fn named(campaigns: &[Arc<Campaign>], name: &str) -> Result<Arc<Campaign>, Problem> {
    let found = campaigns.iter().find(|campaign| campaign.name == name);
    found.cloned().ok_or_else(|| Problem::not_found("there is no campaign of that name"))
}

/// The numbers of the campaigns of these names.
pub(super) fn all_named(
    campaigns: &[Arc<Campaign>],
    names: &[String],
) -> Result<Vec<CampaignId>, Problem> {
    names
        .iter()
        .map(|name| match named(campaigns, name) {
            Ok(campaign) => Ok(campaign.id),
            Err(_) => Err(Problem::unprocessable(format!("there is no campaign {name:?}"))),
        })
        .collect()
}

async fn set_phase(
    context: &Context,
    by: &Caller,
    name: &str,
    phase: CampaignPhase,
) -> Result<Json<CampaignBody>, Problem> {
    let campaign = named(&context.handle.campaigns(), name)?;
    let command = Command::Phase(campaign.id, phase);
    context.handle.input_absorbed(Input::Command(command)).await;
    context.handle.store().set_phase(campaign.id, phase).await?;
    let (evidence, by) = (context.handle.evidence(), by.name());
    let written = evidence.phase(campaign.id, phase, &by, clock::now()).await;
    if let Err(error) = written {
        tracing::error!(%error, "a campaign's phase is not in the evidence");
    }
    show(context, &campaign)
}

/// What a campaign does now.
pub(super) fn show(context: &Context, campaign: &Campaign) -> Result<Json<CampaignBody>, Problem> {
    let view = context.handle.view();
    let seen = view.campaigns.iter().find(|seen| seen.id == campaign.id);
    let seen = seen.ok_or_else(|| Problem::conflict("the dialer does not know it yet"))?;
    Ok(Json(CampaignBody::of(seen, campaign)))
}
