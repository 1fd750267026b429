//! People who call in: each is a lead of the queue's, found by the number or made of it, and each
//! call an attempt, in the books before it is answered.

use super::sql::{self, Connection};
use jiff::Timestamp;

use crate::domain::{CallId, CallerCheck, CampaignId, Lead, LeadId, PhoneNumber};

use super::history::add_history;
use super::leads::LeadRow;
use super::time::micros;
use super::writer::Write;
use super::{Store, StoreError};

/// Calls that come in are numbered from the one after this; those that are ordered stay below. At a
/// thousand calls a second that is three decades.
pub(super) const INBOUND_AFTER: i64 = 1_000_000_000_000;

/// Somebody who calls in and is about to be answered.
#[derive(Clone, Debug)]
pub struct CallerBegun {
    /// The call: a number from [`Recovery::first_inbound`](super::Recovery) on.
    pub call: CallId,
    /// The queue.
    pub campaign: CampaignId,
    /// Who calls; [`PhoneNumber::WITHHELD`] when nobody knows.
    pub caller: PhoneNumber,
    /// Whether the caller may show the number, where somebody says so.
    pub check: Option<CallerCheck>,
    /// The number that was called.
    pub called: PhoneNumber,
    /// The trunk by name.
    pub trunk: String,
    /// When the INVITE came.
    pub at: Timestamp,
}

struct Begin {
    run: i64,
    begun: CallerBegun,
}

impl Write for Begin {
    type Answer = Lead;

    async fn apply(&self, books: &mut Connection) -> Result<Lead, StoreError> {
        let CallerBegun { campaign, caller, .. } = self.begun;
        let id = lead_of(books, campaign, caller, self.begun.at).await?;
        self.insert(books, id).await?;
        let row: LeadRow = sql::query_as(
            "SELECT id, campaign, number, first_name, last_name, state, zip, attributes, due_us
             FROM leads WHERE id = ?",
        )
        .bind(id.0)
        .fetch_one(&mut *books)
        .await?;
        let mut lead = [row.read()?];
        add_history(&mut *books, &mut lead).await?;
        let [lead] = lead;
        Ok(lead)
    }
}

/// The queue's lead of this number: the one that is there, or a new one, whose turn never comes by
/// itself.
async fn lead_of(
    books: &mut Connection,
    campaign: CampaignId,
    caller: PhoneNumber,
    now: Timestamp,
) -> Result<LeadId, StoreError> {
    let digits = caller.digits() as i64;
    sql::query(
        "INSERT INTO leads (campaign, number, due_us, closed, origin) VALUES (?, ?, ?, 1, 'caller')
         ON CONFLICT DO NOTHING",
    )
    .bind(campaign.0)
    .bind(digits)
    .bind(micros(now))
    .execute(&mut *books)
    .await?;
    let id = sql::query_scalar("SELECT id FROM leads WHERE campaign = ? AND number = ?")
        .bind(campaign.0)
        .bind(digits)
        .fetch_one(books)
        .await?;
    Ok(LeadId(id))
}

impl Begin {
    async fn insert(&self, books: &mut Connection, lead: LeadId) -> Result<(), StoreError> {
        sql::query(
            "INSERT INTO attempts
                (call, run, lead, campaign, number, caller_id, trunk, began_us, inbound, debt,
                 caller_check)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1,
                     (SELECT debt FROM debts WHERE lead = ?3 LIMIT 1), ?9)",
        )
        .bind(self.begun.call.0)
        .bind(self.run)
        .bind(lead.0)
        .bind(self.begun.campaign.0)
        .bind(self.begun.caller.digits() as i64)
        .bind(self.begun.called.digits() as i64)
        .bind(&self.begun.trunk)
        .bind(micros(self.begun.at))
        .bind(self.begun.check.map(CallerCheck::as_str))
        .execute(books)
        .await?;
        Ok(())
    }
}

impl Store {
    /// Writes down that somebody calls in; when this returns, it is on the disk, and the call may be
    /// answered. The lead is the caller's.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]: not known to be written, and not to be
    /// answered.
    pub async fn begin_inbound(&self, begun: CallerBegun) -> Result<Lead, StoreError> {
        self.writer.write(Begin { run: self.run, begun }).await
    }
}
