//! A lead that an agent has chosen to call: by its number in the books, or by a telephone number,
//! which becomes a lead of the campaign first. So every call has its lead and its attempt.

use super::sql::{self, Connection};
use jiff::Timestamp;

use crate::domain::{CampaignId, Lead, LeadId, PhoneNumber};

use super::history::add_history;
use super::leads::LeadRow;
use super::time::micros;
use super::writer::Write;
use super::{Store, StoreError};

/// Whom an agent wants to call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Choice {
    /// A lead of the books.
    Lead(LeadId),
    /// A number, for this campaign.
    Number(CampaignId, PhoneNumber),
    /// A number that is no lead of this campaign by itself: a new one is closed from the beginning, and
    /// never called but for this.
    Outside(CampaignId, PhoneNumber),
}

/// The lead that an agent has chosen, claimed by this run.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The lead, with the past of its number.
    pub lead: Lead,
    /// It was closed: no call of it was to be made any more.
    pub was_closed: bool,
}

struct Choose {
    run: i64,
    choice: Choice,
    now: Timestamp,
}

impl Write for Choose {
    type Answer = Option<Chosen>;

    async fn apply(&self, books: &mut Connection) -> Result<Self::Answer, StoreError> {
        let id = match self.choice {
            Choice::Lead(id) => id,
            Choice::Number(campaign, number) => {
                self.lead_of(books, campaign, number, false).await?
            }
            Choice::Outside(campaign, number) => {
                self.lead_of(books, campaign, number, true).await?
            }
        };
        let was_closed: Option<i64> = sql::query_scalar("SELECT closed FROM leads WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&mut *books)
            .await?;
        let Some(was_closed) = was_closed else { return Ok(None) };
        sql::query("UPDATE leads SET claimed_by = ?2, closed = 0 WHERE id = ?1")
            .bind(id.0)
            .bind(self.run)
            .execute(&mut *books)
            .await?;
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
        Ok(Some(Chosen { lead, was_closed: was_closed == 1 }))
    }
}

impl Choose {
    /// The campaign's lead of this number: the one that is there, or a new one.
    async fn lead_of(
        &self,
        books: &mut Connection,
        campaign: CampaignId,
        number: PhoneNumber,
        is_closed: bool,
    ) -> Result<LeadId, StoreError> {
        let digits = number.digits() as i64;
        sql::query(
            "INSERT INTO leads (campaign, number, due_us, origin, closed) VALUES (?, ?, ?, 'agent', ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(campaign.0)
        .bind(digits)
        .bind(micros(self.now))
        .bind(i64::from(is_closed))
        .execute(&mut *books)
        .await?;
        let id = sql::query_scalar("SELECT id FROM leads WHERE campaign = ? AND number = ?")
            .bind(campaign.0)
            .bind(digits)
            .fetch_one(&mut *books)
            .await?;
        Ok(LeadId(id))
    }
}

impl Store {
    /// Claims the lead that an agent wants to call, whatever its turn; `None` when there is none of
    /// that number in the books. A lead that the dialer has in hand already stays claimed: the
    /// dialer says so.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]; nothing is claimed then.
    pub async fn choose(
        &self,
        choice: Choice,
        now: Timestamp,
    ) -> Result<Option<Chosen>, StoreError> {
        self.writer.write(Choose { run: self.run, choice, now }).await
    }
}
