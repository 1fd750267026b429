//! `/v1/campaigns/{name}/decisions`: what was decided in the last minutes, and of what.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::campaigns::named;
use super::extract::{Json, Path, Query};
use super::{Context, Problem};
use crate::dialer::DecisionTaken;
use crate::pacing::Floor;

/// A decision about a campaign, with what it was made of.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct DecisionBody {
    /// When it was taken.
    pub at: Timestamp,
    /// Why, in one sentence.
    #[schema(example = "3 agents ready, 1 call on the way: dial 2")]
    pub sentence: String,
    /// Calls that the pacer wanted.
    pub calls: u32,
    /// Calls that were placed.
    pub placed: u32,
    /// Ringing calls that were given up.
    pub given_up: u32,
    /// What the pacer saw.
    pub floor: SeenBody,
    /// The pacer's numbers: an object with its `kind`, and for each kind its own fields; `null`
    /// when something else decided.
    pub explanation: Option<serde_json::Value>,
}

/// What the pacer saw of a campaign.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct SeenBody {
    /// Agents who wait for a call.
    pub ready: u32,
    /// Agents with a person, or about to have one.
    pub talking: u32,
    /// Agents after a call.
    pub wrap_up: u32,
    /// Calls not answered yet.
    pub ringing: u32,
    /// Answered calls to which the detector listens.
    pub screening: u32,
    /// People who wait for an agent.
    pub waiting: u32,
    /// Calls that hold a line and want no agent: a message is heard, or they are being ended.
    pub messaging: u32,
    /// Ready agents to whom calls of other campaigns are on their way.
    pub claimed: u32,
}

/// From when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    since: Option<Timestamp>,
}

impl From<&DecisionTaken> for DecisionBody {
    fn from(taken: &DecisionTaken) -> Self {
        let explanation = taken.explanation();
        Self {
            at: taken.at,
            sentence: taken.sentence(),
            calls: taken.calls(),
            placed: taken.placed,
            given_up: taken.given_up,
            floor: taken.floor.into(),
            explanation: explanation.and_then(|explanation| serde_json::to_value(explanation).ok()),
        }
    }
}

impl From<Floor> for SeenBody {
    fn from(floor: Floor) -> Self {
        Self {
            ready: floor.ready,
            talking: floor.talking,
            wrap_up: floor.wrap_up,
            ringing: floor.ringing,
            screening: floor.screening,
            waiting: floor.waiting,
            messaging: floor.messaging,
            claimed: floor.claimed,
        }
    }
}

/// What was decided of late
///
/// Oldest first: every decision that placed or gave up calls, and of the others one a second at
/// most while only their numbers change. The last ten minutes are kept, 2,000 decisions at most;
/// `outdial replay` tells what was before from the event log.
#[utoipa::path(
    get, path = "/v1/campaigns/{name}/decisions", tag = "campaigns",
    operation_id = "campaign_decisions",
    params(
        ("name", description = "The campaign's name"),
        (
            "since" = Option<Timestamp>, Query,
            description = "Taken at this time or later; all that are kept when it is not said",
        ),
    ),
    responses(
        (status = 200, body = Vec<DecisionBody>),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn list(
    State(context): State<Context>,
    Path(name): Path<String>,
    Query(asked): Query<Since>,
) -> Result<Json<Vec<DecisionBody>>, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    let taken = context.handle.decisions(campaign.id, asked.since.unwrap_or(Timestamp::MIN)).await;
    let taken = taken.ok_or_else(|| Problem::conflict("the dialer does not know it yet"))?;
    Ok(Json(taken.iter().map(DecisionBody::from).collect()))
}
