//! What an agent does with the person on the line: `/v1/agents/{id}/voice` and `digits`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agents::AgentBody;
use super::desk::{show, with_call};
use super::extract::{Json, Path};
use super::floor::StateBody;
use super::{Context, Problem};
use crate::domain::{AgentId, CallId, Digit};
use crate::server::Voice;

/// Most keys at once.
const DIGITS_MAX: usize = 32;

/// What the two hear of each other.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoiceKind {
    /// The person hears music, the agent nothing.
    Held,
    /// The agent hears the person, who hears nothing.
    Muted,
    /// Each hears the other.
    Open,
}

/// What the two shall hear of each other.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoiceBody {
    /// From now on, until it is said otherwise or the call ends.
    pub voice: VoiceKind,
}

/// Keys to press.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DigitsBody {
    /// 1 to 32 of 0-9, `*`, `#` and A-D.
    #[schema(example = "1#", pattern = "^[0-9*#A-Da-d]{1,32}$")]
    pub digits: String,
}

/// Mute, hold, or talk on
///
/// The person who is held hears the campaign's `hold`, or a ringing tone.
#[utoipa::path(
    post, path = "/v1/agents/{id}/voice", tag = "desk", operation_id = "agent_voice",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = VoiceBody,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody is on the line", body = Problem),
    ),
)]
pub(super) async fn set(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<VoiceBody>,
) -> Result<Json<AgentBody>, Problem> {
    let (agent, call) = talking(&context, id).await?;
    let voice = match body.voice {
        VoiceKind::Held => Voice::Held,
        VoiceKind::Muted => Voice::Muted,
        VoiceKind::Open => Voice::Open,
    };
    context.handle.agent_voice(agent, call, voice);
    show(&context, agent).await
}

/// Press keys
///
/// Toward the person's line: a menu, a door. By RFC 4733, or as tones.
#[utoipa::path(
    post, path = "/v1/agents/{id}/digits", tag = "desk", operation_id = "agent_digits",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = DigitsBody,
    responses(
        (status = 200, body = AgentBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody is on the line", body = Problem),
        (status = 422, description = "No such key", body = Problem),
    ),
)]
pub(super) async fn press(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<DigitsBody>,
) -> Result<Json<AgentBody>, Problem> {
    let digits: Option<Vec<Digit>> = body.digits.chars().map(Digit::new).collect();
    let digits = digits.filter(|digits| (1..=DIGITS_MAX).contains(&digits.len()));
    let digits = digits.ok_or_else(|| Problem::unprocessable("1 to 32 of 0-9, *, # and A-D"))?;
    let (agent, call) = talking(&context, id).await?;
    context.handle.agent_press(call, digits);
    show(&context, agent).await
}

/// The agent, who talks, and the call.
async fn talking(context: &Context, id: i64) -> Result<(AgentId, CallId), Problem> {
    let (seen, call) = with_call(context, AgentId(id), None).await?;
    match StateBody::from(&seen.state) {
        StateBody::Talking { .. } => Ok((seen.id, CallId(call))),
        _ => Err(Problem::conflict("nobody is on the agent's line")),
    }
}
