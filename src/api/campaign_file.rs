//! A campaign's settings: two of them changed as it runs, and its file read, checked as it is written, and
//! kept.

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
use crate::server::KeepFault;

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

/// A campaign's file that is to be kept.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignFileKeepBody {
    /// Its TOML.
    #[schema(max_length = 60_000)]
    pub toml: String,
    /// The TOML as it was read; absent when there was none.
    #[serde(default)]
    #[schema(max_length = 60_000)]
    pub before: Option<String>,
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
/// Every fault at once, with its line, as `outdial check` says them. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/campaign-files/check", tag = "campaigns", operation_id = "campaign_file_check",
    request_body = CampaignFileBody,
    responses((status = 200, body = CampaignFileReport), (status = 422, body = Problem)),
)]
pub(super) async fn check(
    State(context): State<Context>,
    Json(body): Json<CampaignFileBody>,
) -> Json<CampaignFileReport> {
    Json(report(&context, &body.name, &body.toml))
}

/// A campaign's file
///
/// As it is in the folder of campaigns.
#[utoipa::path(
    get, path = "/v1/campaign-files/{name}", tag = "campaigns", operation_id = "campaign_file",
    params(("name" = String, Path, description = "The campaign's name")),
    responses(
        (status = 200, body = CampaignFileBody),
        (status = 404, description = "There is no such file", body = Problem),
    ),
)]
pub(super) async fn read(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Json<CampaignFileBody>, Problem> {
    let none = || Problem::not_found("the folder of campaigns has no such file");
    if !config::is_campaign_name(&name) {
        return Err(none());
    }
    let found = context.handle.campaign_file(&name).await.map_err(|error| {
        tracing::error!(%error, "a campaign's file cannot be read");
        let detail = "the campaign's file cannot be read";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    })?;
    let toml = found.ok_or_else(none)?;
    Ok(Json(CampaignFileBody { name, toml }))
}

/// Keep a campaign's file
///
/// It is written into the folder of campaigns, whole or not at all, when nothing is wrong with it, and used
/// at the next start. `before` is the file as it was read: another one is not written over.
#[utoipa::path(
    put, path = "/v1/campaign-files/{name}", tag = "campaigns", operation_id = "campaign_file_keep",
    params(("name" = String, Path, description = "The campaign's name")),
    request_body = CampaignFileKeepBody,
    responses(
        (status = 200, description = "Kept", body = CampaignFileReport),
        (status = 409, description = "The file has changed since, or there is no folder", body = Problem),
        (status = 422, description = "Something is wrong with it", body = Problem),
    ),
)]
pub(super) async fn keep(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
    Json(body): Json<CampaignFileKeepBody>,
) -> Result<Json<CampaignFileReport>, Problem> {
    // It becomes a path: nothing but a name does.
    if !config::is_campaign_name(&name) {
        let detail = "a campaign's name is 1 to 64 of a-z, 0-9, _ and -";
        return Err(Problem::unprocessable(detail));
    }
    let report = report(&context, &name, &body.toml);
    if let Some(fault) = report.faults.first() {
        let line = fault.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        let more = match report.faults.len() {
            1 => String::new(),
            faults => format!(" (and {} more)", faults - 1),
        };
        let detail = format!("{line}{}; {}{more}", fault.message, fault.remedy);
        return Err(Problem::unprocessable(detail));
    }
    let was_there = body.before.is_some();
    context.handle.campaign_file_keep(&name, body.toml.clone(), body.before).await.map_err(
        |fault| match fault {
            KeepFault::Changed | KeepFault::NoFolder => Problem::conflict(fault.to_string()),
            KeepFault::Disk(_) => {
                tracing::error!(%fault, "a campaign's file is not kept");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be kept")
            }
        },
    )?;
    let what = json!({ "campaign": name, "was_there": was_there, "toml": body.toml });
    context.note(&caller.name(), "campaign_file", what).await;
    Ok(Json(report))
}

fn report(context: &Context, name: &str, toml: &str) -> CampaignFileReport {
    let trunks: Vec<String> = context.handle.trunks().into_iter().map(|seen| seen.name).collect();
    let trunks: Vec<&str> = trunks.iter().map(String::as_str).collect();
    let folder = context.handle.campaign_folder().unwrap_or(std::path::Path::new(""));
    let rulebooks = context.handle.rulebooks();
    let (faults, advice) = config::check_campaign(folder, name, toml, &trunks, rulebooks);
    let bodies = |faults: &[config::Fault]| faults.iter().map(CampaignFileFault::from).collect();
    CampaignFileReport { faults: bodies(&faults), advice: bodies(&advice) }
}
