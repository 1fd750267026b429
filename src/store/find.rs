//! Leads by what a person remembers of them: digits of the number, letters of the name.

use jiff::Timestamp;

use crate::domain::{CampaignId, LeadId, PhoneNumber};

use super::sql;
use super::time::timestamp;
use super::{Books, StoreError, number};

/// A lead, as a search shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundLead {
    /// Its number in the books.
    pub id: LeadId,
    /// The telephone number.
    pub number: PhoneNumber,
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

#[derive(sqlx::FromRow)]
struct FoundRow {
    id: i64,
    number: i64,
    first_name: Option<String>,
    last_name: Option<String>,
    state: Option<String>,
    zip: Option<String>,
    attempts: i64,
    closed: i64,
    due_us: i64,
}

impl FoundRow {
    fn read(self) -> Result<FoundLead, StoreError> {
        let Self { id, first_name, last_name, state, zip, attempts, .. } = self;
        let closed = self.closed != 0;
        let (id, number, due_at) = (LeadId(id), number(self.number)?, timestamp(self.due_us));
        Ok(FoundLead { id, number, first_name, last_name, state, zip, attempts, closed, due_at })
    }
}

impl Books {
    /// Leads of a campaign by digits of the number or letters of the name, in the order in which they
    /// came, after `after` and `count` at most.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn find_leads(
        &self,
        campaign: CampaignId,
        text: &str,
        after: LeadId,
        count: u32,
    ) -> Result<Vec<FoundLead>, StoreError> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let letters = text.chars().any(char::is_alphabetic);
        let by_number = (!digits.is_empty() && !letters).then_some(digits);
        let by_name = letters.then(|| text.to_lowercase());
        let rows: Vec<FoundRow> = sql::query_as((
            "SELECT id, number, first_name, last_name, state, zip, attempts, closed, due_us
             FROM leads WHERE campaign = ?1 AND id > ?2
               AND (?3 IS NULL OR instr(CAST(number AS TEXT), ?3) > 0)
               AND (?4 IS NULL OR instr(lower(coalesce(first_name, '') || ' ' ||
                                              coalesce(last_name, '')), ?4) > 0)
             ORDER BY id LIMIT ?5",
            "SELECT id, number, first_name, last_name, state, zip, attempts, closed, due_us
             FROM leads WHERE campaign = ?1 AND id > ?2
               AND (?3 IS NULL OR strpos(CAST(number AS TEXT), ?3) > 0)
               AND (?4 IS NULL OR strpos(lower(coalesce(first_name, '') || ' ' ||
                                              coalesce(last_name, '')), ?4) > 0)
             ORDER BY id LIMIT ?5",
        ))
        .bind(campaign.0)
        .bind(after.0)
        .bind(by_number)
        .bind(by_name)
        .bind(count)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(FoundRow::read).collect()
    }
}
