//! `/v1/audit`: who changed what, from the evidence.

#![expect(unused_qualifications, reason = "utoipa's macro writes them for a query's type")]

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Json, Query};
use super::{Context, Problem, page_size};
use crate::audit::{AuditFault, Record, day_files, read_day};

/// Entries of a page when nothing is said.
const PAGE: u32 = 100;
/// Entries of a page at most.
const PAGE_MAX: u32 = 1_000;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// Ends before this place in the chain.
    #[param(minimum = 1)]
    before: Option<u64>,
    /// The dialer's decisions to dial, too; without, only what people changed.
    dials: Option<bool>,
    /// At most so many, 1 to 1,000.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<u32>,
}

/// One change.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its place in the chain.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What: `phase`, `do_not_call`, `user_added` and others.
    #[schema(example = "phase")]
    pub kind: String,
    /// Who: `user ana`, `token nightly`, `api.token`, `dialer`.
    #[schema(example = "user ana")]
    pub by: String,
    /// The rest, as it stands in the chain. No telephone number.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
}

/// Changes, the newest first.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct AuditPage {
    /// The changes.
    pub entries: Vec<AuditEntry>,
    /// What to ask with `before` for older ones; `null` when there are none.
    pub next: Option<u64>,
}

impl From<Record> for AuditEntry {
    fn from(record: Record) -> Self {
        let Record { seq, at, kind, by, body, .. } = record;
        Self { seq, at, kind, by, body }
    }
}

/// Who changed what
///
/// The newest first. `outdial audit verify` shows that nothing was changed afterwards.
#[utoipa::path(
    get, path = "/v1/audit", tag = "users", operation_id = "audit",
    params(Page),
    responses((status = 200, body = AuditPage), (status = 400, body = Problem)),
)]
pub(super) async fn list(
    State(context): State<Context>,
    Query(page): Query<Page>,
) -> Result<Json<AuditPage>, Problem> {
    let limit = page_size(page.limit, PAGE, PAGE_MAX)? as usize;
    let data = context.handle.store().folder().to_owned();
    let (before, dials) = (page.before.unwrap_or(u64::MAX), page.dials.unwrap_or(false));
    let wanted = move |record: &Record| record.seq < before && (dials || record.kind != "dial");
    let read = tokio::task::spawn_blocking(move || newest(&data, limit + 1, wanted)).await;
    let mut entries = match read {
        Ok(Ok(entries)) => entries,
        Ok(Err(error)) => return Err(unreadable(&error)),
        Err(error) => return Err(unreadable(&error)),
    };
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|entry| entry.seq);
    Ok(Json(AuditPage { entries, next }))
}

/// The last so many records that are wanted, the newest first. Days are read whole, one at a time.
fn newest(
    data: &std::path::Path,
    count: usize,
    wanted: impl Fn(&Record) -> bool,
) -> Result<Vec<AuditEntry>, AuditFault> {
    let mut entries = Vec::new();
    for (_, file) in day_files(data)?.into_iter().rev() {
        let mut of_day = std::collections::VecDeque::new();
        read_day(&file, |_, _, record| {
            // What is broken is `outdial audit verify`'s to tell.
            if let Some(record) = record.ok().filter(|record| wanted(record)) {
                of_day.push_back(AuditEntry::from(record));
                if of_day.len() > count - entries.len() {
                    of_day.pop_front();
                }
            }
        })?;
        entries.extend(of_day.into_iter().rev());
        if entries.len() >= count {
            break;
        }
    }
    Ok(entries)
}

fn unreadable(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "the evidence cannot be read");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the evidence cannot be read")
}
