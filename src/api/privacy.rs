//! `/v1/privacy/erase`: who a number was, erased.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::By;
use super::extract::Json;
use super::{Context, Problem};
use crate::domain::PhoneNumber;
use crate::store::{Erased, KEPT};

/// Whom.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseBody {
    /// The number, E.164.
    #[schema(value_type = String, example = "+12015550123", pattern = r"^\+[1-9][0-9]{3,14}$")]
    pub number: PhoneNumber,
}

/// What was erased, and what was kept.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ErasedBody {
    /// What stands in the place of the number: no number that can be dialed.
    #[schema(example = "+999000000000001")]
    pub pseudonym: String,
    /// Leads.
    pub leads: u64,
    /// Calls.
    pub calls: u64,
    /// Recordings removed.
    pub recordings: u64,
    /// Recordings that a law asks to be kept, now without a number.
    pub recordings_kept: u64,
    /// Records of the evidence that nobody can tell whom they are about.
    pub evidence: u64,
    /// What was kept, and why.
    pub kept: Vec<String>,
}

impl From<Erased> for ErasedBody {
    fn from(erased: Erased) -> Self {
        Self {
            pseudonym: erased.pseudonym.to_e164(),
            leads: erased.leads,
            calls: erased.calls,
            recordings: erased.recordings.len() as u64,
            recordings_kept: erased.kept_recordings,
            evidence: erased.evidence,
            kept: KEPT.map(str::to_owned).into(),
        }
    }
}

/// Erase who a number was
///
/// Names, address, attributes, notes, keys and recordings go, and a pseudonym stands in the place of
/// the number. What a law asks to be kept is kept, and said. The number is on the do-not-call list
/// afterwards.
#[utoipa::path(
    post, path = "/v1/privacy/erase", tag = "privacy", operation_id = "privacy_erase",
    request_body = EraseBody,
    responses(
        (status = 200, body = ErasedBody),
        (status = 409, description = "A call with the number is up", body = Problem),
    ),
)]
pub(super) async fn erase(
    State(context): State<Context>,
    By(caller): By,
    Json(body): Json<EraseBody>,
) -> Result<Json<ErasedBody>, Problem> {
    let erased = context.handle.erase(body.number, &caller.name()).await?;
    let up = || Problem::conflict("a call with the number is up: ask again when it is over");
    let mut erased = erased.map(ErasedBody::from).ok_or_else(up)?;
    erased.kept.extend(context.handle.retained());
    Ok(Json(erased))
}
