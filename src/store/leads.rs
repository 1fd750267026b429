//! Leads: due ones for the hopper, claimed for this run; their way back; how many there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::history::add_history;
use super::sql::{self, Connection};
use jiff::Timestamp;

use crate::crash::{self, Point};
use crate::domain::{CallId, CampaignId, Facts, Lead, LeadId, LeadOrder, Outcome, PhoneNumber};

use super::time::{micros, timestamp};
use super::writer::Write;
use super::{Books, Store, StoreError, number};

/// How many leads of a campaign are in which state; each lead is in one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Serialize)]
pub struct LeadCounts {
    /// Called before, and due by now.
    pub due: u64,
    /// In the dialer's hands: in its hopper or in a call.
    pub claimed: u64,
    /// Not to be called any more: their last call or a rule closed them.
    pub closed: u64,
    /// Due later.
    pub later: u64,
    /// Never called, and due by now.
    pub new: u64,
}

impl LeadCounts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.due + self.claimed + self.closed + self.later + self.new
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct LeadRow {
    id: i64,
    campaign: i64,
    number: i64,
    first_name: Option<String>,
    last_name: Option<String>,
    state: Option<String>,
    zip: Option<String>,
    attributes: Option<String>,
    due_us: i64,
}

impl LeadRow {
    pub(super) fn read(self) -> Result<Lead, StoreError> {
        let attributes = match self.attributes {
            None => BTreeMap::new(),
            Some(json) => serde_json::from_str(&json)
                .map_err(|error| StoreError::Unreadable(format!("attributes: {error}")))?,
        };
        Ok(Lead {
            id: LeadId(self.id),
            campaign: CampaignId(self.campaign),
            number: number(self.number)?,
            first_name: self.first_name,
            last_name: self.last_name,
            state: self.state,
            zip: self.zip,
            facts: Arc::new(Facts::of_attributes(&attributes)),
            attributes,
            history: Vec::new(),
            due_at: Some(timestamp(self.due_us)),
        })
    }
}

/// Leads of a campaign that wait, those that were called before or the others, next first; bound are the
/// campaign, which of the two, what `due` asks for, and how many.
macro_rules! waiting {
    ($columns:literal, $due:literal, $lock:literal) => {
        (
            concat!(
                "SELECT ",
                $columns,
                " FROM leads INDEXED BY leads_due ",
                "WHERE campaign = ? AND (attempts > 0) = (? = 1) ",
                $due,
                " AND closed = 0 AND claimed_by IS NULL ORDER BY due_us, id LIMIT ?",
            ),
            concat!(
                "SELECT ",
                $columns,
                " FROM leads ",
                "WHERE campaign = ? AND (attempts > 0)::int = ? ",
                $due,
                " AND closed = 0 AND claimed_by IS NULL ORDER BY due_us, id LIMIT ? ",
                $lock,
            ),
        )
    };
}

struct Claim {
    run: i64,
    campaign: CampaignId,
    order: LeadOrder,
    count: u32,
    now: Timestamp,
}

impl Write for Claim {
    type Answer = (Vec<Lead>, Option<Timestamp>);
    /// Other leads would be claimed the second time: the asker lets go of what it does not hold.
    const AGAIN: bool = false;

    async fn apply(&self, books: &mut Connection) -> Result<Self::Answer, StoreError> {
        let mut due = self.due(books, false).await?;
        due.extend(self.due(books, true).await?);
        if self.order == LeadOrder::OldestDue {
            due.sort_by_key(|row| (row.due_us, row.id));
        }
        due.truncate(self.count as usize);
        self.claim(books, &due).await?;
        let mut leads = due.into_iter().map(LeadRow::read).collect::<Result<Vec<_>, _>>()?;
        add_history(&mut *books, &mut leads).await?;
        Ok((leads, self.next_due(books).await?))
    }
}

impl Claim {
    async fn due(&self, books: &mut Connection, called: bool) -> Result<Vec<LeadRow>, StoreError> {
        Ok(sql::query_as(waiting!(
            "id, campaign, number, first_name, last_name, state, zip, attributes, due_us",
            "AND due_us <= ?",
            "FOR UPDATE SKIP LOCKED"
        ))
        .bind(self.campaign.0)
        .bind(called)
        .bind(micros(self.now))
        .bind(self.count)
        .fetch_all(books)
        .await?)
    }

