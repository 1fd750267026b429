//! `/v1/users` and `/v1/tokens`: who may sign in, and which programs may ask.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::caller::{By, sha256};
use super::extract::{Json, Path};
use super::session::no_randomness;
use super::{Context, Problem, Token, agents, token};
use crate::clock;
use crate::domain::{AgentId, Role};
use crate::server::Handle;
use crate::store::{NewUser, TokenRow, User, UserChange, UserId};

/// A link lets in for so long.
const LINK_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A user.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct UserBody {
    /// The name they sign in with.
    #[schema(example = "ana")]
    pub name: String,
    /// What they may do.
    #[schema(value_type = String, example = "manager")]
    pub role: Role,
    /// The agent whose desk is theirs.
    pub agent: Option<i64>,
    /// They have followed their link.
    pub has_password: bool,
    /// They have a second factor.
    pub second_factor: bool,
    /// They are locked out until then, after wrong tries.
    pub locked_until: Option<Timestamp>,
    /// They may not sign in.
    pub disabled: bool,
}

/// A user to be added.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUserBody {
    /// The name to sign in with: 1 to 64 of letters, digits, `.`, `_`, `-` and `@`.
    #[schema(example = "ana", pattern = "^[A-Za-z0-9._@-]{1,64}$")]
    pub name: String,
    /// administrator, agent, auditor, manager or supervisor.
    #[schema(value_type = String, example = "manager")]
    pub role: Role,
    /// The agent whose desk is theirs.
    #[serde(default)]
    pub agent: Option<i64>,
}

/// What is to change of a user; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChangeBody {
    /// Another role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "supervisor")]
    pub role: Option<Role>,
    /// Another desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<i64>,
    /// They may not sign in, or may again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// True: wrong tries are forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlock: Option<bool>,
    /// False: the second factor is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<bool>,
}

/// A link that lets in once, within a day.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct LinkBody {
    /// For whom.
    pub name: String,
    /// To be added to the server's URL. It is not kept and never told again.
    #[schema(example = "/welcome#3f0c:ana")]
    pub path: String,
}

/// A token, without its text.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct TokenBody {
    /// What it is for.
    #[schema(example = "nightly report")]
    pub label: String,
    /// What it may do at most.
    #[schema(value_type = String, example = "auditor")]
    pub role: Role,
    /// It may look, and change nothing.
    pub read_only: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `null` is never.
    pub expires_at: Option<Timestamp>,
}

/// A token to be made.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTokenBody {
    /// What it is for, unique: 1 to 64 characters.
    #[schema(example = "nightly report", max_length = 64, pattern = r"\S")]
    pub label: String,
    /// administrator, auditor, manager or supervisor.
    #[schema(value_type = String, example = "auditor")]
    pub role: Role,
    /// It may look, and change nothing.
    #[serde(default)]
    pub read_only: bool,
    /// It ends after so many days, 1 to 3,660; never when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3_660)]
    pub days: Option<u32>,
}

/// A token that has just been made.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TokenMadeBody {
    /// What it may do.
    #[serde(flatten)]
    pub token: TokenBody,
    /// Its text. It is not kept and never told again.
    pub text: String,
}

/// A name that can stand in a path and in a link.
pub(super) fn name(text: &str) -> Result<String, Problem> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@');
    if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(Problem::unprocessable("a name is 1 to 64 of letters, digits, `.`, `_`, `-` and `@`"))
    }
}

/// Every user, by name
#[utoipa::path(
    get, path = "/v1/users", tag = "users", operation_id = "users",
    responses((status = 200, body = Vec<UserBody>)),
)]
pub(super) async fn list(State(context): State<Context>) -> Result<Json<Vec<UserBody>>, Problem> {
    let users = context.handle.store().books().users().await?;
    Ok(Json(users.into_iter().map(UserBody::from).collect()))
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        let locked = user.locked_until > clock::now();
        Self {
            name: user.name,
            role: user.role,
            agent: user.agent.map(|agent| agent.0),
            has_password: user.password.is_some(),
            second_factor: user.totp.is_some(),
            locked_until: locked.then_some(user.locked_until),
            disabled: user.disabled,
        }
    }
}

