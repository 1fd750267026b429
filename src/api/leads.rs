//! `/v1/campaigns/{name}/leads`: leads in, with a look before, and leads found.

#![expect(unused_qualifications, reason = "utoipa's macro writes them for a query's type")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::caller::By;
use super::campaigns::named;
use super::extract::{Json, Path, Query};
use super::{Context, Problem, page_size};
use crate::clock;
use crate::dialer::{Command, Input};
use crate::domain::{Campaign, LeadId};
use crate::store::import::{
    ImportError, LeadFile, Mapped, Report, RowFault, Sink, check_leads, import_leads, preview,
};
use crate::store::{FoundLead, StoreError};

/// The longest file that comes by the API, bytes; a longer one goes through `outdial import`.
pub(super) const FILE_MAX: usize = 64 << 20;
/// Rows shown before a file is taken.
const ROWS_SHOWN: usize = 5;
/// Bytes of rejects that are answered.
const REJECTS_MAX: usize = 4 << 20;
/// Leads of a page.
const PAGE: u32 = 50;
/// Leads of a page at most.
const PAGE_MAX: u32 = 500;

/// How to read a file.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    /// What columns are whose header does not say it: `phone=Tel,first_name=Given`.
    #[param(max_length = 2_000)]
    map: Option<String>,
    /// Take the good rows when there are bad ones.
    skip_bad: Option<bool>,
    /// The file's name, for the books.
    #[param(max_length = 200)]
    file: Option<String>,
}

/// What came of a file, or would.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct LeadsReport {
    /// Rows read.
    pub rows: u64,
    /// Leads that have landed, or would.
    pub landed: u64,
    /// Rows that are wrong: with one of them nothing lands, unless `skip_bad` is said.
    pub bad: u64,
    /// Rows whose number was in a row before.
    pub duplicates_in_file: u64,
    /// Rows whose number the campaign has already.
    pub duplicates_in_campaign: u64,
    /// The first faults, in the order of the file.
    pub faults: Vec<RowFaultBody>,
    /// The columns, with what each is taken for.
    pub columns: Vec<ColumnBody>,
    /// The first rows, cell by cell.
    pub sample: Vec<Vec<String>>,
    /// Why the file cannot be read at all: mostly that no column is known as the number.
    pub unreadable: Option<String>,
    /// The rows that were not taken, as CSV with line, column and reason: mended they can be sent
    /// again. No more than 4 MiB of them.
    pub rejects: Option<String>,
}

/// A column.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct ColumnBody {
    /// Its header.
    pub header: String,
    /// phone, first_name, last_name, state or zip; `null` is an attribute.
    pub field: Option<String>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct RowFaultBody {
    /// The line in which the row begins, from 1.
    pub line: u64,
    /// The header of the column; empty when it is the row.
    pub column: String,
    /// A sentence.
    pub reason: String,
}

/// Which leads.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Sought {
    /// Digits of the number, or letters of the name; all leads when absent.
    #[param(max_length = 64)]
    find: Option<String>,
    /// Begins after this lead.
    after: Option<i64>,
    /// At most so many, 1 to 500.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
}

/// A lead that was found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct FoundLeadBody {
    /// Its number in the books.
    pub id: i64,
    /// In E.164.
    #[schema(example = "+12015550123")]
    pub phone: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// ZIP or postal code.
    pub zip: Option<String>,
    /// Calls so far.
    pub attempts: i64,
    /// Not to be called any more.
    pub closed: bool,
    /// When it is due.
    pub due_at: Timestamp,
}

impl From<FoundLead> for FoundLeadBody {
    fn from(lead: FoundLead) -> Self {
        Self {
            id: lead.id.0,
            phone: lead.number.to_e164(),
            first_name: lead.first_name,
            last_name: lead.last_name,
            state: lead.state,
            zip: lead.zip,
            attempts: lead.attempts,
            closed: lead.closed,
            due_at: lead.due_at,
        }
    }
}

/// Find leads
///
/// In the order in which they were taken in.
#[utoipa::path(
    get, path = "/v1/campaigns/{name}/leads", tag = "campaigns", operation_id = "leads",
    params(("name" = String, Path, description = "The campaign's name"), Sought),
    responses(
        (status = 200, body = Vec<FoundLeadBody>),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn find(
    State(context): State<Context>,
    Path(name): Path<String>,
    Query(sought): Query<Sought>,
) -> Result<Json<Vec<FoundLeadBody>>, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    let limit = page_size(sought.limit, PAGE, PAGE_MAX)?;
    let text = sought.find.unwrap_or_default();
    let after = LeadId(sought.after.unwrap_or(0));
    let books = context.handle.store().books();
    let found = books.find_leads(campaign.id, text.trim(), after, limit).await?;
    Ok(Json(found.into_iter().map(FoundLeadBody::from).collect()))
}

