//! `/v1/session`: signing in and out, the password, the second factor; `/v1/invitation`: the link that
//! lets in once.

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::{By, COOKIE, Caller, csrf, sha256};
use super::extract::Json;
use super::guard::same_origin;
use super::listener::Peer;
use super::password::{self, Seat};
use super::{Context, Problem, token, totp, users};
use crate::clock;
use crate::domain::Role;
use crate::store::{NewUser, User, UserChange};

/// A session ends after this: a shift with its breaks.
const SESSION_MAX: SignedDuration = SignedDuration::from_hours(12);

/// Who is signed in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct SessionBody {
    /// The user's name, or the token's label.
    #[schema(example = "ana")]
    pub name: String,
    /// What they may do.
    #[schema(value_type = String, example = "manager")]
    pub role: Role,
    /// The agent whose desk is theirs.
    pub agent: Option<i64>,
    /// They may look, and change nothing.
    pub read_only: bool,
    /// To be sent as the header `x-csrf-token` with every change; `null` for a token.
    pub csrf: Option<String>,
    /// They have a second factor.
    pub second_factor: bool,
    /// They must set one up before anything else.
    pub second_factor_wanted: bool,
}

/// A name and its proofs.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInBody {
    /// The user's name.
    #[schema(example = "ana", max_length = 64)]
    name: String,
    /// The password.
    #[schema(max_length = 128)]
    password: String,
    /// The code of the second factor, where there is one.
    #[serde(default)]
    #[schema(max_length = 16)]
    code: Option<String>,
}

/// What a link asks for.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationBody {
    /// The secret of the link.
    #[schema(max_length = 128)]
    secret: String,
    /// The password from now on: 12 to 128 characters.
    #[schema(max_length = 128)]
    password: String,
    /// The first administrator's name; that of another link is known.
    #[serde(default)]
    #[schema(max_length = 64)]
    name: Option<String>,
}

/// Another password.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    /// That of before.
    #[schema(max_length = 128)]
    old: String,
    /// That from now on: 12 to 128 characters.
    #[schema(max_length = 128)]
    new: String,
}

/// A second factor to be confirmed.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct SecondFactorBody {
    /// The shared secret in base 32, for an application (RFC 6238).
    pub secret: String,
    /// The same as a link.
    #[schema(example = "otpauth://totp/outdial:ana?secret=MZXW6YTBOI&issuer=outdial")]
    pub link: String,
}

/// A code of the second factor.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeBody {
    /// Six digits.
    #[schema(example = "123456", max_length = 16)]
    code: String,
}

/// Who am I
#[utoipa::path(
    get, path = "/v1/session", tag = "session", operation_id = "session",
    responses((status = 200, body = SessionBody)),
)]
pub(super) async fn show(State(context): State<Context>, By(caller): By) -> Json<SessionBody> {
    Json(body(&context, &caller))
}

fn body(context: &Context, caller: &Caller) -> SessionBody {
    SessionBody {
        name: caller.short_name().to_owned(),
        role: caller.role,
        agent: caller.agent.map(|agent| agent.0),
        read_only: caller.read_only,
        csrf: caller.csrf().map(str::to_owned),
        second_factor: caller.user().is_some_and(|(user, _)| user.totp.is_some()),
        second_factor_wanted: context.door.wants_second_factor(caller),
    }
}

/// Sign in
///
/// The answer sets the session's cookie. Wrong proofs are counted: from the fifth in a row on the name
/// is locked, for half a minute first and twice as long each time, a quarter of an hour at most.
#[utoipa::path(
    post, path = "/v1/session", tag = "session", operation_id = "sign_in", security(()),
    request_body = SignInBody,
    responses(
        (status = 200, body = SessionBody),
        (status = 401, description = "A proof is wrong, or the name is locked", body = Problem),
        (status = 403, description = "The code of the second factor is wanted", body = Problem),
    ),
)]
pub(super) async fn sign_in(
    State(context): State<Context>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    uri: Uri,
    Json(asked): Json<SignInBody>,
) -> Result<impl IntoResponse, Problem> {
    same_origin(&headers, &uri)?;
    let seat = Seat::take().await?;
    let now = clock::now();
    let store = context.handle.store();
    let user = store.books().user_named(&asked.name).await?;
    let open = user.filter(|user| !user.disabled && user.locked_until <= now);
    let hash = open.as_ref().and_then(|user| user.password.clone());
    let fits = seat.verify(asked.password, hash).await;
    let Some(user) = open else { return Err(wrong()) };
    if !fits || !second_factor(&context, &user, asked.code.as_deref(), now).await? {
        store.user_change(user.id, UserChange::Failed(now)).await?;
        tracing::warn!(user = %user.name, from = %peer.address, "a wrong password or code");
        return Err(wrong());
    }
    store.user_change(user.id, UserChange::Unlocked).await?;
    begin(&context, user, secure(peer, &headers), now).await
}