/// Add a user
///
/// The answer has the link by which they choose their password.
#[utoipa::path(
    post, path = "/v1/users", tag = "users", operation_id = "user_add",
    request_body = NewUserBody,
    responses(
        (status = 201, body = LinkBody),
        (status = 404, description = "No such agent", body = Problem),
        (status = 409, description = "The name is taken", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn add(
    State(context): State<Context>,
    By(caller): By,
    Json(body): Json<NewUserBody>,
) -> Result<impl IntoResponse, Problem> {
    let name = name(&body.name)?;
    let agent = match body.agent {
        Some(id) => Some(agents::known(&context, AgentId(id)).await?.id),
        None => None,
    };
    let (role, at) = (body.role, clock::now());
    let new = NewUser { name: name.clone(), role, agent, at };
    let id = context.handle.store().user_add(new).await?;
    let what = json!({ "user": name, "role": role, "agent": agent });
    context.note(&caller.name(), "user_added", what).await;
    let link = invite(&context.handle, Some((id, &name))).await?;
    let location = [(header::LOCATION, format!("/v1/users/{name}"))];
    Ok((StatusCode::CREATED, location, Json(LinkBody { name, path: link })))
}

/// Change a user
///
/// Another role, desk or password ends the user's sessions.
#[utoipa::path(
    patch, path = "/v1/users/{name}", tag = "users", operation_id = "user_change",
    params(("name" = String, Path, description = "The user's name")),
    request_body = UserChangeBody,
    responses(
        (status = 200, body = UserBody),
        (status = 404, body = Problem),
        (status = 409, description = "It is the last administrator", body = Problem),
    ),
)]
pub(super) async fn change(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
    Json(body): Json<UserChangeBody>,
) -> Result<Json<UserBody>, Problem> {
    let user = known(&context, &name).await?;
    let demoted = body.role.is_some_and(|role| role != Role::Administrator);
    if demoted || body.disabled == Some(true) {
        keep_an_administrator(&context, &user).await?;
    }
    let agent = match body.agent {
        Some(id) => Some(agents::known(&context, AgentId(id)).await?.id),
        None => None,
    };
    let changes = [
        body.role.map(UserChange::Role),
        agent.map(|agent| UserChange::Agent(Some(agent))),
        body.disabled.map(UserChange::Disabled),
        body.unlock.filter(|yes| *yes).map(|_| UserChange::Unlocked),
        body.second_factor.filter(|keep| !keep).map(|_| UserChange::Totp(None)),
    ];
    for change in changes.into_iter().flatten() {
        context.handle.store().user_change(user.id, change).await?;
    }
    context.note(&caller.name(), "user_changed", json!({ "user": name, "to": body })).await;
    Ok(Json(known(&context, &name).await?.into()))
}

/// Remove a user
#[utoipa::path(
    delete, path = "/v1/users/{name}", tag = "users", operation_id = "user_remove",
    params(("name" = String, Path, description = "The user's name")),
    responses(
        (status = 204),
        (status = 404, body = Problem),
        (status = 409, description = "It is the last administrator", body = Problem),
    ),
)]
pub(super) async fn remove(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let user = known(&context, &name).await?;
    keep_an_administrator(&context, &user).await?;
    context.handle.store().user_remove(user.id).await?;
    context.note(&caller.name(), "user_removed", json!({ "user": name })).await;
    Ok(StatusCode::NO_CONTENT)
}

/// A new link
///
/// For a user who has lost theirs, or their password. One of before lets in no more.
#[utoipa::path(
    post, path = "/v1/users/{name}/link", tag = "users", operation_id = "user_link",
    params(("name" = String, Path, description = "The user's name")),
    responses((status = 200, body = LinkBody), (status = 404, body = Problem)),
)]
pub(super) async fn link(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
) -> Result<Json<LinkBody>, Problem> {
    let user = known(&context, &name).await?;
    let path = invite(&context.handle, Some((user.id, &user.name))).await?;
    context.note(&caller.name(), "user_link", json!({ "user": name })).await;
    Ok(Json(LinkBody { name: user.name, path }))
}

async fn known(context: &Context, name: &str) -> Result<User, Problem> {
    let user = context.handle.store().books().user_named(name).await?;
    user.ok_or_else(|| Problem::not_found("there is no user of that name"))
}

