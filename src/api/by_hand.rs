//! Calls that agents choose: `/v1/agents/{id}/preview`, `dial` and `skip`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agents::{AgentBody, known};
use super::campaigns::all_named;
use super::desk::{act, reason, show};
use super::extract::{Json, Path};
use super::floor::StateBody;
use super::push::Preview;
use super::{Context, Problem};
use crate::dialer::AgentEvent;
use crate::domain::{AgentId, AgentState, CampaignId, LeadId, PhoneNumber};
use crate::server::DialFault;
use crate::store::Choice;

/// Whom to call; the lead that was offered when nothing is said.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DialBody {
    /// The campaign of the number, by name; the agent's only one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "spring")]
    pub campaign: Option<String>,
    /// A lead of a campaign that is dialed by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<i64>,
    /// A telephone number: E.164, or as it is written in the campaign's country. It becomes a lead
    /// of the campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "+12015550123")]
    pub number: Option<String>,
}

/// Why a lead is not called.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkipBody {
    /// Why, 1 to 64 characters.
    #[schema(example = "a competitor", max_length = 64, pattern = r"\S")]
    pub reason: String,
}

/// The lead that is offered
///
/// For a desk that has missed the push.
#[utoipa::path(
    get, path = "/v1/agents/{id}/preview", tag = "desk",
    operation_id = "agent_preview",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = Preview),
        (status = 404, description = "No such agent, or no lead is offered", body = Problem),
    ),
)]
pub(super) async fn preview(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<Preview>, Problem> {
    let known = known(&context, AgentId(id)).await?;
    let view = context.handle.view();
    let seen = view.agents.iter().find(|seen| seen.id == known.id);
    let Some(AgentState::Previewing { lead }) = seen.map(|seen| &seen.state) else {
        return Err(Problem::not_found("no lead is offered to this agent"));
    };
    let lead = context.handle.store().books().lead(*lead).await?;
    let lead = lead.ok_or_else(|| Problem::not_found("the lead is not in the books any more"))?;
    Ok(Json(Preview::of(id, &lead, None, &context.handle.campaigns())))
}

/// Dial
///
/// The lead that is offered, a lead by its number in the books, or a telephone number. The call is
/// this agent's from the first ring on, and the rules are asked as for every other call: a no says
/// which.
#[utoipa::path(
    post, path = "/v1/agents/{id}/dial", tag = "desk",
    operation_id = "agent_dial",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = Option<DialBody>,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nothing is offered, or the call may not be made",
         body = Problem),
        (status = 422, description = "No such campaign, or no telephone number", body = Problem),
    ),
)]
pub(super) async fn dial(
    State(context): State<Context>,
    Path(id): Path<i64>,
    body: Option<Json<Option<DialBody>>>,
) -> Result<Json<AgentBody>, Problem> {
    let body = body.and_then(|Json(body)| body).unwrap_or_default();
    let agent = known(&context, AgentId(id)).await?;
    let choice = choice(&context, &body, &agent.campaigns)?;
    let dialed = match choice {
        Some(choice) => context.handle.agent_dial(agent.id, choice).await,
        None => {
            let is_offered = |state: &StateBody| matches!(state, StateBody::Previewing { .. });
            if !is_offered(&show(&context, agent.id).await?.0.state) {
                return Err(Problem::conflict("no lead is offered to this agent"));
            }
            context.handle.agent_dial_offered(agent.id).await
        }
    };
    dialed?;
    show(&context, agent.id).await
}

/// Skip the lead that is offered
///
/// The reason is kept with the lead, which is offered again after the campaign's time.
#[utoipa::path(
    post, path = "/v1/agents/{id}/skip", tag = "desk",
    operation_id = "agent_skip",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = SkipBody,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nothing is offered", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn skip(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<SkipBody>,
) -> Result<Json<AgentBody>, Problem> {
    let reason = reason(&body.reason)?;
    let agent = AgentId(id);
    match show(&context, agent).await?.0.state {
        StateBody::Previewing { .. } => {
            act(&context, agent, AgentEvent::SkipOffered { reason }).await
        }
        _ => Err(Problem::conflict("no lead is offered to this agent")),
    }
}

/// Whom the body names; `None` for the lead that is offered.
fn choice(
    context: &Context,
    body: &DialBody,
    agents: &[CampaignId],
) -> Result<Option<Choice>, Problem> {
    match (&body.number, body.lead) {
        (None, None) if body.campaign.is_none() => Ok(None),
        (None, Some(lead)) if body.campaign.is_none() => Ok(Some(Choice::Lead(LeadId(lead)))),
        (Some(number), None) => {
            let campaign = match (&body.campaign, agents) {
                (Some(name), _) => {
                    let named = all_named(&context.handle.campaigns(), std::slice::from_ref(name))?;
                    named.first().copied()
                }
                (None, [only]) => Some(*only),
                (None, _) => None,
            };
            let campaigns = context.handle.campaigns();
            let campaign = campaigns.iter().find(|known| Some(known.id) == campaign);
            let campaign = campaign
                .ok_or_else(|| Problem::unprocessable("say the campaign: the agent has several"))?;
            if !campaign.pacing.is_by_hand() {
                let detail = format!("campaign {} is not dialed by hand", campaign.name);
                return Err(Problem::conflict(detail));
            }
            let number = PhoneNumber::parse(number, campaign.country)
                .map_err(|fault| Problem::unprocessable(fault.to_string()))?;
            Ok(Some(Choice::Number(campaign.id, number)))
        }
        _ => Err(Problem::unprocessable(
            "say a number and its campaign, or a lead, or nothing for the lead that is offered",
        )),
    }
}

impl From<DialFault> for Problem {
    fn from(fault: DialFault) -> Self {
        match fault {
            DialFault::Refused { .. } => Problem::conflict(fault.to_string()),
            DialFault::Store(error) => error.into(),
            DialFault::Unknown => Problem::new(StatusCode::NOT_FOUND, fault.to_string()),
        }
    }
}
