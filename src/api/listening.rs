//! `/v1/listening` and `/v1/agents/{id}/listening`: a supervisor listens to an agent, whispers to one,
//! or barges in.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::agents::known;
use super::caller::By;
use super::extract::{Json, Path};
use super::{Context, Problem};
use crate::domain::AgentId;
use crate::server::{AttendFault, Attendance, Manner};

/// How a supervisor is with an agent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MannerKind {
    /// Everybody hears the supervisor.
    Barge,
    /// Nobody hears the supervisor.
    Listen,
    /// The agent hears the supervisor, the person does not.
    Whisper,
}

/// How to be with the agent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListeningBody {
    /// From now on, until it is said otherwise or one of the two leaves.
    pub manner: MannerKind,
    /// The extension whose phone listens; that of the user's own desk when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "200")]
    pub extension: Option<String>,
}

/// A supervisor with an agent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct AttendanceBody {
    /// The agent's number.
    pub agent: i64,
    /// The number of the one whose phone listens.
    pub listener: i64,
    /// How.
    pub manner: MannerKind,
}

impl From<Attendance> for AttendanceBody {
    fn from(attendance: Attendance) -> Self {
        let Attendance { listener, agent, manner } = attendance;
        let manner = match manner {
            Manner::Barge => MannerKind::Barge,
            Manner::Listen => MannerKind::Listen,
            Manner::Whisper => MannerKind::Whisper,
        };
        Self { agent: agent.0, listener: listener.0, manner }
    }
}

/// Who listens
///
/// Everybody who listens to an agent now, whispers to one, or has barged in.
#[utoipa::path(
    get, path = "/v1/listening", tag = "floor", operation_id = "listening",
    responses((status = 200, body = [AttendanceBody])),
)]
pub(super) async fn list(State(context): State<Context>) -> Json<Vec<AttendanceBody>> {
    let all = context.handle.attendances().await;
    Json(all.into_iter().map(AttendanceBody::from).collect())
}

/// Listen, whisper, or barge in
///
/// To the agent's present conversation and those that follow. The listener's phone rings where its leg is
/// not up, as at a login; it takes no calls meanwhile. Written down in the evidence.
#[utoipa::path(
    post, path = "/v1/agents/{id}/listening", tag = "floor", operation_id = "agent_listening",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = ListeningBody,
    responses(
        (status = 200, body = AttendanceBody),
        (status = 404, body = Problem),
        (status = 409, description = "The agent is away, or the listener's phone takes calls or is not \
         registered", body = Problem),
        (status = 422, description = "It is not said whose phone listens", body = Problem),
        (status = 503, description = "No media port, or the server is stopping", body = Problem),
        (status = 504, description = "The phone was not answered", body = Problem),
    ),
)]
pub(super) async fn listen(
    State(context): State<Context>,
    By(caller): By,
    Path(id): Path<i64>,
    Json(body): Json<ListeningBody>,
) -> Result<Json<AttendanceBody>, Problem> {
    let agent = known(&context, AgentId(id)).await?;
    let listener = match &body.extension {
        Some(extension) => {
            let agents = context.handle.store().books().agents().await?;
            let found = agents.into_iter().find(|agent| agent.extension == *extension);
            found.ok_or_else(|| Problem::unprocessable("there is no such extension"))?.id
        }
        None => caller.agent.ok_or_else(|| {
            Problem::unprocessable("say the extension of the phone that is to listen")
        })?,
    };
    let manner = match body.manner {
        MannerKind::Barge => Manner::Barge,
        MannerKind::Listen => Manner::Listen,
        MannerKind::Whisper => Manner::Whisper,
    };
    let attendance = Attendance { listener, agent: agent.id, manner };
    // The phone rings on when the client goes away, and what it is answered for follows.
    let handle = context.handle.clone();
    let attended = tokio::spawn(async move { handle.attend(attendance).await }).await;
    attended.map_err(|_| Problem::from(crate::server::LogInFault::Stopping))??;
    let shown = AttendanceBody::from(attendance);
    context.note(&caller.name(), "listening", shown).await;
    Ok(Json(shown))
}

/// Listen no longer
///
/// A leg that was put up for it ends.
#[utoipa::path(
    delete, path = "/v1/listening/{id}", tag = "floor", operation_id = "listening_end",
    params(("id" = i64, Path, description = "The listener's number")),
    responses(
        (status = 204, description = "Nobody listens by that phone any more"),
        (status = 404, description = "Nobody did", body = Problem),
    ),
)]
pub(super) async fn end(
    State(context): State<Context>,
    By(caller): By,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    if !context.handle.attend_no_more(AgentId(id)).await {
        return Err(Problem::not_found("nobody listens by that phone"));
    }
    context.note(&caller.name(), "listening_ended", json!({ "listener": id })).await;
    Ok(StatusCode::NO_CONTENT)
}

impl From<AttendFault> for Problem {
    fn from(fault: AttendFault) -> Self {
        match fault {
            AttendFault::AgentAway | AttendFault::ListenerBusy => {
                Problem::conflict(fault.to_string())
            }
            AttendFault::Phone(fault) => fault.into(),
            AttendFault::Themselves => Problem::unprocessable(fault.to_string()),
        }
    }
}
