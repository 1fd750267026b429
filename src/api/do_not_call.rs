//! `/v1/do-not-call`: whom not to call.

#![expect(unused_qualifications, reason = "utoipa's macro writes them for a query's type")]

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::By;
use super::extract::{Json, Path, Query};
use super::{Context, Problem, page_size};
use crate::domain::PhoneNumber;
use crate::store::DoNotCall;

/// Entries of a page, unless the client says otherwise, and at most.
const PAGE: u32 = 1_000;
const PAGE_MAX: u32 = 10_000;
/// Longest reason, characters.
const REASON_MAX: usize = 200;

/// A number that is not to be called any more.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoNotCallBody {
    /// The number, E.164.
    #[schema(value_type = String, example = "+12015550123", pattern = r"^\+[1-9][0-9]{3,14}$")]
    pub number: PhoneNumber,
    /// Why, for people; at most 200 characters.
    #[serde(default)]
    #[schema(example = "asked by letter", max_length = 200)]
    pub reason: Option<String>,
}

/// A number on the list.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct DoNotCallEntry {
    /// The number, E.164.
    #[schema(value_type = String, example = "+12015550123")]
    pub number: PhoneNumber,
    /// Since when.
    pub at: Timestamp,
    /// Who put it there: `agent`, `api`, `cli`, `import`, `key` (pressed in a message).
    #[schema(example = "api")]
    pub source: String,
    /// Why.
    pub reason: Option<String>,
    /// The call in which it was asked for.
    pub call: Option<i64>,
}

/// A page of the list, in the order of the numbers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct DoNotCallPage {
    /// The entries.
    pub entries: Vec<DoNotCallEntry>,
    /// What to say as `after` for the next page; `null` on the last.
    #[schema(value_type = Option<String>, example = "+12015550123")]
    pub next: Option<PhoneNumber>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// Begins after this number.
    #[param(value_type = Option<String>, pattern = r"^\+[1-9][0-9]{3,14}$")]
    after: Option<PhoneNumber>,
    /// At most so many, 1 to 10,000.
    #[param(minimum = 1, maximum = 10_000, default = 1_000)]
    limit: Option<u32>,
}

impl From<DoNotCall> for DoNotCallEntry {
    fn from(entry: DoNotCall) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            source: entry.source,
            reason: entry.reason.filter(|reason| !reason.is_empty()),
            call: entry.call.map(|call| call.0),
        }
    }
}

/// The list
#[utoipa::path(
    get, path = "/v1/do-not-call", tag = "do-not-call", operation_id = "do_not_call",
    params(Page),
    responses((status = 200, body = DoNotCallPage), (status = 400, body = Problem)),
)]
pub(super) async fn list(
    State(context): State<Context>,
    Query(page): Query<Page>,
) -> Result<Json<DoNotCallPage>, Problem> {
    let limit = page_size(page.limit, PAGE, PAGE_MAX)?;
    // One more than asked for says whether there is a next page.
    let mut entries = context.handle.store().books().dnc(page.after, limit + 1).await?;
    let more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let next = entries.last().filter(|_| more).map(|entry| entry.number);
    let entries = entries.into_iter().map(DoNotCallEntry::from).collect();
    Ok(Json(DoNotCallPage { entries, next }))
}

/// Never call a number again
///
/// When this answers, the number is on the disk, no call to it can begin any more, and one that
/// rings there is being ended. A number that is on the list already stays as it is.
#[utoipa::path(
    post, path = "/v1/do-not-call", tag = "do-not-call", operation_id = "do_not_call_add",
    request_body = DoNotCallBody,
    responses((status = 204), (status = 422, body = Problem)),
)]
pub(super) async fn add(
    State(context): State<Context>,
    By(caller): By,
    Json(body): Json<DoNotCallBody>,
) -> Result<StatusCode, Problem> {
    let reason = body.reason.unwrap_or_default();
    if reason.chars().count() > REASON_MAX {
        return Err(Problem::unprocessable("a reason is at most 200 characters"));
    }
    context.handle.do_not_call_add(body.number, reason, &caller.name()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Is a number on the list
#[utoipa::path(
    get, path = "/v1/do-not-call/{number}", tag = "do-not-call",
    operation_id = "do_not_call_holds",
    params(("number" = String, Path, description = "E.164", example = "+12015550123")),
    responses((status = 204, description = "It is"), (status = 404, body = Problem)),
)]
pub(super) async fn one(
    State(context): State<Context>,
    Path(number): Path<PhoneNumber>,
) -> Result<StatusCode, Problem> {
    match context.handle.store().books().dnc_holds(number).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(not_on_the_list()),
    }
}

/// Take a number off the list
///
/// Leads that the list has closed wait to be called again.
#[utoipa::path(
    delete, path = "/v1/do-not-call/{number}", tag = "do-not-call",
    operation_id = "do_not_call_remove",
    params(("number" = String, Path, description = "E.164", example = "+12015550123")),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn remove(
    State(context): State<Context>,
    By(caller): By,
    Path(number): Path<PhoneNumber>,
) -> Result<StatusCode, Problem> {
    if !context.handle.store().books().dnc_holds(number).await? {
        return Err(not_on_the_list());
    }
    context.handle.do_not_call_remove(number, &caller.name()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn not_on_the_list() -> Problem {
    Problem::not_found("the number is not on the list")
}
