//! Books in a temporary folder, with a campaign and leads; in PostgreSQL when a database for trials is
//! there (`scripts/postgres run cargo test --lib store::`).

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::dialer::{CallRecord, LedgerEntry, Record};
use crate::domain::{CallId, CampaignId, Lead, LeadId, LeadOrder, Outcome, PhoneNumber};
use crate::store::import::NewLead;
use crate::store::place::Place;
use crate::store::{AttemptBegun, Books, Recovery, Store, StoreError, keep_in, sql};

pub struct Fixture {
    pub folder: TempDir,
    pub store: Store,
    pub campaign: CampaignId,
    pub recovery: Recovery,
}

/// The n-th second of the tests' axis.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub fn number(index: u64) -> PhoneNumber {
    PhoneNumber::from_e164(&format!("+1201555{index:04}")).unwrap()
}

pub fn lead(index: u64) -> NewLead {
    NewLead {
        number: number(index),
        first_name: Some(format!("First {index}")),
        last_name: None,
        state: Some("NJ".to_owned()),
        zip: None,
        attributes: BTreeMap::from([("plan".to_owned(), "gold".to_owned())]),
    }
}

/// A database for trials, and a new one in it for each fixture.
pub async fn new_database() -> Option<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("OUTDIAL_TEST_POSTGRES").ok()?;
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut books = Place::postgres(&server).unwrap().connect(false).await.unwrap();
    sql::query(format!("CREATE DATABASE {name}")).execute(&mut books).await.unwrap();
    let (host, _) = server.rsplit_once('/').unwrap();
    Some(format!("{host}/{name}"))
}

/// The URL of the books when they are in PostgreSQL.
pub fn postgres_of(folder: &Path) -> Option<String> {
    let url = std::fs::read_to_string(folder.join("books.url")).ok()?;
    Some(url.trim().to_owned())
}

/// Whether the test is of the file itself.
pub fn is_skipped(fixture: &Fixture) -> bool {
    let skipped = postgres_of(fixture.folder.path()).is_some();
    if skipped {
        println!("skipped: this is about the file of SQLite");
    }
    skipped
}

/// Lets a future wait so many times, and drops it then.
pub async fn cut_after<F: Future>(waits: u32, future: F) -> Option<F::Output> {
    let (mut future, mut left) = (Box::pin(future), waits);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// What a kill would leave of a data folder.
pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with("-shm") {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

impl Fixture {
    pub async fn new(leads: u64) -> Self {
        let folder = TempDir::new().unwrap();
        if let Some(url) = new_database().await {
            keep_in(folder.path(), &url).unwrap();
        }
        let (store, recovery) = Store::open(folder.path(), at(0)).await.unwrap();
        let campaign = store.campaign_id("spring").await.unwrap();
        let leads = (0..leads).map(lead).collect();
        store.add_leads(campaign, "test", leads, at(0)).await.unwrap();
        Self { folder, store, campaign, recovery }
    }

    /// What a kill at this moment leaves, opened again. In PostgreSQL this one is fenced by it.
    pub async fn after_a_kill(&self, now: Timestamp) -> Self {
        let folder = TempDir::new().unwrap();
        match postgres_of(self.folder.path()) {
            Some(url) => {
                self.let_the_lease_run_out().await;
                keep_in(folder.path(), &url).unwrap();
            }
            None => copy(self.folder.path(), folder.path()),
        }
        let (store, recovery) = Store::open(folder.path(), now).await.unwrap();
        Self { folder, store, campaign: self.campaign, recovery }
    }

    pub async fn let_the_lease_run_out(&self) {
        self.run("UPDATE runs SET lease_us = 0").await;
    }

    /// A statement beside the store.
    pub async fn run(&self, statement: &'static str) {
        let mut books = Place::of(self.folder.path()).unwrap().connect(false).await.unwrap();
        sql::query(statement).execute(&mut books).await.unwrap();
    }

    pub fn books(&self) -> &Books {
        self.store.books()
    }

    pub async fn due(&self, count: u32, now: Timestamp) -> Vec<Lead> {
        self.store.due_leads(self.campaign, LeadOrder::NewFirst, count, now).await.unwrap().0
    }

    pub async fn begin(&self, call: i64, lead: &Lead, now: Timestamp) -> Result<(), StoreError> {
        self.store
            .begin_attempt(AttemptBegun {
                call: CallId(call),
                lead: lead.id,
                campaign: self.campaign,
                number: lead.number,
                caller_id: Some(number(9_999)),
                sip_call_id: None,
                trunk: Some("main".to_owned()),
                at: now,
                commitment: None,
            })
            .await
    }

    pub async fn record(&self, record: Record, now: Timestamp) {
        self.store.record(record, now).await.unwrap();
    }

    pub async fn end(&self, call: i64, lead: LeadId, outcome: Outcome, due_at: Option<Timestamp>) {
        let ended = self.ended(call, lead, outcome, due_at);
        self.record(ended, at(60)).await;
    }

    /// A call that was recorded, and whose screening was kept.
    pub async fn end_recorded(&self, call: i64, lead: LeadId) {
        let mut ended = self.ended(call, lead, Outcome::NoAnswer, None);
        if let Record::Ended(record) = &mut ended {
            record.recording = Some(format!("{call}.wav"));
            record.screening.audio = Some(format!("{call}-screening.wav"));
        }
        self.record(ended, at(60)).await;
    }

    pub fn ended(
        &self,
        call: i64,
        lead: LeadId,
        outcome: Outcome,
        due_at: Option<Timestamp>,
    ) -> Record {
        Record::Ended(Box::new(CallRecord {
            call: CallId(call),
            lead,
            campaign: self.campaign,
            began_at: at(1),
            ringing_at: Some(at(2)),
            answered_at: None,
            verdict: None,
            screening: Default::default(),
            bridged_at: None,
            ended_at: at(1) + SignedDuration::from_secs(20),
            agent: None,
            outcome,
            ledger: LedgerEntry::NotCounted,
            counts: true,
            by_callee: false,
            sip_status: Some(486),
            q850: Some(17),
            sip_call_id: Some("a@b".to_owned()),
            trunk: Some("main".to_owned()),
            digits: String::new(),
            recording: None,
            lead_due_at: due_at,
        }))
    }
}