/// Whether the second factor is shown, where there is one.
async fn second_factor(
    context: &Context,
    user: &User,
    code: Option<&str>,
    now: Timestamp,
) -> Result<bool, Problem> {
    let Some(secret) = &user.totp else { return Ok(true) };
    let Some(code) = code.filter(|code| !code.is_empty()) else {
        let why = "the code of the second factor is wanted";
        return Err(Problem::new(StatusCode::FORBIDDEN, why));
    };
    match totp::step_of(secret, code, now, user.totp_step) {
        Some(step) => Ok(context.handle.store().user_use_code(user.id, step).await?),
        None => Ok(false),
    }
}

fn wrong() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "the name or the password is wrong; after five wrong tries in a row a name is locked for a while",
    )
}

/// A session of the user, its cookie and what a page needs of it.
async fn begin(
    context: &Context,
    user: User,
    secure: bool,
    now: Timestamp,
) -> Result<impl IntoResponse + use<>, Problem> {
    let secret = token::secret().map_err(no_randomness)?;
    let ends = now.checked_add(SESSION_MAX).unwrap_or(Timestamp::MAX);
    context.handle.store().session_open(sha256(&secret), user.id, now, ends).await?;
    context.note(&format!("user {}", user.name), "sign_in", ()).await;
    let second_factor = user.totp.is_some();
    let wanted = context.door.access().totp_required && user.role == Role::Administrator;
    let body = SessionBody {
        name: user.name,
        role: user.role,
        agent: user.agent.map(|agent| agent.0),
        read_only: false,
        csrf: Some(csrf(&secret)),
        second_factor,
        second_factor_wanted: wanted && !second_factor,
    };
    let cookie = set_cookie(&secret, SESSION_MAX.as_secs(), secure)?;
    Ok(([(header::SET_COOKIE, cookie)], Json(body)))
}

/// RFC 6265 §4.1: not for scripts, not from other sites, not in the clear where there is TLS.
fn set_cookie(secret: &str, seconds: i64, secure: bool) -> Result<HeaderValue, Problem> {
    let only = if secure { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{only}");
    HeaderValue::try_from(cookie)
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "no cookie could be made"))
}

/// Whether the browser speaks TLS: with us, or with a proxy that says so.
fn secure(peer: Peer, headers: &HeaderMap) -> bool {
    let proxied = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    peer.tls || proxied
}

/// Sign out
#[utoipa::path(
    delete, path = "/v1/session", tag = "session", operation_id = "sign_out",
    responses((status = 204), (status = 409, description = "A token has no session", body = Problem)),
)]
pub(super) async fn sign_out(
    State(context): State<Context>,
    By(caller): By,
) -> Result<impl IntoResponse, Problem> {
    let (_, session) = own(&caller)?;
    context.handle.store().session_close(session).await?;
    context.note(&caller.name(), "sign_out", ()).await;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie("", 0, false)?)]))
}

/// The user whose session it is.
fn own(caller: &Caller) -> Result<(&User, crate::store::TokenHash), Problem> {
    caller.user().ok_or_else(|| Problem::conflict("a token has no session, password or factor"))
}

