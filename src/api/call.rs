//! `/v1/calls/{id}`: one call's record with all that is known of its screening, and what the called
//! party said first.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call_body::CallBody;
use super::extract::{Json, Path};
use super::{Context, Problem};
use crate::domain::{CallId, GreetingOver, ScreeningNotes, Verdict, VerdictKind};
use crate::store::Call;

/// A word of the detector.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct VerdictBody {
    /// What answered.
    #[schema(value_type = String, example = "machine")]
    pub kind: VerdictKind,
    /// How sure it was, 0 to 1.
    pub probability: f64,
    /// When it was sure, in milliseconds of audio since the answer.
    pub at_ms: u32,
    /// Where a person's first utterance ended, in milliseconds since the answer.
    pub greeting_end_ms: Option<u32>,
}

/// What is known of a call's screening.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ScreeningBody {
    /// The detector's first word; `null` where none listened or it said nothing in time.
    pub verdict: Option<VerdictBody>,
    /// Its last, where it came to another kind.
    pub revised: Option<VerdictBody>,
    /// When the call was taken from its agent.
    pub taken_back_at: Option<Timestamp>,
    /// Sent to an agent although it was called a machine, to see whether it was.
    pub sampled: bool,
    /// How a machine's greeting was found to be over: `beep` or `silence`.
    #[schema(value_type = Option<String>)]
    pub greeting_over: Option<GreetingOver>,
    /// What the last word was made of: how likely each kind was (`likely_`), and what was measured.
    pub features: BTreeMap<String, f64>,
    /// Whether `/v1/calls/{id}/first-words` has what was heard.
    pub audio_kept: bool,
}

/// One call that is over, with its screening.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CallDetail {
    /// The record.
    #[serde(flatten)]
    pub call: CallBody,
    /// What its screening was.
    pub screening: ScreeningBody,
}

impl From<Verdict> for VerdictBody {
    fn from(verdict: Verdict) -> Self {
        let Verdict { kind, probability, at_ms, greeting_end_ms } = verdict;
        Self { kind, probability, at_ms, greeting_end_ms }
    }
}

impl From<Call> for CallDetail {
    fn from(call: Call) -> Self {
        let verdict = call.record.verdict.map(VerdictBody::from);
        let ScreeningNotes { revised, taken_back_at, sampled, greeting_over, features, audio } =
            call.record.screening.clone();
        let features = features.into_iter().map(|feature| (feature.name, feature.value));
        let screening = ScreeningBody {
            verdict,
            revised: revised.map(VerdictBody::from),
            taken_back_at,
            sampled,
            greeting_over,
            features: features.collect(),
            audio_kept: audio.is_some(),
        };
        Self { call: CallBody::from(call), screening }
    }
}

/// One call
///
/// Its record, and of its screening each verdict with probability and time, what it was made of, and
/// what became of the call.
#[utoipa::path(
    get, path = "/v1/calls/{id}", tag = "calls", operation_id = "call",
    params(("id" = i64, Path, description = "The call's number")),
    responses(
        (status = 200, body = CallDetail),
        (status = 404, description = "No such call, or it is up", body = Problem),
    ),
)]
pub(super) async fn one(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<CallDetail>, Problem> {
    let call = context.handle.store().books().call(CallId(id)).await?;
    let call = call.ok_or_else(|| Problem::not_found("no call of that number is over"))?;
    Ok(Json(call.into()))
}

/// What the called party said first
///
/// As a WAV file of 8 kHz, the first ten seconds after the answer at most: of a call that is up what
/// was heard so far, of one that is over what the campaign keeps (`keep_audio_days`).
#[utoipa::path(
    get, path = "/v1/calls/{id}/first-words", tag = "calls", operation_id = "call_first_words",
    params(("id" = i64, Path, description = "The call's number")),
    responses(
        (status = 200, content((Vec<u8> = "audio/wav"))),
        (status = 404, description = "Not answered, or over and not kept", body = Problem),
    ),
)]
pub(super) async fn first_words(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let words = context.handle.first_words(CallId(id)).await?;
    let none = || Problem::not_found("nothing is kept of what was said first in this call");
    Ok(([(header::CONTENT_TYPE, "audio/wav")], words.ok_or_else(none)?).into_response())
}
