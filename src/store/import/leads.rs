//! A file of leads, from its first byte to its landing.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::domain::{CampaignId, Country};
use crate::store::{Books, Store};

use super::columns::Mapped;
use super::reader::Reader;
use super::rejects::Sink;
use super::table::Source;
use super::{ImportError, ReadyLead, RowFault};

/// Chunks that the reader is ahead of the writer.
const CHUNKS_AHEAD: usize = 2;

/// A file of leads.
pub struct LeadFile {
    /// Its bytes.
    pub source: Source,
    /// Its name, for the books.
    pub name: String,
    /// Whose national format the numbers are in.
    pub country: Country,
    /// What the user says of its columns.
    pub mapped: Vec<Mapped>,
    /// Where the rows go that do not land.
    pub rejects: Option<Sink>,
    /// Lets the good rows land when there are bad ones.
    pub skip_bad: bool,
}

/// How far it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// The file has been read, and its leads land.
    Landing {
        /// So many have.
        landed: u64,
        /// Of so many.
        of: u64,
    },
    /// The file is being read.
    Reading {
        /// Bytes read.
        bytes: u64,
        /// Rows read.
        rows: u64,
    },
}

/// Told how far it is, a few times a second, from another thread.
pub type ProgressSink = Arc<dyn Fn(Progress) + Send + Sync>;

/// What came of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Rows read, without the header and blank ones.
    pub rows: u64,
    /// Rows that are wrong.
    pub bad: u64,
    /// Rows whose number was in a row before. The first one counts; they are no reason to refuse
    /// the file.
    pub duplicates_in_file: u64,
    /// Rows whose number the campaign has already. The lead there stays as it is.
    pub duplicates_in_campaign: u64,
    /// Leads that have landed, or would have in a check.
    pub landed: u64,
    /// The first faults of bad rows, in the order of the file.
    pub faults: Vec<RowFault>,
}

impl Report {
    /// Rows in the rejects.
    pub fn rejected(&self) -> u64 {
        self.bad + self.duplicates_in_file + self.duplicates_in_campaign
    }

    fn good(&self) -> u64 {
        self.rows - self.rejected()
    }
}

/// Takes a file into a campaign. It lands whole: with a bad row nothing lands, unless the file says
/// `skip_bad`. Goes on to its end when the caller no longer waits.
///
/// # Errors
/// [`ImportError`]; nothing has landed, or (when the books fail while it lands) the rest lands when
/// they are opened again.
pub async fn import_leads(
    store: &Store,
    campaign: CampaignId,
    file: LeadFile,
    progress: ProgressSink,
    now: Timestamp,
) -> Result<Report, ImportError> {
    let import = land(store.clone(), campaign, file, progress, now);
    tokio::spawn(import).await.map_err(|_| ImportError::Reader)?
}

/// Reads a file and says what would come of it. `taken` tells what the campaign has already.
///
/// # Errors
/// [`ImportError`].
pub async fn check_leads(
    taken: Option<(Books, CampaignId)>,
    file: LeadFile,
    progress: ProgressSink,
) -> Result<Report, ImportError> {
    let (chunks, mut dropped) = mpsc::channel::<Vec<ReadyLead>>(CHUNKS_AHEAD);
    let skip_bad = file.skip_bad;
    let reading = start(file, taken, chunks, progress);
    while dropped.recv().await.is_some() {}
    let mut report = reading.await.map_err(|_| ImportError::Reader)??;
    report.landed = if report.bad == 0 || skip_bad { report.good() } else { 0 };
    Ok(report)
}

async fn land(
    store: Store,
    campaign: CampaignId,
    file: LeadFile,
    progress: ProgressSink,
    now: Timestamp,
) -> Result<Report, ImportError> {
    let staging = store.stage_leads(campaign, &file.name, now).await?;
    let skip_bad = file.skip_bad;
    let (chunks, mut leads) = mpsc::channel(CHUNKS_AHEAD);
    let reading = start(file, Some((store.books().clone(), campaign)), chunks, progress.clone());
    let mut staged = Ok(());
    while let (Ok(()), Some(chunk)) = (&staged, leads.recv().await) {
        staged = staging.stage(chunk).await;
    }
    drop(leads);
    let read = reading.await.map_err(|_| ImportError::Reader)?;
    match (staged, read) {
        (Ok(()), Ok(mut report)) if report.bad == 0 || skip_bad => {
            let of = report.good();
            let tell = move |landed| progress(Progress::Landing { landed, of });
            report.landed = staging.land(tell).await?;
            Ok(report)
        }
        (staged, read) => {
            staging.abandon().await?;
            staged?;
            read
        }
    }
}

fn start(
    file: LeadFile,
    taken: Option<(Books, CampaignId)>,
    chunks: mpsc::Sender<Vec<ReadyLead>>,
    progress: ProgressSink,
) -> tokio::task::JoinHandle<Result<Report, ImportError>> {
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        Reader::open(file, taken, runtime, chunks)?.read_all(&progress)
    })
}
