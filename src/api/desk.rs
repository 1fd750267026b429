//! What an agent does: `/v1/agents/{id}/login`, `ready`, `pause`, `hang-up`, `disposition`,
//! `logout`. Each answers with the state that the dialer has put the agent in.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agents::{AgentBody, known};
use super::campaigns::all_named;
use super::extract::{Json, Path};
use super::floor::StateBody;
use super::{Context, Problem};
use crate::clock;
use crate::dialer::{AgentEvent, AgentView, Input, View};
use crate::domain::{AgentId, CallId, Disposition, PauseReason, Required};
use crate::server::LogInFault;

/// Longest reason of an agent, characters.
const REASON_MAX: usize = 64;
/// Longest note, characters.
const NOTE_MAX: usize = 2_000;

/// Who logs in for what.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogInBody {
    /// Whose people the agent takes this time, by name; as the agent was set up when absent.
    #[serde(default)]
    campaigns: Option<Vec<String>>,
}

/// Why an agent pauses.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PauseBody {
    /// Why, 1 to 64 characters.
    #[schema(example = "lunch", max_length = 64, pattern = r"\S")]
    reason: String,
}

/// What became of the call.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DispositionBody {
    /// The call; the agent's present one when absent.
    #[serde(default)]
    call: Option<i64>,
    /// One of the codes of the campaign's file.
    #[schema(example = "sale")]
    disposition: String,
    /// Free text, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    note: Option<String>,
    /// When to call again, when the person agreed on a time.
    #[serde(default)]
    callback_at: Option<Timestamp>,
}

/// Log in
///
/// By the phone in the agent's page, where it is connected; else rings the agent's SIP phone and waits
/// until it is answered. The leg then stays up until logout, and the agent is paused until ready.
#[utoipa::path(
    post, path = "/v1/agents/{id}/login", tag = "desk",
    operation_id = "agent_log_in",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = Option<LogInBody>,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Logged in already, or no phone is registered", body = Problem),
        (status = 422, body = Problem),
        (status = 503, description = "No media port, or the server is stopping", body = Problem),
        (status = 504, description = "The phone was not answered", body = Problem),
    ),
)]
pub(super) async fn log_in(
    State(context): State<Context>,
    Path(id): Path<i64>,
    body: Option<Json<Option<LogInBody>>>,
) -> Result<Json<AgentBody>, Problem> {
    let campaigns = body.and_then(|Json(body)| body).and_then(|body| body.campaigns);
    let campaigns = match campaigns {
        Some(names) => Some(all_named(&context.handle.campaigns(), &names)?),
        None => None,
    };
    // The phone rings on when the client goes away; whoever rings it must also hear that it was
    // answered, or the leg would be up with nobody logged in.
    let (handle, agent) = (context.handle.clone(), AgentId(id));
    let logged_in = tokio::spawn(async move { handle.agent_log_in(agent, campaigns).await }).await;
    match logged_in {
        Ok(Ok(())) => show(&context, agent).await,
        Ok(Err(fault)) => Err(fault.into()),
        Err(_) => Err(LogInFault::Stopping.into()),
    }
}

/// Take calls
///
/// Ends a pause or a wrap-up.
#[utoipa::path(
    post, path = "/v1/agents/{id}/ready", tag = "desk",
    operation_id = "agent_ready",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Logged out", body = Problem),
    ),
)]
pub(super) async fn ready(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    act(&context, AgentId(id), AgentEvent::Ready).await
}

/// Take no more calls
///
/// At once, or after the present call.
#[utoipa::path(
    post, path = "/v1/agents/{id}/pause", tag = "desk",
    operation_id = "agent_pause",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = PauseBody,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Logged out", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn pause(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<PauseBody>,
) -> Result<Json<AgentBody>, Problem> {
    let reason = PauseReason(reason(&body.reason)?);
    act(&context, AgentId(id), AgentEvent::Pause(reason)).await
}

/// An agent's reason, for a pause or for not calling.
pub(super) fn reason(text: &str) -> Result<String, Problem> {
    let reason = text.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(Problem::unprocessable("a reason is 1 to 64 characters"));
    }
    Ok(reason.to_owned())
}

/// End the present call
///
/// Wrap-up follows.
#[utoipa::path(
    post, path = "/v1/agents/{id}/hang-up", tag = "desk",
    operation_id = "agent_hang_up",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "No call", body = Problem),
    ),
)]
pub(super) async fn hang_up(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    let shown = act(&context, AgentId(id), AgentEvent::HangUp).await?;
    match shown.0.state.call() {
        Some(_) => Ok(shown),
        None => Err(Problem::conflict("the agent has no call")),
    }
}

