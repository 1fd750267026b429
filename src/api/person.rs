//! The person on an agent's line, besides the screen pop: their clock, what was before, and when they may be
//! called again.

use axum::extract::State;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::with_call;
use super::extract::{Json, Path, Query};
use super::{Context, Problem};
use crate::clock;
use crate::compliance::ZoneClock;
use crate::domain::{AgentId, CallId, Lead, Outcome};
use crate::store::{Call, CallFilter};

/// Calls of which is told at most, the newest first.
const CALLS_MAX: usize = 20;
/// Calls to one number that are read at most.
const READ_MAX: u32 = 500;
/// Times to call again so far apart.
const APART: SignedDuration = SignedDuration::from_mins(30);
/// Of them, so many make a day of any zone, the longest one too.
const TIMES_MAX: i32 = 52;

/// The person on the line.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct PersonBody {
    /// The call.
    pub call: i64,
    /// What the clocks show where the person may be; the first is the likeliest.
    pub clocks: Vec<ClockBody>,
    /// The calls of the campaign with this number that are over, the newest first, 20 at most.
    pub calls: Vec<PastCallBody>,
}

/// What a clock shows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ClockBody {
    /// The zone.
    #[schema(example = "America/New_York")]
    pub zone: String,
    /// `2026-07-15 08:00:00`.
    pub local: String,
}

/// A call that was before.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct PastCallBody {
    /// When it began.
    pub at: Timestamp,
    /// How it ended.
    #[schema(value_type = String, example = "talked")]
    pub outcome: Outcome,
    /// The agent's name.
    pub agent: Option<String>,
    /// What the agent said of it.
    pub disposition: Option<String>,
    /// The agent's note.
    pub note: Option<String>,
}

/// When the person may be called again on a day of their zone.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CallbackTimesBody {
    /// The zone.
    #[schema(example = "America/New_York")]
    pub zone: String,
    /// Half hours at which the rules, as far as they can tell today, allow a call.
    pub times: Vec<CallbackTime>,
}

/// One of them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CallbackTime {
    /// The instant, as `callback_at` takes it.
    pub at: Timestamp,
    /// What the person's clock shows then.
    #[schema(example = "09:30")]
    pub local: String,
}

/// Which day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfDay {
    day: Date,
}

/// The person on the line
///
/// Their clock, and the calls before this one with what agents said of them.
#[utoipa::path(
    get, path = "/v1/agents/{id}/person", tag = "desk", operation_id = "agent_person",
    params(("id" = i64, Path, description = "The agent's number")),
    responses(
        (status = 200, body = PersonBody),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody is on the line", body = Problem),
    ),
)]
pub(super) async fn show(
    State(context): State<Context>,
    Path(id): Path<i64>,
) -> Result<Json<PersonBody>, Problem> {
    let (call, lead) = on_the_line(&context, id).await?;
    let filter = CallFilter {
        campaign: Some(lead.campaign),
        number: Some(lead.number),
        ..CallFilter::default()
    };
    let books = context.handle.store().books();
    let before = books.calls(filter, None, READ_MAX).await?;
    let calls = before.into_iter().rev().filter(|it| it.record.call != call);
    let clocks = clocks(&context, &lead, clock::now()).await?;
    Ok(Json(PersonBody {
        call: call.0,
        clocks: clocks.into_iter().map(ClockBody::from).collect(),
        calls: calls.take(CALLS_MAX).map(PastCallBody::from).collect(),
    }))
}

/// When the person may be called again
///
/// The half hours of a day of the person's zone at which every rule allows a call, as far as can be told
/// today. Whoever takes one says it as `callback_at` of the disposition.
#[utoipa::path(
    get, path = "/v1/agents/{id}/callback-times", tag = "desk",
    operation_id = "agent_callback_times",
    params(
        ("id" = i64, Path, description = "The agent's number"),
        ("day" = String, Query, format = "date", description = "The day, `2026-11-26`"),
    ),
    responses(
        (status = 200, body = CallbackTimesBody),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "Nobody is on the line", body = Problem),
    ),
)]
pub(super) async fn callback_times(
    State(context): State<Context>,
    Path(id): Path<i64>,
    Query(OfDay { day }): Query<OfDay>,
) -> Result<Json<CallbackTimesBody>, Problem> {
    let (_, lead) = on_the_line(&context, id).await?;
    let now = clock::now();
    let zone = clocks(&context, &lead, now).await?.into_iter().next().map(|clock| clock.zone);
    let zone = zone.unwrap_or_else(|| "UTC".to_owned());
    let midnight = day.in_tz(&zone).map_err(|error| Problem::unprocessable(error.to_string()))?;
    let half_hours = (0..TIMES_MAX).filter_map(|nth| midnight.checked_add(APART * nth).ok());
    let of_day = half_hours.filter(|it| it.date() == day && it.timestamp() > now);
    let mut times = Vec::new();
    for time in of_day {
        let at = time.timestamp();
        let explained = context.handle.explain(lead.clone(), at).await;
        if explained.is_some_and(|explained| explained.allowed) {
            times.push(CallbackTime { at, local: time.strftime("%H:%M").to_string() });
        }
    }
    Ok(Json(CallbackTimesBody { zone, times }))
}

async fn on_the_line(context: &Context, id: i64) -> Result<(CallId, Lead), Problem> {
    let (_, call) = with_call(context, AgentId(id), None).await?;
    let lead = context.handle.store().books().lead_of_call(CallId(call)).await?;
    let lead = lead.ok_or_else(|| Problem::conflict("the call's lead is not in the books"))?;
    Ok((CallId(call), lead))
}

async fn clocks(context: &Context, lead: &Lead, at: Timestamp) -> Result<Vec<ZoneClock>, Problem> {
    let explained = context.handle.explain(lead.clone(), at).await;
    let stopping = || Problem::conflict("the dialer does not know the campaign, or is stopping");
    explained.map(|explained| explained.clocks).ok_or_else(stopping)
}

impl From<ZoneClock> for ClockBody {
    fn from(clock: ZoneClock) -> Self {
        Self { zone: clock.zone, local: clock.local }
    }
}

impl From<Call> for PastCallBody {
    fn from(call: Call) -> Self {
        Self {
            at: call.record.began_at,
            outcome: call.record.outcome,
            agent: call.agent_name,
            disposition: call.disposition.map(|said| said.0),
            note: call.note,
        }
    }
}