/// Refuses to take away the last administrator who can sign in.
async fn keep_an_administrator(context: &Context, but: &User) -> Result<(), Problem> {
    let users = context.handle.store().books().users().await?;
    let can =
        |user: &User| user.role == Role::Administrator && !user.disabled && user.password.is_some();
    let another = users.iter().any(|user| can(user) && user.id != but.id);
    match can(but) && !another {
        true => Err(Problem::conflict("it is the last administrator who can sign in")),
        false => Ok(()),
    }
}

/// The path of a link for a user, or for the first administrator.
async fn invite(handle: &Handle, user: Option<(UserId, &str)>) -> Result<String, Problem> {
    let secret = token::secret().map_err(no_randomness)?;
    let ends = clock::now().checked_add(LINK_MAX).unwrap_or(Timestamp::MAX);
    handle.store().invite(sha256(&secret), user.map(|(id, _)| id), ends).await?;
    // Behind the `#` no server and no log sees it.
    Ok(match user {
        Some((_, name)) => format!("/welcome#{secret}:{name}"),
        None => format!("/welcome#{secret}"),
    })
}

/// The path of the link for the first administrator; `None` when there are users already.
///
/// # Errors
/// The store's, as a problem.
pub async fn set_up_link(handle: &Handle) -> Result<Option<String>, Problem> {
    match handle.store().books().users().await?.is_empty() {
        true => invite(handle, None).await.map(Some),
        false => Ok(None),
    }
}

/// Every token, oldest first
#[utoipa::path(
    get, path = "/v1/tokens", tag = "users", operation_id = "tokens",
    responses((status = 200, body = Vec<TokenBody>)),
)]
pub(super) async fn tokens(
    State(context): State<Context>,
) -> Result<Json<Vec<TokenBody>>, Problem> {
    let tokens = context.handle.store().books().tokens().await?;
    Ok(Json(tokens.into_iter().map(TokenBody::from).collect()))
}

impl From<TokenRow> for TokenBody {
    fn from(row: TokenRow) -> Self {
        let TokenRow { label, role, read_only, created_at, expires_at, .. } = row;
        Self { label, role, read_only, created_at, expires_at }
    }
}

/// Make a token
#[utoipa::path(
    post, path = "/v1/tokens", tag = "users", operation_id = "token_add",
    request_body = NewTokenBody,
    responses(
        (status = 201, body = TokenMadeBody),
        (status = 409, description = "The label is taken", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn token_add(
    State(context): State<Context>,
    By(caller): By,
    Json(body): Json<NewTokenBody>,
) -> Result<impl IntoResponse, Problem> {
    let label = body.label.trim().to_owned();
    if !(1..=64).contains(&label.chars().count()) || label.chars().any(char::is_control) {
        return Err(Problem::unprocessable("a label is 1 to 64 characters on one line"));
    }
    if body.role == Role::Agent {
        return Err(Problem::unprocessable("a token has no desk: it is no agent's"));
    }
    if body.days.is_some_and(|days| !(1..=3_660).contains(&days)) {
        return Err(Problem::unprocessable("days is a whole number from 1 to 3660"));
    }
    let new = Token::generate().map_err(no_randomness)?;
    let created_at = clock::now();
    let ends = |days| created_at.checked_add(SignedDuration::from_hours(24 * i64::from(days)));
    let row = TokenRow {
        sha256: sha256(&new.text),
        label,
        role: body.role,
        read_only: body.read_only,
        created_at,
        expires_at: body.days.and_then(|days| ends(days).ok()),
    };
    context.handle.store().token_add(row.clone()).await?;
    let token = TokenBody::from(row);
    context.note(&caller.name(), "token_added", &token).await;
    Ok((StatusCode::CREATED, Json(TokenMadeBody { token, text: new.text })))
}

/// Let a token in no more
#[utoipa::path(
    delete, path = "/v1/tokens/{label}", tag = "users", operation_id = "token_revoke",
    params(("label" = String, Path, description = "The token's label")),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn token_revoke(
    State(context): State<Context>,
    By(caller): By,
    Path(label): Path<String>,
) -> Result<StatusCode, Problem> {
    match context.handle.store().token_revoke(label.clone()).await? {
        true => {
            context.note(&caller.name(), "token_revoked", json!({ "label": label })).await;
            Ok(StatusCode::NO_CONTENT)
        }
        false => Err(Problem::not_found("there is no token of that label")),
    }
}