    async fn claim(&self, books: &mut Connection, due: &[LeadRow]) -> Result<(), StoreError> {
        let ids: Vec<i64> = due.iter().map(|row| row.id).collect();
        sql::query((
            "UPDATE leads SET claimed_by = ? WHERE id IN (SELECT value FROM json_each(?))",
            "UPDATE leads SET claimed_by = ?
             WHERE id IN (SELECT value::bigint FROM json_array_elements_text(?::json) AS e (value))",
        ))
            .bind(self.run)
            .bind(json(&ids)?)
            .execute(books)
            .await?;
        Ok(())
    }

    /// The first of those that wait: PostgreSQL answers `min(due_us)` by reading all of them.
    async fn next_due(&self, books: &mut Connection) -> Result<Option<Timestamp>, StoreError> {
        let mut next = None;
        for called in [false, true] {
            let due: Option<i64> = sql::query_scalar(waiting!("due_us", "", ""))
                .bind(self.campaign.0)
                .bind(called)
                .bind(1_u32)
                .fetch_optional(&mut *books)
                .await?;
            next = next.into_iter().chain(due).min();
        }
        Ok(next.map(timestamp))
    }
}

pub(super) fn outcome(word: &str) -> Result<Outcome, StoreError> {
    Outcome::from_word(word).ok_or_else(|| StoreError::Unreadable(format!("outcome {word:?}")))
}

pub(super) fn json<T: serde::Serialize>(values: &T) -> Result<String, StoreError> {
    serde_json::to_string(values).map_err(|error| StoreError::Unreadable(error.to_string()))
}

struct LetGo {
    run: i64,
    campaign: CampaignId,
    held: Vec<LeadId>,
}

impl Write for LetGo {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        let held: Vec<i64> = self.held.iter().map(|lead| lead.0).collect();
        sql::query((
            "UPDATE leads SET claimed_by = NULL
             WHERE campaign = ?1 AND claimed_by = ?2
               AND id NOT IN (SELECT value FROM json_each(?3))
               AND NOT EXISTS (SELECT 1 FROM attempts
                               WHERE lead = leads.id AND ended_us IS NULL AND inbound = 0)",
            "UPDATE leads SET claimed_by = NULL
             WHERE campaign = ?1 AND claimed_by = ?2
               AND id NOT IN (SELECT value::bigint
                              FROM json_array_elements_text(?3::json) AS e (value))
               AND NOT EXISTS (SELECT 1 FROM attempts
                               WHERE lead = leads.id AND ended_us IS NULL AND inbound = 0)",
        ))
        .bind(self.campaign.0)
        .bind(self.run)
        .bind(json(&held)?)
        .execute(books)
        .await?;
        Ok(())
    }
}

impl Store {
    /// Lets go of the campaign's leads that this run has claimed and that are neither in `held` nor
    /// in a call: after a claim whose answer was lost.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn let_go(&self, campaign: CampaignId, held: Vec<LeadId>) -> Result<(), StoreError> {
        self.writer.write(LetGo { run: self.run, campaign, held }).await
    }

    /// At most `count` leads that are due, best first, with the past of their numbers. They are
    /// claimed by this run: nobody else is given them until they are released or their call ends.
    /// Beside them: when the next of the rest is due (`now` or before when more are due already),
    /// `None` when no lead waits.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]; what has been claimed by then is let go of by
    /// [`Store::let_go`].
    pub async fn due_leads(
        &self,
        campaign: CampaignId,
        order: LeadOrder,
        count: u32,
        now: Timestamp,
    ) -> Result<(Vec<Lead>, Option<Timestamp>), StoreError> {
        let claim = Claim { run: self.run, campaign, order, count, now };
        let claimed = self.writer.write(claim).await;
        crash::reached(Point::LeadsClaimed);
        claimed
    }
}

