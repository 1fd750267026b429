//! `/v1/campaigns`: whether a campaign dials, and why.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Json, Path};
use super::floor::CampaignBody;
use super::{Context, Problem};
use crate::dialer::{CampaignPhase, Command, Input};
use crate::domain::{Campaign, CampaignId};

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

/// Every campaign
#[utoipa::path(
    get, path = "/v1/campaigns", tag = "campaigns",
    responses((status = 200, body = Vec<CampaignBody>)),
)]
pub(super) async fn list(State(context): State<Context>) -> Json<Vec<CampaignBody>> {
    let view = context.handle.view();
    Json(super::Floor::of(&view, context.handle.campaigns()).campaigns)
}

/// One campaign
#[utoipa::path(
    get, path = "/v1/campaigns/{name}", tag = "campaigns",
    params(("name", description = "The campaign's name")),
    responses((status = 200, body = CampaignBody), (status = 404, body = Problem)),
)]
pub(super) async fn one(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Json<CampaignBody>, Problem> {
    let campaign = named(context.handle.campaigns(), &name)?;
    show(&context, &campaign)
}

/// Dial
///
/// The campaign dials as long as agents are logged in and the rules allow a lead.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/start", tag = "campaigns",
    params(("name", description = "The campaign's name")),
    responses((status = 200, body = CampaignBody), (status = 404, body = Problem)),
)]
pub(super) async fn start(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Json<CampaignBody>, Problem> {
    set_phase(&context, &name, CampaignPhase::Running).await
}

/// Stop dialing, for a while
///
/// When this answers no new call begins. Live calls go on; the leads in hand are kept.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/pause", tag = "campaigns",
    params(("name", description = "The campaign's name")),
    responses((status = 200, body = CampaignBody), (status = 404, body = Problem)),
)]
pub(super) async fn pause(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Json<CampaignBody>, Problem> {
    set_phase(&context, &name, CampaignPhase::Paused).await
}

/// Stop dialing
///
/// When this answers no new call begins. Live calls go on; the leads in hand are given back.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/stop", tag = "campaigns",
    params(("name", description = "The campaign's name")),
    responses((status = 200, body = CampaignBody), (status = 404, body = Problem)),
)]
pub(super) async fn stop(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Json<CampaignBody>, Problem> {
    set_phase(&context, &name, CampaignPhase::Stopped).await
}

/// Look for leads again
///
/// Leads have been imported or changed in the store: the dialer asks it again at once.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/leads-changed", tag = "campaigns",
    params(("name", description = "The campaign's name")),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn leads_changed(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let campaign = named(context.handle.campaigns(), &name)?;
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
    name: &str,
    phase: CampaignPhase,
) -> Result<Json<CampaignBody>, Problem> {
    let campaign = named(context.handle.campaigns(), name)?;
    let command = Command::Phase(campaign.id, phase);
    context.handle.input_absorbed(Input::Command(command)).await;
    context.handle.store().set_phase(campaign.id, phase).await?;
    show(context, &campaign)
}

fn show(context: &Context, campaign: &Campaign) -> Result<Json<CampaignBody>, Problem> {
    let view = context.handle.view();
    let seen = view.campaigns.iter().find(|seen| seen.id == campaign.id);
    let seen = seen.ok_or_else(|| Problem::conflict("the dialer does not know it yet"))?;
    Ok(Json(CampaignBody::of(seen, campaign)))
}
