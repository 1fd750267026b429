//! What an agent does with the person besides talking: `/v1/agents/{id}/transfer`, `consult`, `conference`,
//! `hand-over`, `dismiss`, `park`, `retrieve`, `leave-message`, and `colleagues`, who says whom one may turn to.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agents::{AgentBody, known};
use super::campaigns::all_named;
use super::desk::{show, with_call};
use super::extract::{Json, Path};
use super::floor::StateBody;
use super::push::CompanyBody;
use super::{Context, Problem};
use crate::dialer::AgentEvent;
use crate::domain::{AgentId, CallId, PhoneNumber};
use crate::server::Whom;

/// Whom an agent turns to: one of the three.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhomBody {
    /// A colleague, by number, who is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<i64>,
    /// Who has been ready longest of those who take the people of this campaign or queue, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "help")]
    pub campaign: Option<String>,
    /// An outside number: E.164, or as it is written in the country of the call's campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "+12015550123")]
    pub number: Option<String>,
}

/// A parked call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrieveBody {
    /// Its number.
    pub call: i64,
}

/// A colleague to whom an agent may turn.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct ColleagueBody {
    /// Their number.
    pub id: i64,
    /// Their name.
    pub name: String,
    /// Whether they are ready: nobody else can be turned to.
    pub ready: bool,
}

/// A call that waits to be taken up again.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct ParkedBody {
    /// Its number.
    pub call: i64,
    /// The agent who has parked it.
    pub by: i64,
    /// Since when.
    pub since: Timestamp,
}

/// Whom an agent may turn to, and who is there.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct ColleaguesBody {
    /// Everybody else who is logged in.
    pub colleagues: Vec<ColleagueBody>,
    /// Parked calls of the agent's campaigns.
    pub parked: Vec<ParkedBody>,
    /// Who is with the agent and the person; `null` when they are alone.
    pub with: Option<CompanyBody>,
    /// The person hears them too.
    pub together: bool,
}

/// Whom one may turn to
///
/// Everybody else who is logged in, the parked calls that the agent may take up, and who is with the agent's
/// person now.
#[utoipa::path(
    get, path = "/v1/agents/{id}/colleagues", tag = "desk", operation_id = "agent_colleagues",
    params(("id" = i64, Path, description = "The agent's number")),
    responses((status = 200, body = ColleaguesBody), (status = 404, body = Problem)),
)]
pub(super) async fn colleagues(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<ColleaguesBody>, Problem> {
    let known = known(&context, AgentId(id)).await?;
    let view = context.handle.view();
    let own = view.agents.iter().find(|seen| seen.id == known.id);
    let takes = |campaign| own.is_some_and(|own| own.campaigns.contains(campaign));
    let others = view.agents.iter().filter(|seen| seen.id != known.id);
    let colleague = |seen: &crate::dialer::AgentView| ColleagueBody {
        id: seen.id.0,
        name: seen.name.clone(),
        ready: StateBody::from(&seen.state) == StateBody::Ready,
    };
    let parked = view.parked.iter().filter(|parked| takes(&parked.campaign));
    let company = view.company.iter().find(|company| company.agent == known.id);
    Ok(Json(ColleaguesBody {
        colleagues: others.map(colleague).collect(),
        parked: parked
            .map(|it| ParkedBody { call: it.call.0, by: it.by.0, since: it.since })
            .collect(),
        with: company.map(|company| CompanyBody::from(company.party)),
        together: company.is_some_and(|company| company.is_together),
    }))
}

/// Hand the person on
///
/// To a colleague at once; to an outside number when it has answered: until then the agent stays, the
/// person hears music, and is back with the agent when nobody answers. The rules are asked as for
/// every other call.
#[utoipa::path(
    post, path = "/v1/agents/{id}/transfer", tag = "desk", operation_id = "agent_transfer",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = WhomBody,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody is on the line, nobody is free there, or the number may not be \
         called", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn transfer(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<WhomBody>,
) -> Result<Json<AgentBody>, Problem> {
    let (agent, whom) = whom(&context, id, &body).await?;
    context.handle.agent_transfer(agent, whom).await?;
    show(&context, agent).await
}

/// Ask somebody else
///
/// The person hears music; the agent talks with a colleague or an outside number. `conference` lets all
/// three talk, `hand-over` leaves the person with them, `dismiss` takes the person back.
#[utoipa::path(
    post, path = "/v1/agents/{id}/consult", tag = "desk", operation_id = "agent_consult",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = WhomBody,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody is on the line, nobody is free there, or the number may not be \
         called", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn consult(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<WhomBody>,
) -> Result<Json<AgentBody>, Problem> {
    let (agent, whom) = whom(&context, id, &body).await?;
    context.handle.agent_consult(agent, whom).await?;
    show(&context, agent).await
}

/// Let all three talk
#[utoipa::path(
    post, path = "/v1/agents/{id}/conference", tag = "desk", operation_id = "agent_conference",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody was asked", body = Problem),
    ),
)]
pub(super) async fn conference(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    in_company(&context, id, AgentEvent::Conference).await
}

