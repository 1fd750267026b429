//! A campaign's settings: two of them changed as it runs, and its file checked as it is written.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::caller::By;
use super::campaigns::{named, show};
use super::extract::{Json, Path};
use super::floor::CampaignBody;
use super::{Context, Problem};
use crate::config;
use crate::domain::{Campaign, Share};

/// What is to change; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignSettingsBody {
    /// How long a phone rings, 1 to 120 seconds; under US rules 15 at least.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 120)]
    pub ring_s_max: Option<f64>,
    /// The abandonment rate that is steered for, 0 to 0.1; under US rules 0.03 at most.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 0.1)]
    pub abandonment_target: Option<f64>,
}

/// A campaign's file as somebody writes it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignFileBody {
    /// The campaign's name: 1 to 64 of a-z, 0-9, `_` and `-`.
    #[schema(example = "spring", max_length = 64)]
    pub name: String,
    /// Its TOML.
    #[schema(max_length = 60_000)]
    pub toml: String,
}

/// What is wrong with a campaign's file.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct CampaignFileReport {
    /// What must be mended.
    pub faults: Vec<CampaignFileFault>,
    /// What is no fault, and yet hardly meant.
    pub advice: Vec<CampaignFileFault>,
}

/// One fault.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CampaignFileFault {
    /// The line, from 1; `null` when it is the whole file.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl From<&config::Fault> for CampaignFileFault {
    fn from(fault: &config::Fault) -> Self {
        let (line, column) = fault.place.unzip();
        Self { line, column, message: fault.message.clone(), remedy: fault.remedy.clone() }
    }
}

/// Change settings of a campaign as it runs
///
/// They hold from the next decision on, and after the next start as long as the campaign's file says
/// what it said before. What a rulebook of the campaign forbids is refused.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/settings", tag = "campaigns",
    operation_id = "campaign_settings",
    params(("name" = String, Path, description = "The campaign's name")),
    request_body = CampaignSettingsBody,
    responses(
        (status = 200, body = CampaignBody),
        (status = 404, body = Problem),
        (status = 422, description = "Out of range, or against a rulebook", body = Problem),
    ),
)]
pub(super) async fn change(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
    Json(body): Json<CampaignSettingsBody>,
) -> Result<Json<CampaignBody>, Problem> {
    let present = named(&context.handle.campaigns(), &name)?;
    let mut changed = Campaign::clone(&present);
    if let Some(seconds) = body.ring_s_max {
        if !(1.0..=120.0).contains(&seconds) {
            return Err(Problem::unprocessable("ring_s_max is 1 to 120 seconds"));
        }
        changed.ring_max = jiff::SignedDuration::from_millis((seconds * 1_000.0).round() as i64);
    }
    if let Some(target) = body.abandonment_target {
        let share = Share::new(target).filter(|_| target <= 0.1);
        changed.abandonment_target =
            share.ok_or_else(|| Problem::unprocessable("abandonment_target is 0 to 0.1"))?;
    }
    if let Some(breach) = config::breaches(&changed).first() {
        return Err(Problem::unprocessable(format!("{}; {}", breach.message, breach.remedy)));
    }
    if let Err(error) = context.handle.campaign_change_kept(present, changed.clone()).await {
        tracing::error!(%error, "changed settings cannot be kept");
        let detail = "the change cannot be kept in the data folder; nothing was changed";
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail));
    }
    let what = json!({ "campaign": changed.id, "to": body });
    context.note(&caller.name(), "campaign_settings", what).await;
    show(&context, &changed)
}

/// Check a campaign's file
///
/// Every fault at once, with its line, as `outdial check` says them. Nothing is kept: the file is put
/// into the folder of campaigns, and the next start reads it.
#[utoipa::path(
    post, path = "/v1/campaign-files/check", tag = "campaigns", operation_id = "campaign_file_check",
    request_body = CampaignFileBody,
    responses((status = 200, body = CampaignFileReport), (status = 422, body = Problem)),
)]
pub(super) async fn check(
    State(context): State<Context>,
    Json(body): Json<CampaignFileBody>,
) -> Json<CampaignFileReport> {
    let trunks: Vec<String> = context.handle.trunks().into_iter().map(|seen| seen.name).collect();
    let trunks: Vec<&str> = trunks.iter().map(String::as_str).collect();
    let (faults, advice) =
        config::check_campaign(&body.name, &body.toml, &trunks, context.handle.rulebooks());
    let bodies = |faults: &[config::Fault]| faults.iter().map(CampaignFileFault::from).collect();
    Json(CampaignFileReport { faults: bodies(&faults), advice: bodies(&advice) })
}
