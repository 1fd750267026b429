//! `/v1/caller-ids`: how the numbers fare that campaigns show.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Context;
use super::extract::Json;
use crate::dialer::{CallerIdView, RestReason};

/// Why a number is not shown.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestReasonBody {
    /// A network has blocked a call that showed it, or a callee wants no such calls.
    Blocked,
    /// Significantly fewer calls that show it are answered than calls that show its peers.
    FewerAnswers,
}

impl From<RestReason> for RestReasonBody {
    fn from(reason: RestReason) -> Self {
        match reason {
            RestReason::Blocked => RestReasonBody::Blocked,
            RestReason::FewerAnswers => RestReasonBody::FewerAnswers,
        }
    }
}

/// One number over the last 24 hours.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CallerIdBody {
    /// In E.164.
    pub number: String,
    /// Calls that showed it.
    pub attempts: u32,
    /// Calls that reached a phone since it last rested.
    pub reached: u32,
    /// Of these, how many were answered.
    pub answered: u32,
    /// Answered, of those that reached a phone; `null` before the first.
    pub answer_rate: Option<f64>,
    /// The 95 % interval of that, lower and upper end.
    pub answer_rate_interval: Option<[f64; 2]>,
    /// Answered calls of six seconds or less.
    pub short_calls: u32,
    /// Calls that were blocked.
    pub blocks: u32,
    /// Why it is not shown now, if it is not.
    pub rests: Option<RestReasonBody>,
    /// Until when.
    pub rests_until: Option<Timestamp>,
}

impl From<&CallerIdView> for CallerIdBody {
    fn from(view: &CallerIdView) -> Self {
        Self {
            number: view.number.to_e164(),
            attempts: view.attempts,
            reached: view.reached,
            answered: view.answered,
            answer_rate: view.answer_rate,
            answer_rate_interval: view.answer_rate_interval,
            short_calls: view.short_calls,
            blocks: view.blocks,
            rests: view.rests.map(RestReasonBody::from),
            rests_until: view.rests_until,
        }
    }
}

/// How caller ids fare
///
/// Every number that was shown since the start, by number: its last 24 hours, and whether it rests.
#[utoipa::path(
    get, path = "/v1/caller-ids", tag = "campaigns", operation_id = "caller_ids",
    responses((status = 200, body = Vec<CallerIdBody>)),
)]
pub(super) async fn list(State(context): State<Context>) -> Json<Vec<CallerIdBody>> {
    let view = context.next_view().await;
    Json(view.caller_ids.iter().map(CallerIdBody::from).collect())
}
