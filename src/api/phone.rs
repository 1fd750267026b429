//! The phone in the agent's page: `/v1/agents/{id}/phone`. The page offers, we answer; audio then flows
//! beside the API.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agents::known;
use super::extract::{Json, Path};
use super::{Context, Problem};
use crate::domain::AgentId;
use crate::station::OfferFault;

/// Longest offer, bytes: four times a browser's for one microphone.
const OFFER_MAX: usize = 16 * 1_024;

/// What the page's browser offers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferBody {
    /// An offer of SDP (RFC 8829 §5.2) with one line of audio. Candidates need not be in it.
    #[schema(max_length = 16_384)]
    offer: String,
}

/// What it is answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct AnswerBody {
    /// The answer (RFC 8829 §5.3), with every candidate.
    answer: String,
}

/// Whether the agent hears themself.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EchoBody {
    /// From now on, until it is said otherwise or the agent logs in.
    echo: bool,
}

/// Connect the page's phone
///
/// By WebRTC, with Opus or G.711. Who logs in while it is connected has it as their phone. A page that
/// is loaded again offers again, and has its call back.
#[utoipa::path(
    post, path = "/v1/agents/{id}/phone", tag = "desk", operation_id = "agent_phone",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = OfferBody,
    responses(
        (status = 200, body = AnswerBody),
        (status = 404, body = Problem),
        (status = 422, description = "An offer that cannot be answered", body = Problem),
        (status = 503, description = "The server is stopping", body = Problem),
    ),
)]
pub(super) async fn connect(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<OfferBody>,
) -> Result<Json<AnswerBody>, Problem> {
    let agent = known(&context, AgentId(id)).await?.id;
    if body.offer.len() > OFFER_MAX {
        return Err(Problem::unprocessable("an offer has at most 16,384 bytes"));
    }
    let answer = context.handle.browsers().offer(agent, body.offer).await?;
    Ok(Json(AnswerBody { answer }))
}

/// Hear yourself
///
/// What the page's phone says comes back a second later, as long as the agent is not logged in with it.
#[utoipa::path(
    post, path = "/v1/agents/{id}/phone/echo", tag = "desk", operation_id = "agent_phone_echo",
    params(("id" = i64, Path, description = "The agent's number")),
    request_body = EchoBody,
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn echo(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Json(body): Json<EchoBody>,
) -> Result<StatusCode, Problem> {
    let agent = known(&context, AgentId(id)).await?.id;
    context.handle.browsers().set_echo(agent, body.echo);
    Ok(StatusCode::NO_CONTENT)
}

/// Hang the page's phone up
///
/// Who is logged in with it is logged out, as by any phone that hangs up.
#[utoipa::path(
    delete, path = "/v1/agents/{id}/phone", tag = "desk", operation_id = "agent_phone_off",
    params(("id" = i64, Path, description = "The agent's number")),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn disconnect(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let agent = known(&context, AgentId(id)).await?.id;
    context.handle.browsers().leave(agent);
    Ok(StatusCode::NO_CONTENT)
}

impl From<OfferFault> for Problem {
    fn from(fault: OfferFault) -> Self {
        let status = match &fault {
            OfferFault::NoCodec | OfferFault::NotOneAudio | OfferFault::Sdp(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            OfferFault::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        };
        Problem::new(status, fault.to_string())
    }
}