/// Leave the person with whom one has asked
///
/// Wrap-up follows. An outside number that still rings is waited for.
#[utoipa::path(
    post, path = "/v1/agents/{id}/hand-over", tag = "desk", operation_id = "agent_hand_over",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody was asked", body = Problem),
    ),
)]
pub(super) async fn hand_over(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    in_company(&context, id, AgentEvent::HandOver).await
}

/// Take the person back
///
/// Whom one has asked leaves.
#[utoipa::path(
    post, path = "/v1/agents/{id}/dismiss", tag = "desk", operation_id = "agent_dismiss",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody was asked", body = Problem),
    ),
)]
pub(super) async fn dismiss(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    in_company(&context, id, AgentEvent::Dismiss).await
}

/// Park the call
///
/// The person hears music until an agent takes the call up. After three minutes the person goes to who has
/// parked it, or to whoever is free first.
#[utoipa::path(
    post, path = "/v1/agents/{id}/park", tag = "desk", operation_id = "agent_park",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody is on the line", body = Problem),
    ),
)]
pub(super) async fn park(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    with_person(&context, id, AgentEvent::Park).await
}

/// Take a parked call up
#[utoipa::path(
    post, path = "/v1/agents/{id}/retrieve", tag = "desk", operation_id = "agent_retrieve",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = RetrieveBody,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "It is parked no longer, or the agent takes no such calls now",
         body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn retrieve(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<RetrieveBody>,
) -> Result<Json<AgentBody>, Problem> {
    let agent = known(&context, AgentId(id)).await?.id;
    let event = AgentEvent::Retrieve { call: CallId(body.call) };
    context.handle.agent_hand(agent, event).await?;
    show(&context, agent).await
}

/// Leave the campaign's message for machines
///
/// The agent leaves, the message is played to the line, and the call ends.
#[utoipa::path(
    post, path = "/v1/agents/{id}/leave-message", tag = "desk", operation_id = "agent_leave_message",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody is on the line, or the campaign has no such message",
         body = Problem),
    ),
)]
pub(super) async fn leave_message(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    let (_, call) = with_call(&context, AgentId(id), None).await?;
    let lead = context.handle.store().books().lead_of_call(CallId(call)).await?;
    let campaigns = context.handle.campaigns();
    let campaign =
        campaigns.iter().find(|known| lead.as_ref().map(|it| it.campaign) == Some(known.id));
    if campaign.is_none_or(|campaign| campaign.answers.machine_message.is_none()) {
        return Err(Problem::conflict(
            "the campaign has no message for machines (machine_message)",
        ));
    }
    with_person(&context, id, AgentEvent::LeaveMessage).await
}

async fn with_person(
    context: &Context,
    id: i64,
    event: AgentEvent,
) -> Result<Json<AgentBody>, Problem> {
    let (seen, _) = with_call(context, AgentId(id), None).await?;
    context.handle.agent_hand(seen.id, event).await?;
    show(context, seen.id).await
}

/// For an agent who has brought somebody.
async fn in_company(
    context: &Context,
    id: i64,
    event: AgentEvent,
) -> Result<Json<AgentBody>, Problem> {
    let agent = known(context, AgentId(id)).await?.id;
    let is_there = |view: &crate::dialer::View| view.company.iter().any(|it| it.agent == agent);
    // The snapshot may be older than what the desk was told.
    if !is_there(&context.handle.view()) && !is_there(context.next_view().await.as_ref()) {
        return Err(Problem::conflict("the agent has asked nobody"));
    }
    context.handle.agent_hand(agent, event).await?;
    show(context, agent).await
}

/// Whom the body names, for the person whom the agent talks with.
async fn whom(context: &Context, id: i64, body: &WhomBody) -> Result<(AgentId, Whom), Problem> {
    let (seen, call) = with_call(context, AgentId(id), None).await?;
    let whom = match (body.agent, &body.campaign, &body.number) {
        (Some(agent), None, None) => Whom::Agent(AgentId(agent)),
        (None, Some(name), None) => {
            let named = all_named(&context.handle.campaigns(), std::slice::from_ref(name))?;
            let named = named.first().copied();
            Whom::Campaign(named.ok_or_else(|| Problem::unprocessable("no such campaign"))?)
        }
        (None, None, Some(number)) => {
            let lead = context.handle.store().books().lead_of_call(CallId(call)).await?;
            let campaigns = context.handle.campaigns();
            let of = lead.map(|lead| lead.campaign);
            let campaign = campaigns.iter().find(|known| Some(known.id) == of);
            let campaign =
                campaign.ok_or_else(|| Problem::conflict("the call's campaign is not known"))?;
            let number = PhoneNumber::parse(number, campaign.country)
                .map_err(|fault| Problem::unprocessable(fault.to_string()))?;
            Whom::Outside(campaign.id, number)
        }
        _ => return Err(Problem::unprocessable("say one of agent, campaign and number")),
    };
    Ok((seen.id, whom))
}