/// Follow a link
///
/// A link lets in once, within a day: it sets the password and signs in.
#[utoipa::path(
    post, path = "/v1/invitation", tag = "session", operation_id = "invitation", security(()),
    request_body = InvitationBody,
    responses(
        (status = 200, body = SessionBody),
        (status = 404, description = "The link was used, or its time is over", body = Problem),
        (status = 409, description = "The name is taken", body = Problem),
        (status = 422, description = "No such password or name", body = Problem),
    ),
)]
pub(super) async fn follow(
    State(context): State<Context>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    uri: Uri,
    Json(asked): Json<InvitationBody>,
) -> Result<impl IntoResponse, Problem> {
    same_origin(&headers, &uri)?;
    let over = || Problem::not_found("the link was used, or its time is over: ask for another");
    let (store, now, link) = (context.handle.store(), clock::now(), sha256(&asked.secret));
    let invited = store.books().invitation(link, now).await?.ok_or_else(over)?;
    let name = match &invited {
        Some(user) => user.name.clone(),
        None => users::name(asked.name.as_deref().unwrap_or_default())?,
    };
    password::check(&asked.password, &name)?;
    let seat = Seat::take().await?;
    let hash = seat.hash(asked.password).await?;
    if !store.redeem(link, now).await? {
        return Err(over());
    }
    let id = match invited {
        Some(user) => user.id,
        None => {
            let (role, agent) = (Role::Administrator, None);
            store.user_add(NewUser { name: name.clone(), role, agent, at: now }).await?
        }
    };
    store.user_change(id, UserChange::Password(hash)).await?;
    context.note(&format!("user {name}"), "password_set", ()).await;
    let user = store.books().user_named(&name).await?.ok_or_else(over)?;
    begin(&context, user, secure(peer, &headers), now).await
}

/// Change the password
///
/// Every session of the user ends, this one too.
#[utoipa::path(
    post, path = "/v1/session/password", tag = "session", operation_id = "password_change",
    request_body = PasswordBody,
    responses(
        (status = 204),
        (status = 401, description = "The old one is wrong", body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_password(
    State(context): State<Context>,
    By(caller): By,
    Json(asked): Json<PasswordBody>,
) -> Result<StatusCode, Problem> {
    let (user, _) = own(&caller)?;
    password::check(&asked.new, &user.name)?;
    let seat = Seat::take().await?;
    let (store, now) = (context.handle.store(), clock::now());
    let open = user.locked_until <= now;
    if !seat.verify(asked.old, user.password.clone().filter(|_| open)).await {
        store.user_change(user.id, UserChange::Failed(now)).await?;
        return Err(wrong());
    }
    let hash = seat.hash(asked.new).await?;
    store.user_change(user.id, UserChange::Password(hash)).await?;
    context.note(&caller.name(), "password_set", ()).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Set a second factor up
///
/// It is asked for once a code of it has confirmed it.
#[utoipa::path(
    post, path = "/v1/session/second-factor", tag = "session", operation_id = "second_factor_offer",
    responses((status = 200, body = SecondFactorBody), (status = 409, body = Problem)),
)]
pub(super) async fn offer_factor(
    State(context): State<Context>,
    By(caller): By,
) -> Result<Json<SecondFactorBody>, Problem> {
    let (user, _) = own(&caller)?;
    if user.totp.is_some() {
        return Err(Problem::conflict("there is one already; an administrator can take it away"));
    }
    let drawn = token::secret().map_err(no_randomness)?;
    let secret = sha256(&drawn)[..totp::SECRET].to_vec();
    let text = totp::base32(&secret);
    context.handle.store().user_change(user.id, UserChange::TotpOffered(secret)).await?;
    // A name has no character that means something in a URI.
    let link = format!("otpauth://totp/outdial:{}?secret={text}&issuer=outdial", user.name);
    Ok(Json(SecondFactorBody { secret: text, link }))
}

/// Confirm the second factor
#[utoipa::path(
    post, path = "/v1/session/second-factor/code", tag = "session",
    operation_id = "second_factor_confirm",
    request_body = CodeBody,
    responses(
        (status = 204),
        (status = 409, description = "None was offered", body = Problem),
        (status = 422, description = "It is not the code", body = Problem),
    ),
)]
pub(super) async fn confirm_factor(
    State(context): State<Context>,
    By(caller): By,
    Json(asked): Json<CodeBody>,
) -> Result<StatusCode, Problem> {
    let (user, _) = own(&caller)?;
    let none = || Problem::conflict("no second factor was offered");
    let secret = user.totp_offered.clone().ok_or_else(none)?;
    let step = totp::step_of(&secret, &asked.code, clock::now(), 0)
        .ok_or_else(|| Problem::unprocessable("that is not the code of this moment"))?;
    let store = context.handle.store();
    store.user_change(user.id, UserChange::Totp(Some(secret))).await?;
    store.user_use_code(user.id, step).await?;
    context.note(&caller.name(), "second_factor", ()).await;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn no_randomness(error: std::io::Error) -> Problem {
    tracing::error!(%error, "the operating system gives no randomness");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "no secret could be made")
}