/// Say what became of the call
///
/// During the call it is kept until the call ends; in wrap-up it ends the wrap-up.
#[utoipa::path(
    post, path = "/v1/agents/{id}/disposition", tag = "desk",
    operation_id = "agent_disposition",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = DispositionBody,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "The agent has no such call", body = Problem),
        (status = 422, description = "No such code, or a wrong time", body = Problem),
    ),
)]
pub(super) async fn disposition(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<DispositionBody>,
) -> Result<Json<AgentBody>, Problem> {
    let agent = AgentId(id);
    if body.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        return Err(Problem::unprocessable("a note is at most 2,000 characters"));
    }
    if body.callback_at.is_some_and(|at| at <= clock::now()) {
        return Err(Problem::unprocessable("callback_at lies in the past"));
    }
    let (seen, call) = with_call(&context, agent, body.call).await?;
    if let Some(at) = body.callback_at {
        may_call_back(&context, CallId(call), at).await?;
    }
    let code = Disposition(body.disposition);
    let Some(required) = required(&context, &seen, &code) else {
        return Err(Problem::unprocessable("the agent's campaigns have no such disposition"));
    };
    if required.note && body.note.as_ref().is_none_or(|note| note.trim().is_empty()) {
        return Err(Problem::unprocessable(format!("{} needs a note", code.0)));
    }
    if required.callback && body.callback_at.is_none() {
        return Err(Problem::unprocessable(format!("{} needs a time to call again", code.0)));
    }
    let event = AgentEvent::Disposition {
        call: CallId(call),
        disposition: code,
        note: body.note,
        callback_at: body.callback_at,
    };
    act(&context, agent, event).await
}

/// Refuses a callback at a time at which the rules, as far as they can tell today, allow no call.
async fn may_call_back(context: &Context, call: CallId, at: Timestamp) -> Result<(), Problem> {
    let Some(lead) = context.handle.store().books().lead_of_call(call).await? else {
        return Ok(());
    };
    // `None`: the dialer is about to stop, and will ask the gate anyway before it calls.
    let Some(explained) = context.handle.explain(lead, at).await else { return Ok(()) };
    if explained.allowed {
        return Ok(());
    }
    let no = explained.rules.iter().find(|answer| answer.ruling == "refuses");
    let why = no.map_or("the rules", |answer| answer.rule.as_str());
    let again = explained.ask_again_at.map(|at| format!("; the next time is {at:.0}"));
    let sentence = format!("no call is allowed then ({why}){}", again.unwrap_or_default());
    Err(Problem::unprocessable(sentence))
}

/// Log out
///
/// Ends the present call, if there is one, and the leg to the phone.
#[utoipa::path(
    post, path = "/v1/agents/{id}/logout", tag = "desk",
    operation_id = "agent_log_out",
    params(("id" = i64, Path, description = "The agent's number")),
    responses((status = 200, body = AgentBody), (status = 404, body = Problem)),
)]
pub(super) async fn log_out(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    let known = known(&context, AgentId(id)).await?;
    context.handle.agent_log_out(known.id).await;
    show(&context, known.id).await
}

impl From<LogInFault> for Problem {
    fn from(fault: LogInFault) -> Self {
        let status = match &fault {
            LogInFault::AlreadyLoggedIn | LogInFault::NotRegistered => StatusCode::CONFLICT,
            LogInFault::NoAnswer(_) => StatusCode::GATEWAY_TIMEOUT,
            LogInFault::NoPort(_) | LogInFault::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            LogInFault::Unknown => StatusCode::NOT_FOUND,
        };
        Problem::new(status, fault.to_string())
    }
}

/// Tells the dialer what the agent did, and says what state that has made.
pub(super) async fn act(
    context: &Context,
    agent: AgentId,
    event: AgentEvent,
) -> Result<Json<AgentBody>, Problem> {
    let known = known(context, agent).await?;
    context.handle.input_absorbed(Input::Agent(agent, event)).await;
    let shown = AgentBody::of(&known, &context.handle.view(), &context.handle.campaigns());
    match shown.state {
        StateBody::LoggedOut => Err(Problem::conflict("the agent is logged out")),
        _ => Ok(Json(shown)),
    }
}

pub(super) async fn show(context: &Context, agent: AgentId) -> Result<Json<AgentBody>, Problem> {
    let known = known(context, agent).await?;
    Ok(Json(AgentBody::of(&known, &context.handle.view(), &context.handle.campaigns())))
}

/// The agent with this call. The snapshot may be a little older than what the agent's desk has
/// been pushed; before saying no, the next one is asked.
pub(super) async fn with_call(
    context: &Context,
    agent: AgentId,
    named: Option<i64>,
) -> Result<(AgentView, i64), Problem> {
    let known = known(context, agent).await?;
    let find = |view: &View| {
        let seen = view.agents.iter().find(|seen| seen.id == known.id)?;
        let present = StateBody::from(&seen.state).call()?;
        (named.is_none() || named == Some(present)).then(|| (seen.clone(), present))
    };
    let found = match find(&context.handle.view()) {
        Some(found) => Some(found),
        None => find(context.next_view().await.as_ref()),
    };
    found.ok_or_else(|| Problem::conflict("the agent has no such call"))
}

/// What the agent's campaigns require with this disposition; `None` when none of them has it.
fn required(context: &Context, agent: &AgentView, code: &Disposition) -> Option<Required> {
    let campaigns = context.handle.campaigns();
    let own = campaigns.iter().filter(|campaign| agent.campaigns.contains(&campaign.id));
    let mut rules = own.flat_map(|campaign| &campaign.dispositions);
    rules.find(|rule| rule.code == *code).map(|rule| rule.required)
}
