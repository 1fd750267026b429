//! Leads that people change: mended, or due again by what was said of them.

use jiff::Timestamp;

use super::sql::{self, Connection};
use super::time::micros;
use super::writer::Write;
use super::{Store, StoreError};
use crate::domain::{CampaignId, Disposition, LeadId};

/// What of a lead is changed: `None` leaves it, an empty text removes it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LeadChange {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// ZIP or postal code.
    pub zip: Option<String>,
}

struct Change {
    campaign: CampaignId,
    lead: LeadId,
    change: LeadChange,
}

impl Write for Change {
    type Answer = bool;

    async fn apply(&self, books: &mut Connection) -> Result<bool, StoreError> {
        let LeadChange { first_name, last_name, state, zip } = &self.change;
        let changed = sql::query(
            "UPDATE leads SET first_name = NULLIF(COALESCE(?3, first_name), ''),
                 last_name = NULLIF(COALESCE(?4, last_name), ''),
                 state = NULLIF(COALESCE(?5, state), ''), zip = NULLIF(COALESCE(?6, zip), '')
             WHERE id = ?1 AND campaign = ?2",
        )
        .bind(self.lead.0)
        .bind(self.campaign.0)
        .bind(first_name)
        .bind(last_name)
        .bind(state)
        .bind(zip)
        .execute(&mut *books)
        .await?;
        Ok(changed.rows_affected() == 1)
    }
}

struct Recycle {
    campaign: CampaignId,
    dispositions: Vec<Disposition>,
    now: Timestamp,
}

impl Write for Recycle {
    type Answer = u64;

    async fn apply(&self, books: &mut Connection) -> Result<u64, StoreError> {
        let mut recycled = 0;
        for Disposition(code) in &self.dispositions {
            let done = sql::query(
                "UPDATE leads SET closed = 0, due_us = ?3
                 WHERE campaign = ?1 AND claimed_by IS NULL AND (
                     SELECT disposition FROM attempts WHERE attempts.lead = leads.id
                     ORDER BY call DESC LIMIT 1
                 ) = ?2",
            )
            .bind(self.campaign.0)
            .bind(code)
            .bind(micros(self.now))
            .execute(&mut *books)
            .await?;
            recycled += done.rows_affected();
        }
        Ok(recycled)
    }
}

impl Store {
    /// Changes a lead. A dialer that has it in hand dials what it has fetched. False when the campaign has
    /// no such lead.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]; nothing is changed then.
    pub async fn change_lead(
        &self,
        campaign: CampaignId,
        lead: LeadId,
        change: LeadChange,
    ) -> Result<bool, StoreError> {
        self.writer.write(Change { campaign, lead, change }).await
    }

    /// Makes the leads due of whose last call an agent has said one of these, closed ones too, and says how
    /// many. Those that the dialer has in hand are left. The gate is asked before each call as ever.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]; nothing is changed then.
    pub async fn recycle(
        &self,
        campaign: CampaignId,
        dispositions: Vec<Disposition>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.writer.write(Recycle { campaign, dispositions, now }).await
    }
}
