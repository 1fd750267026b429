//! `/v1/agents`: who takes the calls.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::By;
use super::campaigns::all_named;
use super::extract::{Json, Path};
use super::floor::{StateBody, names};
use super::{Context, Problem};
use crate::dialer::View;
use crate::domain::{AgentId, Campaign, CampaignId};
use crate::sip::digest::{Algorithm, ha1};
use crate::store::{Agent, NewAgent, PhoneSecret};

/// Longest name of an agent, characters.
const NAME_MAX: usize = 64;
/// A phone's password, characters.
const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=128;

/// An agent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct AgentBody {
    /// The agent's number.
    pub id: i64,
    /// The user name of their phone.
    #[schema(example = "101")]
    pub extension: String,
    /// The name to show.
    #[schema(example = "Ana Ruiz")]
    pub name: String,
    /// Whose people they take, by name.
    pub campaigns: Vec<String>,
    /// What they do.
    #[serde(flatten)]
    pub state: StateBody,
}

/// An agent to be added.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgentBody {
    /// The user name with which their phone registers: 1 to 32 of a-z, 0-9, `.`, `_` and `-`.
    #[schema(example = "101", pattern = "^[a-z0-9._-]{1,32}$")]
    pub extension: String,
    /// The name to show: 1 to 64 characters on one line, not all of them blank.
    #[schema(example = "Ana Ruiz", max_length = 64, pattern = r"\S")]
    pub name: String,
    /// The password of the phone, 8 to 128 characters of ASCII; one is made when it is absent.
    #[serde(default)]
    #[schema(pattern = "^[ -~]{8,128}$")]
    pub password: Option<String>,
    /// Whose people they take, by name; everyone's when absent.
    #[serde(default)]
    pub campaigns: Option<Vec<String>>,
}

/// An agent who has been added.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct AgentAdded {
    /// The agent.
    #[serde(flatten)]
    pub agent: AgentBody,
    /// The password of the phone, when the server has made it. It is not kept and never told again.
    pub password: Option<String>,
}

/// What is wrong with a new agent.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NewAgentFault {
    /// The extension cannot be a SIP user.
    #[error("an extension is 1 to 32 of a-z, 0-9, `.`, `_` and `-`")]
    Extension,
    /// The name is empty, too long, or not of one line.
    #[error("a name is 1 to 64 characters on one line")]
    Name,
    /// The password is too short, too long, or not printable ASCII.
    #[error("a password is 8 to 128 printable ASCII characters")]
    Password,
}

impl NewAgentBody {
    /// What the store keeps of it, with the digests for `realm`.
    ///
    /// # Errors
    /// [`NewAgentFault`], the first that is found.
    pub fn checked(
        &self,
        realm: &str,
        password: &str,
        campaigns: Vec<CampaignId>,
    ) -> Result<NewAgent, NewAgentFault> {
        let extension = (1..=32).contains(&self.extension.len())
            && self
                .extension
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'));
        let name = self.name.trim();
        let named =
            (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        let strong = PASSWORD_CHARACTERS.contains(&password.len())
            && password.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        match (extension, named, strong) {
            (false, _, _) => Err(NewAgentFault::Extension),
            (_, false, _) => Err(NewAgentFault::Name),
            (_, _, false) => Err(NewAgentFault::Password),
            (true, true, true) => Ok(NewAgent {
                extension: self.extension.clone(),
                name: name.to_owned(),
                secret: phone_secret(&self.extension, realm, password),
                campaigns,
            }),
        }
    }
}

/// What the store keeps of a phone's password, for the realm that the station challenges with.
pub fn phone_secret(extension: &str, realm: &str, password: &str) -> PhoneSecret {
    let ha1 = |algorithm| ha1(algorithm, extension, realm, password);
    PhoneSecret {
        realm: realm.to_owned(),
        ha1_md5: ha1(Algorithm::Md5),
        ha1_sha256: ha1(Algorithm::Sha256),
    }
}

/// A password for a phone: 20 letters and digits, about 100 bits, without those that look alike.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn make_password() -> std::io::Result<String> {
    // 32 of them: a byte's low five bits choose one without bias.
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
    let mut bytes = [0; 20];
    SysRng.try_fill_bytes(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect())
}