impl Books {
    /// Who would be claimed next, `count` at most: called never before, then the others. Nobody is
    /// claimed by it.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn next_leads(
        &self,
        campaign: CampaignId,
        count: u32,
        now: Timestamp,
    ) -> Result<Vec<LeadId>, StoreError> {
        let mut next = Vec::new();
        for called in [false, true] {
            let left = count.saturating_sub(u32::try_from(next.len()).unwrap_or(count));
            let ids: Vec<i64> = sql::query_scalar(waiting!("id", "AND due_us <= ?", ""))
                .bind(campaign.0)
                .bind(called)
                .bind(micros(now))
                .bind(left)
                .fetch_all(&self.pool)
                .await?;
            next.extend(ids.into_iter().map(LeadId));
        }
        Ok(next)
    }

    /// A lead, with the past of its number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn lead(&self, id: LeadId) -> Result<Option<Lead>, StoreError> {
        let row: Option<LeadRow> = sql::query_as(
            "SELECT id, campaign, number, first_name, last_name, state, zip, attributes, due_us
             FROM leads WHERE id = ?",
        )
        .bind(id.0)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let mut lead = [row.read()?];
        add_history(&self.pool, &mut lead).await?;
        let [lead] = lead;
        Ok(Some(lead))
    }

    /// The lead of a number in a campaign, by the campaign's name, with the past of the number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn lead_of_number(
        &self,
        campaign: &str,
        number: PhoneNumber,
    ) -> Result<Option<Lead>, StoreError> {
        let lead: Option<i64> = sql::query_scalar(
            "SELECT leads.id FROM leads JOIN campaigns ON campaigns.id = leads.campaign
             WHERE campaigns.name = ? AND leads.number = ?",
        )
        .bind(campaign)
        .bind(number.digits() as i64)
        .fetch_optional(&self.pool)
        .await?;
        match lead {
            Some(lead) => self.lead(LeadId(lead)).await,
            None => Ok(None),
        }
    }

    /// The lead of a call, live or over, with the past of its number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn lead_of_call(&self, call: CallId) -> Result<Option<Lead>, StoreError> {
        let lead: Option<i64> = sql::query_scalar("SELECT lead FROM attempts WHERE call = ?")
            .bind(call.0)
            .fetch_optional(&self.pool)
            .await?;
        match lead {
            Some(lead) => self.lead(LeadId(lead)).await,
            None => Ok(None),
        }
    }

    /// How many leads of the campaign are in which state.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn lead_counts(
        &self,
        campaign: CampaignId,
        now: Timestamp,
    ) -> Result<LeadCounts, StoreError> {
        let (new, due, later): (i64, i64, i64) = sql::query_as((
            "SELECT count(*) FILTER (WHERE due_us <= ?1 AND (attempts > 0) = 0),
                    count(*) FILTER (WHERE due_us <= ?1 AND (attempts > 0) = 1),
                    count(*) FILTER (WHERE due_us > ?1)
             FROM leads INDEXED BY leads_due
             WHERE campaign = ?2 AND closed = 0 AND claimed_by IS NULL",
            "SELECT count(*) FILTER (WHERE due_us <= ?1 AND attempts = 0),
                    count(*) FILTER (WHERE due_us <= ?1 AND attempts > 0),
                    count(*) FILTER (WHERE due_us > ?1)
             FROM leads WHERE campaign = ?2 AND closed = 0 AND claimed_by IS NULL",
        ))
        .bind(micros(now))
        .bind(campaign.0)
        .fetch_one(&self.pool)
        .await?;
        let (claimed, closed): (i64, i64) = sql::query_as(
            "SELECT (SELECT count(*) FROM leads WHERE campaign = ?1 AND claimed_by IS NOT NULL),
                    (SELECT count(*) FROM leads
                     WHERE campaign = ?1 AND closed = 1 AND claimed_by IS NULL)",
        )
        .bind(campaign.0)
        .fetch_one(&self.pool)
        .await?;
        let [due, claimed, closed, later, new] =
            [due, claimed, closed, later, new].map(|count| count as u64);
        Ok(LeadCounts { due, claimed, closed, later, new })
    }
}
