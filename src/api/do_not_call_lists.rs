//! `/v1/do-not-call-lists`: lists that come whole, of any size.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::By;
use super::extract::{Json, Path};
use super::{Context, Problem};
use crate::compliance::ListHeader;
use crate::domain::PhoneNumber;
use crate::server::NumberOnLists;

/// A list.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ListBody {
    /// Its id.
    #[schema(example = "us-national")]
    pub list: String,
    /// `campaign`, `internal`, `litigator`, `registry` or `wildcard`.
    #[schema(example = "registry")]
    pub kind: String,
    /// Whose numbers they are, ISO 3166.
    #[schema(example = "US")]
    pub country: Option<String>,
    /// The day on which it was true: its scrub date.
    #[schema(example = "2026-11-01")]
    pub as_of: String,
    /// When it was built.
    pub built_at: Timestamp,
    /// Single numbers.
    pub numbers: u64,
    /// Ranges.
    pub prefixes: u64,
    /// Bytes of its pages.
    pub bytes: u64,
    /// SHA-256 of its pages.
    pub sha256: String,
}

/// What a renewal has changed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct RenewedBody {
    /// There now, in the place of an older copy or of none.
    pub put: Vec<ListBody>,
    /// No longer there.
    pub dropped: Vec<String>,
}

/// A list that has the number.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct OnListBody {
    /// Its id; `internal` for the list of `/v1/do-not-call`.
    pub list: String,
    /// Its kind.
    pub kind: String,
    /// As of when, for a list that came whole.
    pub as_of: Option<String>,
}

impl From<ListHeader> for ListBody {
    fn from(header: ListHeader) -> Self {
        let ListHeader { id, kind, country, as_of, built_at, numbers, prefixes, bytes, sha256 } =
            header;
        Self {
            list: id.into(),
            kind: kind.word().to_owned(),
            country: country.map(String::from),
            as_of: as_of.to_string(),
            built_at,
            numbers,
            prefixes,
            bytes,
            sha256,
        }
    }
}

impl From<NumberOnLists> for OnListBody {
    fn from(found: NumberOnLists) -> Self {
        let NumberOnLists { list, kind, as_of } = found;
        let as_of = as_of.map(|day| day.to_string());
        Self { list, kind: kind.word().to_owned(), as_of }
    }
}

/// The lists that came whole
#[utoipa::path(
    get, path = "/v1/do-not-call-lists", tag = "do-not-call", operation_id = "do_not_call_lists",
    responses((status = 200, body = [ListBody])),
)]
pub(super) async fn list(State(context): State<Context>) -> Json<Vec<ListBody>> {
    Json(context.handle.lists().into_iter().map(ListBody::from).collect())
}

/// Read the lists of the data folder again
///
/// When this answers, they hold: no call that they forbid can begin, and one that rings is being
/// ended. `outdial dnc load` asks for it by itself.
#[utoipa::path(
    post, path = "/v1/do-not-call-lists", tag = "do-not-call",
    operation_id = "do_not_call_lists_renew",
    responses(
        (status = 200, body = RenewedBody),
        (status = 422, description = "A list cannot be read; all stay as they were", body = Problem),
    ),
)]
pub(super) async fn renew(
    State(context): State<Context>,
    By(caller): By,
) -> Result<Json<RenewedBody>, Problem> {
    let renewed = context.handle.renew_lists(&caller.name()).await.map_err(|error| {
        tracing::error!(%error, "the do-not-call lists stay as they were");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
    })?;
    let put = renewed.put.into_iter().map(ListBody::from).collect();
    Ok(Json(RenewedBody { put, dropped: renewed.dropped }))
}

/// Which lists have a number
#[utoipa::path(
    get, path = "/v1/do-not-call-lists/{number}", tag = "do-not-call",
    operation_id = "do_not_call_lists_with",
    params(("number" = String, Path, description = "E.164", example = "+12015550123")),
    responses((status = 200, description = "None: an empty list", body = [OnListBody])),
)]
pub(super) async fn check(
    State(context): State<Context>,
    Path(number): Path<PhoneNumber>,
) -> Result<Json<Vec<OnListBody>>, Problem> {
    let found = context.handle.lists_with(number).await?;
    Ok(Json(found.into_iter().map(OnListBody::from).collect()))
}
