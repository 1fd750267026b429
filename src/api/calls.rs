//! `/v1/calls`: call records, a page as JSON or all of them as a stream of NDJSON or CSV.

#![expect(unused_qualifications, reason = "utoipa's macro writes them for a query's type")]

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

use super::call_body::{CallBody, csv};
use super::campaigns::named;
use super::extract::{Json, Query};
use super::stream::Chunks;
use super::{Context, Problem, page_size};
use crate::domain::{CallId, PhoneNumber};
use crate::store::{Books, CallFilter, StoreError};

/// Records of a page, unless the client says otherwise, and at most.
const PAGE: u32 = 100;
const PAGE_MAX: u32 = 1_000;
/// Records that are read from the store at once for a stream.
const BATCH: u32 = 1_000;
/// Batches that are read ahead of a slow client.
const BATCHES_AHEAD: usize = 2;

/// A page of calls, in the order of their numbers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CallPage {
    /// The calls.
    pub calls: Vec<CallBody>,
    /// What to say as `after` for the next page; `null` on the last.
    pub next: Option<i64>,
}

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Of this campaign, by name.
    campaign: Option<String>,
    /// Begun at or after this.
    since: Option<Timestamp>,
    /// Begun before this.
    until: Option<Timestamp>,
    /// To this number, E.164.
    #[param(value_type = Option<String>, pattern = r"^\+[1-9][0-9]{3,14}$")]
    number: Option<PhoneNumber>,
    /// Begins after this call.
    after: Option<i64>,
    /// At most so many, 1 to 1,000. Only for a page: a stream has all.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<u32>,
}

/// Call records
///
/// `Accept: application/json` (the default) answers a page; `application/x-ndjson` and `text/csv`
/// stream every call that fits, oldest first. A stream that breaks off ends without its last chunk,
/// so that a client sees it. In CSV a text that a spreadsheet would take for a formula begins with
/// an apostrophe.
#[utoipa::path(
    get, path = "/v1/calls", tag = "calls", operation_id = "calls",
    params(Which),
    responses(
        (status = 200, content(
            (CallPage = "application/json"),
            (CallBody = "application/x-ndjson"),
            (String = "text/csv"),
        )),
        (status = 400, body = Problem),
        (status = 404, description = "No such campaign", body = Problem),
        (status = 406, body = Problem),
    ),
)]
pub(super) async fn list(
    State(context): State<Context>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let campaign = match &which.campaign {
        Some(name) => Some(named(&context.handle.campaigns(), name)?.id),
        None => None,
    };
    let Which { since, until, number, .. } = which;
    let filter = CallFilter { campaign, since, until, number };
    let after = which.after.map(CallId);
    let books = context.handle.store().books().clone();
    match Form::accepted(&headers)? {
        Form::Page => {
            let limit = page_size(which.limit, PAGE, PAGE_MAX)?;
            let page = page(&books, filter, after, limit).await?;
            Ok(Json(page).into_response())
        }
        form @ (Form::Csv | Form::Lines) => Ok(stream(books, filter, after, form)),
    }
}

/// In which form the client wants them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Csv,
    Lines,
    Page,
}

impl Form {
    /// The first form of the Accept header (RFC 9110 §12.5.1) that there is.
    fn accepted(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(accept) = headers.get(header::ACCEPT) else { return Ok(Form::Page) };
        let ranges = accept.to_str().unwrap_or_default().split(',');
        let form =
            ranges.filter_map(|range| match range.split(';').next().unwrap_or_default().trim() {
                "*/*" | "application/*" | "application/json" => Some(Form::Page),
                "application/x-ndjson" => Some(Form::Lines),
                "text/*" | "text/csv" => Some(Form::Csv),
                _ => None,
            });
        form.into_iter().next().ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_ACCEPTABLE,
                "there are application/json, application/x-ndjson and text/csv",
            )
        })
    }
}

async fn page(
    books: &Books,
    filter: CallFilter,
    after: Option<CallId>,
    limit: u32,
) -> Result<CallPage, StoreError> {
    // One more than asked for says whether there is a next page.
    let mut calls = books.calls(filter, after, limit + 1).await?;
    let more = calls.len() > limit as usize;
    calls.truncate(limit as usize);
    let next = calls.last().filter(|_| more).map(|call| call.record.call.0);
    Ok(CallPage { calls: calls.into_iter().map(CallBody::from).collect(), next })
}

fn stream(books: Books, filter: CallFilter, after: Option<CallId>, form: Form) -> Response {
    let (chunks, body) = mpsc::channel(BATCHES_AHEAD);
    tokio::spawn(async move {
        if let Err(error) = write_all(&books, filter, after, form, &chunks).await {
            tracing::error!(%error, "an export broke off");
            // The client sees a body that was cut off, not one that looks whole.
            let _ = chunks.send(Err(error)).await;
        }
    });
    let kind = match form {
        Form::Csv => "text/csv; charset=utf-8; header=present",
        Form::Lines | Form::Page => "application/x-ndjson",
    };
    ([(header::CONTENT_TYPE, kind)], Body::from_stream(Chunks(body))).into_response()
}

async fn write_all(
    books: &Books,
    filter: CallFilter,
    mut after: Option<CallId>,
    form: Form,
    chunks: &mpsc::Sender<io::Result<Bytes>>,
) -> io::Result<()> {
    let mut first = true;
    loop {
        let calls = books.calls(filter, after, BATCH).await.map_err(io::Error::other)?;
        let last = calls.len() < BATCH as usize;
        after = calls.last().map(|call| call.record.call).or(after);
        let calls = calls.into_iter().map(CallBody::from);
        let chunk = match form {
            Form::Csv => csv(calls, first)?,
            Form::Lines | Form::Page => lines(calls)?,
        };
        first = false;
        // An error means that the client has gone.
        if chunks.send(Ok(chunk.into())).await.is_err() || last {
            return Ok(());
        }
    }
}

fn lines(calls: impl Iterator<Item = CallBody>) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for call in calls {
        serde_json::to_writer(&mut lines, &call)?;
        lines.push(b'\n');
    }
    Ok(lines)
}
