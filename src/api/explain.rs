//! `/v1/campaigns/{name}/explain`: may a number be called, and what does each rule say?

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::campaigns::named;
use super::extract::{Json, Path, Query};
use super::{Context, Problem};
use crate::clock;
use crate::compliance::Explanation;
use crate::domain::{Lead, PhoneNumber};

/// Whose number, where, and when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    number: String,
    state: Option<String>,
    zip: Option<String>,
    at: Option<Timestamp>,
}

/// Every rule's answer, with the clocks of every zone where the person may be.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct ExplanationBody(pub Explanation);

/// Explain a number
///
/// What every rule of the campaign's rulebooks says of a call to the number, now or at another
/// time. The lead of that number is asked about where there is one, with the past of the number; a
/// number that is no lead is asked about alone. Nothing is dialed.
#[utoipa::path(
    get, path = "/v1/campaigns/{name}/explain", tag = "campaigns",
    operation_id = "campaign_explain",
    params(
        ("name" = String, Path, description = "The campaign's name"),
        ("number" = String, Query, description = "The number: E.164, or as in the campaign's country"),
        ("state" = Option<String>, Query, description = "State or province of the address"),
        ("zip" = Option<String>, Query, description = "ZIP code of the address"),
        ("at" = Option<String>, Query, description = "When, RFC 3339; now when absent"),
    ),
    responses(
        (status = 200, body = ExplanationBody),
        (status = 404, description = "No such campaign", body = Problem),
        (status = 422, description = "No telephone number", body = Problem),
    ),
)]
pub(super) async fn number(
    State(context): State<Context>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<ExplanationBody>, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    let number = PhoneNumber::parse(&asked.number, campaign.country)
        .map_err(|error| Problem::unprocessable(error.to_string()))?;
    let known = context.handle.store().books().lead_of_number(&campaign.name, number).await?;
    let mut lead = known.unwrap_or_else(|| Lead::of_number(campaign.id, number));
    lead.state = asked.state.map(|state| state.to_uppercase()).or(lead.state);
    lead.zip = asked.zip.or(lead.zip);
    let at = asked.at.unwrap_or_else(clock::now);
    let explained = context.handle.explain(lead, at).await;
    let stopping = || Problem::conflict("the dialer does not know the campaign, or is stopping");
    explained.map(|explained| Json(ExplanationBody(explained))).ok_or_else(stopping)
}