/// Every agent, by extension
#[utoipa::path(
    get, path = "/v1/agents", tag = "agents", operation_id = "agents",
    responses((status = 200, body = Vec<AgentBody>)),
)]
pub(super) async fn list(State(context): State<Context>) -> Result<Json<Vec<AgentBody>>, Problem> {
    let agents = context.handle.store().books().agents().await?;
    let view = context.handle.view();
    let campaigns = context.handle.campaigns();
    Ok(Json(agents.iter().map(|agent| AgentBody::of(agent, &view, &campaigns)).collect()))
}

/// Add an agent
///
/// The phone registers with the extension as its user name; its password is in the answer when
/// the request has none, and only there.
#[utoipa::path(
    post, path = "/v1/agents", tag = "agents", operation_id = "agent_add",
    request_body = NewAgentBody,
    responses(
        (status = 201, body = AgentAdded),
        (status = 409, description = "The extension is taken", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn add(
    State(context): State<Context>,
    By(caller): By,
    Json(body): Json<NewAgentBody>,
) -> Result<impl IntoResponse, Problem> {
    let campaigns = context.handle.campaigns();
    let takes = match &body.campaigns {
        Some(names) => all_named(&campaigns, names)?,
        None => campaigns.iter().map(|campaign| campaign.id).collect(),
    };
    let made = match &body.password {
        Some(_) => None,
        None => Some(make_password().map_err(no_randomness)?),
    };
    let password = body.password.as_deref().or(made.as_deref()).unwrap_or_default();
    let new = body.checked(context.handle.realm(), password, takes);
    let new = new.map_err(|fault| Problem::unprocessable(fault.to_string()))?;
    let agent = AgentBody {
        id: context.handle.agent_add(new.clone()).await?.0,
        extension: new.extension,
        name: new.name,
        campaigns: names(&new.campaigns, &campaigns),
        state: StateBody::LoggedOut,
    };
    context.note(&caller.name(), "agent_added", &agent).await;
    let location = [(header::LOCATION, format!("/v1/agents/{}", agent.id))];
    Ok((StatusCode::CREATED, location, Json(AgentAdded { agent, password: made })))
}

/// One agent
#[utoipa::path(
    get, path = "/v1/agents/{id}", tag = "agents", operation_id = "agent",
    params(("id" = i64, Path, description = "The agent's number")),
    responses((status = 200, body = AgentBody), (status = 404, body = Problem)),
)]
pub(super) async fn one(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<AgentBody>, Problem> {
    let agent = known(&context, AgentId(id)).await?;
    Ok(Json(AgentBody::of(&agent, &context.handle.view(), &context.handle.campaigns())))
}

/// The agent of that number.
pub(super) async fn known(context: &Context, id: AgentId) -> Result<Agent, Problem> {
    let agent = context.handle.store().books().agent(id).await?;
    agent.ok_or_else(|| Problem::not_found("there is no agent of that number"))
}

impl AgentBody {
    pub(super) fn of(agent: &Agent, view: &View, campaigns: &[Arc<Campaign>]) -> Self {
        let seen = view.agents.iter().find(|seen| seen.id == agent.id);
        Self {
            id: agent.id.0,
            extension: agent.extension.clone(),
            name: agent.name.clone(),
            campaigns: names(seen.map_or(&agent.campaigns, |seen| &seen.campaigns), campaigns),
            state: seen.map_or(StateBody::LoggedOut, |seen| StateBody::from(&seen.state)),
        }
    }
}

fn no_randomness(error: std::io::Error) -> Problem {
    tracing::error!(%error, "the operating system gives no randomness");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "no password could be made")
}