/// Look at a file of leads
///
/// CSV, or the same with semicolons, tabs or bars. Says what each column is taken for and what would
/// come of the file; nothing is taken.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/leads/check", tag = "campaigns",
    operation_id = "leads_check",
    params(("name" = String, Path, description = "The campaign's name"), How),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = LeadsReport),
        (status = 404, body = Problem),
        (status = 413, description = "Longer than 64 MiB", body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn check(
    State(context): State<Context>,
    Path(name): Path<String>,
    Query(how): Query<How>,
    bytes: Bytes,
) -> Result<Json<LeadsReport>, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    let mapped = mapped(&how)?;
    let taken = Some((context.handle.store().books().clone(), campaign.id));
    let file = file(&campaign, &how, mapped.clone(), &bytes, None);
    let checked = check_leads(taken, file, Arc::new(|_| {})).await;
    let (mut report, unreadable) = match checked {
        Ok(report) => (LeadsReport::from(report), None),
        Err(error) => (LeadsReport::default(), Some(refusal(error)?)),
    };
    report.unreadable = unreadable;
    if let Ok(head) = preview(Box::new(io::Cursor::new(bytes)), &mapped, ROWS_SHOWN) {
        let column = |(header, field): (String, Option<crate::store::import::Field>)| ColumnBody {
            header,
            field: field.map(|field| field.as_str().to_owned()),
        };
        report.columns = head.columns.into_iter().map(column).collect();
        report.sample = head.rows;
    }
    Ok(Json(report))
}

/// Take leads in
///
/// The file lands whole: with a bad row nothing lands, unless `skip_bad` is said. The dialer asks for
/// leads again at once.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/leads", tag = "campaigns", operation_id = "leads_import",
    params(("name" = String, Path, description = "The campaign's name"), How),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = LeadsReport),
        (status = 404, body = Problem),
        (status = 409, description = "Another import is under way", body = Problem),
        (status = 413, description = "Longer than 64 MiB", body = Problem),
        (status = 422, description = "It is no table with a column of numbers", body = Problem),
    ),
)]
pub(super) async fn import(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
    Query(how): Query<How>,
    bytes: Bytes,
) -> Result<Json<LeadsReport>, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    let rejects = Rejects::default();
    let sink: Sink = Box::new(rejects.clone());
    let file = file(&campaign, &how, mapped(&how)?, &bytes, Some(sink));
    let (file_name, store) = (file.name.clone(), context.handle.store());
    let landed = import_leads(store, campaign.id, file, Arc::new(|_| {}), clock::now()).await;
    let mut report = match landed {
        Ok(report) => LeadsReport::from(report),
        Err(error) => return Err(Problem::unprocessable(refusal(error)?)),
    };
    if report.landed > 0 {
        let changed = Command::LeadsChanged(campaign.id);
        context.handle.input_absorbed(Input::Command(changed)).await;
        let what = json!({
            "campaign": campaign.id, "file": file_name, "rows": report.rows,
            "landed": report.landed, "bad": report.bad,
        });
        context.note(&caller.name(), "leads_imported", what).await;
    }
    report.rejects = rejects.text().filter(|_| report.landed < report.rows);
    Ok(Json(report))
}

fn mapped(how: &How) -> Result<Vec<Mapped>, Problem> {
    let text = how.map.as_deref().unwrap_or_default();
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    pairs.map(|pair| pair.parse().map_err(Problem::unprocessable)).collect()
}

fn file(
    campaign: &Campaign,
    how: &How,
    mapped: Vec<Mapped>,
    bytes: &Bytes,
    rejects: Option<Sink>,
) -> LeadFile {
    let name = how.file.as_deref().unwrap_or("leads.csv");
    let plain = |letter: &char| !letter.is_control() && *letter != '/';
    LeadFile {
        source: Box::new(io::Cursor::new(bytes.clone())),
        name: name.chars().filter(plain).take(200).collect(),
        country: campaign.country,
        mapped,
        rejects,
        skip_bad: how.skip_bad.unwrap_or(false),
    }
}

/// The sentence of a file that is at fault; `Err` where the books are.
fn refusal(error: ImportError) -> Result<String, Problem> {
    match error {
        ImportError::Store(StoreError::Busy) => {
            Err(Problem::conflict("another import has not landed yet; try again when it has"))
        }
        ImportError::Store(error) => Err(error.into()),
        other => Ok(other.to_string()),
    }
}

impl From<Report> for LeadsReport {
    fn from(report: Report) -> Self {
        let fault = |RowFault { line, column, reason }| RowFaultBody { line, column, reason };
        Self {
            rows: report.rows,
            landed: report.landed,
            bad: report.bad,
            duplicates_in_file: report.duplicates_in_file,
            duplicates_in_campaign: report.duplicates_in_campaign,
            faults: report.faults.into_iter().map(fault).collect(),
            ..Self::default()
        }
    }
}

/// Rejects in memory, up to [`REJECTS_MAX`].
#[derive(Clone, Default)]
struct Rejects(Arc<Mutex<Vec<u8>>>);

impl Rejects {
    /// Whole lines of them.
    fn text(&self) -> Option<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let text = String::from_utf8_lossy(&bytes);
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        (!whole.is_empty()).then(|| whole.to_owned())
    }
}

impl Write for Rejects {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = REJECTS_MAX.saturating_sub(held.len());
        held.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
